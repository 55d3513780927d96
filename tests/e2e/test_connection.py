"""The connection is lost while a marketer fills in a step: nothing typed is lost, and the page says how it stands."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Dialog, Locator, Page, Request, Route, expect

from journeys.models import Journey, Node
from journeys.services import drafts
from tests import builders

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

PageAs = Callable[..., Page]


class Canvas(NamedTuple):
    """A canvas that a marketer has open, and what is looked at on it."""

    page: Page
    amount: Locator
    status: Locator
    wait: Locator
    undo: Locator


def opened(page_as: PageAs, journey: Journey) -> Canvas:
    page = page_as("marketer")
    page.goto(f"/journeys/{journey.pk}/")
    return Canvas(
        page,
        amount=page.locator("#inspector [name=amount]"),
        status=page.locator("#canvas-saved"),
        wait=page.locator(".cv-card[data-key=wait]"),
        undo=page.get_by_role("button", name="Undo"),
    )


def amounts(journey: Journey) -> dict[str, Any]:
    """What the server has."""
    nodes = Node.objects.filter(version=journey.draft, delaynode__isnull=False)
    return {node.key: node.config()["amount"] for node in nodes}


def saved_without_a_reply(route: Route) -> None:
    """The server does what it is asked, and the page does not hear of it."""
    if route.request.method == "POST":
        route.fetch()
        route.abort()
    else:
        route.continue_()


def test_what_is_typed_without_a_connection_is_saved_once_it_is_back(page_as: PageAs) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    drawing = 'come: entry_event(event="A") -> wait\nwait: delay(amount=2) -> rest\nrest: delay(amount=3)'
    journey = builders.journey(drawing, publish=False)
    page, amount, status, wait, _undo = opened(page_as, journey)
    page.on("dialog", stay)
    rest = page.locator(".cv-card[data-key=rest]")

    wait.click()
    expect(amount).to_have_value("2")
    page.context.set_offline(True)
    amount.fill("5")
    amount.blur()
    expect(status).to_have_text("could not save, retrying…")
    rest.click()
    expect(page.locator("#inspector")).to_contain_text("This step cannot be shown without a connection.")
    wait.click()
    expect(amount).to_have_value("5")
    amount.fill("6")
    rest.click()
    expect(amount).to_have_count(0)
    assert amounts(journey) == {"wait": 2, "rest": 3}

    page.context.set_offline(False)
    expect(wait).to_contain_text("Wait 6 days")
    expect(amount).to_have_value("3")
    expect(status.locator("[data-status=saved]")).to_be_visible()
    assert amounts(journey) == {"wait": 6, "rest": 3}
    expect(page.locator(".toast-card")).to_have_count(0)

    # The server shows forms and takes no answers.
    page.route("**/nodes/**", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    amount.fill("9")
    wait.click()
    expect(amount).to_have_value("6")
    expect(status).to_have_text("could not save, retrying…")
    page.get_by_role("link", name="Back").click()
    assert asked == ["beforeunload"]
    page.locator("#inspector [data-close]").click()
    rest.click()
    expect(amount).to_have_value("9")
    assert amounts(journey) == {"wait": 6, "rest": 3}
    page.unroute("**/nodes/**")
    wait.click()
    expect(rest).to_contain_text("Wait 9 days")
    expect(amount).to_have_value("6")
    assert amounts(journey) == {"wait": 6, "rest": 9}
    page.get_by_role("link", name="Back").click()
    page.wait_for_url("**/journeys/")
    assert asked == ["beforeunload"]


def test_an_answer_whose_reply_is_lost_is_saved_once_and_can_be_taken_back(page_as: PageAs) -> None:
    journey = builders.journey('come: entry_event(event="A") -> wait\nwait: delay(amount=2)', publish=False)
    page, amount, status, wait, undo = opened(page_as, journey)
    drawing = f"**/api/journeys/{journey.pk}/graph"

    def revision() -> int:
        journey.refresh_from_db()
        assert journey.draft is not None
        return journey.draft.revision

    def answer_without_a_reply(value: str) -> None:
        """Until `connected`, the page does not find out what became of it."""
        page.route(drawing, lambda route: route.abort())
        amount.fill(value)
        amount.blur()
        expect(status).to_have_text("could not save, retrying…")

    def connected() -> None:
        page.unroute(drawing)
        page.evaluate("dispatchEvent(new Event('online'))")

    wait.click()
    expect(amount).to_have_value("2")
    before = revision()
    page.route("**/nodes/**", saved_without_a_reply)
    form = page.locator("#inspector form[data-answers]")
    form.evaluate("form => { form.dataset.before = '' }")
    answer_without_a_reply("5")
    connected()
    expect(wait).to_contain_text("Wait 5 days")
    expect(page.locator("#inspector form[data-before]")).to_have_count(0)  # it is drawn as the server has it
    expect(status.locator("[data-status=saved]")).to_be_visible()
    assert (amounts(journey), revision()) == ({"wait": 5}, before + 1)

    answer_without_a_reply("6")
    undo.click()  # the server has it already
    connected()
    expect(status.locator("[data-status=saved]")).to_be_visible()
    expect(wait).to_contain_text("Wait 5 days")
    expect(amount).to_have_value("5")
    assert (amounts(journey), revision()) == ({"wait": 5}, before + 3)
    expect(page.locator(".toast-card")).to_have_count(0)

    answer_without_a_reply("7")
    drafts.apply(journey, before + 4, [{"op": "rename_node", "key": "wait", "name": "Theirs"}], by=None)
    amount.fill("8")  # and is typing when it turns out
    connected()
    expect(page.get_by_text("Somebody else has changed this journey")).to_be_visible()
    expect(wait).to_contain_text("Theirs")
    expect(wait).to_contain_text("Wait 7 days")
    wait.click()
    expect(amount).to_have_value("7")
    assert (amounts(journey), revision()) == ({"wait": 7}, before + 5)


def test_undo_reaches_what_waits_and_a_new_step_asks_once_there_is_a_connection(page_as: PageAs) -> None:
    journey = builders.journey('come: entry_event(event="A") -> wait\nwait: delay(amount=2)', publish=False)
    page, amount, status, wait, undo = opened(page_as, journey)
    redo = page.get_by_role("button", name="Redo")

    wait.click()
    expect(amount).to_have_value("2")
    page.context.set_offline(True)
    amount.fill("5")
    amount.blur()
    expect(status).to_have_text("could not save, retrying…")
    page.locator("[data-key=wait] .cv-plus").click()
    page.locator(".cv-menu [data-kind=exit]").click()
    expect(page.locator(".cv-card")).to_have_count(3)
    inspector = page.locator("#inspector")
    expect(inspector).to_contain_text("This step is not saved yet. Its questions come here as soon as it is.")
    expect(inspector).to_be_focused()

    undo.click()  # the new step
    expect(page.locator(".cv-card")).to_have_count(2)
    wait.click()
    expect(amount).to_have_value("5")
    undo.click()  # the answer
    expect(amount).to_have_value("2")
    expect(undo).to_be_disabled()
    redo.click()
    expect(amount).to_have_value("5")
    redo.click()
    expect(page.locator(".cv-card")).to_have_count(3)
    page.locator(".cv-card", has_text="End").click()
    expect(inspector).to_contain_text("This step is not saved yet.")
    assert amounts(journey) == {"wait": 2}

    page.context.set_offline(False)
    expect(inspector.get_by_label("Note")).to_be_visible()
    expect(wait).to_contain_text("Wait 5 days")
    expect(status.locator("[data-status=saved]")).to_be_visible()
    assert amounts(journey) == {"wait": 5}
    assert Node.objects.filter(version=journey.draft).count() == 3
    undo.click()
    undo.click()
    expect(wait).to_contain_text("Wait 2 days")
    expect(undo).to_be_disabled()
    expect(status.locator("[data-status=saved]")).to_be_visible()
    assert amounts(journey) == {"wait": 2}
    expect(page.locator(".toast-card")).to_have_count(0)


def test_what_arrives_after_it_was_taken_back_comes_too_late(page_as: PageAs) -> None:
    journey = builders.journey('come: entry_event(event="A") -> wait\nwait: delay(amount=2)', publish=False)
    page, amount, status, wait, undo = opened(page_as, journey)
    on_its_way: list[Request] = []

    def given_up(route: Route) -> None:
        """The page gets no answer, and the server has not begun yet."""
        if route.request.method == "POST":
            on_its_way.append(route.request)
            route.abort()
        else:
            route.continue_()

    wait.click()
    expect(amount).to_have_value("2")
    page.route("**/nodes/**", given_up)
    amount.fill("5")
    amount.blur()
    expect(status).to_have_text("could not save, retrying…")
    undo.click()
    expect(status.locator("[data-status=saved]")).to_be_visible()
    late = on_its_way[0]
    answer = page.request.post(late.url, data=late.post_data, headers=late.headers)
    assert answer.headers["hx-trigger"] == '{"graph:stale": {}}'
    assert amounts(journey) == {"wait": 2}
