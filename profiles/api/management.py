"""The management API of segments and people: what their screens do, for programs."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from omnichannel.accounts.models import User, Workspace
from omnichannel.shared import clock
from omnichannel.shared.api import ErrorSerializer, Pages, RefusedError, paged
from omnichannel.shared.api_versions import IF_MATCH, Versioned, not_overtaken, seen
from profiles.api import serializers as shapes
from profiles.forms import moments
from profiles.models import Event, Membership, Profile, Segment
from profiles.queries import people, person, segment_history
from profiles.queries.audience import counted, reach
from profiles.segments.ast import ConditionError, parse
from profiles.services import erasure, portability, segments
from profiles.services.segment_drafts import mark_of

BAD = {400: ErrorSerializer, 404: ErrorSerializer, 409: ErrorSerializer}
SEARCH = OpenApiParameter("search", str, description="Words that the name contains.")


def caller(request: Request) -> User | None:
    """The user behind the request, or behind its key."""
    return request.user if isinstance(request.user, User) else None


@extend_schema_view(
    list=extend_schema(parameters=[SEARCH], summary="List segments"),
    create=extend_schema(responses={201: shapes.SegmentSerializer, **BAD}, summary="Create a segment"),
    retrieve=extend_schema(summary="Read a segment", responses={200: shapes.SegmentSerializer, **BAD}),
    update=extend_schema(
        parameters=[IF_MATCH], summary="Replace a segment", responses={200: shapes.SegmentSerializer, **BAD}
    ),
    partial_update=extend_schema(
        parameters=[IF_MATCH], summary="Change a segment", responses={200: shapes.SegmentSerializer, **BAD}
    ),
    destroy=extend_schema(summary="Delete a segment", responses={204: None, **BAD}),
)
@extend_schema(tags=["segments"])
class SegmentViewSet(Versioned, viewsets.ModelViewSet[Segment]):
    """Segments. A new or changed condition is built in the background: `state` says when it is live."""

    queryset = Segment.objects.order_by("-id")
    serializer_class = shapes.SegmentSerializer
    pagination_class = Pages
    lookup_value_regex = r"\d{1,18}"

    @property
    def write_role(self) -> str:
        """Counting writes nothing."""
        return "analyst" if self.action == "count" else "marketer"

    def get_queryset(self) -> QuerySet[Segment]:
        """Those whose name contains what is searched for."""
        text = self.request.query_params.get("search", "").replace("\0", "")
        return super().get_queryset().filter(name__icontains=text) if text else super().get_queryset()

    def perform_create(self, serializer: BaseSerializer[Segment]) -> None:
        """Make it; it is built in the background."""
        given = serializer.validated_data
        with _told():
            serializer.instance = segments.create(
                given["name"], given["condition"], by=caller(self.request), description=given.get("description", "")
            )

    def perform_update(self, serializer: BaseSerializer[Segment]) -> None:
        """Save it; it is built anew where its condition means something else."""
        segment, given = self.get_object(), serializer.validated_data
        with _told(), not_overtaken(lambda: mark_of(self.get_object())):
            serializer.instance = segments.change(
                segment,
                name=given.get("name", segment.name),
                description=given.get("description", segment.description),
                condition=given.get("condition", segment.condition),
                seen=seen(self.request),
            )

    def perform_destroy(self, instance: Segment) -> None:
        """Refused where a journey needs it."""
        segments.delete(instance)

    @extend_schema(
        request=shapes.ConditionSerializer,
        responses={200: shapes.CountSerializer, **BAD},
        summary="Count who matches a condition",
    )
    @action(detail=False, methods=["post"], pagination_class=None)
    def count(self, request: Request) -> Response:
        """Nothing is saved."""
        asked = shapes.ConditionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        with _told():
            condition, now = parse(asked.validated_data["condition"]), clock.now()
        found = counted(condition, now)
        ways = {f"with_{way.by}": way.count for way in reach(condition, now).ways}
        answer = {"count": found.count, "everybody": found.everybody, "ms": found.ms, **ways}
        return Response(shapes.CountSerializer(answer).data)

    @extend_schema(
        parameters=[OpenApiParameter("at", str, description="A day or a moment (ISO 8601): who was inside then.")],
        responses={200: shapes.MemberSerializer(many=True), **BAD},
        summary="List who is, or was, in a segment",
    )
    @action(detail=True, methods=["get"])
    def members(self, request: Request, pk: str) -> Response:
        """The newest people first. A day stands for its end, in the workspace's time zone."""
        segment = self.get_object()
        if "at" not in request.query_params:
            inside = Membership.objects.filter(segment=segment).select_related("profile")
            return paged(self, inside, shapes.MemberSerializer, ordering="-profile_id")
        at = moments.end_of(request.query_params["at"], Workspace.get().zone)
        if at is None:
            raise RefusedError("Give a day or a moment, such as 2026-03-31.", status=400, field="at")
        members: Any = segment_history.members_at(segment, at)
        found: Any = segment_history.inside_at(segment, at, self.paginate_queryset(members) or [])
        return self.get_paginated_response(shapes.MemberSerializer(found, many=True).data)

    @extend_schema(
        parameters=[
            OpenApiParameter("since", datetime.date, description="The first day; without it, 30 days back."),
            OpenApiParameter("until", datetime.date, description="The last day; without it, today."),
        ],
        responses={200: shapes.DaySerializer(many=True), **BAD},
        summary="How large a segment was",
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def sizes(self, request: Request, pk: str) -> Response:
        """For each day, in the workspace's time zone: the size at its end, and how many entered and left."""
        span = moments.span(request.query_params, clock.now(), Workspace.get().zone)
        if span is None:
            raise RefusedError("Give two days, such as 2026-03-01 and 2026-03-31, a year apart at most.", status=400)
        segment = self.get_object()
        found = segment_history.days([segment.pk], *span, Workspace.get().zone)
        return Response(shapes.DaySerializer(found[segment.pk], many=True).data)


@extend_schema(tags=["profiles"])
class ProfileViewSet(viewsets.ReadOnlyModelViewSet[Profile]):
    """People. They are written through the tracking API, `/v1`."""

    queryset = Profile.objects.filter(merged_into=None).select_related("seen").order_by("-id")
    serializer_class = shapes.ProfileSerializer
    pagination_class = Pages
    lookup_value_regex = r"\d{1,18}"

    @property
    def write_role(self) -> str:
        """Nothing is written here but by erasing."""
        return "admin"

    def get_queryset(self) -> QuerySet[Profile]:
        """Those to whom the search points, or who are in a segment."""
        found = super().get_queryset()
        text = self.request.query_params.get("search", "").replace("\0", "").strip()
        if text:
            found = found.filter(pk__in=people.search(text))
        segment = self.request.query_params.get("segment", "")
        return found.filter(membership__segment=_number("segment", segment)) if segment else found

    def get_object(self) -> Profile:
        """Who a number stands for today: after a merge, the person who remained."""
        profile, into = person.resolve(_number("id", self.kwargs["pk"]))
        if into is not None:
            profile, _none = person.resolve(into)
        if profile is None:
            raise Http404
        return profile

    @extend_schema(
        parameters=[
            OpenApiParameter("search", str, description="Words of a name, an e-mail, a phone, a customer number."),
            OpenApiParameter("segment", int, description="The id of a segment: only people in it."),
        ],
        summary="List people",
        responses={200: shapes.ProfileSerializer(many=True), 400: ErrorSerializer},
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The latest first."""
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="Read a person", responses={200: shapes.PersonSerializer, **BAD})
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Attributes, identities and segments."""
        return Response(shapes.PersonSerializer(self.get_object()).data)

    @extend_schema(
        responses={(200, "application/zip"): bytes, 404: ErrorSerializer},
        summary="Export everything about a person",
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def export(self, request: Request, pk: str) -> HttpResponse:
        """A zip of JSON files: attributes, events, messages with their content, consents, notes and the rest."""
        now, profile = clock.now(), self.get_object()
        response = HttpResponse(portability.export(profile, now), content_type="application/zip")
        response["Content-Disposition"] = f'attachment; filename="{portability.file_name(profile, now)}"'
        return response

    @extend_schema(request=None, responses={204: None, **BAD}, summary="Erase a person")
    @action(detail=True, methods=["post"], pagination_class=None)
    def erase(self, request: Request, pk: str) -> Response:
        """Everything about them goes for good. Takes an admin's key."""
        try:
            erasure.erase(self.get_object(), by=caller(request), now=clock.now())
        except erasure.GoneError as error:
            raise Http404 from error
        return Response(status=204)

    @extend_schema(
        parameters=[OpenApiParameter("name", str, description="Only events of this name.")],
        responses={200: shapes.EventSerializer(many=True), 404: ErrorSerializer},
        summary="List what a person did",
    )
    @action(detail=True, methods=["get"])
    def events(self, request: Request, pk: str) -> Response:
        """The latest first."""
        done = Event.objects.filter(profile=self.get_object())
        name = request.query_params.get("name", "").replace("\0", "")
        return paged(self, done.filter(name=name) if name else done, shapes.EventSerializer)


@contextmanager
def _told() -> Iterator[None]:
    """Faults of conditions and segments become answers."""
    try:
        yield
    except ConditionError as error:
        path = f"condition.{error.path}".rstrip(".")
        raise RefusedError(error.message, status=400, path=path) from error
    except segments.SegmentError as error:
        raise RefusedError(str(error), status=400) from error


def _number(field: str, text: str) -> int:
    """A row's number; anything else is a fault of the request."""
    if not text.isdecimal() or len(text) > 18:
        raise RefusedError("A number is needed here.", status=400, field=field)
    return int(text)
