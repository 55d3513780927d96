"""What all of the management API shares: how errors look, how lists are paged, how often one may ask."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import ProtectedError
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import exception_handler


class ErrorSerializer(serializers.Serializer[Any]):
    """Every answer that is not a success."""

    error = serializers.CharField(help_text="What is needed, in a sentence.")
    field = serializers.CharField(required=False, help_text="The field it is about.")
    path = serializers.CharField(required=False, help_text="The place inside a condition or a journey.")


class RefusedError(APIException):
    """The request is understood and cannot be done: 409, or 400 with the `path` of what is wrong."""

    def __init__(self, text: str, *, status: int = 409, **more: Any) -> None:
        super().__init__(text)
        self.status_code, self.text, self.more = status, text, more


def on_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """`{"error", "field" or "path"}` for everything."""
    if isinstance(error, ProtectedError):
        error = RefusedError(_("It is used elsewhere. Take it out there first."))
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, RefusedError):
        response.data = {"error": error.text, **error.more}
    elif isinstance(error, ValidationError):
        field, text = first(error.detail)
        response.data = {"error": text, **({"field": field} if field else {})}
    else:
        response.data = {"error": str(getattr(error, "detail", "")) or _("This is not here.")}
    return response


def first(detail: Any, path: str = "") -> tuple[str, str]:
    """The first of many faults: (field, text)."""
    if isinstance(detail, Mapping):
        name, inner = next(iter(detail.items()))
        place = path if name == "non_field_errors" else f"{path}.{name}" if path else str(name)
        return first(inner, place)
    if isinstance(detail, Sequence) and not isinstance(detail, str):
        return first(next((item for item in detail if item), ""), path)
    return path, str(detail)


class Pages(CursorPagination):
    """Newest first; a page costs the same however deep it is. `page_size` up to 200."""

    ordering = "-id"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200


def paged(view: Any, rows: Any, shape: type[serializers.BaseSerializer[Any]], ordering: str = "-id") -> Response:
    """One page of rows that are not the view's own kind; `ordering` is by something unique."""
    view.paginator.ordering = ordering
    answer: Response = view.get_paginated_response(shape(view.paginate_queryset(rows), many=True).data)
    return answer


class ApiThrottle(SimpleRateThrottle):
    """So many requests a minute for each key or user."""

    scope = "api"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        """Whoever asks; strangers are refused before they are counted."""
        who = f"key:{request.auth.pk}" if request.auth else f"user:{request.user.pk}" if request.user else None
        return self.cache_format % {"scope": self.scope, "ident": who} if who else None
