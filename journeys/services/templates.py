"""What can be done to a template."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from journeys.models import Template
from journeys.queries.templates import uses
from omnichannel.accounts.models import User
from omnichannel.shared.seen import OvertakenError, mark
from profiles.services.segments import ask_again


class NameTakenError(ValueError):
    """Another template has this name."""


class InUseError(ValueError):
    """A journey needs the template."""


def mark_of(template: Template) -> str:
    """The sign of what is saved."""
    return mark(template.name, template.content)


def save(template: Template, name: str, content: Mapping[str, Any], *, seen: str | None = None) -> Template:
    """Keep name and content. What is on its way is rendered with the new content.

    OvertakenError: since the change began with what `seen` is the mark of, somebody else has saved.
    """
    try:
        with transaction.atomic():
            if seen is not None and seen != mark_of(Template.objects.select_for_update().get(pk=template.pk)):
                raise OvertakenError
            template.name, template.content = name, dict(content)
            template.save()
    except IntegrityError as error:
        raise NameTakenError(_("Another template has this name.")) from error
    return template


def create(channel: str, name: str, content: Mapping[str, Any], *, by: User) -> Template:
    """A new one; where the name is taken, a number is added."""
    return save(Template(channel=channel, created_by=by), free_name(name), content)


def duplicate(template: Template, *, by: User) -> Template:
    """A copy with a name of its own."""
    return create(template.channel, _("Copy of %(name)s") % {"name": template.name}, template.content, by=by)


def delete(template: Template) -> None:
    """InUseError says which journeys need it."""
    names = [use.journey.name for use in uses([template])[template.pk]]
    try:
        with transaction.atomic():
            ask_again("template", str(template.pk))
            template.delete()
    except ProtectedError as error:
        where = ", ".join(names) or _("an earlier version of a journey")
        raise InUseError(_("It is used in: %(names)s. Take it out there first.") % {"names": where}) from error


def free_name(name: str) -> str:
    """The name, with a number where it is taken."""
    name = name[:110]
    taken = set(Template.objects.filter(name__startswith=name).values_list("name", flat=True))
    candidates = (name, *(f"{name} {n}" for n in range(2, len(taken) + 3)))
    return next(each for each in candidates if each not in taken)
