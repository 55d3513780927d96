"""The sandbox: takes everything, sends nothing; what it took is read in the mailbox."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from journeys.contracts.channel import Rendered
from journeys.contracts.provider import Accepted, Provider, Result


class _Box:
    def send(self, rendered: Rendered, to: str, *, idempotency_key: str) -> Result:
        """The delivery row that is written with the result is the mailbox."""
        return Accepted(f"sandbox-{idempotency_key}", delivered=True)


class Sandbox(Provider):
    """Nothing leaves, so sending twice is harmless."""

    kind, channels, idempotent = "sandbox", ("email", "sms"), True
    label = _("Sandbox")
    help = _("Sends nothing: every message is kept in the mailbox, where it can be read, opened and clicked.")

    class Settings(forms.Form):
        """Nothing to set."""

    @contextmanager
    def connect(self, settings: Mapping[str, Any]) -> Iterator[_Box]:
        """Always there."""
        yield _Box()
