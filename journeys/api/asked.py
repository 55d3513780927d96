"""What calls of the management API ask: who, which words and numbers, which days."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from journeys.reports.period import PRESETS, Period
from omnichannel.accounts.models import User, Workspace
from omnichannel.shared import clock, numbers
from omnichannel.shared.api import ErrorSerializer, RefusedError

BAD: Final = {400: ErrorSerializer, 404: ErrorSerializer, 409: ErrorSerializer}
PERIOD: Final = [
    OpenApiParameter("days", int, enum=PRESETS, description="The last so many days, today included."),
    OpenApiParameter("from", str, description="The first day (2026-03-01); with `to`."),
    OpenApiParameter("to", str, description="The last day."),
]


def caller(request: Request) -> User | None:
    """The user behind the request, or behind its key."""
    return request.user if isinstance(request.user, User) else None


def query(request: Request, name: str) -> str:
    """One parameter of the address."""
    return request.query_params.get(name, "").replace("\0", "").strip()


def number(request: Request, name: str) -> int | None:
    """A parameter that is a row's number."""
    text = query(request, name)
    found = numbers.number(text)
    if text and found is None:
        raise RefusedError("A number is needed here.", status=400, field=name)
    return found


def chosen(request: Request, name: str, known: Any) -> str:
    """A parameter that is one of a few words."""
    text = query(request, name)
    if text and text not in known:
        raise RefusedError(f"One of: {', '.join(known)}.", status=400, field=name)
    return text


def asked_period(request: Request) -> Period:
    """The days the address asks for, in the workspace's zone."""
    return Period.parse(request.query_params.dict(), clock.now(), Workspace.get().zone)
