"""The management API of companies: what is known of them, and who belongs to them."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from omnichannel.shared import clock
from omnichannel.shared.api import ErrorSerializer, Pages, paged
from profiles.models import Account, AccountMember
from profiles.queries import companies as queries
from profiles.services import companies

BAD = {400: ErrorSerializer, 404: ErrorSerializer}


class CompanySerializer(serializers.ModelSerializer[Account]):
    """A company; `key` is the group id of the calls that tell of it."""

    name = serializers.CharField(source="display_name", read_only=True)
    attributes = serializers.DictField(help_text="Those that are given are set; null removes one.")
    people = serializers.SerializerMethodField(help_text="How many people belong to it.")

    class Meta:
        model = Account
        fields = ("id", "key", "name", "attributes", "people", "created_at", "updated_at")
        read_only_fields = ("key", "created_at", "updated_at")

    @extend_schema_field(int)
    def get_people(self, company: Account) -> int:
        """Counted for the whole page at once."""
        return int(company.size)  # type: ignore[attr-defined]


class EmployeeSerializer(serializers.ModelSerializer[AccountMember]):
    """One person of a company."""

    name = serializers.CharField(source="profile.display_name", read_only=True)
    email = serializers.SerializerMethodField()

    class Meta:
        model = AccountMember
        fields = ("profile", "name", "email", "since")

    def get_email(self, member: AccountMember) -> str:
        """Empty where none is known."""
        return str(member.profile.attributes.get("email") or "")


@extend_schema(tags=["companies"])
class CompanyViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.UpdateModelMixin, viewsets.GenericViewSet[Account]
):
    """Companies. They come with the group calls of the tracking API, `/v1`."""

    queryset = queries.found().order_by("-id")
    serializer_class = CompanySerializer
    pagination_class = Pages
    lookup_value_regex = r"\d{1,18}"
    http_method_names = ["get", "patch", "head", "options"]

    def get_queryset(self) -> QuerySet[Account]:
        """Those whose name or key contains what is searched for, or that have the key."""
        asked = self.request.query_params
        found = queries.found(asked.get("search", "").replace("\0", "")).order_by("-id")
        key = asked.get("key", "").replace("\0", "")
        return found.filter(key=key) if key else found

    def perform_update(self, serializer: serializers.BaseSerializer[Account]) -> None:
        """As a group call would: segments that ask look at its people again."""
        given: dict[str, Any] = serializer.validated_data.get("attributes", {})
        try:
            companies.change(self.get_object(), given, clock.now())
        except companies.CompanyError as error:
            raise serializers.ValidationError({"attributes": [str(error)]}) from error
        serializer.instance = self.get_object()

    @extend_schema(
        parameters=[
            OpenApiParameter("search", str, description="Words that the name or the key contains."),
            OpenApiParameter("key", str, description="The group id: only this company."),
        ],
        summary="List companies",
        responses={200: CompanySerializer(many=True), 400: ErrorSerializer},
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The latest first."""
        return super().list(request, *args, **kwargs)

    @extend_schema(summary="Read a company", responses={200: CompanySerializer, **BAD})
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What is known of it."""
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(summary="Change what is known of a company", responses={200: CompanySerializer, **BAD})
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Only the attributes that are given change; null removes one."""
        return super().partial_update(request, *args, **kwargs)

    @extend_schema(summary="List who belongs to a company", responses={200: EmployeeSerializer(many=True), **BAD})
    @action(detail=True, methods=["get"])
    def members(self, request: Request, pk: str) -> Response:
        """Who came last first."""
        inside = AccountMember.objects.filter(account=self.get_object()).select_related("profile")
        return paged(self, inside, EmployeeSerializer)
