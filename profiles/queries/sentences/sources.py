"""What can be picked by name in the editor of conditions: segments, lists, topics …; other apps add theirs."""

from collections.abc import Callable
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _

from profiles.models import PeopleList, Segment, Topic
from profiles.segments.kinds import reachable

Choices = list[dict[str, Any]]

_sources: dict[str, Callable[[], Choices]] = {}


def register(name: str, choices: Callable[[], Choices]) -> None:
    """`choices()` answers with {"value", "label"} and perhaps "count" and "detail", in one statement."""
    _sources[name] = choices


def everything() -> dict[str, Choices]:
    """All sources."""
    return {name: choices() for name, choices in _sources.items()}


def _segments() -> Choices:
    found = Segment.objects.order_by("name").values_list("id", "name", "size")
    return [{"value": ident, "label": name, "count": size} for ident, name, size in found]


def _lists() -> Choices:
    found = PeopleList.objects.annotate(size=Count("entries")).order_by("name").values_list("id", "name", "size")
    return [{"value": ident, "label": name, "count": size} for ident, name, size in found]


def _topics() -> Choices:
    return [{"value": slug, "label": name} for slug, name in Topic.objects.values_list("slug", "name")]


def _addresses() -> Choices:
    return [{"value": kind, "label": str(label)} for kind, label in reachable.LABELS.items()]


def _identities() -> Choices:
    labels = {
        "user_id": _("user id"),
        "anonymous_id": _("anonymous id"),
        "email": _("e-mail"),
        "phone": _("phone"),
        "device_token": _("device"),
        "chat_id": _("chat id"),
    }
    return [{"value": kind, "label": label} for kind, label in labels.items()]


def register_all() -> None:
    """What people's pages know."""
    register("segments", _segments)
    register("lists", _lists)
    register("topics", _topics)
    register("addresses", _addresses)
    register("identities", _identities)
