"""How reports write numbers: percentages, changes with a sign, and numbers for attributes."""

from django import template
from django.utils import formats

from journeys.models import Journey

register = template.Library()


@register.filter
def percent(value: float | None, nothing: str = "–") -> str:
    """0.412 as "41.2 %"; None as a dash, since a rate of nothing is not zero."""
    if value is None:
        return nothing
    shown = value * 100
    return f"{formats.number_format(shown, 0 if shown >= 99.95 or shown == 0 else 1 if shown >= 1 else 2)} %"


@register.filter
def signed(value: float | None) -> str:
    """8 as "+8"; a true minus for what fell."""
    if value is None:
        return "–"
    places = 0 if abs(value) >= 10 or float(value).is_integer() else 1
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    return f"{sign}{formats.number_format(abs(value), places)}"


@register.filter
def signed_percent(value: float | None) -> str:
    """A relative change with its unit."""
    return "–" if value is None else f"{signed(value)} %"


@register.filter
def plain(value: float) -> str:
    """A number as attributes of HTML and SVG want it, whatever the reader's locale."""
    return f"{value:g}" if isinstance(value, float) else str(value)


@register.filter
def journey_state(value: str) -> str:
    """A journey's state in words."""
    return str(Journey.State(value).label).lower()
