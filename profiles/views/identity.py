"""Who is who: the joins of one person, undoing one, and the rules."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from omnichannel.accounts.permissions import role_required
from omnichannel.accounts.views.tabs import settings_tabs
from omnichannel.shared import clock
from profiles.forms.identity import IdentityRulesForm
from profiles.models import Merge, Profile
from profiles.queries import identity as queries
from profiles.services import identity_rules
from profiles.services.unmerge import UnmergeError, unmerge


@require_GET
@role_required("analyst")
def person_identity(request: HttpRequest, pk: int) -> HttpResponse:
    """Why this is one person, and what was not joined."""
    profile = get_object_or_404(Profile, pk=pk, merged_into=None)
    joins, more = queries.joins(profile)
    context = {"profile": profile, "joins": joins, "more": more, "refusals": queries.refusals(profile)}
    return render(request, "profiles/_identity.html", context)


@require_POST
@role_required("marketer")
def merge_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take two people apart again."""
    merge = get_object_or_404(Merge, pk=pk)
    try:
        freed = unmerge(merge.pk, by=request.user, now=clock.now())  # type: ignore[arg-type]
    except UnmergeError as error:
        messages.error(request, str(error))
        return redirect("person", merge.survivor_id)
    messages.success(request, _("“%(name)s” is somebody of their own again.") % {"name": freed.display_name})
    return redirect("person", freed.pk)


@require_http_methods(["GET", "POST"])
@role_required("analyst", to_write="admin")
def rules(request: HttpRequest) -> HttpResponse:
    """Limits and values that name nobody."""
    form = IdentityRulesForm(request.POST or None, limits=identity_rules.current())
    if request.method == "POST" and form.is_valid():
        identity_rules.change(form.limits, clock.now())
        messages.success(request, _("Saved."))
        return redirect("identity_rules")
    facts = {"form": form, "tabs": settings_tabs(request)}
    return render(request, "profiles/identity_rules.html", facts, status=422 if form.is_bound else 200)
