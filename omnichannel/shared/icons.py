"""Tabler's outline icons as inline SVG, for templates and for the manifests that islands are given.

`static/dist/icons.json` (icon name → inner markup) is written by the front-end build and read once per process.
Islands take the markup of icons that the server names from their manifest (`markup(name)`); icons that a script names
itself it imports from the package: `import plus from "@tabler/icons/outline/plus.svg?raw"`.
"""

import json
import logging
from functools import cache

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

log = logging.getLogger(__name__)

# Shown where a name is not known, so that nobody overlooks it.
UNKNOWN = '<path d="M4 4h16v16H4z"/><path d="M4 4l16 16"/><path d="M20 4l-16 16"/>'


class UnknownIcon(LookupError):
    """No Tabler outline icon has this name."""


@cache
def _all() -> dict[str, str]:
    path = settings.BASE_DIR / "static" / "dist" / "icons.json"
    return dict(json.loads(path.read_text()))


def exists(name: str) -> bool:
    """Whether there is an outline icon of this name."""
    return name in _all()


def markup(name: str, css: str = "", label: str = "") -> SafeString:
    """The `<svg>` of an icon; hidden from screen readers unless it has a `label`.

    A wrong name raises while developing and testing; in production it draws a crossed box and logs.
    """
    inner = _all().get(name)
    if inner is None:
        if settings.DEBUG or settings.SANDBOX:
            raise UnknownIcon(f"There is no Tabler outline icon named {name!r}. See https://tabler.io/icons.")
        log.error("Unknown icon %r", name)
        inner = UNKNOWN
    spoken = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon icon-{}{}" {} width="18" height="18" viewBox="0 0 24 24" fill="none" stroke="currentColor"'
        ' stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">{}</svg>',
        name,
        f" {css}" if css else "",
        spoken,
        mark_safe(inner),
    )
