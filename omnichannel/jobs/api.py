"""The management API of long work: how far it is, stopping it, fetching what it made."""

from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from omnichannel.accounts.models import ApiKey, User
from omnichannel.jobs import queries, work
from omnichannel.jobs.download import download
from omnichannel.jobs.models import Job, StoredFile
from omnichannel.shared.api import ErrorSerializer, Pages


class FileSerializer(serializers.ModelSerializer[StoredFile]):
    """A file that can be fetched, until when and from where."""

    url = serializers.SerializerMethodField()

    class Meta:
        model = StoredFile
        fields = ("id", "name", "content_type", "size", "expires_at", "url")

    def get_url(self, file: StoredFile) -> str:
        """Below the address of this API."""
        return reverse("api-job-file", args=[file.job_id, file.pk])


class JobSerializer(serializers.ModelSerializer[Job]):
    """Long work. `total` is null while it is not known; `told` says in a sentence what came of it."""

    told = serializers.SerializerMethodField()
    files = serializers.SerializerMethodField()

    class Meta:
        model = Job
        fields = (
            "id",
            "kind",
            "title",
            "state",
            "done",
            "total",
            "stop_requested",
            "error",
            "told",
            "files",
            "created_at",
            "started_at",
            "finished_at",
        )

    def get_told(self, job: Job) -> str:
        """Empty while it goes on."""
        told = job.shown_as.told
        return told(job) if told and not job.going else ""

    @extend_schema_field(FileSerializer(many=True))
    def get_files(self, job: Job) -> Any:
        """None while it goes on."""
        return FileSerializer(queries.files_of(job), many=True).data


@extend_schema(tags=["jobs"])
class JobViewSet(viewsets.ReadOnlyModelViewSet[Job]):
    """Long work that you, or the key's maker, have started; an admin's is everybody's."""

    queryset = Job.objects.order_by("-id")
    serializer_class = JobSerializer
    pagination_class = Pages
    lookup_value_regex = r"\d{1,18}"
    write_role = "analyst"  # who has begun it may stop it

    def get_queryset(self) -> QuerySet[Job]:
        """What the caller may see."""
        key = self.request.auth if isinstance(self.request.auth, ApiKey) else None
        return queries.visible_to(self.request.user, key).prefetch_related("files")  # type: ignore[arg-type]

    @extend_schema(summary="List jobs")
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The latest first."""
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="Read a job", responses={200: JobSerializer, 404: ErrorSerializer})
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """How far it is, and what came of it."""
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(request=None, summary="Stop a job", responses={200: JobSerializer, 404: ErrorSerializer})
    @action(detail=True, methods=["post"], pagination_class=None)
    def stop(self, request: Request, pk: str) -> Response:
        """It stops after the chunk it is at; what is done stays done."""
        job = self.get_object()
        work.stop(job)
        job.refresh_from_db()
        return Response(JobSerializer(job).data)

    @extend_schema(
        summary="Fetch a file",
        parameters=[OpenApiParameter("file_id", int, OpenApiParameter.PATH)],
        responses={(200, "application/octet-stream"): bytes, 404: ErrorSerializer},
    )
    @action(
        detail=True,
        methods=["get"],
        pagination_class=None,
        url_path=r"files/(?P<file_id>\d{1,18})",
        url_name="file",
    )
    def file(self, request: Request, pk: str, file_id: str) -> StreamingHttpResponse:
        """As it was made."""
        by = request.user if isinstance(request.user, User) else None
        return download(queries.file_of(self.get_object(), int(file_id)), by)
