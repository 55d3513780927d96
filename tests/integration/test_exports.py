"""Exports of people: who, which columns, CSV and Parquet, roles and the history of changes."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pytest
from auditlog.models import LogEntry
from django.test import Client
from pyarrow import parquet

from omnichannel.accounts import audit
from omnichannel.accounts.models import ApiKey, User
from omnichannel.jobs import files, work
from omnichannel.jobs.models import Job, StoredFile
from profiles.bulk import as_parquet, export, who
from profiles.bulk.as_csv import lines as lines_of
from profiles.bulk.columns import ColumnError, read
from profiles.models import Consent, Identity, LastSeen, ListEntry, Membership, PeopleList, Profile, Segment, Topic
from tests import builders

pytestmark = pytest.mark.django_db

ALL = [
    *("id", "first_seen", "last_seen", "attribute:first_name", "attribute:age", "attribute:address.city"),
    *("attribute:tags", "attribute:vip", "identity:user_id", "identity:phone", "consent:news", "consent:news:email"),
]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch, valkey: Any) -> None:
    monkeypatch.setattr(export, "AT_ONCE", 2)
    monkeypatch.setattr(as_parquet, "LOOKED_AT_ONCE", 2)


@pytest.fixture
def people(now: datetime) -> list[Profile]:
    """Anna with everything, Ben with a trap for spreadsheets, Cleo with nothing, Dora who was merged into Anna."""
    anna = builders.profile(
        now, first_name="Anna", age=30, address={"city": "Köln"}, tags=["a", "b"], vip=True, phone="+4917012345"
    )
    ben = builders.profile(now, first_name='=HYPERLINK("http://x","y")', age=31, address="none", vip=False)
    cleo = builders.profile(now - timedelta(days=1))
    LastSeen.objects.exclude(profile=anna).delete()
    Profile.objects.filter(pk=builders.profile(now, first_name="Dora").pk).update(merged_into=anna, attributes={})
    for kind, value in (("user_id", "u-1"), ("phone", "+4917012345"), ("phone", "+4917099999")):
        Identity.objects.create(profile=anna, kind=kind, value=value, created_at=now)
    topic = Topic.objects.create(slug="news", name="News")
    for channel, yes in (("", True), ("email", False)):
        Consent.objects.create(profile=anna, topic=topic, channel=channel, subscribed=yes, source="t", at=now)
    return [anna, ben, cleo]


def finish(job: Job) -> Job:
    while work.stint():
        pass
    job.refresh_from_db()
    return job


def made(asked: dict[str, Any], keys: list[str], form: str, by: User | None, now: datetime) -> bytes:
    job = finish(export.start(who.read(asked), keys, form, by=by, now=now))
    assert (job.state, job.error) == ("done", "")
    return files.open(job.files.get()).read()


def lines(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_everything_about_everybody_as_csv(people: list[Profile], marketer: User, now: datetime) -> None:
    anna, ben, cleo = people
    at = "2026-03-02T10:00:00Z"
    titles = [
        *("id", "first_seen", "last_seen", "first_name", "age", "address.city", "tags", "vip", "user_id"),
        *("identity:phone", "consent:news", "consent:news:email"),
    ]
    data = made({"everybody": True}, ALL, "csv", marketer, now)
    assert data.startswith(b"\xef\xbb\xbfid,")
    phones = "+4917012345; +4917099999"
    assert lines(data) == [
        titles,
        [str(anna.pk), at, at, "Anna", "30", "Köln", '["a","b"]', "true", "u-1", f"'{phones}", "yes", "no"],
        [str(ben.pk), at, "", """'=HYPERLINK("http://x","y")""", "31", "", "", "false", "", "", "", ""],
        [str(cleo.pk), "2026-03-01T10:00:00Z", *[""] * 10],
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3+cmd", "'-2+3+cmd"),
        ("\t=1", "'\t=1"),
        ("\n=1", '"\'\n=1"'),
        ("+49 170 (123) 45-67", "+49 170 (123) 45-67"),
        ("-5", "-5"),
        ("a=1", "a=1"),
        ("", ""),
        (-5, "-5"),
        (-0.5, "-0.5"),
        (None, ""),
        (True, "true"),
        (["=1"], '"[""=1""]"'),
        (datetime(2026, 3, 2, 12, tzinfo=UTC), "2026-03-02T12:00:00Z"),
    ],
)
def test_no_cell_is_a_formula(value: Any, shown: str) -> None:
    assert lines_of([["x", value]]) == f"x,{shown}\r\n".encode()


def test_parquet_keeps_types_over_many_chunks(
    people: list[Profile], marketer: User, now: datetime, tmp_path: Any
) -> None:
    ben = people[1]
    extra = [builders.profile(now, first_name=f"P{n}", age=n + 0.5) for n in range(5)]
    segment = Segment.objects.create(name="Big spenders", state="live")
    Membership.objects.create(segment=segment, profile=ben, since=now, reason="created")
    keys = [*ALL, f"segment:{segment.pk}"]
    path = tmp_path / "people.parquet"
    path.write_bytes(made({"everybody": True}, keys, "parquet", marketer, now))
    table = parquet.read_table(path)
    assert {field.name: str(field.type) for field in table.schema} == {
        "id": "int64",
        "first_seen": "timestamp[us, tz=UTC]",
        "last_seen": "timestamp[us, tz=UTC]",
        "first_name": "string",
        "age": "double",
        "address.city": "string",
        "tags": "string",
        "vip": "bool",
        "user_id": "string",
        "identity:phone": "string",
        "consent:news": "string",
        "consent:news:email": "string",
        "segment:Big spenders": "timestamp[us, tz=UTC]",
    }
    rows = table.to_pylist()
    assert [row["id"] for row in rows] == [one.pk for one in (*people, *extra)]
    assert [row["age"] for row in rows] == [30.0, 31.0, None, 0.5, 1.5, 2.5, 3.5, 4.5]
    assert [row["vip"] for row in rows[:3]] == [True, False, None]
    assert (rows[0]["first_seen"], rows[0]["tags"], rows[1]["first_name"]) == (
        now,
        '["a","b"]',
        '=HYPERLINK("http://x","y")',
    )
    assert [row["segment:Big spenders"] for row in rows[:3]] == [None, now, None]
    assert parquet.ParquetFile(path).num_row_groups == 4
    found = duckdb.sql(f"SELECT count(*), sum(age), count(last_seen), max(id) FROM '{path}'").fetchall()
    assert found == [(8, 73.5, 6, extra[-1].pk)]


def test_a_value_that_fits_no_more_begins_the_parquet_anew(
    people: list[Profile], marketer: User, now: datetime
) -> None:
    job = export.start(who.read({"everybody": True}), ["id", "attribute:age"], "parquet", by=marketer, now=now)
    while job.done < 2:
        assert work.chunk(job.pk, now)
        job.refresh_from_db()
    cleo = people[2]
    Profile.objects.filter(pk=cleo.pk).update(attributes={"age": "unknown"})
    finish(job)
    table = parquet.read_table(io.BytesIO(files.open(job.files.get()).read()))
    assert table.to_pydict() == {"id": [one.pk for one in people], "age": ["30", "31", "unknown"]}
    assert (job.done, job.total, job.result["people"]) == (3, 3, 3)


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_nobody_makes_an_empty_file(form: str, marketer: User, now: datetime, db: None) -> None:
    data = made({"everybody": True}, ["id", "attribute:plan"], form, marketer, now)
    if form == "csv":
        assert lines(data) == [["id", "plan"]]
    else:
        assert parquet.read_table(io.BytesIO(data)).to_pydict() == {"id": [], "plan": []}


def test_whom_it_is_about(people: list[Profile], marketer: User, now: datetime) -> None:
    anna, ben, cleo = people
    segment = Segment.objects.create(name="Few", state="live")
    for one in (anna, cleo):
        Membership.objects.create(segment=segment, profile=one, since=now, reason="created")
    people_list = PeopleList.objects.create(name="Fair", created_at=now)
    ListEntry.objects.create(list=people_list, profile=ben, at=now, source="t")
    dora = Profile.objects.get(merged_into=anna)
    for asked, expected, name in (
        ({"segment": segment.pk}, [anna, cleo], "Few"),
        ({"list": people_list.pk}, [ben], "Fair"),
        ({"search": "anna"}, [anna], "“anna”"),
        ({"segment": segment.pk, "attribute": ["age", "gt", "5"]}, [anna], "Few, age is more than 5"),
        ({"ids": [cleo.pk, dora.pk]}, [anna, cleo], "2 chosen people"),
        ({"search": "nobody"}, [], "“nobody”"),
    ):
        found = lines(made(asked, ["id"], "csv", marketer, now))
        assert found == [["id"], *[[str(one.pk)] for one in expected]], asked
        assert who.words(who.read(asked)) == name
        assert who.count(who.read(asked), now) == len(expected)


@pytest.mark.parametrize(
    "asked", [{}, {"everybody": True, "segment": 1}, {"ids": []}, {"ids": ["x"]}, {"attribute": ["a", "like", "b"]}, 7]
)
def test_who_must_be_said(asked: Any) -> None:
    with pytest.raises(who.WhoError):
        who.read(asked)


def test_titles_are_unique_and_unknown_columns_are_refused(now: datetime, db: None) -> None:
    several = [Segment.objects.create(name="Few", state="live")]
    found = read(["id", "attribute:id", f"segment:{several[0].pk}", "attribute:segment:Few", "id"])
    assert [one.header for one in found] == ["id", "id (2)", "segment:Few", "segment:Few (2)"]
    for wrong in ("segment:999999", "segment:x", "consent:none", "attribute:", "plan", "list:1", "id:1"):
        with pytest.raises(ColumnError, match="There is no column"):
            read([wrong])
    with pytest.raises(ColumnError, match="at least one"):
        read([])


def test_a_segment_that_is_gone_or_not_ready_fails_in_words(marketer: User, now: datetime, db: None) -> None:
    segment = Segment.objects.create(name="Few", state="live")
    job = export.start(who.read({"segment": segment.pk}), ["id"], "csv", by=marketer, now=now)
    Segment.objects.update(state="building")
    with pytest.raises(who.WhoError, match="“Few” is just being found"):
        export.start(who.read({"segment": segment.pk}), ["id"], "csv", by=marketer, now=now)
    Segment.objects.all().delete()
    finish(job)
    assert (job.state, job.error, job.files.count()) == ("failed", "This segment was deleted.", 0)


def test_half_a_file_is_not_kept(people: list[Profile], marketer: User, now: datetime) -> None:
    job = export.start(who.read({"everybody": True}), ["id"], "csv", by=marketer, now=now)
    for _n in range(3):
        work.chunk(job.pk, now)
    job.refresh_from_db()
    assert job.done == 2
    work.stop(job)
    finish(job)
    assert (job.state, StoredFile.objects.count()) == ("stopped", 0)
    assert export.told(job) == "No file was kept, because it would not be whole."


def test_the_number_of_statements_does_not_follow_the_people(
    people: list[Profile], marketer: User, now: datetime, django_assert_max_num_queries: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(export, "AT_ONCE", 1_000)
    for n in range(150):
        builders.profile(now, first_name=f"P{n}")
    job = export.start(who.read({"everybody": True}), ALL, "csv", by=marketer, now=now)
    work.chunk(job.pk, now)
    work.chunk(job.pk, now)
    with django_assert_max_num_queries(24):
        assert not work.chunk(job.pk, now)
    job.refresh_from_db()
    assert job.result == {"people": 153, "columns": 12, "files": 1}
    assert export.told(job) == "153 people, 12 columns."


def test_by_clicks_from_the_list_to_the_file(
    people: list[Profile], client_as: Callable[[str], Client], now: datetime
) -> None:
    browser = client_as("marketer")
    go = browser.post("/people/chosen/", {"to": "export", "query": "q=anna"})
    assert (go.status_code, go["Location"]) == (302, "/people/export/?q=anna")
    ticked = browser.post("/people/chosen/?chosen=yes", {"to": "export", "query": "q=anna", "ids": ["1", "x", "2"]})
    assert ticked["Location"] == "/people/export/?ids=1&ids=2"
    page = browser.get("/people/export/?q=anna").content.decode()
    for text in ("“anna”", "1 person", 'value="attribute:first_name" checked', 'value="consent:news:email"'):
        assert text in page, text
    refused = browser.post("/people/export/?q=anna", {"format": "csv"})
    assert (refused.status_code, b"Choose at least one column." in refused.content) == (422, True)
    assert not Job.objects.exists()
    asked = {"format": "csv", "columns": ["id", "attribute:age"], "others": " vip, no_such "}
    started = browser.post("/people/export/?q=anna", asked)
    job = Job.objects.get()
    assert started["Location"] == f"/jobs/{job.pk}/"
    finish(job)
    file = job.files.get()
    assert file.name == "“anna” 2026-03-02.csv"
    got = b"".join(browser.get(f"/jobs/{job.pk}/files/{file.pk}/").streaming_content)  # type: ignore[attr-defined]
    assert lines(got) == [["id", "age", "vip", "no_such"], [str(people[0].pk), "30", "true", ""]]
    log = list(audit.entries(LogEntry.objects.filter(action=LogEntry.Action.ACCESS).order_by("id")))
    assert [(one.who, one.what, one.details) for one in log] == [
        ("Marketer", "started: Export of “anna” (CSV)", (("columns", "", "id, age, vip, no_such"),)),
        ("Marketer", "downloaded “‘anna’ 2026-03-02.csv”", ()),
    ]


@pytest.mark.parametrize("address", ["/people/export/", "/people/change/", "/people/chosen/"])
def test_analysts_export_and_change_nothing(address: str, client_as: Callable[[str], Client]) -> None:
    browser = client_as("analyst")
    assert browser.post(address, {"columns": ["id"], "format": "csv"}).status_code == 403
    assert not Job.objects.exists()
    assert b"people/chosen" not in browser.get("/people/").content


def test_exports_through_the_api(people: list[Profile], now: datetime, marketer: User, client: Client) -> None:
    key = ApiKey.issue("Warehouse", ApiKey.Kind.API, role="marketer", by=marketer)[1]
    reader = ApiKey.issue("Reader", ApiKey.Kind.API, role="analyst")[1]
    head = {"Authorization": f"Bearer {key}"}
    body = {"who": {"everybody": True}, "columns": ["id"], "format": "csv"}

    def post(given: dict[str, Any], headers: dict[str, str]) -> Any:
        return client.post("/api/exports/", given, content_type="application/json", headers=headers)

    assert post(body, {"Authorization": f"Bearer {reader}"}).status_code == 403
    for change, field in (({"who": {}}, "who"), ({"columns": ["x"]}, "columns"), ({"format": "xls"}, "format")):
        refused = post({**body, **change}, head)
        assert (refused.status_code, refused.json()["field"]) == (400, field)
    assert not Job.objects.exists()
    made = post(body, head)
    assert (made.status_code, made.json()["state"], made.json()["files"]) == (201, "waiting", [])
    address = f"/api/jobs/{made.json()['id']}/"
    assert client.get(address, headers={"Authorization": f"Bearer {reader}"}).status_code == 404
    finish(Job.objects.get())
    job = client.get(address, headers=head).json()
    assert (job["state"], job["done"], job["total"], job["told"]) == ("done", 3, 3, "3 people, 1 column.")
    file = job["files"][0]
    assert (file["name"], file["content_type"]) == ("Everybody 2026-03-02.csv", "text/csv")
    got = client.get(file["url"], headers=head)
    data = b"".join(got.streaming_content)  # type: ignore[attr-defined]
    assert (len(data), lines(data)) == (file["size"], [["id"], *[[str(one.pk)] for one in people]])
    assert client.post(f"{address}stop/", headers=head).json()["state"] == "done"
    assert [one["id"] for one in client.get("/api/jobs/", headers=head).json()["results"]] == [job["id"]]
    assert LogEntry.objects.filter(action=LogEntry.Action.ACCESS, actor=marketer).count() == 2
