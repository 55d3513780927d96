"""Part those who opened (or clicked) an earlier message of this journey from those who did not."""

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts.outcomes import Advance, Outcome, Wait
from journeys.contracts.problem import Problem
from journeys.contracts.regret import Regret
from journeys.contracts.step import UNMASKED, Engagement, EngagementFact, Need, Step
from journeys.inspector.form import NodeForm
from journeys.models.duration import Unit, in_words, length
from journeys.models.node import Node

OPENED, CLICKED = ("event", "Message Opened"), ("event", "Message Clicked")


class OpenedNode(Node):
    """The time counts from arriving here or from the moment the message left, whichever is later."""

    class Counts(models.TextChoices):
        OPENED = "opened", gettext_lazy("opened it")
        CLICKED = "clicked", gettext_lazy("clicked a link in it")

    class Late(models.TextChoices):
        NOTE = "note", gettext_lazy("Only note it")
        CANCEL = "cancel", gettext_lazy("Cancel what is not sent yet")

    kind = "opened"
    label = gettext_lazy("Opened or not")
    category = "branch"
    icon = "mail-opened"
    order = 10
    help = gettext_lazy("Goes on at once when they open, else when the time is over. A click counts as an open.")
    ports = ("opened", "not_opened")

    send_key = models.CharField(max_length=32, blank=True)
    counts = models.CharField(max_length=7, choices=Counts.choices, default=Counts.OPENED)
    amount = models.PositiveIntegerField(default=1)
    unit = models.CharField(max_length=7, choices=Unit.choices, default=Unit.DAYS)
    by_people = models.BooleanField(default=False)
    late = models.CharField(max_length=6, choices=Late.choices, default=Late.NOTE)

    @cached_property
    def need(self) -> Engagement:
        return Engagement(self.send_key)

    def needs(self) -> tuple[Need, ...]:
        return (self.need,)

    def listens_to(self) -> tuple[tuple[str, str], ...]:
        return (OPENED, CLICKED) if self.counts == self.Counts.OPENED else (CLICKED,)

    def run(self, step: Step) -> Outcome:
        message: EngagementFact | None = step.fact(self.need)
        if message is None or message.state in ("skipped", "failed"):
            return Advance("not_opened")  # nothing reached them, so there is nothing to wait for
        limit = length(self.amount, self.unit)
        deadline = max(step.entered_at, message.sent_at or step.entered_at) + limit
        at = self._engaged_at(message)
        if at is not None and at <= deadline:
            sure = at + UNMASKED if self.by_people else at
            return Advance("opened", at=at) if step.now >= sure else Wait(sure, self.listens_to())
        if step.now < deadline:
            return Wait(deadline, self.listens_to())
        if message.state in ("pending", "sending"):
            # It has not left yet (quiet hours, a slow provider): the time to open it has not begun.
            return Wait(step.now + limit, self.listens_to())
        return Advance("not_opened", after=deadline)

    def _engaged_at(self, message: EngagementFact) -> datetime | None:
        opened, clicked = message.opened_at, message.clicked_at
        if self.by_people:
            opened, clicked = message.human_opened_at, message.human_clicked_at
        if self.counts == self.Counts.CLICKED:
            return clicked
        return min((at for at in (opened, clicked) if at is not None), default=None)

    def regrets(self) -> Regret | None:
        cancels = self.late == self.Late.CANCEL
        return Regret(self.send_key, self.listens_to(), "not_opened", "opened", self.by_people, cancels)

    def get_ports(self) -> tuple[tuple[str, str], ...]:
        if self.counts == self.Counts.CLICKED:
            return (("opened", _("Clicked")), ("not_opened", _("Not clicked")))
        return (("opened", _("Opened")), ("not_opened", _("Not opened")))

    def title(self) -> str:
        return _("Clicked or not") if self.counts == self.Counts.CLICKED else str(self.label)

    def summary(self) -> str:
        words = {"time": in_words(self.amount, self.unit), "did": self.get_counts_display()}
        if self.by_people:
            return _("Have they **%(did)s** within **%(time)s**, a person and no machine?") % words
        return _("Have they **%(did)s** within **%(time)s**?") % words

    def problems(self) -> list[Problem]:
        found = []
        if not self.send_key:
            found.append(Problem(_("Choose the message to look at."), self.key))
        if not self.amount:
            found.append(Problem(_("Say how long to wait at most."), self.key))
        return found


def sends_of(node: OpenedNode) -> Iterator[tuple[str, str]]:
    """The sends of the same journey, for a menu."""
    yield "", _("Choose a message …")
    if node.version_id:
        for other in Node.objects.filter(version_id=node.version_id).order_by("y", "id"):
            if other.sends:
                yield other.key, str(other)


class Inspector(NodeForm):
    send_key = forms.ChoiceField(label=gettext_lazy("Which message"), required=False)

    class Meta:
        model = OpenedNode
        fields = ["send_key", "counts", "by_people", "amount", "unit", "late"]
        labels = {
            "counts": gettext_lazy("What counts"),
            "by_people": gettext_lazy("Only if a person did it"),
            "amount": gettext_lazy("Within"),
            "unit": gettext_lazy("Unit"),
            "late": gettext_lazy("When it happens later"),
        }
        help_texts = {
            "by_people": gettext_lazy(
                "Mail programs and virus scanners open and click too. Who shows signs of one does not count;"
                " people go on a minute later, when that is certain."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = list(sends_of(self.instance))
        # A draft may ask about a message that is gone meanwhile; the list of problems says so.
        asked = self.data.get(self.add_prefix("send_key")) or self.instance.send_key
        if asked and asked not in dict(choices):
            choices.append((asked, _("A message that is gone")))
        self.fields["send_key"].choices = choices  # type: ignore[attr-defined]
