"""The management API of lists: made, filled and emptied by programs, in batches."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from omnichannel.accounts.models import User
from omnichannel.shared import clock
from omnichannel.shared.api import ErrorSerializer, Pages, RefusedError, paged
from profiles.models import ListEntry, PeopleList
from profiles.queries import list_pages
from profiles.queries.people import survivors
from profiles.services import lists

BAD = {400: ErrorSerializer, 404: ErrorSerializer, 409: ErrorSerializer}
LARGEST_ID = 2**63 - 1


class ListSerializer(serializers.ModelSerializer[PeopleList]):
    """A list of people."""

    name = serializers.CharField(max_length=120)
    people = serializers.SerializerMethodField(help_text="How many are on it.")

    class Meta:
        model = PeopleList
        fields = ("id", "name", "description", "people", "created_at")
        read_only_fields = ("created_at",)

    def get_people(self, found: PeopleList) -> int:
        """Counted for the whole page at once."""
        return int(getattr(found, "size", 0))


class EntrySerializer(serializers.ModelSerializer[ListEntry]):
    """One person on a list, since when and from where."""

    name = serializers.CharField(source="profile.display_name", read_only=True)
    email = serializers.SerializerMethodField()

    class Meta:
        model = ListEntry
        fields = ("profile", "name", "email", "at", "source")

    def get_email(self, entry: ListEntry) -> str:
        """Empty where none is known."""
        return str(entry.profile.attributes.get("email") or "")


class NamedSerializer(serializers.Serializer[Any]):
    """People, by their numbers or by what they are known as; at most 5,000 of each."""

    profiles = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_ID),
        required=False,
        max_length=lists.MAX_PASTED,
        help_text="Ids. Old ids of people who were joined lead to who remained.",
    )
    people = serializers.ListField(
        child=serializers.CharField(max_length=255),
        required=False,
        max_length=lists.MAX_PASTED,
        help_text="User ids, e-mail addresses, phone numbers.",
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """Somebody has to be named."""
        if not given.get("profiles") and not given.get("people"):
            raise serializers.ValidationError({"people": ["Name somebody, in `profiles` or in `people`."]})
        return given


class PlacedSerializer(serializers.Serializer[Any]):
    """What became of it."""

    changed = serializers.IntegerField(help_text="How many were put on it, or taken off.")
    unchanged = serializers.IntegerField(help_text="How many were on it already, or were not.")
    unknown = serializers.ListField(child=serializers.CharField(), help_text="What was sent and names nobody.")


@extend_schema_view(
    list=extend_schema(
        parameters=[OpenApiParameter("search", str, description="Words that the name contains.")], summary="List lists"
    ),
    create=extend_schema(responses={201: ListSerializer, **BAD}, summary="Create a list"),
    retrieve=extend_schema(summary="Read a list", responses={200: ListSerializer, **BAD}),
    partial_update=extend_schema(summary="Rename a list", responses={200: ListSerializer, **BAD}),
    destroy=extend_schema(summary="Delete a list", responses={204: None, **BAD}),
)
@extend_schema(tags=["lists"])
class ListViewSet(viewsets.ModelViewSet[PeopleList]):
    """Lists of people, put together by hand or by programs. Segments ask about them with the condition `list`."""

    queryset = PeopleList.objects.order_by("-id")
    serializer_class = ListSerializer
    pagination_class = Pages
    lookup_value_regex = r"\d{1,18}"
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def get_queryset(self) -> QuerySet[PeopleList]:
        """Those whose name contains what is searched for."""
        text = self.request.query_params.get("search", "").replace("\0", "")
        return list_pages.sized(text).order_by("-id")

    def perform_create(self, serializer: serializers.BaseSerializer[PeopleList]) -> None:
        """Empty."""
        given = serializer.validated_data
        by = self.request.user if isinstance(self.request.user, User) else None
        serializer.instance = _kept(
            lambda: lists.create(given["name"], given.get("description", ""), by=by, now=clock.now())
        )

    def perform_update(self, serializer: serializers.BaseSerializer[PeopleList]) -> None:
        """Name and description."""
        found, given = self.get_object(), serializer.validated_data
        name, description = given.get("name", found.name), given.get("description", found.description)
        _kept(lambda: lists.change(found, name, description))
        serializer.instance = found

    def perform_destroy(self, instance: PeopleList) -> None:
        """Refused while a segment asks about it. The people stay."""
        try:
            lists.delete(instance)
        except lists.ListError as error:
            raise RefusedError(str(error)) from error

    @extend_schema(summary="List who is on a list", responses={200: EntrySerializer(many=True), **BAD})
    @action(detail=True, methods=["get"])
    def members(self, request: Request, pk: str) -> Response:
        """Who was added last first."""
        return paged(self, ListEntry.objects.filter(list=self.get_object()).select_related("profile"), EntrySerializer)

    @extend_schema(request=NamedSerializer, responses={200: PlacedSerializer, **BAD}, summary="Put people on a list")
    @action(detail=True, methods=["post"], pagination_class=None)
    def add(self, request: Request, pk: str) -> Response:
        """Whom we do not know is left out, and named in the answer."""
        return self._place(request, lambda people, ids: lists.add(people, ids, clock.now(), "api"))

    @extend_schema(request=NamedSerializer, responses={200: PlacedSerializer, **BAD}, summary="Take people off a list")
    @action(detail=True, methods=["post"], pagination_class=None)
    def remove(self, request: Request, pk: str) -> Response:
        """The people stay."""
        return self._place(request, lambda people, ids: lists.remove(people, ids, clock.now()))

    def _place(self, request: Request, verb: Callable[[PeopleList, set[int]], int]) -> Response:
        asked = NamedSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        people, given = self.get_object(), asked.validated_data
        words = list(dict.fromkeys(word.replace("\0", "").strip() for word in given.get("people", ())))
        by_word, by_number = lists.known_by(words), survivors(given.get("profiles", ()))
        ids = {*by_word.values(), *by_number.values()}
        changed = verb(people, ids)
        unknown = [str(one) for one in given.get("profiles", ()) if one not in by_number]
        unknown += [word for word in words if word not in by_word]
        answer = {"changed": changed, "unchanged": len(ids) - changed, "unknown": unknown}
        return Response(PlacedSerializer(answer).data)


def _kept(verb: Callable[[], Any]) -> Any:
    try:
        return verb()
    except lists.ListError as error:
        raise RefusedError(str(error), status=400, field="name") from error
