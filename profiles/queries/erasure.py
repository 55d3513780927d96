"""What goes when somebody is erased, counted, so that nobody erases the wrong person."""

from django.utils.translation import gettext as _

from profiles.models import Event, Identity, ListEntry, Membership, Note, Profile


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
