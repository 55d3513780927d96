"""The management API of what journeys did: reports, and why somebody is inside or not."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from journeys.api.asked import BAD, PERIOD, asked_period, number
from journeys.api.messages import MessageSerializer
from journeys.api.serializers import JourneySerializer
from journeys.models import Journey
from journeys.queries.explain import explanation
from journeys.queries.messages import Filters, messages
from journeys.queries.passages import passages
from journeys.reports.funnel import funnel
from omnichannel.shared import clock
from omnichannel.shared.api import ErrorSerializer, Pages, RefusedError, paged
from profiles.models import Profile


class StageSerializer(serializers.Serializer[Any]):
    """One stage of the funnel."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True)


class StepSerializer(serializers.Serializer[Any]):
    """What happened at one step; `counts` by metric."""

    key = serializers.CharField(source="node.key")
    kind = serializers.CharField(source="node.kind")
    name = serializers.CharField(source="node.name")
    here = serializers.IntegerField(help_text="People who wait here now.")
    next_due = serializers.DateTimeField(allow_null=True)
    counts = serializers.DictField(source="counts.by_metric", child=serializers.IntegerField())


class ReportSerializer(serializers.Serializer[Any]):
    """A journey's funnel and steps for a period of whole days in the workspace's zone."""

    first = serializers.DateField(source="period.first")
    last = serializers.DateField(source="period.last")
    stages = StageSerializer(many=True)
    steps = StepSerializer(many=True, source="nodes")
    skipped = serializers.SerializerMethodField()

    @extend_schema_field(serializers.DictField(child=serializers.IntegerField()))
    def get_skipped(self, read: Any) -> dict[str, int]:
        """Messages not sent, by reason."""
        return dict(read.skipped)


class TakenSerializer(serializers.Serializer[Any]):
    """One step that was taken, and why this way."""

    step = serializers.CharField(source="node.key", default="", allow_null=True)
    way = serializers.CharField()
    why = serializers.CharField()
    at = serializers.DateTimeField()


class WaySerializer(serializers.Serializer[Any]):
    """A way out of where somebody stands, and the step it leads to."""

    def to_representation(self, way: tuple[str, str]) -> dict[str, str]:
        """As an object."""
        return {"way": way[0], "step": way[1]}


class PassageSerializer(serializers.Serializer[Any]):
    """A person's way through a journey: where now, why, what next."""

    id = serializers.IntegerField(source="enrollment.pk")
    journey = serializers.IntegerField(source="enrollment.journey_id")
    journey_name = serializers.CharField(source="journey.name", default="")
    state = serializers.CharField()
    step = serializers.CharField(source="node.key", default="")
    came = serializers.CharField(help_text="What brought them in.")
    next = serializers.CharField()
    then = WaySerializer(many=True)
    entered_at = serializers.DateTimeField(source="enrollment.entered_at")
    due_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(source="enrollment.ended_at", allow_null=True)
    converted_at = serializers.DateTimeField(source="enrollment.converted_at", allow_null=True)
    reason = serializers.CharField(source="enrollment.reason")
    steps = TakenSerializer(many=True)


class AnswerSerializer(serializers.Serializer[Any]):
    """One thing that has to hold; `holds` null: it was not asked. `depth` says what belongs to what."""

    depth = serializers.IntegerField()
    words = serializers.CharField()
    holds = serializers.BooleanField(allow_null=True)
    found = serializers.CharField()


class WhyNotSerializer(serializers.Serializer[Any]):
    """Why somebody is not inside: in one sentence, and everything that was looked at."""

    short = serializers.CharField()
    lines = AnswerSerializer(many=True)


class StorySerializer(serializers.Serializer[Any]):
    """One person and one journey. `why_not` null: they are inside."""

    profile = serializers.IntegerField(source="profile.pk")
    passages = PassageSerializer(many=True)
    why_not = WhyNotSerializer(allow_null=True)


@extend_schema(tags=["journeys"])
class TellingViewSet(viewsets.GenericViewSet[Journey]):
    """What a journey did."""

    queryset = Journey.objects.select_related("live", "draft").order_by("-id")
    serializer_class = JourneySerializer
    pagination_class = Pages
    lookup_value_regex = r"\d{1,18}"

    @extend_schema(summary="Report", parameters=PERIOD, responses={200: ReportSerializer, 404: ErrorSerializer})
    @action(detail=True, methods=["get"])
    def report(self, request: Request, pk: str) -> Response:
        """The funnel of people who entered in the period, and what happened at each step."""
        return Response(ReportSerializer(funnel(self.get_object(), asked_period(request))).data)

    @extend_schema(
        summary="Explain one person",
        parameters=[OpenApiParameter("profile", int, required=True)],
        responses={200: StorySerializer, **BAD},
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def explain(self, request: Request, pk: str) -> Response:
        """Why they are inside, why not, and what comes next, with the values that decided at that moment."""
        asked = number(request, "profile")
        if asked is None:
            raise RefusedError("Name the profile.", status=400, field="profile")
        told = explanation(self.get_object(), asked, clock.now())
        if told.profile is None:
            raise RefusedError(told.unknown, status=404)
        return Response(StorySerializer(told).data)


@extend_schema(tags=["profiles"])
class PassageViewSet(viewsets.GenericViewSet[Profile]):
    """What journeys know of a person."""

    queryset = Profile.objects.order_by("-id")
    serializer_class = PassageSerializer
    pagination_class = Pages
    lookup_value_regex = r"\d{1,18}"

    def get_object(self) -> Profile:
        """Who a number stands for today: after a merge, the person who remained."""
        profile = super().get_object()
        return profile.merged_into or profile

    @extend_schema(
        summary="List a person's journeys",
        responses={200: PassageSerializer(many=True), 404: ErrorSerializer},
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def enrollments(self, request: Request, pk: str) -> Response:
        """Where they stand in each, why, and what comes next; the latest ten."""
        return Response(PassageSerializer(passages(self.get_object().pk, clock.now()), many=True).data)

    @extend_schema(
        summary="List a person's messages",
        responses={200: MessageSerializer(many=True), 404: ErrorSerializer},
    )
    @action(detail=True, methods=["get"])
    def messages(self, request: Request, pk: str) -> Response:
        """The latest first."""
        return paged(self, messages(Filters(profile=self.get_object().pk)), MessageSerializer)
