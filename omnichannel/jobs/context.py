"""What the bell in the head of every page shows."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from omnichannel.accounts.models import User
from omnichannel.jobs import queries


def bell(request: HttpRequest) -> dict[str, Any]:
    """`bell`, read when a page that has one is drawn."""
    return {"bell": SimpleLazyObject(lambda: _bell(request))}


def _bell(request: HttpRequest) -> dict[str, Any]:
    return queries.bell(request.user) if isinstance(request.user, User) else {}
