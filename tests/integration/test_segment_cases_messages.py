"""The conditions about messages and journeys as docs/conditions.md tells them: a shop writes, people answer.

As in `test_segment_cases`, each is asked of a segment that follows, of one made late, by counting, and one by one.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from journeys.delivery import outbox
from journeys.engine import inbox, runner
from journeys.models import Delivery, Message, Template
from omnichannel.shared import clock
from profiles.models import Identity, Topic
from tests import builders
from tests.conftest import NOW
from tests.integration import segment_cases as cases
from tests.integration.test_segment_cases import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


class Shop(World):
    """Sends by journeys; people open, click and unsubscribe in what they got."""

    def journey(self, name: str, *, rest: int = 2) -> int:
        """Who does what the name says gets a letter, and goes on after some days; buying is its goal."""
        template = builders.email_template(f"{name} letter")
        drawing = {
            "name": name,
            "nodes": [
                {"key": "start", "kind": "entry_event", "config": {"event": name}},
                {"key": "mail", "kind": "send", "config": {"template": template.pk}},
                {"key": "rest", "kind": "delay", "config": {"amount": rest, "unit": "days"}},
                {"key": "end", "kind": "exit"},
            ],
            "edges": [{"from": a, "to": b} for a, b in (("start", "mail"), ("mail", "rest"), ("rest", "end"))],
            "settings": {"goal_event": "Bought", "goal_window_hours": 720, "reentry": "after_end"},
        }
        made = int(self.post("/api/journeys/", drawing)["id"])
        self.post(f"/api/journeys/{made}/publish/", {}, 200)
        return made

    def work(self) -> None:
        """Journeys go on and letters leave, too."""
        while inbox.take(1000, self.now) or runner.advance(self.now) or outbox.send_due(self.now):
            pass
        super().work()

    def answers(self, text: str) -> None:
        """ "ann opens Welcome; bob clicks Welcome; cid leaves Welcome": in the last letter of that journey they got."""
        for sentence in filter(None, map(str.strip, text.split(";"))):
            who, does, name = sentence.split(" ")
            profile = Identity.objects.get(value=who).profile_id
            sent = Message.objects.filter(profile_id=profile, state="sent", template_id=self.letter(name)).latest("id")
            page = (Delivery.objects.get(message=sent).rendered or {})["html"]
            kind = {"opens": "o", "clicks": "c", "leaves": "u"}[does]
            found = re.search(rf'http://[^"/]+(/t/{kind}/[^"]+)"', page)
            assert found, (does, page)
            client = Client(headers={"user-agent": BROWSER})
            answer = client.post(found[1]) if does == "leaves" else client.get(found[1])
            assert answer.status_code in (200, 302)

    def segments(self, asked: dict[str, dict[str, Any]], when: str) -> dict[str, int]:
        """A segment for each question, built together."""
        made = {}
        for name, one in asked.items():
            made[name] = int(self.post("/api/segments/", {"name": f"{name}, {when}", "condition": one})["id"])
        self.work()
        return made

    def letter(self, name: str) -> int:
        return Template.objects.get(name=f"{name} letter").pk


@pytest.fixture
def shop(write_key: str, api_key: str) -> Iterator[Shop]:
    builders.account("sandbox")
    Topic.objects.create(slug="marketing", name="News")
    yield Shop(write_key, api_key)
    clock.freeze(None)


def follow(shop: Shop, asked: dict[str, dict[str, Any]], story: list[tuple[str, str, str, dict[str, str]]]) -> None:
    """Each line of the story: how much later, what people do, what they do with letters, who is inside by question."""
    early = shop.segments(asked, "early")
    inside = dict.fromkeys(asked, "")
    for after, more, replies, now_inside in story:
        shop.at(NOW + cases.span(after))
        shop.send(*cases.calls(more))
        shop.work()
        shop.answers(replies)
        shop.work()
        inside |= now_inside
        assert {name: shop.members(one) for name, one in early.items()} == inside, after
        for name in now_inside:  # one by one only where it has just changed: each person is a request
            assert (name, shop.explained(asked[name])) == (name, inside[name])
        for name, one in asked.items():
            count = shop.post("/api/segments/count/", {"condition": one}, 200)["count"]
            assert (name, count) == (name, len(inside[name].split()))
    late = shop.segments(asked, "late")
    assert {name: shop.members(one) for name, one in late.items()} == inside


def message(what: str, **more: Any) -> dict[str, Any]:
    """A question about messages."""
    return {"type": "message", "what": what, **more}


PEOPLE = "ann is email=ann@x.example; bob is email=bob@x.example; cid is email=cid@x.example; dan is"


def test_messages(shop: Shop) -> None:
    welcome, offer = shop.journey("Welcome"), shop.journey("Offer")
    week = cases.last(7, "days")
    asked = {
        "sent": message("sent"),
        "never sent": message("sent", did=False),
        "opened the offer": message("opened", template=shop.letter("Offer")),
        "opened in the welcome": message("opened", journey=welcome),
        "opened this week": message("opened", within=week),
        "opened twice": message("opened", count={"op": "at_least", "n": 2}),
        "exactly one sent": message("sent", count={"op": "exactly", "n": 1}),
        "clicked": message("clicked", channel="email"),
        "clicked in a text": message("clicked", channel="sms"),
        "not opened": message("not_opened"),
        "left": message("unsubscribed"),
        "delivered": message("delivered", journey=offer),
    }
    follow(
        shop,
        asked,
        [
            ("0s", PEOPLE, "", {"never sent": "ann bob cid dan"}),
            (
                "1h",
                "ann Welcome; bob Welcome; dan Welcome",  # nobody can write to dan
                "",
                {
                    "sent": "ann bob",
                    "never sent": "cid dan",
                    "exactly one sent": "ann bob",
                    "not opened": "ann bob",
                },
            ),
            (
                "2h",
                "",
                "ann opens Welcome",
                {"opened in the welcome": "ann", "opened this week": "ann", "not opened": "bob"},
            ),
            (
                "3h",
                "ann Offer; cid Offer",
                "",
                {
                    "sent": "ann bob cid",
                    "never sent": "dan",
                    "exactly one sent": "bob cid",
                    "not opened": "ann bob cid",
                    "delivered": "ann cid",
                },
            ),
            (
                "4h",
                "",
                "ann opens Offer; ann opens Offer; cid clicks Offer",  # who clicks has opened
                {
                    "opened the offer": "ann cid",
                    "opened this week": "ann cid",
                    "opened twice": "ann",
                    "clicked": "cid",
                    "not opened": "bob",
                },
            ),
            ("5h", "", "bob leaves Welcome", {"left": "bob"}),
            ("170h", "", "", {}),  # a week after ann's first
            ("172h", "", "", {"opened this week": ""}),
            ("173h", "", "ann opens Welcome", {}),  # the first time counts
        ],
    )


def test_journeys(shop: Shop) -> None:
    welcome, day = shop.journey("Welcome"), cases.last(1, "days")

    def stands(state: str, **more: Any) -> dict[str, Any]:
        return {"type": "journey", "journey": welcome, "state": state, **more}

    asked = {
        "inside": stands("inside"),
        "came today": stands("inside", within=day),
        "passed": stands("passed"),
        "passed today": stands("passed", within=day),
        "converted": stands("converted"),
        "never": stands("never"),
    }
    follow(
        shop,
        asked,
        [
            ("0s", PEOPLE, "", {"never": "ann bob cid dan"}),
            ("1h", "ann Welcome; bob Welcome", "", {"inside": "ann bob", "came today": "ann bob", "never": "cid dan"}),
            ("2h", "bob Bought", "", {"converted": "bob"}),
            ("25h", "", "", {"came today": ""}),
            ("26h", "cid Welcome", "", {"inside": "ann bob cid", "came today": "cid", "never": "dan"}),
            ("49h", "", "", {"inside": "cid", "passed": "ann bob", "passed today": "ann bob"}),
            ("50h", "ann Welcome", "", {"inside": "ann cid", "came today": "ann"}),
            ("73h", "", "", {"passed today": ""}),
            ("74h", "", "", {"inside": "ann", "passed": "ann bob cid", "passed today": "cid", "came today": ""}),
        ],
    )
