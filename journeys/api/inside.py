"""The management API of people who are inside a journey, and of what its publication does with them."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from journeys.api.asked import BAD, caller, chosen, query
from journeys.api.serializers import JourneySerializer
from journeys.forms.journeys import STATE_VALUES
from journeys.models import Enrollment, Journey
from journeys.queries import standing, whereabouts
from journeys.services import by_hand, drafts, lifecycle
from omnichannel.shared import clock
from omnichannel.shared.api import ErrorSerializer, Pages, RefusedError, paged

MOST: Final = 100_000
NEEDS: Final = {"move": "to", "release": "port"}


class InsideSerializer(serializers.ModelSerializer[Enrollment]):
    """One passage of one person."""

    profile = serializers.IntegerField(source="profile_id")
    step = serializers.CharField(help_text="The key of the step.")
    version = serializers.IntegerField(help_text="The number of the version they are in.")
    state = serializers.SerializerMethodField()

    class Meta:
        model = Enrollment
        fields = (
            "id",
            "profile",
            "step",
            "version",
            "state",
            "entered_at",
            "node_entered_at",
            "due_at",
            "ended_at",
            "reason",
        )

    def get_state(self, one: Enrollment) -> str:
        """active, completed, exited or failed."""
        return Enrollment.State(one.state).name.lower()


class DeedSerializer(serializers.Serializer[Any]):
    """What to do with people at a step: one by one by `enrollments`, else all of them."""

    do = serializers.ChoiceField(choices=["move", "release", "remove"])
    step = serializers.CharField(help_text="The key of the step at which they stand.")
    to = serializers.CharField(required=False, default="", help_text="move: the step of the live version to come to.")
    port = serializers.CharField(required=False, default="next", help_text="release: the way out to take.")
    enrollments = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), required=False, max_length=MOST
    )


class DoneSerializer(serializers.Serializer[Any]):
    """How many were there and did it; others have gone on meanwhile."""

    changed = serializers.IntegerField()


class RestSerializer(serializers.Serializer[Any]):
    """What becomes of people who came in, or have gone on, since a publication that is taken back."""

    rest = serializers.ChoiceField(choices=["keep", "move"], required=False, default="keep")
    to = serializers.IntegerField(
        required=False, min_value=1, help_text="The number of the version to go back to; else the one before."
    )


class StandingSerializer(serializers.Serializer[Any]):
    """A step with people at it that the draft changes, and what can be chosen for them."""

    step = serializers.CharField(source="node.key")
    people = serializers.IntegerField()
    change = serializers.ChoiceField(choices=["rewired", "changed", "replaced", "removed"])
    choices = serializers.SerializerMethodField()

    def get_choices(self, one: standing.Standing) -> list[str]:
        """What can be done; "move" of a step that is gone needs a step `to` move to."""
        return [value for value, _words in one.choices] + (["move"] if one.becomes is None else [])


class AudienceSerializer(serializers.Serializer[Any]):
    """Who is inside, seen from the draft."""

    people = serializers.IntegerField()
    changed = StandingSerializer(many=True)
    same = serializers.IntegerField(help_text="People at steps that stay the same.")


@extend_schema(tags=["journeys"])
class InsideViewSet(viewsets.GenericViewSet[Journey]):
    """People inside a journey."""

    queryset = Journey.objects.select_related("live", "draft").order_by("-id")
    serializer_class = JourneySerializer
    pagination_class = Pages
    lookup_value_regex = r"\d{1,18}"

    @extend_schema(
        summary="List people by where they stand",
        parameters=[OpenApiParameter("step", str), OpenApiParameter("state", str, enum=list(STATE_VALUES))],
        responses={200: InsideSerializer(many=True), **BAD},
    )
    @action(detail=True, methods=["get"])
    def people(self, request: Request, pk: str) -> Response:
        """Of every version; the latest to come in first."""
        filters = {"node": query(request, "step"), "state": chosen(request, "state", STATE_VALUES)}
        return paged(self, whereabouts.listed(self.get_object(), filters), InsideSerializer)

    @extend_schema(
        summary="Move, let go on or take out people at a step",
        request=DeedSerializer,
        responses={200: DoneSerializer, **BAD},
    )
    @people.mapping.post
    def act(self, request: Request, pk: str) -> Response:
        """All at once or none."""
        journey = self.get_object()
        asked = DeedSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        people = whereabouts.inside(journey, {"node": values["step"]}, values.get("enrollments"))
        try:
            what = values[NEEDS[values["do"]]] if values["do"] in NEEDS else ""
            changed = by_hand.act(journey, people, values["do"], what, caller(request), clock.now())
        except lifecycle.LifecycleError as error:
            raise RefusedError(str(error)) from error
        return Response({"changed": changed})

    @extend_schema(summary="Who stands where the draft changes something", responses={200: AudienceSerializer, **BAD})
    @action(detail=True, methods=["get"], pagination_class=None)
    def audience(self, request: Request, pk: str) -> Response:
        """What publishing asks for: each of these steps can be given a choice."""
        journey = self.get_object()
        return Response(AudienceSerializer(standing.audience(journey, drafts.current(journey))).data)

    @extend_schema(
        summary="Go back to a former version",
        request=RestSerializer,
        responses={200: JourneySerializer, 404: ErrorSerializer, **BAD},
    )
    @action(detail=True, methods=["post"])
    def go_back(self, request: Request, pk: str) -> Response:
        """People who have not gone on since the publication stand where they stood before it."""
        journey = self.get_object()
        asked = RestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            rest, to = asked.validated_data["rest"], asked.validated_data.get("to")
            lifecycle.go_back(journey, caller(request), clock.now(), rest, to)
        except lifecycle.LifecycleError as error:
            raise RefusedError(str(error)) from error
        return Response(JourneySerializer(self.get_queryset().get(pk=journey.pk)).data)
