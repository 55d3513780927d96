"""A marketer draws a journey in a browser: by dragging, by "+", by keys; and it is saved, undone and published."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from journeys.models import Edge, Journey, Node
from journeys.services import drafts
from tests import builders

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

PageAs = Callable[..., Page]

OVERLAPS = """() => {
  const things = [...document.querySelectorAll(".cv-card, .cv-plus, .cv-line-name, .cv-stub-label")];
  const lies = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  const word = (thing) => thing.getAttribute("aria-label") ?? thing.textContent;
  return things.flatMap((one, at) => things.slice(at + 1)
    .filter((other) => !one.contains(other) && lies(one.getBoundingClientRect(), other.getBoundingClientRect()))
    .map((other) => [word(one), word(other)]));
}"""


def lines(journey: Journey) -> list[str]:
    """The drawing that the server has, as "kind.port>kind"."""
    journey.refresh_from_db()
    kinds = {node.pk: node.kind for node in Node.objects.filter(version=journey.draft)}
    edges = Edge.objects.filter(version=journey.draft)
    return sorted(f"{kinds[edge.source_id]}.{edge.port}>{kinds[edge.target_id]}" for edge in edges)


def saved(page: Page) -> None:
    """Everything drawn has reached the server."""
    expect(page.locator("#canvas-saved [data-status=saved]")).to_be_visible()


def drag(page: Page, kind: str, x: float, y: float) -> None:
    """Take a kind from the palette and drop it at a place of the page."""
    surface = page.locator(".react-flow")
    box = surface.bounding_box()
    assert box is not None
    page.locator(f".cv-palette [data-kind={kind}]").drag_to(
        surface, target_position={"x": x - box["x"], "y": y - box["y"]}
    )


def middle(page: Page, selector: str) -> tuple[float, float]:
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_what_one_is_about_to_press_stays_where_it_is(page_as: PageAs) -> None:
    """Also when what was wrong no longer is."""
    drawing = 'come: entry_event(event="A") -> ask\nask: task(task="Call") way_1 -> look\nlook: by_answer()'
    page = page_as("marketer")
    page.goto(f"/journeys/{builders.journey(drawing, publish=False).pk}/")
    page.locator(".cv-card[data-key=look]").click()
    inspector = page.locator("#inspector")
    expect(inspector).to_contain_text("Choose the step whose answer to look at.")
    before = inspector.get_by_role("button", name="Add: property").bounding_box()
    inspector.get_by_label("Which answer").select_option(label="Ask a colleague")
    expect(inspector).not_to_contain_text("Choose the step whose answer to look at.")
    assert inspector.get_by_role("button", name="Add: property").bounding_box() == before


def test_a_journey_is_drawn_filled_in_and_published(page_as: PageAs) -> None:
    builders.template("Welcome")
    page = page_as("marketer")
    page.goto("/journeys/new/")
    page.get_by_label("What is the journey called?").fill("Welcome new customers")
    page.get_by_role("button", name="Start drawing").click()
    journey = Journey.objects.get()

    drag(page, "entry_event", 760, 160)
    event = page.locator("#inspector [name=event]")
    expect(event).to_be_focused()
    event.fill("Signed Up")
    event.blur()
    expect(page.locator(".cv-card")).to_contain_text("When someone does Signed Up")

    page.get_by_role("button", name="Add a step after Does something").click()
    page.keyboard.type("mess")
    page.keyboard.press("Enter")
    template = page.locator("#inspector [name=template]")
    expect(template).to_be_focused()
    template.select_option(label="Welcome")
    expect(page.locator(".cv-card", has_text="Welcome")).to_be_visible()

    page.locator(".cv-palette [data-kind=opened]").click()  # behind the chosen card
    page.locator("#inspector [name=send_key]").select_option(index=1)
    saved(page)

    x, y = middle(page, ".cv-line-label >> nth=0")
    drag(page, "delay", x, y)  # onto the line
    expect(page.locator("#inspector [name=amount]")).to_be_focused()
    saved(page)

    page.locator("[data-out$=':opened'] .cv-plus").click()
    page.locator(".cv-menu [data-kind=exit]").click()
    saved(page)
    assert lines(journey) == [
        "delay.next>send",
        "entry_event.next>delay",
        "opened.opened>exit",
        "send.next>opened",
    ]

    page.get_by_role("button", name="Publish…").click()
    page.locator("#publish").get_by_role("button", name="Publish").click()
    page.wait_for_url("**/report/")
    expect(page.get_by_text("Version 1 live")).to_be_visible()
    journey.refresh_from_db()
    assert journey.state == Journey.State.LIVE
    assert journey.draft is None


def test_ports_are_connected_by_dragging_and_edits_are_undone(page_as: PageAs) -> None:
    journey = builders.journey(
        """
        come: entry_event(event="Signed Up") -> wait
        wait: delay(amount=2)
        done: exit()
        """,
        publish=False,
    )
    drafts.apply(journey, 1, [{"op": "move_node", "key": "done", "x": 400, "y": 300}], by=None)
    page = page_as("marketer")
    page.goto(f"/journeys/{journey.pk}/")
    expect(page.locator(".react-flow__edge")).to_have_count(1)
    x, y = middle(page, "[data-key=wait] .react-flow__handle-bottom")
    to_x, to_y = middle(page, "[data-key=done] .react-flow__handle-top")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(to_x - 30, to_y - 20, steps=4)
    page.mouse.move(to_x, to_y, steps=4)
    page.mouse.up()
    expect(page.locator(".react-flow__edge")).to_have_count(2)
    saved(page)
    assert lines(journey) == ["delay.next>exit", "entry_event.next>delay"]

    page.locator("[data-key=wait]").click()
    expect(page.locator("#inspector [name=amount]")).to_be_visible()
    page.locator("#inspector [data-close]").click()
    page.keyboard.press("Delete")  # closes the gap
    expect(page.locator(".react-flow__edge")).to_have_count(1)
    saved(page)
    assert lines(journey) == ["entry_event.next>exit"]

    page.keyboard.press("Control+z")
    expect(page.locator("[data-key=wait]")).to_contain_text("Wait 2 days")
    page.keyboard.press("Control+z")
    expect(page.locator(".react-flow__edge")).to_have_count(1)
    saved(page)
    assert lines(journey) == ["entry_event.next>delay"]
    page.keyboard.press("Control+Shift+z")
    page.keyboard.press("Control+Shift+z")
    saved(page)
    assert lines(journey) == ["entry_event.next>exit"]


def test_a_form_is_saved_as_one_fills_it_and_can_be_taken_back(page_as: PageAs) -> None:
    journey = builders.journey('come: entry_event(event="A") -> wait\nwait: delay(amount=2)', publish=False)
    page = page_as("marketer")
    page.goto(f"/journeys/{journey.pk}/")
    page.locator("[data-key=wait]").click()
    page.locator("#inspector [name=amount]").fill("5")
    page.locator("#inspector [name=unit]").select_option("hours")
    card = page.locator(".cv-card[data-key=wait]")
    expect(card).to_contain_text("Wait 5 hours")
    page.locator("#inspector [name=name]").fill("A short rest")
    page.locator("#inspector [name=name]").blur()
    expect(card).to_contain_text("A short rest")
    page.locator("#inspector [data-close]").click()
    page.get_by_role("button", name="Undo").click()
    expect(card).not_to_contain_text("A short rest")
    while page.get_by_role("button", name="Undo").is_enabled():
        page.get_by_role("button", name="Undo").click()
    expect(card).to_contain_text("Wait 2 days")
    saved(page)
    assert Node.objects.get(version=journey.draft, key="wait").config() == {"amount": 2, "unit": "days"}


@pytest.mark.parametrize("ways", ["", "happened -> done", "timed_out -> done", "happened -> done, timed_out -> done"])
def test_what_is_tidied_up_can_be_read_and_pressed(page_as: PageAs, ways: str) -> None:
    drawing = f'come: entry_event(event="A") -> read\nread: wait_event(event="B") {ways}\ndone: exit()'
    journey = builders.journey(drawing, publish=False)
    page = page_as("marketer")
    page.goto(f"/journeys/{journey.pk}/")
    expect(page.locator(".cv-card")).to_have_count(3)
    page.get_by_role("button", name="Tidy up").click()
    expect(page.get_by_role("button", name="Undo")).to_be_enabled()
    saved(page)
    assert page.evaluate(OVERLAPS) == []


def test_everything_goes_by_keyboard_too(page_as: PageAs) -> None:
    reach = 'reach: reachable(ways=["email", "phone", "device_token"])'
    journey = builders.journey(f'come: entry_event(event="A") -> wait\nwait: delay(amount=2)\n{reach}', publish=False)
    page = page_as("marketer")
    page.goto(f"/journeys/{journey.pk}/")
    page.locator(".react-flow__node").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("/")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("end")
    page.keyboard.press("Enter")
    expect(page.locator(".cv-card")).to_have_count(4)
    saved(page)
    assert lines(journey) == ["delay.next>exit", "entry_event.next>delay"]

    page.locator("[data-key=reach]").click()
    page.get_by_label("Move up: Push").press("Enter")
    expect(page.locator("[data-key=reach]").first).to_contain_text("First by e-mail, else push, else phone")
    expect(page.get_by_label("Move up: Push")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator("[data-key=reach]").first).to_contain_text("First by push, else e-mail, else phone")
    expect(page.get_by_label("Push", exact=True)).to_be_focused()
    expect(page.locator("#inspector-said")).to_have_text("Push is now number 1.")


def test_a_part_of_one_journey_is_pasted_into_another(page_as: PageAs) -> None:
    source = builders.journey(
        'come: entry_event(event="A") -> wait\nwait: delay(amount=7) -> done\ndone: exit()', publish=False
    )
    target = drafts.create("Another", by=None)
    page = page_as("marketer")
    page.goto(f"/journeys/{source.pk}/")
    page.locator(".react-flow__node").first.focus()
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+c")
    page.goto(f"/journeys/{target.pk}/")
    page.locator(".cv-stage").click(position={"x": 40, "y": 40})
    page.keyboard.press("Control+v")
    expect(page.locator(".cv-card")).to_have_count(3)
    saved(page)
    assert lines(target) == ["delay.next>exit", "entry_event.next>delay"]
    assert Node.objects.get(version=target.draft, delaynode__isnull=False).config()["amount"] == 7


def test_a_conflict_is_shown_and_nothing_overwritten(page_as: PageAs) -> None:
    journey = builders.journey('come: entry_event(event="A") -> wait\nwait: delay(amount=2)', publish=False)
    page = page_as("marketer")
    page.goto(f"/journeys/{journey.pk}/")
    expect(page.locator(".cv-card")).to_have_count(2)
    drafts.apply(journey, 1, [{"op": "rename_node", "key": "wait", "name": "Renamed elsewhere"}], by=None)
    page.locator("[data-key=wait] .cv-plus").click()
    page.locator(".cv-menu [data-kind=exit]").click()
    expect(page.get_by_text("Somebody else has changed this journey")).to_be_visible()
    expect(page.locator(".cv-card[data-key=wait]")).to_contain_text("Renamed elsewhere")
    expect(page.locator(".cv-card")).to_have_count(2)
    assert lines(journey) == ["entry_event.next>delay"]


def test_a_phone_edits_the_same_journey_as_a_list(page_as: PageAs) -> None:
    arms = 'arms=[{"name": "The long letter with a story", "percent": 50}, {"name": "B", "percent": 50}]'
    drawing = f'come: entry_event(event="A") -> toss\ntoss: random_split({arms}) arm_1 -> wait\nwait: delay(amount=2)'
    journey = builders.journey(drawing, publish=False)
    page = page_as("marketer", viewport={"width": 390, "height": 844}, has_touch=True)
    page.goto(f"/journeys/{journey.pk}/")
    expect(page.locator(".cv-list-card")).to_have_count(3)
    page.get_by_role("button", name="Add a step after Wait 2 days, then").click()
    page.locator(".cv-menu [data-kind=exit]").click()
    expect(page.locator(".cv-list-card")).to_have_count(4)
    saved(page)
    assert lines(journey) == ["delay.next>exit", "entry_event.next>random_split", "random_split.arm_1>delay"]
    # What a way leads to can be read beside every name.
    widths = page.locator(".cv-list-way select").evaluate_all("(all) => all.map((one) => one.clientWidth)")
    assert len(widths) == 4
    assert min(widths) >= 160


def test_an_analyst_looks_only(page_as: PageAs) -> None:
    journey = builders.journey('come: entry_event(event="A") -> wait\nwait: delay(amount=2)', publish=False)
    page = page_as("analyst")
    page.goto(f"/journeys/{journey.pk}/")
    expect(page.locator(".cv-card")).to_have_count(2)
    page.locator("[data-key=wait]").click()
    expect(page.locator("#inspector [name=amount]")).to_be_disabled()
    for gone in (".cv-palette", ".cv-plus", "text=Publish…"):
        expect(page.locator(gone)).to_have_count(0)
    page.locator(".react-flow__node").first.focus()
    page.keyboard.press("Delete")
    expect(page.locator(".cv-card")).to_have_count(2)


def test_the_report_counts_on_the_same_cards(page_as: PageAs, now: Any) -> None:
    journey = builders.journey('come: entry_event(event="A") -> wait\nwait: delay(amount=2)')
    builders.counted(
        journey, come={"entered": 5, "left": 5, "started": 5, "port:next": 5}, wait={"entered": 5, "left": 2}
    )
    page = page_as("analyst")
    page.goto(f"/journeys/{journey.pk}/report/")
    expect(page.locator(".cv-card[data-key=come]")).to_contain_text("5 entered")
    expect(page.locator(".cv-card[data-key=wait]")).to_contain_text("3 waiting")
    builders.counted(journey, wait={"entered": 1200})
    expect(page.locator(".cv-card[data-key=wait]")).to_contain_text("1,203 waiting")
    page.locator("[data-number=waiting]").click()
    page.wait_for_url("**/people/?node=wait&state=active")
