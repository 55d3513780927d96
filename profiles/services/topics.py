"""Topics that people subscribe to: made, changed, removed."""

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.text import slugify
from django.utils.translation import gettext as _

from profiles.models import Topic
from profiles.services.segments import ask_again


class TopicError(Exception):
    """What the rules do not allow; the text is for the person who asked."""


@transaction.atomic
def create(topic: Topic) -> Topic:
    """Keep a new topic; its slug comes from the name."""
    base = slugify(topic.name, allow_unicode=False)[:40] or "topic"
    taken = set(Topic.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    topic.slug = next(
        slug for n in range(1, len(taken) + 2) if (slug := base if n == 1 else f"{base}-{n}") not in taken
    )
    topic.save()
    return topic


@transaction.atomic
def change(topic: Topic) -> Topic:
    """Keep what was changed. The default counts for everybody who never answered, so segments ask anew."""
    topic.save()
    ask_again("consent", topic.slug)
    return topic


@transaction.atomic
def delete(topic: Topic) -> None:
    """Remove a topic and every answer that people gave to it; refused while a journey sends under it."""
    ask_again("consent", topic.slug)
    try:
        topic.delete()
    except ProtectedError as error:
        users = ", ".join(sorted({str(row) for row in error.protected_objects})[:3])
        raise TopicError(
            _("“%(topic)s” is still used by %(users)s.") % {"topic": topic.name, "users": users}
        ) from error
