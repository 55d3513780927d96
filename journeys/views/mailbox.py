"""The sandbox's mailbox: read what was sent, and act as the customer who got it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from journeys.contracts.provider import Receipt
from journeys.delivery import receipts
from journeys.delivery.render import unsubscribe_url
from journeys.models import Delivery, Message
from journeys.queries import mailbox as reads
from journeys.registry import channels
from journeys.services.messages import send_again
from journeys.views.frames import framed
from omnichannel.accounts.permissions import role_required
from omnichannel.shared import clock
from omnichannel.shared.numbers import number


@role_required("analyst")
@require_GET
def mailbox(request: HttpRequest) -> HttpResponse:
    """The list; htmx takes the rows alone."""
    search, channel = request.GET.get("q", "").strip(), request.GET.get("channel", "")
    before = request.GET.get("before", "")
    found, more = reads.letters(search, channel, number(before))
    facts = {"letters": found, "more": more, "q": search, "channel": channel, "channels": channels().values()}
    part = request.headers.get("HX-Target") == "letters" or before
    return render(request, f"journeys/mailbox/{'_letters' if part else 'mailbox'}.html", facts)


@role_required("analyst")
@require_GET
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """One message, beside the list or as a page of its own."""
    return _letter(request, pk)


@role_required("analyst")
@require_GET
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """A message as it was sent, whoever carried it."""
    delivery = Delivery.objects.filter(message=pk, rendered__isnull=False).order_by("-pk").first()
    if delivery is None:
        raise Http404
    return _letter(request, delivery.pk)


@role_required("analyst")
@require_GET
def letter_frame(request: HttpRequest, pk: int) -> HttpResponse:
    """The e-mail itself, without the pixel. Its links are the customer's: they work only where we play the customer."""
    found = reads.letter(pk)
    if found is None or not found.html:
        raise Http404
    return framed(found.html, links=found.is_play and request.user.may("marketer"))  # type: ignore[union-attr]


@role_required("marketer")
@require_POST
def letter_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Open it as the customer would: this counts. What has reached a real customer is theirs to open."""
    found, now = reads.letter(pk), clock.now()
    if found is None or not found.is_play:
        raise Http404
    receipts.record([Receipt("opened", now, message_id=found.message.pk)], now)
    return _letter(request, pk)


def _letter(request: HttpRequest, pk: int) -> HttpResponse:
    found = reads.letter(pk)
    if found is None:
        raise Http404
    acts = found.is_play and request.user.may("marketer")  # type: ignore[union-attr]
    facts = {"letter": found, "acts": acts, "leave": unsubscribe_url(found.message.pk) if acts else ""}
    name = "_letter" if request.headers.get("HX-Request") else "letter"
    return render(request, f"journeys/mailbox/{name}.html", facts)


@role_required("marketer")
@require_POST
def message_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody decided that a message which may or may not have arrived goes out once more."""
    if send_again(get_object_or_404(Message, pk=pk), clock.now()):
        messages.success(request, _("It goes out again in a moment."))
    else:
        messages.error(request, _("It cannot be sent again: it is waiting or was sent already."))
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return redirect(back if safe else "messages")
