"""The management API of joins: read them, and undo one."""

from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from omnichannel.accounts.models import User
from omnichannel.shared import clock
from omnichannel.shared.api import ErrorSerializer, Pages, RefusedError
from profiles.models import Merge
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
