"""The workspace's settings, and what users decide about themselves."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from omnichannel.accounts.forms.settings import ProfileForm, WorkspaceForm, zones
from omnichannel.accounts.models import User, Workspace
from omnichannel.accounts.permissions import login_required, role_required
from omnichannel.accounts.views.tabs import settings_tabs
from omnichannel.shared.context import THEMES


@role_required("analyst", to_write="admin")
@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """Name, zone, currency, sender."""
    form = WorkspaceForm(request.POST or None, instance=Workspace.get())
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("settings")
    status = 422 if form.is_bound else 200
    facts = {"form": form, "tabs": settings_tabs(request), "zones": zones()}
    return render(request, "accounts/settings.html", facts, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def own_profile(request: HttpRequest) -> HttpResponse:
    """One's own name, zone, theme; password and second factor are allauth's pages."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("own_profile")
    status = 422 if form.is_bound else 200
    facts = {"form": form, "tabs": settings_tabs(request), "zones": zones()}
    return render(request, "accounts/own_profile.html", facts, status=status)


@login_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember light, dark or auto."""
    wanted = request.POST.get("theme", "")
    if wanted not in dict(THEMES):
        return HttpResponse(status=400)
    User.objects.filter(email=request.user.get_username()).update(theme=wanted)
    return HttpResponse(status=204)
