"""Save a journey to start others from, and start one."""

from datetime import datetime

from journeys.models import Blueprint, Journey
from journeys.queries import blueprints, exchange
from journeys.services.exchange import bring_in
from omnichannel.accounts.models import User
from omnichannel.shared.numbers import number


def save_as(journey: Journey, by: User | None, now: datetime) -> Blueprint:
    """What is drawn now, with everything it uses. Saved under its name; saving again takes the place of the former."""
    text = exchange.text(journey)
    values = {"text": text, "description": journey.description, "created_by": by, "created_at": now}
    return Blueprint.objects.update_or_create(name=journey.name, defaults=values)[0]


def start(key: str, by: User | None, now: datetime) -> Journey:
    """A new draft from one of them. LookupError: there is none of this key."""
    found = blueprints.find(key)
    if found is None:
        raise LookupError(key)
    return bring_in(found.text, by, now)


def delete(key: str) -> None:
    """Forget a saved one; journeys that were started from it stay."""
    Blueprint.objects.filter(pk=number(key.removeprefix("saved-")) or 0).delete()
