"""A message that receipts are about: what is known of it, and what becomes known now."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from journeys.contracts.provider import Receipt

HUMAN: Final = ("opened", "clicked")  # what machines do as well


@dataclass(slots=True)
class Sent:
    """The columns of `for_receipts`; `firsts` is what is new, `lost` what turned out not to be so."""

    id: int
    profile_id: int
    enrollment_id: int | None
    journey_id: int | None
    version_id: int | None
    node_id: int | None
    template_id: int
    channel: str
    topic_id: int | None
    address: str
    is_leaving: bool
    sent: datetime | None
    delivered: datetime | None
    opened: datetime | None
    clicked: datetime | None
    bounced: datetime | None
    complained: datetime | None
    unsubscribed: datetime | None
    replied: datetime | None
    human_opened: datetime | None
    human_clicked: datetime | None
    probed: datetime | None
    journey_name: str
    node_key: str
    template_name: str
    firsts: dict[str, datetime] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)

    @property
    def is_test(self) -> bool:
        """Sent by hand, to try it: no event, no tally."""
        return self.enrollment_id is None

    @property
    def changed(self) -> bool:
        """Something is to be written."""
        return bool(self.firsts or self.lost)

    def first(self, kind: str, at: datetime) -> bool:
        """Note it, unless it has happened before."""
        if getattr(self, kind) is not None:
            return False
        setattr(self, kind, at)
        self.firsts[kind] = at
        return True

    def note(self, kind: str, receipt: Receipt) -> bool:
        """Note that it was opened or clicked, and that a person did, where that is new."""
        new = self.first(kind, receipt.at)
        return (not receipt.machine and self.first(f"human_{kind}", receipt.at)) or new

    def correct(self, kind: str, at: datetime | None) -> None:
        """The first time that a person did so was somebody else's; this is what remains."""
        if getattr(self, f"human_{kind}") is not None and at is None:
            self.lost.append(f"human_{kind}")
        setattr(self, f"human_{kind}", at)
