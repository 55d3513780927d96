"""What the law lets everybody ask for: all that is known about them, and to be erased."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from omnichannel.accounts.permissions import role_required
from omnichannel.shared import clock
from profiles.models import Profile
from profiles.queries.erasure import what_goes
from profiles.services import erasure, portability


@require_GET
@role_required("marketer")
def person_export(request: HttpRequest, pk: int) -> HttpResponse:
    """A zip of everything about this person, which no cache keeps."""
    profile, now = get_object_or_404(Profile, pk=pk, merged_into=None), clock.now()
    response = HttpResponse(portability.export(profile, now), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{portability.file_name(profile, now)}"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_http_methods(["GET", "POST"])
@role_required("admin")
def person_erase(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Say what goes and what stays; with the name typed, do it."""
    profile = get_object_or_404(Profile, pk=pk, merged_into=None)
    wrong = False
    if request.method == "POST":
        wrong = request.POST.get("name", "").strip() != profile.display_name.strip()
        if not wrong:
            try:
                erasure.erase(profile, by=request.user, now=clock.now())  # type: ignore[arg-type]
            except erasure.GoneError as error:
                raise Http404 from error
            messages.success(request, _("This person is erased."))
            return redirect("people")
    context = {"profile": profile, "goes": what_goes(profile), "wrong": wrong}
    return render(request, "profiles/erase.html", context, status=422 if wrong else 200)
