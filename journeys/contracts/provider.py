"""Who carries a channel's messages: takes what is rendered, says what became of it."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

from journeys.contracts.channel import Rendered

if TYPE_CHECKING:
    from django.forms import Form
    from django.http import HttpRequest
    from django_stubs_ext import StrPromise


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has taken it."""

    provider_message_id: str = ""
    delivered: bool = False  # it has arrived, no receipt will follow


@dataclass(frozen=True, slots=True)
class Rejected:
    """It never will. `suppress`: the address itself is dead."""

    reason: str
    suppress: bool = False


@dataclass(frozen=True, slots=True)
class TryLater:
    """Not now: try again, not before `after` where the provider said when."""

    reason: str
    after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Unsure:
    """It may or may not have been taken: never sent again without being asked."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """The provider cannot be used at all just now (down, or refuses us): nothing left, the account rests."""

    reason: str


Result = Accepted | Rejected | TryLater | Unsure | Unreachable


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came back about one message. `message_id` is ours, `provider_message_id` theirs: one of them is known.

    `probed`: something followed the link that nobody sees. `machine`: the sign that no person did it, one of
    `journeys.delivery.machines.SIGNS`; empty where there is none.
    """

    kind: Literal["delivered", "opened", "clicked", "bounced", "complained", "unsubscribed", "replied", "probed"]
    at: datetime
    message_id: int | None = None
    provider_message_id: str = ""
    detail: str = ""
    permanent: bool = False
    machine: str = ""


class Connection(Protocol):
    """A way to the provider that is kept open for a batch."""

    def send(self, rendered: Rendered, to: str, *, idempotency_key: str) -> Result:
        """Hand one message over. Must not raise for anything the provider or the network does."""
        ...


class Provider:
    """A provider is one file in `journeys/providers/`: a subclass, found by its `kind`."""

    kind: ClassVar[str] = ""
    label: ClassVar["str | StrPromise"] = ""
    channels: ClassVar[tuple[str, ...]] = ()
    help: ClassVar["str | StrPromise"] = ""
    # True: sending twice with one idempotency key delivers once, so what was in flight at a crash may be retried.
    idempotent: ClassVar[bool] = False
    # How many connections one process may hold at a time, where the settings do not say.
    connections: ClassVar[int] = 1
    Settings: ClassVar["type[Form]"]

    def connect(self, settings: Mapping[str, Any]) -> AbstractContextManager[Connection]:
        """Open a connection that lasts for a batch. Must not raise: what cannot be reached answers Unreachable."""
        raise NotImplementedError

    def check(self, settings: Mapping[str, Any]) -> str:
        """Try the settings without sending. Returns what is wrong, empty when all is well."""
        return ""

    def receipts(self, request: "HttpRequest", settings: Mapping[str, Any]) -> list[Receipt]:
        """Read a callback of the provider, verified. PermissionError: not theirs; ValueError: not understood."""
        raise NotImplementedError
