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


def _any(*of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "any", "of": list(of)}


def _times(op: str, n: int) -> dict[str, Any]:
    return {"op": op, "n": n}


def _then_not(event: str, other: str, hours: int, days: int) -> dict[str, Any]:
    """Did one thing and then, for so long, not the other."""
    left = {"event": other, "did": False, "after": {"amount": hours, "unit": "hours"}, "where": []}
    steps = [{"event": event, "where": []}, left]
    return {"type": "sequence", "did": True, "within": {"amount": days, "unit": "days"}, "steps": steps}


ONE_CATEGORY: Final = {"of": "distinct", "field": "category", "op": "eq", "value": 1}
LOOKED_OR_BOUGHT: Final = ("Product Viewed", "Product Added", "Order Completed")

PRESETS: Final = (
    Preset(
        "new",
        "user-plus",
        _("New"),
        _("Signed up in the last 7 days."),
        _all(_did("Signed Up", 7)),
    ),
    Preset(
        "active",
        "activity",
        _("Active"),
        _("Looked at something or bought in the last 14 days."),
        _any(*(_did(event, 14) for event in LOOKED_OR_BOUGHT)),
    ),
    Preset(
        "regulars",
        "heart",
        _("Regulars"),
        _("Bought at least 3 times in half a year."),
        _all(_did("Order Completed", 180, count=_times("at_least", 3))),
    ),
    Preset(
        "slipping-away",
        "trending-down",
        _("Slipping away"),
        _("Used to buy, but not for 45 days."),
        _all(_did("Order Completed", 180), _did("Order Completed", 45, did=False)),
    ),
    Preset(
        "lost",
        "user-x",
        _("Lost"),
        _("Bought once, but nothing for half a year, and not seen in the shop for 90 days."),
        _all(
            _did("Order Completed"),
            _did("Order Completed", 180, did=False),
            {"type": "none", "of": [_did(event, 90) for event in LOOKED_OR_BOUGHT[:2]]},
        ),
    ),
    Preset(
        "first-time-buyers",
        "sparkles",
        _("First-time buyers"),
        _("Bought once, in the last 30 days."),
        _all(_did("Order Completed", count=_times("exactly", 1)), _did("Order Completed", 30)),
    ),
    Preset(
        "one-category-buyers",
        "category",
        _("One-category buyers"),
        _("Bought more than once, and always from the same category."),
        _all(
            _did("Order Completed", count=_times("at_least", 2)),
            _did("Product Added", measure=ONE_CATEGORY),
        ),
    ),
    Preset(
        "cart-abandoners",
        "shopping-cart",
        _("Left something in the cart"),
        _("Added to the cart in the last 3 days and did not buy within 2 hours."),
        _all(_then_not("Product Added", "Order Completed", 2, 3), _did("Order Completed", 3, did=False)),
    ),
    Preset(
        "silent-in-email",
        "mail-off",
        _("Silent in e-mail, active on site"),
        _("Looks at products, but has not opened an e-mail for 30 days."),
        _all(
            _did("Product Viewed", 30),
            _did("Message Opened", 30, did=False),
            {"type": "reachable", "by": "email", "reachable": True},
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
