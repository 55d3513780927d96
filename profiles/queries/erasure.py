"""What goes when somebody is erased, counted, so that nobody erases the wrong person; and whether somebody was."""

from datetime import datetime

from django.utils.translation import gettext as _

from profiles.ingest.attributes import email_identity, phone_identity
from profiles.ingest.forgotten import fingerprints
from profiles.models import Erased, Event, Identity, ListEntry, Membership, Note, Profile


def what_goes(profile: Profile) -> list[tuple[str, int]]:
    """What there is of each kind; kinds that other apps keep are told in words on the page."""
    kinds = (
        (_("Attributes"), len(profile.attributes)),
        (_("Addresses and ids"), Identity.objects.filter(profile=profile).count()),
        (_("Events"), Event.objects.filter(profile=profile).count()),
        (_("Segments"), Membership.objects.filter(profile=profile).count()),
        (_("Lists"), ListEntry.objects.filter(profile=profile).count()),
        (_("Notes"), Note.objects.filter(profile=profile).count()),
    )
    return [(label, n) for label, n in kinds if n]


def was_erased(text: str) -> datetime | None:
    """When somebody with this address or id was erased; None: nobody was, or they are here again."""
    named = {("user_id", text), ("anonymous_id", text)}
    named |= {("email", one) for one in (email_identity(text),) if one}
    named |= {("phone", one) for one in (phone_identity(text),) if one}
    hashes = [one for each in named for one in fingerprints(*each)]
    return Erased.objects.filter(hash__in=hashes).order_by("-at").values_list("at", flat=True).first()
