"""Who gets an account: only those whom an admin invites."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class InviteOnlyAdapter(DefaultAccountAdapter):
    """Closes the sign-up page; everything else is allauth's own."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("This e-mail address and this password do not belong together."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: people are invited on the team page."""
        return False

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """Users have no user name."""
