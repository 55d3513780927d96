"""What headers of webhooks say: sealed, sent to where it belongs, and told to nobody."""

import json

import pytest
from auditlog.models import LogEntry
from django.db import connection
from django.test import Client

from journeys.models import Blueprint, Journey, Request, StepRecord
from journeys.models.headers import opened
from journeys.nodes.webhook import WebhookNode
from journeys.queries import exchange, graph
from journeys.queries.document import document
from journeys.services import drafts, lifecycle
from journeys.services.blueprints import save_as
from journeys.services.exchange import bring_in
from journeys.validation import check
from omnichannel.accounts.models import User
from omnichannel.shared import yaml_text
from tests import builders
from tests.conftest import NOW
from tests.integration.test_webhooks import gate, view, work
from tests.mail import Gateway

__all__ = ["gate"]  # a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]

SECRET = "Bearer s3cret-4711"
LOCKED = """
    start: entry_event(event="Viewed") -> hook
    hook: webhook(url=url, headers=rows) answered -> done, failed -> done
    done: exit()
"""
ROWS = [{"name": "Authorization", "value": SECRET}, {"name": "Accept", "value": "text/plain"}]


def locked(gate: Gateway, *, name: str = "Test", publish: bool = True) -> Journey:
    return builders.journey(LOCKED, name=name, publish=publish, url=gate.url + "/hook", rows=ROWS)


def hook_of(made: Journey) -> WebhookNode:
    return WebhookNode.objects.get(version=made.draft or made.live)


def rows_of(made: Journey) -> list[tuple[str, str]]:
    return [(row["name"], row["value"]) for row in hook_of(made).config()["headers"]]


def test_what_a_header_says_is_sent_and_told_to_nobody(gate: Gateway, client: Client, marketer: User) -> None:
    made = locked(gate)
    view()
    work(NOW)
    assert gate.asked[0][2]["authorization"] == SECRET
    assert gate.asked[0][2]["accept"] == "text/plain"
    with connection.cursor() as cursor:
        cursor.execute("SELECT headers::text FROM journeys_webhooknode")
        stored = cursor.fetchone()[0]
    client.force_login(marketer)
    made.refresh_from_db()
    copy = drafts.duplicate(made, "Copy", by=None)
    save_as(made, None, NOW)
    panel = client.get(f"/journeys/{made.pk}/nodes/hook/").content.decode()
    told = [
        stored,
        json.dumps(document(made)),
        json.dumps(graph.payload(drafts.current(made)), default=str),
        exchange.text(made),
        Blueprint.objects.get().text,
        panel,
        str(list(LogEntry.objects.values_list("changes", flat=True))),
        str(StepRecord.objects.values()),
        str(Request.objects.values()),
    ]
    assert [text for text in told if SECRET in text or "4711" in text] == []
    assert 'placeholder="Is set"' in panel
    assert 'value="text/plain"' in panel
    assert rows_of(copy) == [("Authorization", ""), ("Accept", "text/plain")]
    assert opened(hook_of(copy).headers[0], hook_of(copy).url) == SECRET


def test_a_secret_is_kept_replaced_and_never_sent_to_another_address(
    gate: Gateway, client: Client, marketer: User
) -> None:
    made = locked(gate)
    made.refresh_from_db()
    before = hook_of(made).config()
    version = drafts.apply(made, 1, [{"op": "configure", "key": "hook", "config": {"seconds": 5}}], by=None)
    made.refresh_from_db()
    assert hook_of(made).config() == before | {"seconds": 5}
    client.force_login(marketer)
    posted = {"url": before["url"], "method": "POST", "seconds": "5", "headers-0-name": "Authorization"}
    posted |= {"headers-0-value": "Bearer other", "headers-0-secret": before["headers"][0]["secret"]}
    answer = client.post(f"/journeys/{made.pk}/nodes/hook/", posted | {"revision": str(version.revision)})
    assert answer.status_code == 200
    assert "Bearer other" not in answer.content.decode()
    assert "Bearer other" not in str(answer.headers)
    (row,) = hook_of(made).headers
    assert opened(row, before["url"]) == "Bearer other"
    assert row["secret"] != before["headers"][0]["secret"]  # the steps differ, and publishing says so
    kept = posted | {"headers-0-value": "", "headers-0-secret": row["secret"], "revision": str(version.revision + 1)}
    assert "headers-0-value" not in client.post(f"/journeys/{made.pk}/nodes/hook/", kept).content.decode()
    elsewhere = kept | {"url": "http://127.0.0.1:9/", "revision": str(version.revision + 2)}
    drawn = client.post(f"/journeys/{made.pk}/nodes/hook/", elsewhere).content.decode()
    assert ("headers-0-value" in drawn, 'placeholder="Is set"' in drawn) == (True, False)
    moved = {"op": "configure", "key": "hook", "config": {"url": "http://127.0.0.1:9/hook"}}
    drafts.apply(made, version.revision + 3, [moved], by=None)
    assert rows_of(made) == [("Authorization", "")]
    assert [problem.text for problem in check(drafts.current(made)) if problem.level == "error"] == [
        "Fill in the value of the header “Authorization”."
    ]
    with pytest.raises(lifecycle.LifecycleError):
        lifecycle.publish(made, None, NOW)


def test_an_export_asks_for_the_secret_and_an_import_finds_it_where_it_is(gate: Gateway) -> None:
    text = exchange.text(locked(gate))
    assert yaml_text.load(text)["steps"]["hook"]["with"]["headers"] == [
        {"name": "Authorization", "secret": "needed"},
        {"name": "Accept", "value": "text/plain"},
    ]
    copied = bring_in(text, None, NOW)
    assert exchange.text(copied) == text
    assert opened(hook_of(copied).headers[0], hook_of(copied).url) == SECRET
    assert not [problem for problem in check(drafts.current(copied)) if problem.level == "error"]
    elsewhere = bring_in(text.replace("/hook", "/another"), None, NOW)
    assert opened(hook_of(elsewhere).headers[0], hook_of(elsewhere).url) is None
    with pytest.raises(lifecycle.LifecycleError):
        lifecycle.publish(elsewhere, None, NOW)
    WebhookNode.objects.update(headers=[])
    nowhere = bring_in(text, None, NOW)
    assert hook_of(nowhere).config()["headers"][0] == {"name": "Authorization", "value": "", "secret": "needed"}
    assert exchange.text(nowhere) == text
