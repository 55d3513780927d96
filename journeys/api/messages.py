"""The management API of messages, sent and not."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from journeys.api.asked import PERIOD, asked_period, chosen, number, query
from journeys.models import Delivery, Message
from journeys.queries.messages import MOMENTS, Filters, messages
from omnichannel.shared.api import ErrorSerializer, Pages, paged


class MessageSerializer(serializers.ModelSerializer[Message]):
    """What was decided to be said to one person, and what became of it."""

    class Meta:
        model = Message
        fields = (
            "id",
            "profile_id",
            "journey_id",
            "version_id",
            "node_id",
            "enrollment_id",
            "template_id",
            "channel",
            "address",
            "state",
            "reason",
            "attempts",
            "created_at",
            "due_at",
            "sent_at",
            "delivered_at",
            "opened_at",
            "clicked_at",
            "human_opened_at",
            "human_clicked_at",
            "bounced_at",
            "complained_at",
            "unsubscribed_at",
            "replied_at",
        )


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    """One attempt at a provider; `rendered` is what was handed over, where it is still kept."""

    rendered = serializers.DictField(allow_null=True)

    class Meta:
        model = Delivery
        fields = ("attempt", "state", "error", "provider_message_id", "at", "rendered")


class WholeMessageSerializer(MessageSerializer):
    """A message with its attempts."""

    deliveries = DeliverySerializer(many=True, read_only=True)

    class Meta(MessageSerializer.Meta):
        fields = (*MessageSerializer.Meta.fields, "deliveries")  # type: ignore[assignment]


@extend_schema(tags=["messages"])
class MessageViewSet(viewsets.ReadOnlyModelViewSet[Message]):
    """Messages, sent and not."""

    queryset = Message.objects.order_by("-id")
    serializer_class = MessageSerializer
    pagination_class = Pages
    lookup_value_regex = r"\d{1,18}"

    @extend_schema(
        summary="List messages",
        parameters=[
            OpenApiParameter("state", str, enum=Message.State.values),
            OpenApiParameter("channel", str),
            OpenApiParameter("journey", int),
            OpenApiParameter("template", int),
            OpenApiParameter("profile", int),
            OpenApiParameter("what", str, enum=list(MOMENTS), description="What happened in the period."),
            *PERIOD,
        ],
        responses={200: MessageSerializer(many=True), 400: ErrorSerializer},
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The latest first. Without a period: of all times."""
        return paged(self, messages(self._filters(request)), MessageSerializer)

    @extend_schema(summary="Read a message", responses={200: WholeMessageSerializer, 404: ErrorSerializer})
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """With each attempt at a provider and what was handed over."""
        return Response(WholeMessageSerializer(self.get_object()).data)

    def _filters(self, request: Request) -> Filters:
        period = asked_period(request) if request.query_params.keys() & {"days", "from", "to"} else None
        return Filters(
            start=period.start if period else None,
            end=period.end if period else None,
            what=chosen(request, "what", MOMENTS),
            state=chosen(request, "state", Message.State.values),
            channel=query(request, "channel"),
            journey=number(request, "journey"),
            template=number(request, "template"),
            profile=number(request, "profile"),
        )
