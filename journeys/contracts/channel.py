"""What a channel is: how content becomes something a provider can carry. Pure: no database, no network."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from journeys.contracts.problem import Problem

if TYPE_CHECKING:
    from django.forms import Form
    from django_stubs_ext import StrPromise


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message ready to be handed over; `parts` are the channel's own (subject, html, text, headers …), JSON-able."""

    channel: str
    parts: dict[str, Any] = field(default_factory=dict)


Fill = Callable[[Mapping[str, Any]], Rendered]


class ContentError(ValueError):
    """Content that cannot be rendered; the text says where and how to mend it."""


class Channel:
    """A channel is one file in `journeys/channels/`: a subclass, found by its `kind`."""

    kind: ClassVar[str] = ""
    label: ClassVar["str | StrPromise"] = ""
    icon: ClassVar[str] = ""
    address_kind: ClassVar[str] = ""  # the profile attribute that holds the address: email, phone …
    order: ClassVar[int] = 100
    tracks_opens: ClassVar[bool] = False
    tracks_clicks: ClassVar[bool] = False
    tracks_leaving: ClassVar[bool] = False  # whether a message lets people unsubscribe
    tracks_replies: ClassVar[bool] = False  # whether what people answer comes back to us
    preview_template: ClassVar[str] = ""
    Content: ClassVar["type[Form]"]

    def prepare(self, content: Mapping[str, Any]) -> Fill:
        """Compile the content once; the result fills it for one person. Both: ContentError says which part and line."""
        raise NotImplementedError

    def render(self, content: Mapping[str, Any], context: Mapping[str, Any]) -> Rendered:
        """Fill the content for one person. ContentError: which part, which line, what is wrong."""
        return self.prepare(content)(context)

    def valid_address(self, address: str) -> str:
        """The address as providers want it, empty when it cannot be one."""
        return address.strip()

    def problems(self, content: Mapping[str, Any]) -> list[Problem]:
        """What a marketer should mend or know before sending."""
        return []
