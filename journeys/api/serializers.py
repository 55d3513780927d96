"""What journeys and templates look like in the management API."""

from typing import Any

from rest_framework import serializers

from journeys.models import Journey, Template
from journeys.queries.document import document
from journeys.registry import channels
from journeys.services.templates import mark_of
from omnichannel.shared.api_versions import VersionField


class NodeSerializer(serializers.Serializer[Any]):
    """One step. `config` holds what the step's form asks."""

    key = serializers.CharField(max_length=32)
    kind = serializers.CharField()
    name = serializers.CharField(required=False, allow_blank=True, max_length=80)
    x = serializers.IntegerField(required=False)
    y = serializers.IntegerField(required=False)
    config = serializers.DictField(required=False)


class EdgeSerializer(serializers.Serializer[Any]):
    """One line, from a way out of a step to another step."""

    port = serializers.CharField(required=False, default="next")
    to = serializers.CharField()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`from` is a word of Python, so it is named here."""
        return {"from": serializers.CharField(source="from_"), **super().get_fields()}


class SettingsSerializer(serializers.Serializer[Any]):
    """What counts as success, and who may come in again."""

    goal_event = serializers.CharField(required=False, allow_blank=True)
    goal_where = serializers.ListField(child=serializers.DictField(), required=False)
    goal_window_hours = serializers.IntegerField(required=False, min_value=1, max_value=8760)
    goal_exits = serializers.BooleanField(required=False)
    exit_rules = serializers.ListField(
        child=serializers.DictField(),
        required=False,
        help_text=(
            "Who leaves early: {on: event, event, where}, {on: joins or leaves, segment}, {on: unsubscribes, from} "
            "(topic: that of the messages, any, or everything)."
        ),
    )
    reentry = serializers.ChoiceField(choices=["once", "after_end", "always"], required=False)
    entry_key = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=200,
        help_text="A property of what brings people in, like order_id: one run for each value, side by side.",
    )
    entry_limit = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, help_text="At most so many entries of one person …"
    )
    entry_limit_hours = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=87_600, help_text="… in so many hours; null: ever."
    )
    entry_total = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, help_text="At most so many entries of everybody together."
    )
    timezone = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="For people whose own is not known, like Europe/Berlin; empty: the workspace's.",
    )
    topic = serializers.CharField(required=False, allow_null=True, help_text="The slug of a topic.")


class DocumentSerializer(serializers.Serializer[Any]):
    """A journey as one document: what creates it, and what reading it gives."""

    name = serializers.CharField(max_length=120)
    description = serializers.CharField(required=False, allow_blank=True, max_length=400)
    nodes = NodeSerializer(many=True, required=False)
    edges = EdgeSerializer(many=True, required=False)
    settings = SettingsSerializer(required=False)


class JourneySerializer(serializers.ModelSerializer[Journey]):
    """A journey in a list."""

    live_version = serializers.IntegerField(source="live.number", default=None, read_only=True, allow_null=True)
    draft_version = serializers.IntegerField(source="draft.number", default=None, read_only=True, allow_null=True)

    class Meta:
        model = Journey
        fields = (
            "id",
            "name",
            "description",
            "state",
            "live_version",
            "draft_version",
            "created_at",
            "updated_at",
        )


class WholeJourneySerializer(JourneySerializer):
    """A journey with its drawing: the draft where there is one, else what is live."""

    nodes = NodeSerializer(many=True, read_only=True)
    edges = EdgeSerializer(many=True, read_only=True)
    settings = SettingsSerializer(read_only=True)

    class Meta(JourneySerializer.Meta):
        fields = (*JourneySerializer.Meta.fields, "nodes", "edges", "settings")  # type: ignore[assignment]

    def to_representation(self, journey: Journey) -> dict[str, Any]:
        """The row and its document."""
        return {**JourneySerializer(journey).data, **document(journey)}


class ChoiceSerializer(serializers.Serializer[Any]):
    """keep: they finish their version; move: on in the new one with their wait as it was, or at the step `to`; retime:
    the step counts anew from when they came to it; exit: they leave."""

    do = serializers.ChoiceField(choices=["keep", "move", "retime", "exit"])
    to = serializers.CharField(required=False, default="", allow_blank=True)


class PublishSerializer(serializers.Serializer[Any]):
    """What becomes of the people inside, by the key of the step at which they stand."""

    people = serializers.DictField(child=ChoiceSerializer(), required=False, default=dict)
    rest = serializers.ChoiceField(
        choices=["keep", "move"], required=False, default="keep", help_text="People at steps that stay the same."
    )
    existing = serializers.BooleanField(
        required=False, default=False, help_text="Also add the people who qualify already, in the background."
    )
    existing_days = serializers.IntegerField(
        required=False, default=30, min_value=1, max_value=365, help_text="For how long what they did counts for that."
    )


class ProblemSerializer(serializers.Serializer[Any]):
    """Something to mend (error) or to know (warning)."""

    text = serializers.CharField()
    node = serializers.CharField(source="node_key", help_text="The key of the step; empty: the whole journey.")
    level = serializers.ChoiceField(choices=["error", "warning"])


class TemplateSerializer(serializers.ModelSerializer[Template]):
    """The content of a message. What `content` holds depends on the channel."""

    content = serializers.DictField()
    version = VersionField(mark_of)

    class Meta:
        model = Template
        fields = ("id", "name", "channel", "content", "version", "created_at", "updated_at")
        read_only_fields = ("created_at", "updated_at")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The channel's own form decides. A template keeps its channel."""
        kind = self.instance.channel if self.instance else attrs.get("channel", "")
        channel = channels().get(kind)
        if channel is None:
            raise serializers.ValidationError({"channel": ", ".join(channels())})
        if "content" in attrs:
            form = channel.Content({**(self.instance.content if self.instance else {}), **attrs["content"]})
            if not form.is_valid():
                name, faults = next(iter(form.errors.items()))
                raise serializers.ValidationError({"content": {name: [str(fault) for fault in faults]}})
            attrs["content"] = form.cleaned_data
        return {**attrs, "channel": kind}


class BacktestSerializer(serializers.Serializer[Any]):
    """How far back, and what people are taken to do with messages that were never sent."""

    days = serializers.IntegerField(min_value=1, max_value=365, default=30)
    opened = serializers.IntegerField(min_value=0, max_value=100, default=0, help_text="Of 100 messages.")
    clicked = serializers.IntegerField(min_value=0, max_value=100, default=0, help_text="Of 100 messages.")
    answers = serializers.DictField(
        child=serializers.DictField(child=serializers.IntegerField(min_value=0, max_value=100)),
        default=dict,
        help_text="Of 100 questions that a webhook or a task asks, by step and way out; without it nobody answers.",
    )


class StartedSerializer(serializers.Serializer[Any]):
    """Long work that has begun."""

    job = serializers.IntegerField()


class BacktestedSerializer(serializers.Serializer[Any]):
    """What would have happened. `nodes`: by step and metric; `days`: messages by channel and day; `load`: people by
    number of messages.
    """

    state = serializers.CharField()
    people = serializers.IntegerField(default=0)
    entries = serializers.IntegerField(default=0)
    nodes = serializers.DictField(child=serializers.DictField(child=serializers.IntegerField()), default=dict)
    days = serializers.DictField(child=serializers.DictField(child=serializers.IntegerField()), default=dict)
    load = serializers.DictField(child=serializers.IntegerField(), default=dict)
