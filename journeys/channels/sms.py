"""SMS: one short text, counted in the segments it is billed by."""

import math
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from journeys.contracts.channel import Channel, ContentError, Fill, Rendered
from journeys.contracts.problem import Problem
from omnichannel.shared.templating import TemplateError, compiled

# GSM 03.38: what one septet can say, and what takes two.
GSM: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_TWICE: Final = frozenset("^{}\\[~]|€\f")
E164: Final = re.compile(r"\+[1-9]\d{6,14}\Z")


def segments(text: str) -> tuple[int, bool]:
    """(how many segments, whether the long GSM alphabet is enough)."""
    if all(char in GSM or char in GSM_TWICE for char in text):
        size = len(text) + sum(char in GSM_TWICE for char in text)
        return (1 if size <= 160 else math.ceil(size / 153)), True
    units = len(text.encode("utf-16-be")) // 2
    return (1 if units <= 70 else math.ceil(units / 67)), False


class Sms(Channel):
    """Plain text to a phone."""

    kind, label, icon, address_kind, order = "sms", _("SMS"), "message", "phone", 20
    tracks_replies = True
    preview_template = "journeys/preview/_sms.html"

    class Content(forms.Form):
        """What an SMS template holds."""

        body = forms.CharField(
            label=_("Text"), widget=forms.Textarea(attrs={"rows": 5}), max_length=1600, required=False, strip=False
        )

    def prepare(self, content: Mapping[str, Any]) -> Fill:
        """Compile once."""
        return _fill(str(content.get("body") or ""))

    def problems(self, content: Mapping[str, Any]) -> list[Problem]:
        """Empty, or costlier than it looks."""
        body = str(content.get("body") or "")
        if not body.strip():
            return [Problem(_t("The text is empty."))]
        try:
            count, short = segments(self.render(content, {}).parts["text"])
        except ContentError as error:
            return [Problem(str(error))]
        found: list[Problem] = []
        if count > 1:
            found.append(Problem(_t("Sent and billed as %(n)s messages.") % {"n": count}, level="warning"))
        if not short:
            text = _t("Contains characters outside the SMS alphabet, so only 70 fit into one message.")
            found.append(Problem(text, level="warning"))
        return found

    def valid_address(self, address: str) -> str:
        """International form: + and the number, nothing else."""
        digits = re.sub(r"[\s()./-]", "", address)
        digits = "+" + digits[2:] if digits.startswith("00") else digits
        return digits if E164.match(digits) else ""


@lru_cache(maxsize=256)
def _fill(body: str) -> Fill:
    def error(fault: TemplateError) -> ContentError:
        place = _t("Text, line %(line)s") % {"line": fault.line} if fault.line else _t("Text")
        return ContentError(f"{place}: {fault.text}.")

    try:
        template = compiled(body)
    except TemplateError as fault:
        raise error(fault) from fault

    def fill(context: Mapping[str, Any]) -> Rendered:
        try:
            return Rendered("sms", {"text": template.fill(context).strip()})
        except TemplateError as fault:
            raise error(fault) from fault

    return fill
