"""Fill a template for one person: Liquid's variables, tracked links, the pixel, and the headers of an e-mail."""

import html
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings

from journeys.contracts.channel import Channel, Fill, Rendered
from journeys.delivery import tokens
from journeys.delivery.facts import Claimed, Facts
from journeys.models import Template
from omnichannel.accounts.models import Workspace
from omnichannel.shared.mime import format_datetime

LINK: Final = re.compile(r"""(<a\b[^>]*?\bhref\s*=\s*)(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
BODY_END: Final = re.compile(r"</body\s*>", re.IGNORECASE)
PIXEL: Final = '<img src="%s" width="1" height="1" alt="" style="display:block;width:1px;height:1px;border:0">'
# Scanners follow every link they find; people do not find this one.
TRAP: Final = '<a href="%s" style="display:none" tabindex="-1" aria-hidden="true"></a>'


def context(
    attributes: Mapping[str, Any],
    *,
    profile_id: int,
    workspace: Workspace,
    event: Mapping[str, Any] | None = None,
    journey: str = "",
    unsubscribe_url: str = "",
    answers: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The variables that templates may use. Attributes stand at the top too, unless a name is ours."""
    return {
        **attributes,
        "profile": {**attributes, "id": profile_id},
        "event": dict(event or {}),
        "journey": {"name": journey},
        "workspace": {
            "name": workspace.name,
            "currency": workspace.currency,
            "postal_address": workspace.postal_address,
        },
        "unsubscribe_url": unsubscribe_url,
        "answers": dict(answers or {}),
    }


def public_url(path: str) -> str:
    """An address that customers can reach."""
    return f"{settings.PUBLIC_URL}{path}"


def unsubscribe_url(message_id: int) -> str:
    """The page (and one-click address) that ends a person's subscription."""
    return public_url(f"/t/u/{tokens.make('unsubscribe', message_id)}")


def pixel_url(message_id: int) -> str:
    """The picture whose loading tells that an e-mail was opened."""
    return public_url(f"/t/o/{tokens.make('open', message_id)}.gif")


def trap_url(message_id: int) -> str:
    """The link that nobody sees."""
    return public_url(f"/t/h/{tokens.make('trap', message_id)}")


class Renderer:
    """Renders a batch: every template is compiled once."""

    def __init__(self, channel: Channel, facts: Facts, now: datetime) -> None:
        self.channel, self.facts, self.now = channel, facts, now
        self._fills: dict[int, Fill] = {}

    def render(self, message: Claimed) -> Rendered:
        """ContentError: the template cannot be filled for this person."""
        facts, template = self.facts, self.facts.templates[message.template_id]
        topic, journey = facts.topic_of(message), facts.journeys.get(message.journey_id or 0)
        profile_id, attributes = facts.people[message.profile_id]
        leave = "" if topic and topic.transactional else unsubscribe_url(message.id)
        values = context(
            attributes,
            profile_id=profile_id,
            workspace=facts.workspace,
            event=facts.triggers.get(message.trigger_event_id or 0),
            journey=journey.name if journey else "",
            unsubscribe_url=leave,
            answers=facts.answers.get(message.enrollment_id or 0),
        )
        rendered = self._fill(template)(values)
        return finish(self.channel, rendered, message.id, leave, facts.workspace, self.now)

    def _fill(self, template: Template) -> Fill:
        if template.pk not in self._fills:
            self._fills[template.pk] = self.channel.prepare(template.content)
        return self._fills[template.pk]


def finish(
    channel: Channel, rendered: Rendered, message_id: int, leave: str, workspace: Workspace, now: datetime
) -> Rendered:
    """Add what belongs to this one message: tracking, and the headers that mail programs look at."""
    page = rendered.parts.get("html")
    if page is None:
        return rendered
    tracked = track_links(page, message_id, leave) if channel.tracks_clicks else page
    if tracked != page:
        page = add_last(tracked, TRAP % trap_url(message_id))
    if channel.tracks_opens:
        page = add_last(page, PIXEL % pixel_url(message_id))
    rendered.parts["html"] = page
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    headers = {
        "Date": format_datetime(now),
        "Message-ID": f"<{tokens.make('open', message_id)[:16]}.{message_id}@{host}>",
    }
    if leave:
        headers |= {"List-Unsubscribe": f"<{leave}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    rendered.parts["headers"] = headers
    rendered.parts["from"] = {"name": workspace.sender_name or workspace.name, "address": workspace.sender_email}
    return rendered


def track_links(page: str, message_id: int, leave: str) -> str:
    """Links to the web go through us; the unsubscribe link and everything that is no web address stay as they are."""

    def tracked(match: re.Match[str]) -> str:
        url = html.unescape(match[2] if match[2] is not None else match[3]).strip()
        if url == leave or not url.lower().startswith(("http://", "https://")):
            return match[0]
        return f'{match[1]}"{public_url("/t/c/" + tokens.make("click", message_id, url))}"'

    return LINK.sub(tracked, page)


def add_last(page: str, element: str) -> str:
    """At the end of the body, so that it loads last."""
    ends = list(BODY_END.finditer(page))
    at = ends[-1].start() if ends else len(page)
    return page[:at] + element + page[at:]


def without_pixel(page: str, message_id: int) -> str:
    """For reading what was sent without counting as its reader."""
    return page.replace(PIXEL % pixel_url(message_id), "")
