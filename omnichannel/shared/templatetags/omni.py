"""The tags every page uses: icons, times, numbers, faces, badges, empty states, tabs.

{% icon "mail" %}  {% icon "mail" css="text-secondary" label="E-mail" %}     any Tabler outline icon
{% ago dt %}                    relative time, exact on hover, kept true while the page is open
{{ n|number }}  {{ n|compact }}  {{ part|percent_of:whole }}  {{ amount|money:"EUR" }}
{% avatar profile %}  {% avatar user size="sm" %}
{% badge "Live" "green" %}      a state: colour (green yellow red blue grey) and a word
{% kind_tile "message" "mail" %}    the coloured square of a kind of step
{% meter 44 100 label="Opened" kind="message" %}
{% empty_state "users" title text url label %}
{% page_tabs %} or {% page_tabs tabs %}    tabs: a list of {"label", "url", "active"?, "count"?}
{% include_if_there "journeys/_x.html" %}  a part that another app may bring
{% query page=2 %}              the address of this page with these parameters changed
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django import template
from django.template.loader import select_template
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from omnichannel.shared import clock, icons
from omnichannel.shared.bucket import bucket

register = template.Library()

TONES = {
    "green": "green",
    "success": "green",
    "yellow": "yellow",
    "orange": "yellow",
    "warning": "yellow",
    "red": "red",
    "danger": "red",
    "blue": "blue",
    "info": "blue",
    "azure": "blue",
    "grey": "grey",
    "gray": "grey",
    "secondary": "grey",
}
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "THB": "฿", "INR": "₹"}
WITHOUT_CENTS = {"JPY", "KRW", "VND", "CLP", "ISK"}


@register.simple_tag
def icon(name: str, css: str = "", label: str = "") -> SafeString:
    """An outline icon of Tabler, inline. See `omnichannel.shared.icons`."""
    return icons.markup(name, css, label)


@register.simple_tag
def ago(moment: datetime | date | None, fallback: str = "–") -> SafeString | str:
    """Such as "3 minutes ago" or "in 2 days", on the product's clock, with the exact moment on hover."""
    if moment is None:
        return fallback
    if not isinstance(moment, datetime):
        moment = timezone.make_aware(datetime.combine(moment, time()))
    return format_html(
        '<time-ago datetime="{}" title="{}">{}</time-ago>',
        moment.isoformat(),
        exact(moment),
        relative(moment, clock.now()),
    )


def relative(moment: datetime, now: datetime) -> str:
    """The first text of a time, before the browser takes over."""
    if abs((now - moment).total_seconds()) < 60:
        return _("now")
    if moment > now:
        return _("in %(time)s") % {"time": timesince(now, moment, depth=1)}
    return _("%(time)s ago") % {"time": timesince(moment, now, depth=1)}


@register.filter
def exact(moment: datetime | None) -> str:
    """The moment in the reader's zone, to the minute."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    return f"{formats.date_format(local, 'j M Y, H:i')} {local.tzname() or ''}".strip()


@register.filter
def number(value: float | Decimal | None, places: int = 0) -> str:
    """Thousands grouped; nothing known is a dash."""
    if value is None or value == "":
        return "–"
    return formats.number_format(value, places, use_l10n=True, force_grouping=True)


@register.filter
def compact(value: float | None) -> str:
    """1,204 stays, 96,118 is 96.1k, 2,400,000 is 2.4M."""
    if value is None:
        return "–"
    if abs(value) >= 1_000_000:
        return f"{formats.number_format(value / 1_000_000, 1)}M"
    return f"{formats.number_format(value / 1_000, 1)}k" if abs(value) >= 10_000 else number(value)


@register.filter
def percent_of(part: float | None, whole: float | None) -> str:
    """A share such as "44 %"; a dash where there is no whole. Small shares keep a decimal."""
    if part is None or not whole:
        return "–"
    share = 100 * part / whole
    places = 0 if share == 0 or share >= 99.95 else 1 if share < 10 or share > 90 else 0
    return f"{formats.number_format(share, places)} %"


@register.filter
def money(amount: float | Decimal | None, currency: str = "EUR") -> str:
    """An amount such as "€ 61,240"; cents only below 1,000."""
    if amount is None:
        return "–"
    places = 0 if currency in WITHOUT_CENTS or abs(float(amount)) >= 1000 or amount == 0 else 2
    figure = formats.number_format(amount, places, use_l10n=True, force_grouping=True)
    return f"{SYMBOLS.get(currency, currency)} {figure}"


@register.simple_tag
def badge(text: str, colour: str = "grey", icon_name: str = "") -> SafeString:
    """A state as a soft badge. Colour never stands alone: there is always a word."""
    picture = icons.markup(icon_name) if icon_name else ""
    return format_html('<span class="badge-soft tone-{}">{}{}</span>', TONES.get(colour, "grey"), picture, text)


@register.simple_tag
def kind_tile(category: str, icon_name: str) -> SafeString:
    """The coloured square that marks a kind of step."""
    return format_html('<span class="kind-tile kind-{}">{}</span>', category, icons.markup(icon_name))


@register.simple_tag
def meter(value: float | None, maximum: float | None = 100, label: str = "", kind: str = "") -> SafeString:
    """A bar whose width follows its numbers."""
    return format_html(
        '<meter-bar value="{}" max="{}" label="{}"{}></meter-bar>',
        value or 0,
        maximum or 0,
        label,
        format_html(' class="kind-{}"', kind) if kind else "",
    )


def initials(name: str) -> str:
    """Up to two letters of a name or an address."""
    words = [word for word in name.replace("@", " ").replace(".", " ").split() if word[0].isalnum()]
    if not words:
        return "?"
    return (words[0][0] + (words[1][0] if len(words) > 1 else "")).upper()


@register.simple_tag
def avatar(person: Any, size: str = "") -> SafeString:
    """A round face with initials, in a colour that stays the same for one person."""
    name = str(getattr(person, "display_name", None) or person or "?")
    tone = bucket("face", getattr(person, "pk", None) or name, 6)
    css = f"avatar-face face-{tone}{f' {size}' if size else ''}"
    return format_html('<span class="{}" aria-hidden="true">{}</span>', css, initials(name))


@register.inclusion_tag("components/_empty_state.html")
def empty_state(icon: str, title: str, text: str = "", url: str = "", label: str = "") -> dict[str, str]:
    """What this page is for and the first step, where there is nothing yet."""
    return {"icon_name": icon, "title": title, "text": text, "url": url, "label": label}


@register.inclusion_tag("components/_page_tabs.html", takes_context=True)
def page_tabs(context: template.Context, tabs: Sequence[Mapping[str, Any]] | None = None) -> dict[str, Any]:
    """The tabs of a page; without an argument those of the context's `tabs`."""
    path = context["request"].path if "request" in context else ""
    given: Sequence[Mapping[str, Any]] = context["tabs"] if tabs is None else tabs
    return {"tabs": [{**tab, "active": tab.get("active", tab["url"] == path)} for tab in given]}


@register.simple_tag(takes_context=True)
def include_if_there(context: template.Context, name: str) -> SafeString | str:
    """Include a template where it exists, and nothing otherwise."""
    try:
        found = select_template([name])
    except template.TemplateDoesNotExist:
        return ""
    drawn: SafeString = found.render(context.flatten(), context.get("request"))
    return drawn


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """`?…` of this page with some parameters changed; an empty value drops one."""
    parameters = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            parameters.pop(name, None)
        else:
            parameters[name] = value
    return f"?{parameters.urlencode()}"


@register.filter
def lookup(mapping: Mapping[Any, Any], key: Any) -> Any:
    """One value of a mapping by a key that is a variable."""
    return mapping.get(key)
