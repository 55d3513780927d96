"""What the sandbox has "sent", for its mailbox."""

from dataclasses import dataclass
from typing import Final

from django.db.models import Q

from journeys.delivery.render import without_pixel
from journeys.models import Delivery, Message, ProviderAccount, Template
from journeys.registry import channels
from profiles.models import Profile

PAGE: Final = 40


@dataclass(frozen=True, slots=True)
class Letter:
    """One message as it was handed over."""

    delivery: Delivery
    message: Message
    template: str
    person: str
    icon: str

    @property
    def is_play(self) -> bool:
        """The sandbox carried it, so nobody has it but us: marketers may act as the customer."""
        return self.delivery.account is not None and self.delivery.account.kind == "sandbox"

    @property
    def title(self) -> str:
        """The subject, or how the text begins."""
        parts = self.delivery.rendered or {}
        return str(parts.get("subject") or parts.get("text") or "")[:120]

    @property
    def snippet(self) -> str:
        """The line after the subject."""
        parts = self.delivery.rendered or {}
        return str(parts.get("preheader") or (parts.get("text") or "") if parts.get("subject") else "")[:140].strip()

    @property
    def html(self) -> str:
        """The page without the pixel: reading here does not count as opening."""
        return without_pixel(str((self.delivery.rendered or {}).get("html") or ""), self.message.pk)


def letters(search: str = "", channel: str = "", before: int | None = None) -> tuple[list[Letter], int | None]:
    """Newest first, and where the next page goes on."""
    found = Delivery.objects.filter(account__in=ProviderAccount.objects.filter(kind="sandbox"), state="accepted")
    if search:
        named = list(Template.objects.filter(name__icontains=search).values_list("pk", flat=True))
        found = found.filter(Q(message__address__icontains=search) | Q(message__template_id__in=named))
    if channel:
        found = found.filter(message__channel=channel)
    if before:
        found = found.filter(pk__lt=before)
    rows = list(found.select_related("message", "account").order_by("-pk")[: PAGE + 1])
    shown = rows[:PAGE]
    return _named(shown), shown[-1].pk if len(rows) > PAGE else None


def letter(pk: int) -> Letter | None:
    """One of them."""
    return next(iter(_named(list(Delivery.objects.filter(pk=pk).select_related("message", "account")))), None)


def _named(rows: list[Delivery]) -> list[Letter]:
    templates = dict(Template.objects.filter(pk__in={d.message.template_id for d in rows}).values_list("pk", "name"))
    people = Profile.objects.in_bulk({d.message.profile_id for d in rows})
    known = channels()
    return [
        Letter(
            delivery,
            delivery.message,
            templates.get(delivery.message.template_id, ""),
            people[delivery.message.profile_id].display_name if delivery.message.profile_id in people else "",
            known[delivery.message.channel].icon if delivery.message.channel in known else "send",
        )
        for delivery in rows
    ]
