"""Who gets an account: only those whom an admin invites."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class InviteOnlyAdapter(DefaultAccountAdapter):
    """Closes the sign-up page; everything else is allauth's own."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: people are invited on the team page."""
        return False

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """Users have no user name."""
