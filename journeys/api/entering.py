"""The management API by which programs bring people into a journey."""

from typing import Any, Final

import msgspec
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from journeys.api.asked import BAD, caller
from journeys.api.serializers import JourneySerializer
from journeys.models import Journey
from journeys.services import entering, existing
from omnichannel.jobs.api import JobSerializer
from omnichannel.shared import clock
from omnichannel.shared.api import Pages, RefusedError
from profiles.ingest.decode import MAX_ITEM

MOST: Final = 1_000
KINDS: Final = ("user_id", "email", "phone", "anonymous_id")


class WhoSerializer(serializers.Serializer[Any]):
    """One person: `profile`, or one of the identifiers."""

    profile = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    user_id = serializers.CharField(required=False, max_length=500)
    email = serializers.CharField(required=False, max_length=500)
    phone = serializers.CharField(required=False, max_length=500)
    anonymous_id = serializers.CharField(required=False, max_length=500)
    properties = serializers.DictField(
        required=False, default=dict, help_text="What messages and branches can use as the event that brought them in."
    )
    key = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        max_length=200,
        help_text="Names this request: the same key again, by a retry, brings nobody in twice.",
    )

    def validate_properties(self, value: dict[str, Any]) -> dict[str, Any]:
        """What can be stored."""
        try:
            text = msgspec.json.encode(value)
        except (ValueError, TypeError, OverflowError) as error:
            raise serializers.ValidationError("This cannot be stored.") from error
        if b"\\u0000" in text or len(text) > MAX_ITEM:
            raise serializers.ValidationError("At most 32 KB, without NUL characters.")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One name, no more."""
        given = [name for name in ("profile", *KINDS) if name in attrs]
        if len(given) != 1:
            raise serializers.ValidationError(f"One of: profile, {', '.join(KINDS)}.")
        return attrs


class EnrollSerializer(serializers.Serializer[Any]):
    """Up to 1,000 people at once."""

    people = WhoSerializer(many=True, allow_empty=False, max_length=MOST)  # type: ignore[call-arg]


class CameInSerializer(serializers.Serializer[Any]):
    """What became of one, in the order of the request."""

    profile = serializers.IntegerField(source="profile_id", allow_null=True)
    enrolled = serializers.SerializerMethodField()
    enrollment = serializers.IntegerField(source="enrollment_id", allow_null=True)
    reason = serializers.CharField(help_text="Why they did not come in.")

    def get_enrolled(self, one: entering.Answer) -> bool:
        """Did they come in by this request?"""
        return one.enrollment_id is not None


class EnrolledSerializer(serializers.Serializer[Any]):
    """What became of everybody."""

    enrolled = serializers.IntegerField()
    people = CameInSerializer(many=True)


class ExistingSerializer(serializers.Serializer[Any]):
    """For how long what people did counts."""

    days = serializers.IntegerField(required=False, default=existing.DAYS, min_value=1, max_value=existing.MOST_DAYS)


@extend_schema(tags=["journeys"])
class EnteringViewSet(viewsets.GenericViewSet[Journey]):
    """Ways into a live journey."""

    queryset = Journey.objects.select_related("live").order_by("-id")
    serializer_class = JourneySerializer
    pagination_class = Pages
    lookup_value_regex = r"\d{1,18}"

    @extend_schema(summary="Bring people in", request=EnrollSerializer, responses={200: EnrolledSerializer, **BAD})
    @action(detail=True, methods=["post"])
    def enroll(self, request: Request, pk: str) -> Response:
        """By the entry “Added by a program”. Who may come again, and how often, is as the journey says."""
        asked = EnrollSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        named = [_named(one) for one in asked.validated_data["people"]]
        try:
            answers = entering.bring_in(self.get_object(), named, clock.now())
        except entering.NotOpenError as error:
            raise RefusedError(str(error)) from error
        enrolled = sum(one.enrollment_id is not None for one in answers)
        return Response(EnrolledSerializer({"enrolled": enrolled, "people": answers}).data)

    @extend_schema(
        summary="Add the people who qualify already",
        request=ExistingSerializer,
        responses={202: JobSerializer, **BAD},
    )
    @action(detail=True, methods=["post"], url_path="add-existing")
    def add_existing(self, request: Request, pk: str) -> Response:
        """As a job: who is in the segment, and who did what brings people in, when the journey went live."""
        asked = ExistingSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            job = existing.add_later(self.get_object(), caller(request), clock.now(), asked.validated_data["days"])
        except existing.NotYetError as error:
            raise RefusedError(str(error)) from error
        return Response(JobSerializer(job).data, status=202)


def _named(given: dict[str, Any]) -> entering.Named:
    kind = next((kind for kind in KINDS if kind in given), None)
    identifier = (kind, given[kind]) if kind else None
    return entering.Named(given.get("profile"), identifier, given["properties"], given["key"])
