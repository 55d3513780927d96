"""Hand out a file that long work has made."""

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from omnichannel.accounts import audit
from omnichannel.accounts.models import User
from omnichannel.jobs import files
from omnichannel.jobs.models import StoredFile


def download(stored: StoredFile, by: User | None) -> StreamingHttpResponse:
    """The whole file, piece by piece; that it was fetched stands in the history of changes."""
    audit.note("downloaded", stored, by, {})
    response = StreamingHttpResponse(files.whole(stored), content_type=stored.content_type)
    response["Content-Length"] = str(stored.size)
    response["Content-Disposition"] = content_disposition_header(True, stored.name) or ""
    return response
