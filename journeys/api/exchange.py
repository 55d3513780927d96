"""The management API of journeys that come and go as YAML, and of templates to start from."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from journeys.api.asked import BAD, caller
from journeys.api.serializers import WholeJourneySerializer
from journeys.models import Journey
from journeys.queries import blueprints, exchange
from journeys.services import blueprints as saving
from journeys.services.build import SpecError
from journeys.services.exchange import bring_in
from omnichannel.shared import clock
from omnichannel.shared.api import Pages, RefusedError


class YamlSerializer(serializers.Serializer[Any]):
    """A journey as YAML, with the messages, segments and topics that it uses."""

    yaml = serializers.CharField(max_length=2_000_000, trim_whitespace=False)


class StartSerializer(serializers.Serializer[Any]):
    """A journey to start from."""

    key = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    trades = serializers.ListField(child=serializers.CharField())


@extend_schema(tags=["journeys"])
class ExchangeViewSet(viewsets.GenericViewSet[Journey]):
    """Journeys as YAML."""

    queryset = Journey.objects.select_related("live", "draft").order_by("-id")
    serializer_class = WholeJourneySerializer
    pagination_class = Pages
    lookup_value_regex = r"\d{1,18}"

    @extend_schema(
        summary="Export as YAML", responses={200: OpenApiResponse(YamlSerializer, description="`yaml`"), **BAD}
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def yaml(self, request: Request, pk: str) -> Response:
        """Bringing it in again gives the same text."""
        return Response({"yaml": exchange.text(self.get_object())})

    @extend_schema(
        summary="Create a journey from YAML", request=YamlSerializer, responses={201: WholeJourneySerializer, **BAD}
    )
    @action(detail=False, methods=["post"], url_path="from_yaml")
    def from_yaml(self, request: Request) -> Response:
        """As a draft; what it uses is made where it is not here yet."""
        asked = YamlSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return Response(WholeJourneySerializer(_made(asked.validated_data["yaml"], request)).data, status=201)

    @extend_schema(
        summary="Save as a template", request=None, responses={200: OpenApiResponse(OpenApiTypes.OBJECT), **BAD}
    )
    @action(detail=True, methods=["post"], url_path="save_as_template")
    def save_as_template(self, request: Request, pk: str) -> Response:
        """Under the name of the journey."""
        return Response({"key": f"saved-{saving.save_as(self.get_object(), caller(request), clock.now()).pk}"})


@extend_schema(tags=["journeys"])
class StartViewSet(viewsets.ViewSet):
    """Templates of journeys."""

    lookup_value_regex = r"[a-z0-9_-]{1,60}"

    @extend_schema(
        summary="List templates of journeys", operation_id="journey_templates", responses=StartSerializer(many=True)
    )
    def list(self, request: Request) -> Response:
        """The ready ones, then those that were saved here."""
        return Response(StartSerializer([*blueprints.ready(), *blueprints.saved()], many=True).data)

    @extend_schema(
        summary="Start a journey from a template",
        request=None,
        responses={201: WholeJourneySerializer, **BAD},
    )
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: str) -> Response:
        """As a draft."""
        found = blueprints.find(pk)
        if found is None:
            raise RefusedError("There is no such template.", status=404)
        return Response(WholeJourneySerializer(_made(found.text, request)).data, status=201)


def _made(text: str, request: Request) -> Journey:
    try:
        return bring_in(text, caller(request), clock.now())
    except SpecError as error:
        raise RefusedError(error.text, status=400, path=error.path) from error
