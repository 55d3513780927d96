"""Who carries which channel: accounts at providers, set up, tried and chosen."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from journeys.contracts.provider import Provider
from journeys.delivery import tokens
from journeys.delivery.accounts import ensure_sandbox
from journeys.forms.content import AccountForm, dress, settings_form, settings_of
from journeys.models import ProviderAccount
from journeys.queries.channels import cards
from journeys.registry import channels as known_channels
from journeys.registry import providers
from journeys.services import accounts as writes
from omnichannel.accounts.permissions import role_required
from omnichannel.shared.vault import SealError, unseal


@role_required("analyst")
@require_GET
def channels(request: HttpRequest) -> HttpResponse:
    """Every channel with its accounts; the sandbox brings one for each."""
    if settings.SANDBOX:
        ensure_sandbox()
    return render(request, "journeys/channels/channels.html", {"cards": cards()})


@role_required("admin")
@require_http_methods(["GET", "POST"])
def account_new(request: HttpRequest, channel: str, kind: str) -> HttpResponse:
    """A first set of answers."""
    provider = providers().get(kind)
    if provider is None or channel not in provider.channels:
        raise Http404
    return _edit(request, ProviderAccount(kind=kind, channel=channel, name=str(provider.label)), provider)


@never_cache
@role_required("admin")
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """The saved answers; secrets are not among them."""
    row = get_object_or_404(ProviderAccount, pk=pk)
    provider = providers().get(row.kind)
    if provider is None:
        raise Http404
    return _edit(request, row, provider)


def _edit(request: HttpRequest, row: ProviderAccount, provider: Provider) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    saved = _saved(request, row)
    general, form = AccountForm(data, instance=row), settings_form(provider, saved, data)
    dress(general)
    if data is not None and general.is_valid() and form.is_valid():
        carries = general.cleaned_data.get("carries", False)
        writes.save(general.save(commit=False), settings_of(form, saved), carries=carries)
        messages.success(request, _("Saved. Try the connection before you rely on it."))
        return redirect("account", row.pk)
    facts = {
        "account": row,
        "provider": provider,
        "channel": known_channels()[row.channel],
        "general": general,
        "form": form,
        "callback": _callback(row, provider),
    }
    return render(request, "journeys/channels/account.html", facts, status=422 if data is not None else 200)


def _saved(request: HttpRequest, row: ProviderAccount) -> dict[str, Any]:
    try:
        return unseal(row.settings)
    except SealError as error:
        messages.error(request, str(error))
        return {}


def _callback(row: ProviderAccount, provider: Provider) -> str:
    """Where the provider may report to, if it reports at all."""
    if row.pk is None or type(provider).receipts is Provider.receipts:
        return ""
    path = reverse("provider_callback", args=[row.pk, tokens.make("callback", row.pk)])
    return f"{settings.PUBLIC_URL}{path}"


@role_required("admin")
@require_POST
def account_check(request: HttpRequest, pk: int) -> HttpResponse:
    """Try the saved settings without sending."""
    try:
        reason = writes.check(get_object_or_404(ProviderAccount, pk=pk))
    except (SealError, KeyError) as error:
        reason = str(error)
    return render(request, "journeys/channels/_checked.html", {"reason": reason})


@role_required("admin")
@require_POST
def account_default(request: HttpRequest, pk: int) -> HttpResponse:
    """From now on this one carries the channel."""
    row = get_object_or_404(ProviderAccount, pk=pk)
    writes.make_default(row)
    channel = known_channels()[row.channel].label
    messages.success(request, _("“%(name)s” carries %(channel)s now.") % {"name": row.name, "channel": channel})
    return redirect("channels")


@role_required("admin")
@require_POST
def account_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """What it has sent stays in the records."""
    row = get_object_or_404(ProviderAccount, pk=pk)
    writes.delete(row)
    messages.success(request, _("“%(name)s” is deleted.") % {"name": row.name})
    return redirect("channels")
