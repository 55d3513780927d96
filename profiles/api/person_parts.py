"""The management API of what hangs on a person: notes, answers to topics, lists, companies, and why they match."""

from typing import Any, cast

from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from omnichannel.accounts.models import User
from omnichannel.shared import clock
from omnichannel.shared.api import ErrorSerializer, Pages, RefusedError, paged
from profiles.models import AccountMember, ListEntry, Note, Profile, Segment, Topic
from profiles.queries import person
from profiles.queries.explanation import explained
from profiles.queries.reach import Answer, answers, ways
from profiles.segments.ast import Condition, ConditionError, parse
from profiles.services import notes
from profiles.services.consent import Word, say

BAD = {400: ErrorSerializer, 404: ErrorSerializer}


class NoteSerializer(serializers.ModelSerializer[Note]):
    """What somebody wrote down about a person."""

    text = serializers.CharField(max_length=notes.LONGEST)
    by = serializers.SerializerMethodField(help_text="Who wrote it; empty where nobody is known.")

    class Meta:
        model = Note
        fields = ("id", "text", "by", "at", "edited_at")
        read_only_fields = ("at", "edited_at")

    def get_by(self, note: Note) -> str:
        """A name."""
        return str(note.by) if note.by else ""


class ChannelAnswerSerializer(serializers.Serializer[Any]):
    """What holds on one channel."""

    channel = serializers.CharField()
    subscribed = serializers.BooleanField()
    said_at = serializers.SerializerMethodField(help_text="Null, where only the topic's default speaks.")

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_said_at(self, answer: Answer) -> Any:
        """When they said so."""
        return answer.said.at if answer.said else None


class TopicAnswersSerializer(serializers.Serializer[Any]):
    """A topic, and what holds for the person on each channel."""

    topic = serializers.CharField(source="topic.slug")
    name = serializers.CharField(source="topic.name")
    answers = ChannelAnswerSerializer(many=True)


class SaySerializer(serializers.Serializer[Any]):
    """A yes or no that the person gave."""

    topic = serializers.CharField(max_length=50, help_text="The short name of the topic.")
    channel = serializers.CharField(required=False, default="", allow_blank=True, help_text="Empty: on every channel.")
    subscribed = serializers.BooleanField()


class OnListSerializer(serializers.ModelSerializer[ListEntry]):
    """A list that the person is on."""

    list_id = serializers.IntegerField()
    name = serializers.CharField(source="list.name")

    class Meta:
        model = ListEntry
        fields = ("list_id", "name", "at", "source")


class InCompanySerializer(serializers.ModelSerializer[AccountMember]):
    """A company that the person belongs to."""

    company_id = serializers.IntegerField(source="account_id")
    key = serializers.CharField(source="account.key")
    name = serializers.CharField(source="account.display_name")

    class Meta:
        model = AccountMember
        fields = ("company_id", "key", "name", "since")


class ExplainSerializer(serializers.Serializer[Any]):
    """What to explain: a segment, or a condition that is no segment yet."""

    segment = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    condition = serializers.DictField(required=False)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """One of the two."""
        if len(given) != 1:
            raise serializers.ValidationError({"condition": ["Give a segment or a condition."]})
        return given


class LineSerializer(serializers.Serializer[Any]):
    """One question or group, in reading order; `depth` says what it stands in."""

    depth = serializers.IntegerField()
    group = serializers.BooleanField()
    words = serializers.CharField()
    holds = serializers.BooleanField(allow_null=True, help_text="Null: it is switched off.")
    found = serializers.CharField(help_text="What was found for this person.")


class ExplanationSerializer(serializers.Serializer[Any]):
    """Whether a person matches now, and why."""

    matches = serializers.BooleanField()
    lines = LineSerializer(many=True)


@extend_schema(tags=["profiles"])
class PersonPartsViewSet(viewsets.GenericViewSet[Any]):
    """What hangs on a person."""

    queryset = Profile.objects.order_by("-id")
    serializer_class = NoteSerializer
    pagination_class = Pages
    lookup_value_regex = r"\d{1,18}"

    @property
    def write_role(self) -> str:
        """Explaining writes nothing."""
        return "analyst" if self.action == "explain" else "marketer"

    def get_object(self) -> Profile:
        """Who a number stands for today: after a merge, the person who remained."""
        profile, into = person.resolve(int(self.kwargs["pk"]))
        if into is not None:
            profile, _none = person.resolve(into)
        if profile is None:
            raise Http404
        return profile

    @extend_schema(methods=["get"], summary="List notes", responses={200: NoteSerializer(many=True), **BAD})
    @extend_schema(methods=["post"], summary="Write a note", responses={201: NoteSerializer, **BAD})
    @action(detail=True, methods=["get", "post"])
    def notes(self, request: Request, pk: str) -> Response:
        """The latest first."""
        profile = self.get_object()
        if request.method == "GET":
            return paged(self, Note.objects.filter(profile=profile).select_related("by"), NoteSerializer)
        asked = NoteSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        by = request.user if isinstance(request.user, User) else None
        try:
            made = notes.write(profile, asked.validated_data["text"], by=by, now=clock.now())
        except notes.NoteError as error:
            raise RefusedError(str(error), status=400, field="text") from error
        return Response(NoteSerializer(made).data, status=201)

    @extend_schema(
        methods=["get"], summary="Read the answers to topics", responses={200: TopicAnswersSerializer(many=True), **BAD}
    )
    @extend_schema(
        methods=["post"],
        request=SaySerializer,
        summary="Write down an answer to a topic",
        responses={200: TopicAnswersSerializer(many=True), **BAD},
    )
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def consents(self, request: Request, pk: str) -> Response:
        """What holds on each channel: the latest word for it or for every channel, else the topic's default."""
        profile = self.get_object()
        if request.method == "POST":
            self._say(profile, request)
        return Response(TopicAnswersSerializer(answers(profile), many=True).data)

    def _say(self, profile: Profile, request: Request) -> None:
        asked = SaySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        topic = Topic.objects.filter(slug=given["topic"]).first()
        if topic is None:
            raise RefusedError("There is no topic of this short name.", status=400, field="topic")
        channels = [way.channel for way in ways()]
        if given["channel"] not in ("", *channels):
            raise RefusedError(f"Choose one of {', '.join(channels)}.", status=400, field="channel")
        say([Word(profile.pk, topic.pk, given["channel"], given["subscribed"], "api")], clock.now())

    @extend_schema(summary="List a person's lists", responses={200: OnListSerializer(many=True), **BAD})
    @action(detail=True, methods=["get"])
    def lists(self, request: Request, pk: str) -> Response:
        """Where they were added last first."""
        return paged(self, ListEntry.objects.filter(profile=self.get_object()).select_related("list"), OnListSerializer)

    @extend_schema(summary="List a person's companies", responses={200: InCompanySerializer(many=True), **BAD})
    @action(detail=True, methods=["get"])
    def companies(self, request: Request, pk: str) -> Response:
        """The latest first."""
        inside = AccountMember.objects.filter(profile=self.get_object()).select_related("account")
        return paged(self, inside, InCompanySerializer)

    @extend_schema(
        request=ExplainSerializer,
        responses={200: ExplanationSerializer, **BAD},
        summary="Explain why a person matches or does not",
    )
    @action(detail=True, methods=["post"], pagination_class=None)
    def explain(self, request: Request, pk: str) -> Response:
        """Each question with its answer and what was found. Nothing is saved."""
        asked = ExplainSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        condition = _condition(asked.validated_data)
        lines = explained(condition, self.get_object().pk, clock.now())
        return Response(ExplanationSerializer({"matches": lines[0].holds is True, "lines": lines}).data)


def _condition(given: dict[str, Any]) -> Condition:
    """Of the segment, or as it was sent."""
    raw, field = given.get("condition"), "condition"
    if raw is None:
        segment = Segment.objects.filter(pk=given["segment"]).first()
        if segment is None:
            raise RefusedError("There is no such segment.", status=400, field="segment")
        raw, field = cast("dict[str, Any]", segment.condition), "segment.condition"
    try:
        return parse(raw)
    except ConditionError as error:
        raise RefusedError(error.message, status=400, path=f"{field}.{error.path}".rstrip(".")) from error
