"""The management API of who is who: the rules, and joins to read and to undo."""

from typing import Any

from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, views, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from omnichannel.accounts.models import User
from omnichannel.shared import clock
from omnichannel.shared.api import ErrorSerializer, Pages, RefusedError
from profiles.ingest.rules import RULES
from profiles.models import Merge
from profiles.services import identity_rules
from profiles.services.unmerge import UnmergeError, unmerge


class MergeSerializer(serializers.ModelSerializer[Merge]):
    """One join: who remained, who was joined to them, by which identity and call, and both as they were before."""

    class Meta:
        model = Merge
        fields = (
            "id",
            "survivor",
            "loser",
            "kind",
            "value",
            "call",
            "message_id",
            "survivor_before",
            "loser_before",
            "identities",
            "at",
            "undone_at",
        )


@extend_schema(tags=["profiles"])
class MergeViewSet(viewsets.ReadOnlyModelViewSet[Merge]):
    """Joins of two profiles into one, the latest first."""

    queryset = Merge.objects.order_by("-id")
    serializer_class = MergeSerializer
    pagination_class = Pages
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[Merge]:
        """Of one profile, where it is asked for."""
        profile = self.request.query_params.get("profile", "")
        if not profile:
            return super().get_queryset()
        if not profile.isdecimal() or len(profile) > 18:
            raise RefusedError("A number is needed here.", status=400, field="profile")
        return super().get_queryset().filter(Q(survivor=profile) | Q(loser=profile))

    @extend_schema(
        parameters=[OpenApiParameter("profile", int, description="Joins that this profile took part in.")],
        summary="List joins",
        responses={200: MergeSerializer(many=True), 400: ErrorSerializer},
    )
    def list(self, request: Request, *args: object, **kwargs: object) -> Response:
        """The latest first."""
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="Read a join", responses={200: MergeSerializer, 404: ErrorSerializer})
    def retrieve(self, request: Request, *args: object, **kwargs: object) -> Response:
        """Who was joined with whom, and why."""
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(
        request=None,
        responses={200: MergeSerializer, 404: ErrorSerializer, 409: ErrorSerializer},
        summary="Undo a join",
    )
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        """Both get back what they had before; what came since stays with who remained."""
        merge = self.get_object()
        by = request.user if isinstance(request.user, User) else None
        try:
            unmerge(merge.pk, by=by, now=clock.now())
        except UnmergeError as error:
            raise RefusedError(str(error)) from error
        merge.refresh_from_db()
        return Response(MergeSerializer(merge).data)


class KindSerializer(serializers.Serializer[Any]):
    """The rule of one kind of identity."""

    kind = serializers.CharField()
    known = serializers.BooleanField(help_text="Proves a person: two who both have one are joined by an alias only.")
    most = serializers.IntegerField(help_text="How many one person may have.")
    follows = serializers.BooleanField(help_text="Goes over to whoever used it last.")
    shareable = serializers.BooleanField(help_text="Joins nobody any more once several people used it.")


class RulesSerializer(serializers.Serializer[Any]):
    """The rules by which calls find people. They are set under Settings, Who is who."""

    kinds = KindSerializer(many=True)
    merges_a_day = serializers.IntegerField(help_text="Joins of one person within a day.")
    shared_after = serializers.IntegerField(help_text="A device is shared after so many people.")
    blocked = serializers.ListField(child=serializers.CharField(), help_text="Values that name nobody; * is anything.")


@extend_schema(tags=["profiles"])
class IdentityRulesView(views.APIView):
    """Who is who."""

    @extend_schema(summary="Read the rules of who is who", responses={200: RulesSerializer})
    def get(self, request: Request) -> Response:
        """The kinds of identity and the limits that count now."""
        limits = identity_rules.current()
        kinds = [
            {
                "kind": kind,
                "known": rule.known,
                "most": limits.most_of(kind),
                "follows": rule.follows,
                "shareable": rule.shareable,
            }
            for kind, rule in RULES.items()
        ]
        answer = {
            "kinds": kinds,
            "merges_a_day": limits.merges_a_day,
            "shared_after": limits.shared_after,
            "blocked": limits.blocked,
        }
        return Response(RulesSerializer(answer).data)
