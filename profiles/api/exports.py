"""The management API of exports."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from omnichannel.accounts.models import User
from omnichannel.jobs.api import JobSerializer
from omnichannel.shared import clock
from omnichannel.shared.api import ErrorSerializer, RefusedError
from profiles.bulk import export, who
from profiles.bulk.columns import ColumnError


class ExportSerializer(serializers.Serializer[Any]):
    """Whom to export, and what of them."""

    who = serializers.DictField(
        help_text='{"everybody": true}, {"ids": [17, 18]}, or any of {"segment": 5, "list": 2, "search": "anna", '
        '"attribute": ["plan", "eq", "gold"]}: all of these together narrow it down.'
    )
    columns = serializers.ListField(
        child=serializers.CharField(max_length=200),
        help_text="id, first_seen, last_seen, attribute:plan, identity:user_id, consent:news, consent:news:email, "
        "segment:5 and list:2 (since when).",
    )
    format = serializers.ChoiceField(choices=list(export.FORMATS), default="csv")


@extend_schema(tags=["jobs"])
class ExportViewSet(viewsets.ViewSet):
    """Files of people."""

    @extend_schema(
        request=ExportSerializer,
        responses={201: JobSerializer, 400: ErrorSerializer},
        summary="Export people",
    )
    def create(self, request: Request) -> Response:
        """It is made in the background: read the job until its `state` is `done`, then fetch its file."""
        asked = ExportSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        by = request.user if isinstance(request.user, User) else None
        try:
            job = export.start(who.read(given["who"]), given["columns"], given["format"], by=by, now=clock.now())
        except who.WhoError as error:
            raise RefusedError(str(error), status=400, field="who") from error
        except ColumnError as error:
            raise RefusedError(str(error), status=400, field="columns") from error
        return Response(JobSerializer(job).data, status=201)
