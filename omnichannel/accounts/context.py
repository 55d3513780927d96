"""The workspace and the reader's role, for every template."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from omnichannel.accounts.models import Workspace


def workspace(request: HttpRequest) -> dict[str, Any]:
    """`workspace`; `is_admin` and `may_write` of the reader. Each is read when it is first used."""
    may = getattr(request.user, "may", lambda _role: False) if hasattr(request, "user") else (lambda _role: False)
    return {
        "workspace": SimpleLazyObject(Workspace.get),
        "is_admin": SimpleLazyObject(lambda: may("admin")),
        "may_write": SimpleLazyObject(lambda: may("marketer")),
    }
