"""Long work as people meet it: stopping it, and fetching what it made."""

from collections.abc import Iterator
from typing import BinaryIO

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from omnichannel.accounts.permissions import role_required
from omnichannel.jobs import files, work
from omnichannel.jobs.models import Job, StoredFile


def visible(request: HttpRequest) -> QuerySet[Job]:
    """The jobs of the reader; an admin's are all."""
    jobs = Job.objects.all()
    return jobs if request.user.may("admin") else jobs.filter(by=request.user)  # type: ignore[union-attr,misc]


@require_POST
@role_required("analyst")
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """After the chunk it is at."""
    work.stop(get_object_or_404(visible(request), pk=pk))
    return HttpResponse(status=204)


@require_safe
@role_required("analyst")
def file(request: HttpRequest, pk: int, file_id: int) -> StreamingHttpResponse:
    """A file that the job made."""
    stored = get_object_or_404(StoredFile, pk=file_id, job__in=visible(request).filter(pk=pk))
    response = StreamingHttpResponse(_pieces(files.open(stored)), content_type=stored.content_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=stored.name)
    response["Content-Length"] = str(stored.size)
    return response


def _pieces(source: BinaryIO) -> Iterator[bytes]:
    while data := source.read(files.READ):
        yield data
