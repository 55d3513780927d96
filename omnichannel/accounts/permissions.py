"""Who may do what: analysts read, marketers write, admins set up."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth.decorators import login_required as or_sign_in
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from omnichannel.shared.errors import by_script, signed_out

if TYPE_CHECKING:
    from omnichannel.accounts.models import User

View = Callable[..., HttpResponseBase]


def signed_in(request: HttpRequest) -> "User":
    """Who is signed in; behind `role_required` somebody is."""
    return cast("User", request.user)


def login_required(view: View) -> View:
    """Let in who is signed in; lead others to the sign-in, unless a script asks."""
    led = or_sign_in(view)

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if by_script(request) and not request.user.is_authenticated:
            return signed_out()
        return led(request, *args, **kwargs)

    return guarded


def role_required(role: str, *, to_write: str | None = None) -> Callable[[View], View]:
    """Let in who is signed in with at least `role`; methods that write ask for `to_write` where given."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            needed = role if to_write is None or request.method in SAFE_METHODS else to_write
            if not request.user.may(needed):  # type: ignore[union-attr]
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return login_required(guarded)

    return decorate


class RolePermission(BasePermission):
    """The management API: reading takes an analyst, writing a marketer, or what the view's `write_role` says."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether the user or key behind the request reaches the role."""
        needed = "analyst" if request.method in SAFE_METHODS else getattr(view, "write_role", "marketer")
        may = getattr(request.auth or request.user, "may", None)
        return bool(may and may(needed))
