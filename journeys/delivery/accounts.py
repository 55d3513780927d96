"""Who carries which channel: provider accounts, opened for use."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings

from journeys.contracts.channel import Channel
from journeys.contracts.provider import Provider
from journeys.models import ProviderAccount
from journeys.registry import channels, providers
from omnichannel.shared.vault import SealError, unseal


@dataclass(frozen=True, slots=True)
class Carrier:
    """An account with its provider, its channel and its settings in the clear."""

    account: ProviderAccount
    provider: Provider
    channel: Channel
    settings: dict[str, Any] = field(repr=False)

    @property
    def connections(self) -> int:
        """How many at a time in this process."""
        return max(1, int(self.settings.get("connections") or self.provider.connections))


def open_account(account: ProviderAccount) -> Carrier:
    """SealError: its settings cannot be read with the keys that are set. KeyError: its kind is gone."""
    provider, channel = providers()[account.kind], channels()[account.channel]
    return Carrier(account, provider, channel, unseal(account.settings))


def defaults(now: datetime) -> list[Carrier]:
    """The account of each channel that has one which can be used."""
    accounts = {account.channel: account for account in ProviderAccount.objects.filter(is_default=True, enabled=True)}
    if settings.SANDBOX and set(channels()) - set(accounts):
        ensure_sandbox()
        accounts = {a.channel: a for a in ProviderAccount.objects.filter(is_default=True, enabled=True)}
    found = []
    for account in accounts.values():
        try:
            found.append(open_account(account))
        except (SealError, KeyError) as error:
            trouble(account, str(error), now)
    return found


def ensure_sandbox() -> None:
    """On the sandbox every channel starts with an account that keeps everything in the mailbox."""
    taken = set(ProviderAccount.objects.filter(is_default=True).values_list("channel", flat=True))
    for kind in providers()["sandbox"].channels:
        if kind not in taken:
            ProviderAccount.objects.get_or_create(
                channel=kind, is_default=True, defaults={"name": "Sandbox", "kind": "sandbox"}
            )


def trouble(account: ProviderAccount, reason: str, now: datetime) -> None:
    """Show what is in the way on the channels page; an empty reason: all is well again."""
    if account.error != reason:
        account.error, account.error_at = reason, now if reason else None
        account.save(update_fields=["error", "error_at"])
