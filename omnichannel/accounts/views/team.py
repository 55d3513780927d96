"""The team page, and the page an invitation leads to."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from omnichannel.accounts import invitations
from omnichannel.accounts import team as members
from omnichannel.accounts.forms.settings import ROLE_CHOICES, InviteForm
from omnichannel.accounts.models import User
from omnichannel.accounts.permissions import role_required
from omnichannel.accounts.views.tabs import settings_tabs


@role_required("analyst", to_write="admin")
@require_http_methods(["GET", "POST"])
def team(request: HttpRequest) -> HttpResponse:
    """Who is on the team; a POST invites."""
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = members.invite(form.cleaned_data["email"], form.cleaned_data["name"], form.cleaned_data["role"])
        except members.TeamError as error:
            form.add_error("email", str(error))
        else:
            _mail_invitation(request, user)
            return redirect("team")
    status = 422 if form.is_bound else 200
    facts = {
        "form": form,
        "tabs": settings_tabs(request),
        "members": User.objects.prefetch_related("groups").order_by("-is_active", "name", "email"),
        "roles": ROLE_CHOICES,
        "link": request.session.pop("invitation", None),
    }
    return render(request, "accounts/team.html", facts, status=status)


def _mail_invitation(request: HttpRequest, user: User) -> None:
    """Send the link, and show it once to the admin, who may pass it on in another way."""
    link = request.build_absolute_uri(reverse("invitation", args=[members.invitation_token(user)]))
    request.session["invitation"] = {"email": user.email, "link": link}
    if invitations.send(user, link, request.user):  # type: ignore[arg-type]
        messages.success(request, _("The invitation to %(email)s is on its way.") % {"email": user.email})
    else:
        messages.warning(request, _("The invitation could not be mailed. Pass the link on yourself."))


@role_required("admin")
@require_POST
def member(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Change a role, let somebody go, let them back in, or invite again."""
    user = get_object_or_404(User, pk=pk)
    try:
        if verb == "role":
            members.change_role(user, request.POST.get("role", ""))
        elif verb == "deactivate":
            members.deactivate(user)
        elif verb == "reactivate":
            members.reactivate(user)
        elif not user.has_usable_password() and user.is_active:
            _mail_invitation(request, user)
    except members.TeamError as error:
        messages.error(request, str(error))
    else:
        if verb != "invite":
            messages.success(request, _("Saved."))
    return redirect("team")


@never_cache
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Where the link of an invitation leads: choose a password, and be in."""
    user = members.invited(token)
    if user is None:
        return render(request, "accounts/invitation_over.html", status=410)
    form = SetPasswordForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        messages.success(request, _("Welcome."))
        return redirect("home")
    return render(
        request,
        "accounts/accept_invitation.html",
        {"form": form, "invited": user},
        status=422 if form.is_bound else 200,
    )
