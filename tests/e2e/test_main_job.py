"""The main job, from outside: the product as `make run` starts it, a marketer in a browser, a client library, a mail
server, and processes that are killed on the way. Nothing here looks into the database.
"""

import re
from collections.abc import Iterator

import httpx
import pytest
import segment.analytics
from playwright.sync_api import Page, expect

from tests.e2e.drawing import add_behind, begin, choose_mail, draw_entry, publish, sign_in
from tests.product import MailServer, Product, wait_for

pytestmark = pytest.mark.e2e

PEOPLE = 500
OPENERS = frozenset(f"p{i}@people.example" for i in range(0, PEOPLE, 2))
ADDRESSES = [f"p{i}@people.example" for i in range(PEOPLE)]


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


def connect_mail(page: Page, mail: MailServer) -> None:
    page.goto("/channels/new/email/smtp/")
    page.get_by_label("Server", exact=True).fill("127.0.0.1")
    page.get_by_label("Port").fill(str(mail.port))
    page.get_by_label("Security").select_option("none")
    page.get_by_label("Sender name").fill("The Shop")
    page.get_by_label("Sender address").fill("hello@shop.example")
    expect(page.get_by_label("Let it carry the channel")).to_be_checked()  # the sandbox did until now
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile(r"/channels/(\d+/)?$"))


def write_mail(page: Page, name: str) -> None:
    page.goto("/content/new/email/")
    page.locator("[name=name]").first.fill(name)
    page.locator("form:has([name=name])").get_by_role("button").last.click()
    page.wait_for_url(re.compile(r"/content/\d+/$"))
    page.locator("[name=subject]").fill(name)
    page.locator("[name=format]").select_option("html")
    page.locator("[name=body]").fill('<p>Hello {{ first_name }}, <a href="https://shop.example/new">see</a>.</p>')
    expect(page.locator("#content-saved")).to_have_text("Not saved yet")
    page.keyboard.press("Control+s")
    expect(page.locator("#content-saved")).to_have_text("saved now")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def draw(page: Page) -> str:
    """Six cards: signs up → Welcome → wait 1 hour → opened within a day? → two different mails. Gives its address."""
    begin(page, "Welcome new people")
    address = re.sub(r"^https?://[^/]+", "", page.url)
    draw_entry(page, "entry_event")
    page.locator("#inspector [name=event]").fill("Signed Up")
    page.locator("#inspector [name=event]").blur()
    expect(page.locator(".cv-card")).to_contain_text("Signed Up")
    add_behind(page, "next", "send")
    choose_mail(page, "Welcome")
    page.locator(".cv-palette [data-kind=delay]").click()
    page.locator("#inspector [name=amount]").fill("1")
    page.locator("#inspector [name=unit]").select_option("hours")
    expect(page.locator(".cv-card", has_text="Wait 1 hour")).to_be_visible()
    page.locator(".cv-palette [data-kind=opened]").click()
    page.locator("#inspector [name=send_key]").select_option(index=1)
    expect(page.locator(".cv-card")).to_have_count(4)
    for port, name in (("opened", "Three ideas"), ("not_opened", "Second try")):
        add_behind(page, port, "send")
        choose_mail(page, name)
    expect(page.locator(".cv-card")).to_have_count(6)
    publish(page)
    return address


def sign_up(running: Product, first: int, last: int) -> None:
    """People sign up through the client library as it is published."""
    client = segment.analytics.Client(running.facts["write key"], host=running.url, max_retries=10, timeout=30)
    for i in range(first, last):
        client.identify(f"p{i}", {"email": f"p{i}@people.example", "firstName": f"Person {i}", "plan": "trial"})
        client.track(f"p{i}", "Signed Up", {"plan": "trial"})
    client.flush()
    client.join()


def pixel(raw: str) -> str:
    found = re.search(r'src="([^"]+/t/o/[^"]+\.gif)"', raw)
    assert found, raw
    return found[1]


def travel(page: Page, by: str, times: int = 1) -> None:
    for _ in range(times):
        page.goto("/")
        page.locator(f"#sandbox-bar button[value={by}]").click()
        page.wait_for_load_state()


def figure(page: Page, card: str, text: str) -> None:
    expect(page.locator(".cv-card", has_text=card).first).to_contain_text(text, timeout=30_000)


def kill(running: Product, word: str) -> int:
    """`kill -9` of every process of a kind; how many there were."""
    victims = running.processes(word)
    assert victims, f"nothing runs that is called {word}"
    for victim in victims:
        victim.kill()
    return len(victims)


def tell(running: Product, person: str, event: str) -> None:
    """One call to the HTTP API, as any server would make it."""
    who = {"type": "identify", "userId": person, "traits": {"email": f"{person}@people.example"}}
    batch = {"batch": [who, {"type": "track", "userId": person, "event": event}]}
    answer = httpx.post(f"{running.url}/v1/batch", json=batch, auth=(running.facts["write key"], ""), timeout=20)
    assert answer.status_code == 200, answer.text


def make_segment(page: Page, event: str, name: str) -> None:
    page.goto("/segments/new/")
    page.get_by_role("textbox", name="Name", exact=True).fill(name)
    editor = page.locator("condition-editor")
    editor.get_by_role("button", name="Condition", exact=True).click()
    page.locator(".ce-panel").get_by_role("combobox").fill(event)
    page.get_by_role("option").filter(has_text=event).first.click()
    expect(editor.get_by_text("1 person")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("1 person is in the saved segment")).to_be_visible()


def letters(page: Page) -> list[str]:
    """The addresses in the sandbox mailbox to which e-mail went."""
    page.goto("/mailbox/?channel=email")
    return page.locator(".letter-line .letter-to").all_inner_texts()


def who_joins_a_segment_gets_a_message(running: Product, page: Page) -> None:
    """A segment by clicking, a journey that begins with it, an event by HTTP; then the message lies in the mailbox."""
    tell(running, "early", "Trial Started")
    make_segment(page, "Trial Started", "On trial")
    write_mail(page, "Your trial")
    begin(page, "Help people on trial")
    draw_entry(page, "entry_segment")
    page.locator("#inspector [name=segment]").select_option(label="On trial")
    expect(page.locator(".cv-card")).to_contain_text("When someone joins On trial")
    add_behind(page, "next", "send")
    choose_mail(page, "Your trial")
    publish(page)
    tell(running, "late", "Trial Started")
    wait_for(lambda: letters(page), 30, "a message in the mailbox")
    assert letters(page) == ["late@people.example"]  # who was in the segment before did not join it
    page.locator(".letter-line").click()
    expect(page.locator("#reading")).to_contain_text("Your trial")
    expect(page.frame_locator(".mail-frame").locator("body")).to_contain_text("Hello")


def five_hundred_people_through_a_journey(running: Product, mail: MailServer, page: Page) -> None:
    connect_mail(page, mail)
    for name in ("Welcome", "Three ideas", "Second try"):
        write_mail(page, name)
    journey = draw(page)

    sign_up(running, 0, 200)
    kill(running, "worker-1")
    sign_up(running, 200, 350)
    kill(running, "worker-2")
    kill(running, "omnichannel beat")
    sign_up(running, 350, PEOPLE)
    wait_for(lambda: len(mail.received) >= PEOPLE, 90, "500 first mails")
    welcome = mail.mails("Welcome")
    assert sorted(to for to, _ in welcome) == sorted(ADDRESSES)
    assert len(mail.received) == PEOPLE

    with httpx.Client(timeout=20) as reader:
        for to, letter in welcome:
            body = letter.get_body(("html",))
            assert body is not None
            if to in OPENERS:
                assert reader.get(pixel(body.get_content())).status_code == 200

    travel(page, "hour", 2)
    wait_for(lambda: len(mail.mails("Three ideas")) >= len(OPENERS), 90, "a mail to each who opened")
    kill(running, "worker-1")
    travel(page, "day", 2)
    wait_for(lambda: len(mail.received) >= 2 * PEOPLE, 90, "a mail to each who did not")
    assert sorted(to for to, _ in mail.mails("Three ideas")) == sorted(OPENERS)
    assert sorted(to for to, _ in mail.mails("Second try")) == sorted(set(ADDRESSES) - OPENERS)
    assert len(mail.received) == 2 * PEOPLE

    page.goto(f"{journey}report/")
    figure(page, "Signed Up", "500")
    figure(page, "Welcome", "500 sent")
    figure(page, "Three ideas", "250 sent")
    figure(page, "Second try", "250 sent")

    page.goto("/people/?q=p3@people.example")
    page.locator("a[href^='/people/']", has_text="Person 3").first.click()
    story = page.locator("main")
    expect(story).to_contain_text("Welcome new people")
    page.get_by_text("How they got here").click()
    expect(story).to_contain_text("Not opened")
    expect(story).to_contain_text("Second try")


def doubtful(running: Product) -> set[str]:
    """Addresses of messages of which nobody knows whether they arrived."""
    with running.api() as api:
        return {message["address"] for message in api.get("/messages/", params={"state": "unknown"}).json()["results"]}


def a_killed_sender_doubles_nothing(running: Product, mail: MailServer) -> None:
    """At most what was in the air on each connection is in doubt; it is shown as unknown and never sent twice."""
    before = len(mail.received)
    sign_up(running, PEOPLE, PEOPLE + 300)
    wait_for(lambda: len(mail.received) > before + 20, 60, "the sender is at work")
    connections = 2 * kill(running, "sender")  # two each, as the form offers
    everybody = {f"p{i}@people.example" for i in range(PEOPLE, PEOPLE + 300)}

    def settled() -> bool:
        with running.api() as api:
            left = [
                api.get("/messages/", params={"state": state}).json()["results"] for state in ("pending", "sending")
            ]
        return left == [[], []] and everybody <= {to for _, to, _ in mail.received[before:]} | doubtful(running)

    wait_for(settled, 90, "nothing waits or is on its way, and everybody was written to or is in doubt")
    with running.api() as api:
        unknown = api.get("/messages/", params={"state": "unknown"}).json()
    got = [to for _, to, _ in mail.received[before:]]
    assert len(got) == len(set(got))
    in_doubt = {message["address"] for message in unknown["results"]}
    assert everybody - set(got) <= in_doubt
    assert len(in_doubt) <= connections


def test_the_main_job(running: Product, mail: MailServer, page: Page) -> None:
    sign_in(page, running)
    who_joins_a_segment_gets_a_message(running, page)
    five_hundred_people_through_a_journey(running, mail, page)
    a_killed_sender_doubles_nothing(running, mail)
