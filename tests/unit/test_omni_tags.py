"""The tags that every page uses."""

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from django.test import RequestFactory

from omnichannel.shared import icons
from omnichannel.shared.templatetags import omni

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (0, "0"), (1204, "1,204"), (61240.4, "61,240"), (1_000_000, "1,000,000")]
)
def test_numbers_are_grouped(value: float | None, text: str) -> None:
    assert omni.number(value) == text


@pytest.mark.parametrize(("value", "text"), [(1204, "1,204"), (96_118, "96.1k"), (2_400_000, "2.4M")])
def test_compact(value: float, text: str) -> None:
    assert omni.compact(value) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(1, 0, "–"), (44, 100, "44 %"), (21, 10_000, "0.2 %"), (998, 1000, "99.8 %"), (5, 5, "100 %")],
)
def test_percent(part: int, whole: int, text: str) -> None:
    assert omni.percent_of(part, whole) == text


@pytest.mark.parametrize(
    ("amount", "currency", "text"), [(61240, "EUR", "€ 61,240"), (9.5, "USD", "$ 9.50"), (700, "JPY", "¥ 700")]
)
def test_money(amount: float, currency: str, text: str) -> None:
    assert omni.money(amount, currency) == text


@pytest.mark.parametrize(
    ("by", "text"),
    [
        (timedelta(seconds=20), "now"),
        (timedelta(minutes=-5), "5\xa0minutes ago"),
        (timedelta(days=2, hours=3), "in 2\xa0days"),
    ],
)
def test_relative_times(by: timedelta, text: str) -> None:
    assert omni.relative(NOON + by, NOON) == text


def test_an_icon_is_inline_and_a_wrong_name_is_loud() -> None:
    drawn = Template('{% load omni %}{% icon "mail" css="me-2" label="E-mail" %}').render(Context())
    assert drawn.startswith('<svg class="icon icon-mail me-2" role="img" aria-label="E-mail"') and "<path" in drawn
    with pytest.raises(icons.UnknownIcon, match="no-such-icon"):
        icons.markup("no-such-icon")


def test_faces_keep_their_colour_and_escape_names() -> None:
    assert omni.initials("Ирина Петрова") == "ИП"
    assert omni.initials("ada@shop.example") == "AS"
    assert omni.avatar("<b>") == omni.avatar("<b>")
    assert "<b>" not in omni.badge("<b>", "green")


def test_tabs_mark_where_we_are() -> None:
    request = RequestFactory().get("/b/")
    tabs = [{"label": "A", "url": "/a/"}, {"label": "B", "url": "/b/"}]
    drawn = Template("{% load omni %}{% page_tabs %}").render(Context({"request": request, "tabs": tabs}))
    assert '<a href="/b/" aria-current="page">B</a>' in drawn and '<a href="/a/">A</a>' in drawn


def test_parts_of_others_are_left_out_where_they_are_missing() -> None:
    assert Template('{% load omni %}[{% include_if_there "nowhere/_x.html" %}]').render(Context()) == "[]"
