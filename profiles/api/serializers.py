"""What segments and people look like in the management API."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from omnichannel.shared.api_versions import VersionField
from profiles.models import Event, Identity, Membership, Profile, Segment
from profiles.segments.ast import ConditionError, parse
from profiles.segments.describe import in_words
from profiles.services.segment_drafts import mark_of


class SegmentSerializer(serializers.ModelSerializer[Segment]):
    """A segment; `condition` is the tree described in docs/segments.md."""

    condition = serializers.DictField()
    version = VersionField(mark_of)
    in_words = serializers.SerializerMethodField(help_text="The condition as a sentence.")

    class Meta:
        model = Segment
        fields = (
            "id",
            "name",
            "description",
            "condition",
            "version",
            "in_words",
            "state",
            "error",
            "size",
            "built_at",
            "created_at",
            "updated_at",
        )
        read_only_fields = ("state", "error", "size", "built_at", "created_at", "updated_at")

    def get_in_words(self, segment: Segment) -> str:
        """Empty where the condition cannot be understood."""
        try:
            return in_words(parse(segment.condition))
        except ConditionError:
            return ""


class ConditionSerializer(serializers.Serializer[Any]):
    """A condition to count."""

    condition = serializers.DictField()


class CountSerializer(serializers.Serializer[Any]):
    """How many people match a condition now, and how they can be reached."""

    count = serializers.IntegerField()
    everybody = serializers.IntegerField()
    with_email = serializers.IntegerField()
    with_phone = serializers.IntegerField()
    with_device_token = serializers.IntegerField()
    with_chat_id = serializers.IntegerField()
    ms = serializers.IntegerField(help_text="How long counting took, in milliseconds.")


class MemberSerializer(serializers.ModelSerializer[Membership]):
    """One person in a segment."""

    name = serializers.CharField(source="profile.display_name", read_only=True)
    email = serializers.SerializerMethodField()

    class Meta:
        model = Membership
        fields = ("profile", "name", "email", "since", "reason")

    def get_email(self, membership: Membership) -> str:
        """Empty where none is known."""
        return str(membership.profile.attributes.get("email") or "")


class DaySerializer(serializers.Serializer[Any]):
    """A day of a segment."""

    day = serializers.DateField(source="start")
    size = serializers.IntegerField(help_text="At the end of the day.")
    entered = serializers.IntegerField()
    left = serializers.IntegerField(source="exited")


class ProfileSerializer(serializers.ModelSerializer[Profile]):
    """A person in a list."""

    name = serializers.CharField(source="display_name", read_only=True)
    attributes = serializers.DictField(read_only=True)
    last_seen_at = serializers.DateTimeField(read_only=True, allow_null=True)

    class Meta:
        model = Profile
        fields = ("id", "name", "attributes", "created_at", "updated_at", "last_seen_at")


class IdentitySerializer(serializers.ModelSerializer[Identity]):
    """One identifier."""

    class Meta:
        model = Identity
        fields = ("kind", "value", "created_at")


class InSegmentSerializer(serializers.ModelSerializer[Membership]):
    """A segment that the person is in."""

    id = serializers.IntegerField(source="segment_id")
    name = serializers.CharField(source="segment.name")

    class Meta:
        model = Membership
        fields = ("id", "name", "since", "reason")


class PersonSerializer(ProfileSerializer):
    """A person with everything that is known."""

    identities = IdentitySerializer(many=True, read_only=True)
    segments = serializers.SerializerMethodField()

    class Meta(ProfileSerializer.Meta):
        fields = (*ProfileSerializer.Meta.fields, "identities", "segments")  # type: ignore[assignment]

    @extend_schema_field(InSegmentSerializer(many=True))
    def get_segments(self, profile: Profile) -> Any:
        """By name."""
        inside = Membership.objects.filter(profile=profile).select_related("segment").order_by("segment__name")
        return InSegmentSerializer(inside, many=True).data


class EventSerializer(serializers.ModelSerializer[Event]):
    """Something the person did, or what became of a message."""

    properties = serializers.DictField(read_only=True)

    class Meta:
        model = Event
        fields = ("id", "kind", "name", "properties", "occurred_at", "received_at", "message_id")
