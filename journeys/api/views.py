"""The management API of journeys and templates: what their screens do, for programs."""

from collections.abc import Callable
from functools import partial
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from journeys.api import serializers as shapes
from journeys.api.asked import BAD, caller, chosen
from journeys.models import Journey, Template
from journeys.queries import backtests
from journeys.services import backtest, lifecycle, templates
from journeys.services.build import SpecError, create_journey
from journeys.services.changeover import PlanError, read_plan
from journeys.validation import check
from omnichannel.shared import clock
from omnichannel.shared.api import ErrorSerializer, Pages, RefusedError, paged
from omnichannel.shared.api_versions import IF_MATCH, Versioned, not_overtaken, seen


def _read(raw: dict[str, Any], checked: dict[str, Any]) -> dict[str, Any]:
    """The document with its settings as they were understood ("yes" is true); unknown ones are kept, to be told of."""
    if "settings" not in checked:
        return raw
    return {**raw, "settings": {**raw["settings"], **checked["settings"]}}


@extend_schema(tags=["journeys"])
class JourneyViewSet(viewsets.GenericViewSet[Journey]):
    """Journeys, as documents."""

    queryset = Journey.objects.select_related("live", "draft").order_by("-id")
    serializer_class = shapes.JourneySerializer
    pagination_class = Pages
    lookup_value_regex = r"\d{1,18}"

    @extend_schema(
        summary="List journeys",
        parameters=[OpenApiParameter("state", str, enum=Journey.State.values)],
        responses={200: shapes.JourneySerializer(many=True), 400: ErrorSerializer},
    )
    def list(self, request: Request) -> Response:
        """The latest first."""
        state = chosen(request, "state", Journey.State.values)
        found = self.get_queryset()
        return paged(self, found.filter(state=state) if state else found, shapes.JourneySerializer)

    @extend_schema(
        summary="Create a journey from a document",
        request=shapes.DocumentSerializer,
        responses={201: shapes.WholeJourneySerializer, **BAD},
    )
    def create(self, request: Request) -> Response:
        """As a draft. Steps without a place are laid out."""
        asked = shapes.DocumentSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            journey = create_journey(_read(dict(request.data), asked.validated_data), caller(request), clock.now())
        except SpecError as error:
            raise RefusedError(error.text, status=400, path=error.path) from error
        return Response(shapes.WholeJourneySerializer(journey).data, status=201)

    @extend_schema(summary="Read a journey as a document", responses={200: shapes.WholeJourneySerializer, **BAD})
    def retrieve(self, request: Request, pk: str) -> Response:
        """Posting the document again makes the same journey."""
        return Response(shapes.WholeJourneySerializer(self.get_object()).data)

    @extend_schema(summary="List what to mend", responses={200: shapes.ProblemSerializer(many=True), **BAD})
    @action(detail=True, methods=["get"], pagination_class=None)
    def validate(self, request: Request, pk: str) -> Response:
        """Errors hinder publishing, warnings do not."""
        journey = self.get_object()
        version = journey.draft or journey.live
        return Response(shapes.ProblemSerializer(check(version) if version else [], many=True).data)

    @extend_schema(
        summary="Publish the draft",
        request=shapes.PublishSerializer,
        responses={200: shapes.JourneySerializer, **BAD},
    )
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str) -> Response:
        """People who are inside stay in their version, but for those of whom `people` says otherwise."""
        asked = shapes.PublishSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        try:
            plan = read_plan(values["people"], values["rest"])
        except PlanError as error:
            raise RefusedError(str(error), status=400, path=f"people.{error.key}") from error
        days = values["existing_days"] if values["existing"] else None
        return self._do(partial(lifecycle.publish, plan=plan, existing_days=days))

    @extend_schema(summary="Pause", request=None, responses={200: shapes.JourneySerializer, **BAD})
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        """Nobody comes in and nobody moves."""
        return self._do(lifecycle.pause)

    @extend_schema(summary="Resume", request=None, responses={200: shapes.JourneySerializer, **BAD})
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """Everybody goes on where they stand."""
        return self._do(lifecycle.resume)

    @extend_schema(summary="Archive", request=None, responses={200: shapes.JourneySerializer, **BAD})
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, pk: str) -> Response:
        """For good: whoever is inside leaves."""
        return self._do(lifecycle.archive)

    @extend_schema(
        summary="Test with the past",
        request=shapes.BacktestSerializer,
        responses={202: shapes.StartedSerializer, **BAD},
    )
    @action(detail=True, methods=["post"])
    def backtest(self, request: Request, pk: str) -> Response:
        """The drawing over the last days, for everybody, without sending. `/api/jobs/<job>/` tells how far it is."""
        asked = shapes.BacktestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        assumed = backtest.Assumed(given["opened"], given["clicked"], given["answers"])
        try:
            days = asked.validated_data["days"]
            job = backtest.start(self.get_object(), days, assumed, by=caller(request), now=clock.now())
        except backtest.CannotBacktestError as error:
            raise RefusedError(str(error)) from error
        return Response({"job": job.pk}, status=202)

    @extend_schema(summary="Read what would have happened", responses={200: shapes.BacktestedSerializer, **BAD})
    @action(detail=True, methods=["get"], url_path=r"backtests/(?P<job>\d{1,18})", pagination_class=None)
    def backtested(self, request: Request, pk: str, job: str) -> Response:
        """As far as the run is."""
        found = backtests.get(self.get_object(), int(job))
        return Response(shapes.BacktestedSerializer(found.result | {"state": found.state}).data)

    def _do(self, verb: Callable[..., Any]) -> Response:
        journey = self.get_object()
        try:
            verb(journey, caller(self.request), clock.now())
        except lifecycle.LifecycleError as error:
            more: dict[str, Any] = {}
            if error.problems:
                more["problems"] = shapes.ProblemSerializer(error.problems, many=True).data
            raise RefusedError(str(error), **more) from error
        return Response(shapes.JourneySerializer(self.get_queryset().get(pk=journey.pk)).data)


@extend_schema_view(
    list=extend_schema(summary="List templates"),
    create=extend_schema(summary="Create a template", responses={201: shapes.TemplateSerializer, **BAD}),
    retrieve=extend_schema(summary="Read a template", responses={200: shapes.TemplateSerializer, **BAD}),
    update=extend_schema(
        parameters=[IF_MATCH], summary="Replace a template", responses={200: shapes.TemplateSerializer, **BAD}
    ),
    partial_update=extend_schema(
        parameters=[IF_MATCH], summary="Change a template", responses={200: shapes.TemplateSerializer, **BAD}
    ),
    destroy=extend_schema(summary="Delete a template", responses={204: None, **BAD}),
)
@extend_schema(tags=["templates"])
class TemplateViewSet(Versioned, viewsets.ModelViewSet[Template]):
    """Content. A journey that is live uses a changed template from then on."""

    queryset = Template.objects.order_by("-id")
    serializer_class = shapes.TemplateSerializer
    pagination_class = Pages
    lookup_value_regex = r"\d{1,18}"

    def perform_create(self, serializer: BaseSerializer[Template]) -> None:
        """A template of its channel."""
        given = serializer.validated_data
        template = Template(channel=given["channel"], created_by=caller(self.request))
        serializer.instance = _saved(template, given["name"], given["content"])

    def perform_update(self, serializer: BaseSerializer[Template]) -> None:
        """Name and content; the channel stays."""
        template, given = self.get_object(), serializer.validated_data
        name, content = given.get("name", template.name), given.get("content", template.content)
        with not_overtaken(lambda: templates.mark_of(self.get_object())):
            serializer.instance = _saved(template, name, content, seen(self.request))

    def perform_destroy(self, instance: Template) -> None:
        """Refused where a journey uses it."""
        try:
            templates.delete(instance)
        except templates.InUseError as error:
            raise RefusedError(str(error)) from error


def _saved(template: Template, name: str, content: dict[str, Any], read: str | None = None) -> Template:
    try:
        return templates.save(template, name, content, seen=read)
    except templates.NameTakenError as error:
        raise RefusedError(str(error), field="name") from error
