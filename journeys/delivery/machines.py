"""Was it a person who opened or clicked? The signs by which mail programs, privacy proxies and scanners show. Pure.

A machine is believed to be one; whoever shows no sign counts as a person. What is marked stays an open or a click: it
is counted beside those of people, and a branch may ask for a person.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from journeys.contracts.step import UNMASKED

# Sooner after a message has left than anybody reads.
QUICK: Final = timedelta(seconds=3)
# So many different links of one message within so short a time: no hand is that quick.
BURSTS: Final = ((2, timedelta(seconds=1)), (3, timedelta(seconds=10)))
# Who follows the link that nobody sees has done the rest of that minute too.
NEAR_TRAP: Final = UNMASKED

SIGNS: Final[dict[str, Promise]] = {
    "agent": _("a program that says so itself"),
    "privacy": _("a mail program that loads pictures for everybody"),
    "prefetch": _("a program that looked ahead"),
    "quick": _("sooner than anybody reads"),
    "links": _("all links at once"),
    "trap": _("followed a link that nobody sees"),
    "provider": _("the provider says so"),
}

# Gmail's and Yahoo's picture proxies load when the person looks: they are no sign.
PROGRAMS: Final = re.compile(
    r"bot\b|bot[/;]|crawl|spider|slurp|preview|scan|prob(?:e|ing)|headless|phantom|monitor|checker|validator|"
    r"barracuda|proofpoint|mimecast|symantec|messagelabs|trendmicro|fireeye|forcepoint|cloudmark|sophos|ironport|"
    r"safelinks|urldefense|zscaler|paloalto|virustotal|phishing|facebookexternalhit|whatsapp|slackbot|skypeuri|"
    r"curl/|wget/|libwww|python|aiohttp|httpx|go-http|okhttp|java/|apache-http|node-fetch|axios|ruby|perl|php/|guzzle",
    re.IGNORECASE,
)
# Mail Privacy Protection loads every picture on arrival and gives no more than this as its name.
PRIVACY: Final = "Mozilla/5.0"
# Gmail looks at what comes in with a browser that no longer exists.
GMAIL_LOOKS: Final = "Edge/12.246 Mozilla/5.0"
AHEAD: Final = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")


@dataclass(frozen=True, slots=True)
class Seen:
    """An open (without a link) or a click, by anybody."""

    at: datetime
    url: str = ""


def by_request(headers: Mapping[str, str]) -> str:
    """What a request for the pixel or a link tells of who makes it: a sign, or empty for a person."""
    agent = headers.get("User-Agent", "").strip()
    if any(re.search("prefetch|preview", headers.get(name, "")) for name in AHEAD):
        return "prefetch"
    if agent == PRIVACY:
        return "privacy"
    if not agent or agent.endswith(GMAIL_LOOKS) or PROGRAMS.search(agent):
        return "agent"
    return ""


def by_time(at: datetime, sent_at: datetime | None, is_leaving: bool) -> str:
    """`is_leaving`: it is being handed over, so that nobody can have read it."""
    quick = at - sent_at < QUICK if sent_at else is_leaving
    return "quick" if quick else ""


def by_company(one: Seen, others: Iterable[Seen], traps: Iterable[datetime]) -> str:
    """What happened to the same message around it. `others` may contain it."""
    if any(abs(one.at - trap) <= NEAR_TRAP for trap in traps):
        return "trap"
    return "links" if one.url and _burst(one, list(others)) else ""


def _burst(one: Seen, others: Sequence[Seen]) -> bool:
    """Is it one of so many links in some stretch of that length? A stretch that holds it begins with one of them."""
    for links, span in BURSTS:
        for first in [one, *others]:
            if first.at <= one.at <= first.at + span:
                urls = {each.url for each in others if each.url and first.at <= each.at <= first.at + span}
                if len(urls | {one.url}) >= links:
                    return True
    return False
