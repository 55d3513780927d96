"""Keys of programs: made once, shown once, revoked for good."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from omnichannel.accounts import keys as program_keys
from omnichannel.accounts.forms.settings import KeyForm
from omnichannel.accounts.models import ApiKey
from omnichannel.accounts.permissions import role_required
from omnichannel.accounts.views.tabs import settings_tabs
from omnichannel.shared import clock


@never_cache
@role_required("analyst", to_write="admin")
@require_http_methods(["GET", "POST"])
def api_keys(request: HttpRequest) -> HttpResponse:
    """All keys; a POST makes one and shows it, this once."""
    form, secret = KeyForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        answers = form.cleaned_data
        _row, secret = ApiKey.issue(answers["name"], answers["kind"], role=answers["role"], by=request.user)  # type: ignore[arg-type]
        form = KeyForm()
    facts = {
        "form": form,
        "secret": secret,
        "tabs": settings_tabs(request),
        "keys": ApiKey.objects.select_related("created_by").order_by("revoked_at", "-created_at"),
    }
    return render(request, "accounts/api_keys.html", facts, status=422 if form.is_bound else 200)


@role_required("admin")
@require_POST
def revoke_key(request: HttpRequest, pk: int) -> HttpResponse:
    """End a key for good."""
    row = get_object_or_404(ApiKey, pk=pk)
    program_keys.revoke(row, by=request.user, now=clock.now())  # type: ignore[arg-type]
    messages.success(request, _("“%(name)s” no longer opens anything.") % {"name": row.name})
    return redirect("api_keys")
