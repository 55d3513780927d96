"""What steps share that put people on a list or take them off one."""

import builtins

from django.db import models
from django.utils.translation import gettext as _

from journeys.contracts.problem import Problem
from profiles.models import PeopleList


class AboutList(models.Model):
    """Stands before `Node` among the bases of a step."""

    key: str

    list = models.ForeignKey(PeopleList, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True

    def causes(self) -> tuple[tuple[str, str], ...]:
        """Changes of the list."""
        return (("list", str(self.list_id)),) if self.list_id else ()

    def problems(self) -> builtins.list[Problem]:
        """Without a list there is nothing to do."""
        return [] if self.list_id else [Problem(_("Choose the list."), self.key)]

    def named(self) -> str:
        """The list in a sentence."""
        return self.list.name if self.list else "…"
