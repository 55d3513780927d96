"""Setting up who carries a channel."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from journeys.delivery import rate
from journeys.delivery.accounts import open_account
from journeys.models import ProviderAccount
from journeys.wakeup import wake_on_commit
from omnichannel.shared.vault import seal


def save(account: ProviderAccount, settings: Mapping[str, Any], *, carries: bool = False) -> ProviderAccount:
    """Keep an account. The first of a channel carries it, and any that is told to."""
    with transaction.atomic():
        account.settings = seal(dict(settings))
        account.error, account.error_at = "", None
        others = ProviderAccount.objects.filter(channel=account.channel).exclude(pk=account.pk)
        if account.enabled and not others.filter(is_default=True).exists():
            account.is_default = True
        account.save()
        if carries:
            make_default(account)
        rate.wake(account.pk)
        wake_on_commit("send")
    return account


def make_default(account: ProviderAccount) -> None:
    """From now on this one carries the channel."""
    with transaction.atomic():
        ProviderAccount.objects.filter(channel=account.channel, is_default=True).exclude(pk=account.pk).update(
            is_default=False
        )
        account.is_default = account.enabled = True
        account.save(update_fields=["is_default", "enabled"])
        rate.wake(account.pk)
        wake_on_commit("send")


def delete(account: ProviderAccount) -> None:
    """What it has sent stays in the records."""
    account.delete()


def check(account: ProviderAccount) -> str:
    """What is wrong with the saved settings, empty when all is well."""
    carrier = open_account(account)
    return carrier.provider.check(carrier.settings)
