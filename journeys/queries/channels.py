"""What the channels page shows: per channel its accounts, what waits, and what is in the way."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count

from journeys.contracts.channel import Channel
from journeys.contracts.provider import Provider
from journeys.models import Message, ProviderAccount
from journeys.registry import channels, providers


@dataclass(frozen=True, slots=True)
class Row:
    """One account with its provider (None: this kind is not installed)."""

    account: ProviderAccount
    provider: Provider | None


@dataclass(frozen=True, slots=True)
class Card:
    """One channel."""

    channel: Channel
    rows: Sequence[Row]
    offers: Sequence[Provider]
    waiting: int

    @property
    def carrier(self) -> ProviderAccount | None:
        """Who carries it."""
        return next((row.account for row in self.rows if row.account.is_default and row.account.enabled), None)


def cards() -> list[Card]:
    """Every channel there is, in menu order."""
    rows = [Row(account, providers().get(account.kind)) for account in ProviderAccount.objects.order_by("name")]
    pending = Message.objects.filter(state=Message.State.PENDING).values_list("channel").annotate(n=Count("pk"))
    waiting = dict(pending.order_by())
    return [
        Card(
            channel,
            [row for row in rows if row.account.channel == kind],
            [provider for provider in providers().values() if kind in provider.channels],
            waiting.get(kind, 0),
        )
        for kind, channel in channels().items()
    ]
