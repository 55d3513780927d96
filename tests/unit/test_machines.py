"""By which signs machines are told from people."""

from datetime import timedelta

import pytest

from journeys.delivery.machines import SIGNS, Seen, by_company, by_request, by_time
from tests.conftest import NOW

SECOND = timedelta(seconds=1)
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
OUTLOOK = "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Win64; x64; Trident/7.0; Microsoft Outlook 16.0.17328)"
GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
LINUX = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"


@pytest.mark.parametrize("agent", [IPHONE, OUTLOOK, GMAIL, LINUX, "YahooMailProxy; https://help.yahoo.com/kb/x.html"])
def test_people(agent: str) -> None:
    assert by_request({"User-Agent": agent}) == ""


@pytest.mark.parametrize(
    ("headers", "sign"),
    [
        ({}, "agent"),
        ({"User-Agent": "  "}, "agent"),
        ({"User-Agent": "Mozilla/5.0"}, "privacy"),
        ({"User-Agent": "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)"}, "agent"),
        ({"User-Agent": f"{LINUX} BingPreview/1.0b"}, "agent"),
        ({"User-Agent": f"{LINUX} Edge/12.246 Mozilla/5.0"}, "agent"),
        ({"User-Agent": "Barracuda Sentinel (EE)"}, "agent"),
        ({"User-Agent": "python-requests/2.32.3"}, "agent"),
        ({"User-Agent": "curl/8.5.0"}, "agent"),
        ({"User-Agent": LINUX.replace("Chrome", "HeadlessChrome")}, "agent"),
        ({"User-Agent": LINUX, "Sec-Purpose": "prefetch;prerender"}, "prefetch"),
        ({"User-Agent": LINUX, "X-Purpose": "preview"}, "prefetch"),
    ],
)
def test_what_says_so_itself(headers: dict[str, str], sign: str) -> None:
    assert by_request(headers) == sign
    assert sign in SIGNS


@pytest.mark.parametrize(
    ("after", "is_leaving", "sign"),
    [
        (SECOND, False, "quick"),
        (3 * SECOND, False, ""),
        (None, True, "quick"),  # not even handed over
        (None, False, ""),  # its fate is unknown
    ],
)
def test_sooner_than_anybody_reads(after: timedelta | None, is_leaving: bool, sign: str) -> None:
    assert by_time(NOW, NOW - after if after else None, is_leaving) == sign


def clicks(*times: float) -> list[Seen]:
    """Each on a link of its own."""
    return [Seen(NOW + at * SECOND, f"https://shop.example/{n}") for n, at in enumerate(times)]


@pytest.mark.parametrize(
    ("all_of_them", "signs"),
    [
        (clicks(0), [""]),
        (clicks(0, 2), ["", ""]),
        (clicks(0, 1), ["links", "links"]),
        (clicks(0, 5, 10), ["links"] * 3),
        (clicks(0, 5, 10.1), [""] * 3),
        (clicks(0, 30, 35, 40), ["", "links", "links", "links"]),
        (clicks(0) * 5, [""] * 5),  # a hand that taps one link again and again
    ],
)
def test_all_links_at_once(all_of_them: list[Seen], signs: list[str]) -> None:
    assert [by_company(one, all_of_them, []) for one in all_of_them] == signs


def test_an_open_is_no_link() -> None:
    assert by_company(Seen(NOW), clicks(0, 0.5), []) == ""


@pytest.mark.parametrize(("after", "sign"), [(-60, "trap"), (0, "trap"), (60, "trap"), (61, ""), (-61, "")])
def test_around_the_link_that_nobody_sees(after: int, sign: str) -> None:
    assert by_company(Seen(NOW + after * SECOND, "https://shop.example/"), [], [NOW]) == sign
