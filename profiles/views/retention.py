"""How long things are kept, and what was forgotten since."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from omnichannel.accounts.permissions import role_required
from omnichannel.accounts.views.tabs import settings_tabs
from profiles.forms.retention import KeepForm
from profiles.models import Forgotten
from profiles.queries.schema_suggestions import all_event_names
from profiles.services import retention


@require_http_methods(["GET", "POST"])
@role_required("analyst", to_write="admin")
def data(request: HttpRequest) -> HttpResponse:
    """The rules, and what they have done."""
    form = KeepForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        retention.keep(form.rules)
        messages.success(request, _("Saved. What is older goes within minutes, a little at a time."))
        return redirect("data_settings")
    labels = {"event": form.fields["event"].label} | {kept.what: kept.label for kept in retention.kinds()}
    lines = [(row, labels.get(row.what, row.what)) for row in Forgotten.objects.order_by("-day", "what", "name")[:60]]
    facts = {"form": form, "lines": lines, "names": all_event_names(), "tabs": settings_tabs(request)}
    return render(request, "profiles/data_settings.html", facts, status=422 if form.is_bound else 200)
