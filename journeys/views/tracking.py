"""What customers and providers call: the pixel, links, the trap, the unsubscribe page, callbacks. No login, no cookies.

A signature is what lets a call in; a bad one gets a plain page that tells nothing.
"""

import hmac
from functools import wraps
from typing import Any, Final, Protocol

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from journeys.contracts.provider import Receipt
from journeys.delivery import accounts, machines, preferences, receipts, tokens
from journeys.models import ProviderAccount
from omnichannel.shared import clock
from omnichannel.shared.numbers import number
from omnichannel.shared.vault import SealError

GIF: Final = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")
CALLBACK_LIMIT: Final = 256_000


class _TokenView(Protocol):
    def __call__(self, request: HttpRequest, ident: int, payload: str) -> HttpResponse: ...


def _signed(purpose: tokens.Purpose) -> Any:
    """Read the token; what is not ours ends here."""

    def decorate(view: _TokenView) -> Any:
        @never_cache
        @wraps(view)
        def guarded(request: HttpRequest, token: str) -> HttpResponseBase:
            try:
                ident, payload = tokens.read(purpose, token)
            except tokens.BadTokenError:
                return render(request, "journeys/tracking/broken_link.html", status=404)
            return view(request, ident, payload)

        return guarded

    return decorate


@require_safe
@_signed("open")
def opened(request: HttpRequest, ident: int, payload: str) -> HttpResponse:
    """The pixel. It is always served, also for messages that are long gone."""
    if request.method == "GET":
        now, sign = clock.now(), machines.by_request(request.headers)
        receipts.record([Receipt("opened", now, message_id=ident, machine=sign)], now)
    return HttpResponse(GIF, content_type="image/gif")


@require_safe
@_signed("click")
def clicked(request: HttpRequest, ident: int, payload: str) -> HttpResponse:
    """A link: the address stands, signed, in the link itself."""
    if request.method == "GET":
        now, sign = clock.now(), machines.by_request(request.headers)
        receipts.record([Receipt("clicked", now, message_id=ident, detail=payload, machine=sign)], now)
    response = HttpResponseRedirect(payload)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@require_GET
@_signed("trap")
def trapped(request: HttpRequest, ident: int, payload: str) -> HttpResponse:
    """The link that nobody sees: whatever follows it is a machine."""
    now = clock.now()
    receipts.record([Receipt("probed", now, message_id=ident)], now)
    return HttpResponse(status=204)


@csrf_exempt
@require_http_methods(["GET", "POST"])
@_signed("unsubscribe")
def unsubscribe(request: HttpRequest, ident: int, payload: str) -> HttpResponse:
    """GET only shows: mail scanners follow links. POST from a mail program (RFC 8058) or from the page acts."""
    person = preferences.of_message(ident)
    if person is None:
        return render(request, "journeys/tracking/broken_link.html", status=404)
    now, done = clock.now(), ""
    if request.method == "POST":
        if "topics" in request.POST:
            preferences.choose(person, {topic for one in request.POST.getlist("on") if (topic := number(one))}, now)
            done = "saved"
        else:
            one_click = request.POST.get("List-Unsubscribe") == "One-Click"
            detail = "one-click" if one_click else "unsubscribe page"
            receipts.record([Receipt("unsubscribed", now, message_id=ident, detail=detail)], now)
            done = "unsubscribed"
        person = preferences.of_message(ident)
    return render(request, "journeys/tracking/unsubscribe.html", {"person": person, "done": done})


@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def callback(request: HttpRequest, account_id: int, secret: str) -> HttpResponse:
    """What a provider has to tell. The address holds a secret of its own; the provider may check more."""
    account = ProviderAccount.objects.filter(pk=account_id).first()
    good = hmac.compare_digest(tokens.make("callback", account_id).encode(), secret.encode())
    if account is None or not good:
        return JsonResponse({"error": "not found"}, status=404)
    if len(request.body) > CALLBACK_LIMIT:
        return JsonResponse({"error": "too large"}, status=413)
    try:
        carrier = accounts.open_account(account)
        found = carrier.provider.receipts(request, carrier.settings)
    except PermissionError:
        return JsonResponse({"error": "forbidden"}, status=403)
    except (ValueError, LookupError, NotImplementedError, SealError) as error:
        return JsonResponse({"error": str(error) or "not understood"}, status=400)
    return JsonResponse({"recorded": receipts.record(found, clock.now(), account_id=account.pk)})
