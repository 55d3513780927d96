"""What came in last from sources, and how much consent there is."""

from collections.abc import Sequence

from django.db.models import Count, Q, QuerySet

from profiles.models import Event, Suppression, Topic


def last_events(limit: int = 8) -> Sequence[Event]:
    """The events received last, without those that our own messages cause."""
    theirs = Event.objects.exclude(kind__in=("message", "journey"))
    return list(theirs.select_related("profile").order_by("-pk")[:limit])


def topics() -> QuerySet[Topic]:
    """Topics with how many said yes and how many said no."""
    return Topic.objects.annotate(
        yes=Count("consent", filter=Q(consent__subscribed=True)),
        no=Count("consent", filter=Q(consent__subscribed=False)),
    ).order_by("name")


def suppressions(text: str = "", kind: str = "") -> QuerySet[Suppression]:
    """Blocked addresses, newest first."""
    rows = Suppression.objects.order_by("-at", "-pk")
    if text:
        rows = rows.filter(address__icontains=text)
    return rows.filter(kind=kind) if kind else rows
