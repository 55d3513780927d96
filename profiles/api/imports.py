"""The management API of imports: bring people in from a file, and follow how it goes."""

from collections.abc import Mapping
from typing import Any

import msgspec
from django.http import HttpRequest, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from omnichannel.jobs import files
from omnichannel.jobs.models import Job, StoredFile
from omnichannel.shared import clock
from omnichannel.shared.api import ErrorSerializer, Pages, RefusedError
from profiles.api.management import caller
from profiles.imports import verbs
from profiles.imports.formats import Format
from profiles.imports.plan import KEYS, Column, Plan
from profiles.imports.upload import IntoDatabase, Received
from profiles.models import FileImport

BAD = {400: ErrorSerializer, 404: ErrorSerializer, 409: ErrorSerializer}


class UploadSerializer(serializers.Serializer[Any]):
    """A file, and what is to be done with it; what is not said is guessed, as on the screen."""

    file = serializers.FileField(help_text="CSV, a JSON array of objects, or one JSON object per line.")
    plan = serializers.JSONField(
        required=False,
        help_text='{"columns": [{"name": "E-Mail", "to": "email"}, {"name": "Plan", "to": "attribute", "attribute":'
        ' "plan", "type": "text"}], "keys": ["email"], "existing": "update", "topic": "", "list": null,'
        ' "quiet": false}. `to`: user_id,'
        " email, phone, anonymous_id, attribute, consent (with `topic`) or ignore, as are columns that are not named."
        " `quiet`: people are changed, but no journey begins by it.",
    )
    form = serializers.JSONField(required=False, help_text='{"encoding": "utf-8", "delimiter": ";", "header": true}')
    start = serializers.ChoiceField(
        choices=["import", "check", "no"], default="import", help_text="A check counts, and stores nobody."
    )


class WorkSerializer(serializers.ModelSerializer[Job]):
    """A check or an import. `counts` of rows: new, updated, unchanged, skipped, repeated, errors."""

    counts = serializers.SerializerMethodField()
    faults = serializers.SerializerMethodField(help_text="The first rows left out.")

    class Meta:
        model = Job
        fields = ("id", "state", "done", "total", "counts", "faults", "error", "started_at", "finished_at")

    def get_counts(self, job: Job) -> dict[str, int]:
        """What became of the rows so far."""
        return {name: n for name, n in job.cursor.get("counts", {}).items() if n}

    def get_faults(self, job: Job) -> list[dict[str, Any]]:
        """Row, column, value, reason, what is needed."""
        return list(job.cursor.get("faults", ()))


class ImportSerializer(serializers.ModelSerializer[FileImport]):
    """One file."""

    check = WorkSerializer(source="check_job", read_only=True)
    work = WorkSerializer(source="job", read_only=True)

    class Meta:
        model = FileImport
        fields = ("id", "name", "size", "form", "plan", "check", "work", "created_at")


@extend_schema(tags=["imports"])
class ImportViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, viewsets.GenericViewSet[FileImport]
):
    """Files of people. The work is done in the background: `work.state` says when it is done."""

    queryset = FileImport.objects.select_related("job", "check_job").order_by("-id")
    serializer_class = ImportSerializer
    pagination_class = Pages
    parser_classes = (MultiPartParser, JSONParser)
    lookup_value_regex = r"\d{1,18}"

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        """A file goes into the database piece by piece."""
        request.upload_handlers = [IntoDatabase(clock.now())]
        return super().initialize_request(request, *args, **kwargs)

    @extend_schema(
        request={"multipart/form-data": UploadSerializer},
        responses={201: ImportSerializer, **BAD},
        summary="Bring people in from a file",
    )
    def create(self, request: Request) -> Response:
        """The file is kept and, unless told otherwise, brought in."""
        got = _posted(request).get("file")
        if not isinstance(got, Received) or got.stored is None:
            text = got.refused if isinstance(got, Received) else "A file is needed here."
            raise RefusedError(text, status=400, field="file")
        try:
            run = self._kept(request, got)
        except RefusedError:
            files.delete(got.stored)
            raise
        start = _posted(request).get("start", "import")
        if start in ("import", "check"):
            self._start(run, "import" if start == "import" else "import_check")
        return Response(ImportSerializer(run).data, status=201)

    def _kept(self, request: Request, got: Received) -> FileImport:
        plan, form = _json(request, "plan"), _json(request, "form")
        if got.stored is None:
            raise RefusedError("A file is needed here.", status=400, field="file")
        run = verbs.keep(got.stored, got.name or "", got.size or 0, got.lines, by=caller(request), now=clock.now())
        try:
            read = msgspec.convert({**run.form, **form}, Format)
            verbs.change(run, read, msgspec.convert(run.plan, Plan))
            run.refresh_from_db()
            if plan:
                verbs.change(run, read, _plan(plan, msgspec.convert(run.plan, Plan)))
        except (ValueError, msgspec.ValidationError) as error:
            run.delete()
            raise RefusedError(str(error), status=400, field="plan") from error
        run.refresh_from_db()
        return run

    @extend_schema(request=None, responses={200: ImportSerializer, **BAD}, summary="Check a file")
    @action(detail=True, methods=["post"])
    def check(self, request: Request, pk: str) -> Response:
        """Count what would become of the rows; nobody is stored."""
        return Response(ImportSerializer(self._start(self.get_object(), "import_check")).data)

    @extend_schema(request=None, responses={200: ImportSerializer, **BAD}, summary="Bring a kept file in")
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: str) -> Response:
        """Take in the rows, or go on where it was stopped."""
        return Response(ImportSerializer(self._start(self.get_object(), "import")).data)

    def _start(self, run: FileImport, kind: str) -> FileImport:
        try:
            verbs.start(run, kind, by=caller(self.request), now=clock.now())
        except verbs.FileImportError as error:
            raise RefusedError(str(error)) from error
        run.refresh_from_db()
        return run

    @extend_schema(
        responses={(200, "text/csv"): OpenApiResponse(OpenApiTypes.BINARY), 404: ErrorSerializer},
        summary="Rows left out",
    )
    @action(detail=True, methods=["get"])
    def errors(self, request: Request, pk: str) -> StreamingHttpResponse:
        """The rows that were left out, as CSV: their columns, and what is wrong with them."""
        run = self.get_object()
        job = run.job or run.check_job
        stored = StoredFile.objects.filter(pk=job.cursor.get("errors_file")).first() if job else None
        if stored is None:
            raise RefusedError("No row was left out.", status=404)
        return StreamingHttpResponse(files.open(stored), content_type="text/csv; charset=utf-8")

    @extend_schema(responses={204: None, **BAD}, summary="Put a file away")
    def destroy(self, request: Request, pk: str) -> Response:
        """Forget the file; the people who came with it stay."""
        try:
            verbs.put_away(self.get_object())
        except verbs.FileImportError as error:
            raise RefusedError(str(error)) from error
        return Response(status=204)


def _posted(request: Request) -> Mapping[str, Any]:
    return request.data if isinstance(request.data, Mapping) else {}


def _json(request: Request, name: str) -> dict[str, Any]:
    text = _posted(request).get(name) or "{}"
    try:
        found = msgspec.json.decode(text) if isinstance(text, str) else text
    except msgspec.DecodeError:
        found = None
    if not isinstance(found, dict):
        raise RefusedError("A JSON object is needed here.", status=400, field=name)
    return found


def _plan(given: dict[str, Any], guessed: Plan) -> Plan:
    """Columns by their names, in the order of the file."""
    plan = msgspec.convert({"columns": [], **given}, Plan)
    told = {one.name: one for one in plan.columns}
    unknown = sorted(told.keys() - {one.name for one in guessed.columns})
    if unknown:
        raise ValueError(f"The file has no column {unknown[0]!r}.")
    columns = [told.get(one.name, Column(one.name)) for one in guessed.columns] if told else guessed.columns
    mapped = [key for key in KEYS if any(one.to == key for one in columns)]
    return msgspec.structs.replace(plan, columns=columns, keys=plan.keys or mapped[:1])
