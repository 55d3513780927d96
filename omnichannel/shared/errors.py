"""Pages for what went wrong: in plain words, with an id that support can find in the log."""

import logging
import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

log = logging.getLogger(__name__)


def by_script(request: HttpRequest) -> bool:
    """Whether a script of a page asks, be it htmx or one of ours."""
    return "HX-Request" in request.headers or request.headers.get("X-Requested-With") == "XMLHttpRequest"


def signed_out() -> HttpResponse:
    """401 for scripts: led to the sign-in, they would put that page into their own."""
    return HttpResponse(status=401)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """400: the address or form does not make sense."""
    return _page(
        request,
        400,
        _("This request does not make sense here"),
        _("Something in the address or the form is not what this page expects. Nothing was changed."),
    )


def permission_denied(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """403: the role does not reach."""
    return _page(
        request,
        403,
        _("Your role does not allow this"),
        _("Nothing was changed. An admin of your team can do it, or give you another role."),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form that is too old, came from somewhere else, or from a browser without our cookie."""
    script = by_script(request)
    if script and not request.user.is_authenticated:
        return signed_out()
    title = _("This page is too old") if script else _("This form is too old")
    why = _(
        "It was opened before the last sign-in in this browser, or the browser keeps no cookies. Nothing was changed."
    )
    then = _("Load the page again and try once more.")
    if not script:
        then = _("Go back, load the page again and send it once more.")
    return _page(request, 403, title, f"{why} {then}")


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """404: nothing lives at this address."""
    return _page(
        request,
        404,
        _("There is nothing at this address"),
        _("It may have been deleted, or the link is incomplete."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault."""
    return _page(
        request,
        500,
        _("Something broke on our side"),
        _("Journeys go on running; only this page is affected. Try again in a moment."),
    )


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    """The page, or JSON for programs and scripts. Drawn without the database, which may be what is broken."""
    ident = secrets.token_hex(4)
    log.log(
        logging.ERROR if status >= 500 else logging.INFO, "%s %s %s id=%s", status, request.method, request.path, ident
    )
    if by_script(request):
        return JsonResponse({"error": f"{title}. {text}", "id": ident}, status=status)
    if request.path.startswith(("/api/", "/v1/")):
        return JsonResponse({"error": title, "id": ident}, status=status)
    facts = {"title": title, "text": text, "ident": ident}
    return HttpResponse(render_to_string("error.html", facts), status=status)
