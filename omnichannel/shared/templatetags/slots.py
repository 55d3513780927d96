"""`{% slots "profile.main" profile.pk %}`: what other apps hang into this place, loaded by htmx after the page."""

from django import template
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from omnichannel.shared import slots as registry

register = template.Library()

WAITING = (
    '<div class="slot" hx-get="{}" hx-trigger="load" hx-swap="outerHTML"><div class="card slot-waiting"></div></div>'
)


@register.simple_tag
def slots(slot: str, thing: int) -> SafeString:
    """A placeholder for each fragment; it replaces itself."""
    return format_html_join("", WAITING, ((reverse(name, args=[thing]),) for name in registry.fragments(slot)))
