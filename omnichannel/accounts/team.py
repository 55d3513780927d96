"""Who is on the team: invite, change a role, let go. There is always one admin left who can sign in."""

from django.contrib.auth.models import Group
from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from omnichannel.accounts.models import ROLES, User

INVITATION_AGE = 7 * 24 * 3600
SALT = "omnichannel.accounts.invitation"


class TeamError(Exception):
    """Something the team's rules do not allow; the text is for the person who asked."""


@transaction.atomic
def invite(email: str, name: str, role: str) -> User:
    """A new member who has yet to set a password. The link to do so comes from `invitation_token`."""
    email = email.strip().lower()
    if role not in ROLES:
        raise TeamError(_("There is no such role."))
    if User.objects.filter(email__iexact=email).exists():
        raise TeamError(_("%(email)s is on the team already.") % {"email": email})
    return User.objects.create_user(email, name=name, role=role)


def invitation_token(user: User) -> str:
    """Signed, good for a week, and for one use: setting a password changes what it was signed over."""
    return signing.dumps({"user": user.pk, "was": user.password[-16:]}, salt=SALT)


def invited(token: str) -> User | None:
    """Whom an invitation belongs to; None if it was used, has run out, or was withdrawn."""
    try:
        data = signing.loads(token, salt=SALT, max_age=INVITATION_AGE)
    except signing.BadSignature:
        return None
    user = User.objects.filter(pk=data["user"], is_active=True).first()
    if user is None or user.has_usable_password() or user.password[-16:] != data["was"]:
        return None
    return user


@transaction.atomic
def change_role(user: User, role: str) -> None:
    """Give a member another role."""
    if role not in ROLES:
        raise TeamError(_("There is no such role."))
    if role != "admin":
        _keep_an_admin(user)
    user.groups.set([Group.objects.get_or_create(name=role)[0]])
    user.__dict__.pop("role", None)


@transaction.atomic
def deactivate(user: User) -> None:
    """Let a member go: the account stays, with its history, but can no longer sign in."""
    _keep_an_admin(user)
    user.is_active = False
    user.save(update_fields=["is_active"])


@transaction.atomic
def reactivate(user: User) -> None:
    """Let a member back in."""
    user.is_active = True
    user.save(update_fields=["is_active"])


def _keep_an_admin(user: User) -> None:
    """Refuse to lose the last active admin. The rows are locked: two admins cannot demote each other at once."""
    admins = User.objects.select_for_update().filter(groups__name="admin", is_active=True)
    if [admin.pk for admin in admins.order_by("pk")] == [user.pk]:
        raise TeamError(_("%(name)s is the last admin. Make somebody else an admin first.") % {"name": user})
