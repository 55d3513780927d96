"""Scripts serve whoever opened their page; dates in the reader's zone; messages of htmx requests as toasts."""

import json
from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from omnichannel.accounts.models import User, Workspace
from omnichannel.shared.errors import signed_out

Handler = Callable[[HttpRequest], HttpResponse]


class SameUser:
    """401 for scripts of a page whose user is not signed in any more, even where somebody else is."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        opened_by = request.headers.get("X-User")
        if opened_by and opened_by != str(request.user.pk):
            return signed_out()
        return self.get_response(request)


class ReaderZone:
    """Activates the signed-in user's time zone, or the workspace's where the user has none."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.session.session_key or not isinstance(request.user, User):
            return self.get_response(request)
        with timezone.override(ZoneInfo(request.user.timezone or Workspace.get().timezone)):
            return self.get_response(request)


class HtmxToasts:
    """`messages.success(…)` in a view that answers a fragment: the message travels as the HX-Trigger "toast"."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        leaves = 300 <= response.status_code < 400 or "HX-Redirect" in response or "HX-Refresh" in response
        if "HX-Request" not in request.headers or leaves:
            return response
        said = [{"text": str(one), "tone": one.level_tag or "info"} for one in messages.get_messages(request)]
        if said:
            response["HX-Trigger"] = _with_toasts(response.headers.get("HX-Trigger", ""), said)
        return response


def _with_toasts(header: str, said: list[dict[str, str]]) -> str:
    """The header with the toasts added to the events that the view itself triggers."""
    events = json.loads(header) if header.startswith("{") else dict.fromkeys(filter(None, header.split(", ")), True)
    return json.dumps({**events, "toast": {"value": said}})
