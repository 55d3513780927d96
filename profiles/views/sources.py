"""The sources page: write keys, snippets to copy, and the events coming in."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from omnichannel.accounts.models import ApiKey
from omnichannel.accounts.permissions import role_required
from profiles.queries.arrivals import last_events

SNIPPETS = (("python", "Python"), ("node", "Node.js"), ("browser", _("Browser")), ("curl", "curl"))


class SourceForm(forms.Form):
    """A new source gets a write key of its own."""

    name = forms.CharField(label=_("Name of the source"), max_length=80)


@never_cache
@require_http_methods(["GET", "POST"])
@role_required("analyst", to_write="admin")
def sources(request: HttpRequest) -> HttpResponse:
    """All sources; a POST makes one and shows its key, this once."""
    form, secret = SourceForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        _row, secret = ApiKey.issue(form.cleaned_data["name"], ApiKey.Kind.WRITE, by=request.user)  # type: ignore[arg-type]
        form = SourceForm()
    facts = {
        "form": form,
        "secret": secret,
        "key": secret or "YOUR_WRITE_KEY",
        "host": request.build_absolute_uri("/").rstrip("/"),
        "bare_host": request.get_host(),
        "scheme": request.scheme,
        "snippets": [(name, label, f"profiles/snippets/{name}.txt") for name, label in SNIPPETS],
        "keys": ApiKey.objects.filter(kind=ApiKey.Kind.WRITE, revoked_at=None).order_by("-created_at"),
        "events": last_events(),
    }
    return render(request, "profiles/sources.html", facts, status=422 if form.is_bound else 200)


@require_safe
@role_required("analyst")
def arrivals(request: HttpRequest) -> HttpResponse:
    """The events that came in last, as a fragment."""
    return render(request, "profiles/_arrivals.html", {"events": last_events()})
