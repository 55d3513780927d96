"""The Segment spec, decoded: names, ids, times, and errors that say which item and field."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from profiles.ingest.attributes import clean, email_identity, phone_identity, snake
from profiles.ingest.decode import MAX_ITEM, BadItemError, Call, decode_batch, decode_one

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def one(kind: str = "track", **fields: Any) -> Call:
    given = {"userId": "u1", "event": "Order Completed"} if kind == "track" else {"userId": "u1"}
    return decode_one(json.dumps(given | fields).encode(), kind, NOW)


def refused(body: bytes, kind: str = "track") -> tuple[str, str]:
    with pytest.raises(BadItemError) as caught:
        decode_one(body, kind, NOW)
    return caught.value.field, caught.value.message


@pytest.mark.parametrize(
    ("kind", "fields", "name", "properties"),
    [
        ("track", {"event": "Order Completed", "properties": {"total": 5}}, "Order Completed", {"total": 5}),
        ("page", {"name": "Home", "category": "Shop"}, "Page Viewed", {"name": "Home", "category": "Shop"}),
        ("page", {"properties": {"url": "/"}}, "Page Viewed", {"url": "/"}),
        ("screen", {"name": "Cart"}, "Screen Viewed", {"name": "Cart"}),
        ("identify", {"traits": {"firstName": "Ada"}}, "Identified", {"firstName": "Ada"}),
        ("group", {"groupId": "g1", "traits": {"n": 1}}, "Group Joined", {"group_id": "g1", "traits": {"n": 1}}),
        ("alias", {"previousId": "a1"}, "Aliased", {"previous_id": "a1", "user_id": "u1"}),
    ],
)
def test_each_kind_becomes_an_event(kind: str, fields: dict[str, Any], name: str, properties: dict[str, Any]) -> None:
    call = one(kind, **fields)
    assert (call.kind, call.name, call.properties) == (kind, name, properties)


@pytest.mark.parametrize(
    ("kind", "body", "field"),
    [
        ("track", {"userId": "u"}, "event"),
        ("track", {"userId": "u", "event": " "}, "event"),
        ("track", {"userId": "u", "event": "x" * 256}, "event"),
        ("track", {"event": "x"}, "userId"),
        ("track", {"event": "x", "userId": "", "anonymousId": " "}, "userId"),
        ("track", {"event": "x", "userId": "u" * 256}, "userId"),
        ("track", {"event": "x", "userId": ["u"]}, "userId"),
        ("track", {"event": 7, "userId": "u"}, "event"),
        ("track", {"event": "x", "userId": "u", "properties": []}, "properties"),
        ("track", {"event": "x", "userId": "u", "context": {"traits": 1}}, "context.traits"),
        ("track", {"event": "x", "userId": "u", "timestamp": "yesterday"}, "timestamp"),
        ("track", {"event": "x", "userId": "u", "originalTimestamp": "?"}, "originalTimestamp"),
        ("track", {"event": "x", "userId": "u", "timestamp": 5}, "timestamp"),
        ("track", {"event": "x", "userId": "u", "timestamp": "2026-01-01", "sentAt": "?"}, "sentAt"),
        ("track", {"event": "x", "userId": "u", "timestamp": "0001-01-01T00:00:00+14:00"}, "timestamp"),
        ("identify", {"userId": "u", "traits": "x"}, "traits"),
        ("alias", {"userId": "u"}, "previousId"),
        ("alias", {"previousId": "a"}, "userId"),
        ("group", {"userId": "u"}, "groupId"),
    ],
)
def test_what_is_wrong_names_its_field(kind: str, body: dict[str, Any], field: str) -> None:
    assert refused(json.dumps(body).encode(), kind)[0] == field


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"userId":"\xff","event":"x"}', b'{"a":NaN}', b'{"a":' * 5000])
def test_what_is_not_an_object_is_refused(body: bytes) -> None:
    assert refused(body)[0] == ""


def test_a_number_beyond_all_numbers_names_its_field() -> None:
    assert refused(b'{"userId":"u","event":"x","properties":{"a":[1e999]}}') == ("properties", "Number out of range")
    assert one(properties={"a": 10**30}).properties == {"a": 10**30}


def test_a_call_may_have_32_kb_and_no_more() -> None:
    frame = len(json.dumps({"userId": "u1", "event": "x", "properties": {"a": ""}}))
    assert one(event="x", properties={"a": "b" * (MAX_ITEM - frame)}).name == "x"
    assert one(properties={"a": "é"}).properties == {"a": "é"}
    big = json.dumps({"userId": "u1", "event": "x", "properties": {"a": "b" * (MAX_ITEM - frame + 1)}}).encode()
    assert refused(big) == ("", f"Too large: {MAX_ITEM + 1} bytes, an event may have {MAX_ITEM}")


def test_nul_is_removed_and_an_escaped_backslash_is_not_one() -> None:
    body = rb'{"userId":"u\u0000\u00001","event":"a\\u0000","properties":{"k\u0000":"\\\u0000x"}}'
    call = decode_one(body, "track", NOW)
    assert (call.user_id, call.name, call.properties) == ("u1", "a\\u0000", {"k": "\\x"})


def test_numbers_are_taken_as_ids_and_blank_ids_as_none() -> None:
    call = one(userId=17, anonymousId="  ")
    assert (call.user_id, call.anonymous_id) == ("17", None)


def test_message_id_is_the_clients_or_a_hash_of_its_text() -> None:
    given = "0b0e2a4c-1c53-4d0c-9c2f-3f8f5a1d2e3f"
    assert one(messageId=given).message_id == UUID(given)
    text = one(messageId="ajs-next-1-x").message_id
    assert text == one(messageId="ajs-next-1-x").message_id
    assert text != one(messageId="ajs-next-1-y").message_id
    assert one().message_id != one().message_id


@pytest.mark.parametrize(
    ("timestamp", "sent_at", "expected"),
    [
        (None, None, NOW),
        ("2026-03-02T09:00:00Z", None, NOW - timedelta(hours=1)),
        ("2026-03-02T09:00:00", None, NOW - timedelta(hours=1)),
        ("2026-03-02T09:00:00.250+02:00", None, datetime(2026, 3, 2, 7, 0, 0, 250_000, tzinfo=UTC)),
        ("2026-03-02T12:00:00Z", None, NOW),  # the future is now
        ("2026-03-02T15:00:00Z", "2026-03-02T15:00:30Z", NOW - timedelta(seconds=30)),  # a clock five hours ahead
        ("2026-03-02T05:00:00Z", "2026-03-02T05:10:00Z", NOW - timedelta(minutes=10)),  # a clock five hours behind
        ("2026-03-02T15:01:00Z", "2026-03-02T15:00:00Z", NOW),  # sent before it happened
        ("2016-03-02", None, datetime(2016, 3, 2, tzinfo=UTC)),
    ],
)
def test_times_are_told_by_our_clock(timestamp: str | None, sent_at: str | None, expected: datetime) -> None:
    assert one(timestamp=timestamp, sentAt=sent_at).occurred_at == expected


def test_a_batch_gives_its_sent_at_to_all_and_keeps_the_good_items() -> None:
    body = {
        "sentAt": "2026-03-02T15:00:00Z",
        "batch": [
            {"type": "track", "event": "A", "userId": "u", "timestamp": "2026-03-02T14:59:00Z"},
            {"type": "track", "userId": "u"},
            {"type": "dance", "userId": "u"},
            7,
            {"type": "identify", "userId": "u", "traits": {"a": 1}},
        ],
    }
    placed, errors = decode_batch(json.dumps(body).encode(), NOW)
    assert [(place, call.name, call.occurred_at) for place, call in placed] == [
        (0, "A", NOW - timedelta(minutes=1)),
        (4, "Identified", NOW),
    ]
    assert [(error.item, error.field) for error in errors] == [(1, "event"), (2, "type"), (3, "")]


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"batch":{}}', b'{"batch":[', b'{"batch":[],"sentAt":"?"}'])
def test_a_batch_that_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(BadItemError):
        decode_batch(body, NOW)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("firstName", "first_name"),
        ("createdAt", "created_at"),
        ("Lifetime Value", "lifetime_value"),
        ("APIKey", "api_key"),
        ("address.city", "address_city"),
        ("plan", "plan"),
        ("last_name", "last_name"),
        ("Größe", "größe"),
        ("$%&", ""),
        ("sha256Sum", "sha256_sum"),
    ],
)
def test_names_of_attributes(given: str, name: str) -> None:
    assert snake(given) == name


def test_attributes_keep_nested_values_and_leave_out_a_zone_that_is_none() -> None:
    values, warnings = clean({"address": {"postalCode": "1"}, "age": None, "timezone": "Mars/Base", "email": " A@b.c "})
    assert values == {"address": {"postalCode": "1"}, "age": None, "email": "A@b.c"}
    assert warnings == ["traits.timezone: not stored: use a name of the time zone database, like Europe/Berlin"]
    assert clean({"timezone": "Asia/Tokyo"}) == ({"timezone": "Asia/Tokyo"}, [])
    assert clean({"timezone": None}) == ({"timezone": None}, [])


@pytest.mark.parametrize(
    ("value", "identity"),
    [
        (" Ada@Shop.Example ", "ada@shop.example"),
        ("ada", None),
        ("a@b@c", None),
        ("a b@c", None),
        (7, None),
        (None, None),
    ],
)
def test_email_as_identity(value: object, identity: str | None) -> None:
    assert email_identity(value) == identity


@pytest.mark.parametrize(
    ("value", "identity"),
    [("+49 (30) 123-456", "+4930123456"), (4930123456, "4930123456"), ("12345", None), ("call me", None), (True, None)],
)
def test_phone_as_identity(value: object, identity: str | None) -> None:
    assert phone_identity(value) == identity
