"""API keys on the management API: `Authorization: Bearer ak_…` or `Api-Key: ak_…`."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from omnichannel.accounts import audit
from omnichannel.accounts.keys import find
from omnichannel.accounts.models import ApiKey


class ApiKeyAuthentication(BaseAuthentication):
    """`request.auth` is the key, whose `.may(role)` decides; `request.user` is who made the key."""

    def authenticate(self, request: Request) -> tuple[Any, ApiKey] | None:
        """The key of the request; None without one; 401 for one that does not hold."""
        text = _key_of(request)
        if text is None:
            return None
        row = find(text, ApiKey.Kind.API)
        if row is None:
            raise AuthenticationFailed("This API key does not exist or was revoked.")
        audit.acting(row.created_by)
        return row.created_by or AnonymousUser(), row

    def authenticate_header(self, request: Request) -> str:
        """Makes a missing key a 401 and says how to send one."""
        return 'Bearer realm="api"'


def _key_of(request: Request) -> str | None:
    given = request.headers.get("Api-Key", "")
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        given = value
    return given.strip() or None


class ApiKeyScheme(OpenApiAuthenticationExtension):
    """How the schema of the management API speaks of keys."""

    target_class = "omnichannel.accounts.authentication.ApiKeyAuthentication"
    name = "ApiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """A bearer token."""
        return {"type": "http", "scheme": "bearer", "description": "An API key: ak_…"}
