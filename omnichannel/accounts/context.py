"""The workspace, for every template."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from omnichannel.accounts.models import Workspace


def workspace(request: HttpRequest) -> dict[str, Any]:
    """`workspace`, read when it is first used."""
    return {"workspace": SimpleLazyObject(Workspace.get)}
