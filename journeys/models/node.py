"""The base of all node kinds: what every card on the canvas has, and the contract a kind fulfils."""

from collections.abc import Hashable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from polymorphic.models import PolymorphicModel

from journeys.contracts.crowd import Already, Crowd
from journeys.contracts.outcomes import Outcome
from journeys.contracts.problem import Problem
from journeys.contracts.regret import Regret
from journeys.contracts.step import Need, Step

if TYPE_CHECKING:
    from django.forms import ModelForm

    from profiles.segments.filters import PropertyFilter


class Node(PolymorphicModel):
    """A kind is one file in `journeys/nodes/` with one subclass and its `Inspector` form.

    `key` survives copies: the same card has the same key in every version of a journey.
    """

    kind: ClassVar[str] = ""
    label: ClassVar[str | Promise] = ""  # in the palette: "Wait"
    category: ClassVar[str] = ""  # entry, message, time, branch, customer, end: gives the colour
    icon: ClassVar[str] = ""  # a Tabler icon's name
    help: ClassVar[str | Promise] = ""  # one line under the label in the inspector
    order: ClassVar[int] = 100  # place in the palette within its category
    ports: ClassVar[tuple[str, ...]] = ("next",)
    is_entry: ClassVar[bool] = False
    sends: ClassVar[bool] = False  # it makes messages, so that other nodes may ask what became of them
    reaches_goal: ClassVar[bool] = False  # arriving counts as a success
    loads: ClassVar[tuple[str, ...]] = ()  # foreign keys that `run` reads: loaded with the version
    inspector_template: ClassVar[str] = ""  # where the panel shows something else than the form
    Inspector: ClassVar["type[ModelForm[Any]]"]  # set by `journeys.inspector.form.NodeForm`

    version = models.ForeignKey("journeys.Version", on_delete=models.CASCADE, related_name="nodes")
    key = models.CharField(max_length=32)
    name = models.CharField(max_length=80, blank=True)
    x = models.IntegerField(default=0)
    y = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "key"], name="node_key")]

    def __str__(self) -> str:
        return self.name or self.title()

    # Behaviour: plain Python, no database, clock, randomness or network.

    def needs(self) -> tuple[Need, ...]:
        """Facts to load for everybody in the batch before `run`."""
        return ()

    def run(self, step: Step) -> Outcome:
        """Decide. Called on entering the node, again when its wait is over and whenever one of its changes is heard."""
        raise NotImplementedError

    def listens_to(self) -> tuple[tuple[str, str], ...]:
        """The changes, as (kind, key), that may wake somebody who waits here: ("event", "Order Completed")."""
        return ()

    def regrets(self) -> Regret | None:
        """What, coming later, would have led people another way."""
        return None

    @property
    def lets_time_pass(self) -> bool:
        """Whether everybody who arrives here stays a while, so that a circle through it may go on for ever."""
        return self.category == "time"

    def starts_on(self) -> tuple[tuple[str, str], ...]:
        """Entries only: the changes, as (kind, key), that may bring somebody in here."""
        return ()

    def admits(self, properties: Mapping[str, Any], now: datetime) -> bool:
        """Entries only: does an event with these properties bring its person in?"""
        return True

    def asks(self) -> "Sequence[PropertyFilter]":
        """Entries only: what `admits` asks of the properties, to tell why somebody was not let in."""
        return ()

    def causes(self) -> tuple[tuple[str, str], ...]:
        """The changes, as (kind, key), that follow from passing here, without anybody doing anything."""
        return ()

    # Entries by the clock.

    @property
    def by_their_clock(self) -> bool:
        """Does each person's own clock on the wall count, or the journey's?"""
        return False

    def next_start(self, after: datetime, zone: tzinfo) -> datetime | None:
        """When the clock brings people in next, later than `after`, on the clocks of the zone. None: never again."""
        return None

    def crowd(self, day: date) -> Crowd | None:
        """Who may come in when it is this day on the clock that counts. None: nobody."""
        return None

    def occasion(self, value: Any, day: date, zone: tzinfo) -> Hashable | None:
        """For what it brings in somebody whose attribute, where the crowd names one, has this value: the same in every
        zone, whatever day it is there. None: it does not.
        """
        return day

    def calls(self, value: Any, day: date, zone: tzinfo) -> bool:
        """Does it bring in somebody with this value?"""
        return self.occasion(value, day, zone) is not None

    def already(self) -> Already | None:
        """Entries only: who would have come in before the journey went live. None: that cannot be said."""
        return None

    def answers(self) -> tuple[tuple[str, str], ...]:
        """The ways out that somebody outside chooses, as `get_ports` tells them; none: nobody is asked."""
        return ()

    def jumps_to(self) -> str | None:
        """The key of the step at which people go on from here, where no line leads to it."""
        return None

    # Presentation.

    def get_ports(self) -> tuple[tuple[str, str], ...]:
        """The ways out: (name, label on the line)."""
        return tuple((port, "" if port == "next" else port.replace("_", " ").capitalize()) for port in self.ports)

    def title(self) -> str:
        """The card's heading when the marketer gave no name."""
        return str(self.label)

    def summary(self) -> str:
        """The sentence on the card, plain text. Must not fail on a fresh node."""
        return ""

    def channel(self) -> str:
        """What it sends on; empty where it sends nothing, or that is not chosen yet."""
        return ""

    def problems(self) -> list[Problem]:
        """What is missing here, in a marketer's words. Looks at this node alone."""
        return []

    # Configuration: what the inspector asks, as JSON.

    def config(self) -> dict[str, Any]:
        """The inspector's fields as JSON: foreign keys as ids, times in ISO form."""
        return {name: _plain(self, name) for name in self.Inspector.base_fields}

    @classmethod
    def portable(cls, config: Mapping[str, Any]) -> dict[str, Any]:
        """The same for a document that leaves the workspace: without secrets."""
        return dict(config)

    def configure(self, config: Mapping[str, Any]) -> None:
        """Fill the node (unsaved) from such a JSON object; what it leaves out stays. ValidationError by field."""
        if unknown := set(config) - set(self.Inspector.base_fields):
            raise ValidationError({name: _("This step has no such setting.") for name in sorted(unknown)})
        form = self.Inspector(data={**self.config(), **config}, instance=self)
        if not form.is_valid():
            raise ValidationError(form.errors.as_data())
        form.save(commit=False)


def _plain(node: Node, name: str) -> Any:
    value = node._meta.get_field(name).value_from_object(node)  # type: ignore[union-attr]
    if isinstance(value, models.Choices):
        return value.value
    return value.isoformat() if hasattr(value, "isoformat") else value
