"""Segments most shops want, ready to use. Event names are those of the Segment spec for shops."""

from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Preset:
    """A segment to start from."""

    key: str
    icon: str
    name: str | Promise
    text: str | Promise
    condition: dict[str, Any]


def _did(event: str, days: int | None = None, *, did: bool = True, **more: Any) -> dict[str, Any]:
    within = {"amount": days, "unit": "days"} if days else None
    return {"type": "event", "event": event, "did": did, "within": within} | more


def _all(*of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "all", "of": list(of)}


def _count(op: str, n: int) -> dict[str, Any]:
    return {"op": op, "n": n}


PRESETS: Final = (
    Preset(
        "regulars",
        "heart",
        _("Regulars"),
        _("Bought at least 3 times in half a year."),
        _all(_did("Order Completed", 180, count=_count("at_least", 3))),
    ),
    Preset(
        "slipping-away",
        "trending-down",
        _("Slipping away"),
        _("Used to buy, but not for 45 days."),
        _all(_did("Order Completed", 180), _did("Order Completed", 45, did=False)),
    ),
    Preset(
        "cart-abandoners",
        "shopping-cart",
        _("Left something in the cart"),
        _("Added to the cart in the last 3 days and did not buy."),
        _all(_did("Product Added", 3), _did("Order Completed", 3, did=False)),
    ),
    Preset(
        "first-time-buyers",
        "sparkles",
        _("First-time buyers"),
        _("Bought once, in the last 30 days."),
        _all(_did("Order Completed", count=_count("exactly", 1)), _did("Order Completed", 30)),
    ),
    Preset(
        "new",
        "user-plus",
        _("New"),
        _("Signed up in the last 7 days."),
        _all(_did("Signed Up", 7)),
    ),
    Preset(
        "silent-in-email",
        "mail-off",
        _("Silent in e-mail, active on site"),
        _("Looks at products, but has not opened an e-mail for 30 days."),
        _all(
            _did("Product Viewed", 30),
            _did("Message Opened", 30, did=False),
            {"type": "attribute", "field": "email", "op": "is_set"},
        ),
    ),
    Preset(
        "email-missing",
        "at-off",
        _("E-mail missing"),
        _("Known, but without an e-mail address."),
        _all({"type": "attribute", "field": "email", "op": "is_not_set"}),
    ),
)


def preset(key: str) -> Preset | None:
    """One of them."""
    return next((one for one in PRESETS if one.key == key), None)
