"""Files of people from the upload to the last row: what comes in, what is left out and why, what is said about it."""

import csv
import io
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from omnichannel.accounts.models import ApiKey
from omnichannel.jobs import files, work
from omnichannel.jobs.models import Job, StoredFile, Turn
from profiles.imports import verbs
from profiles.imports.plan import Column, Plan
from profiles.models import (
    CheckedKey,
    Consent,
    Event,
    FileImport,
    Identity,
    ImportedPerson,
    ListEntry,
    PeopleList,
    Profile,
    Topic,
)

pytestmark = pytest.mark.django_db
PIECE = 100_000


def keep(data: bytes, now: datetime, name: str = "people.csv") -> FileImport:
    """A file that was uploaded."""
    stored = files.create(name, "text/csv", now)
    for start in range(0, len(data), PIECE):
        files.append(stored, data[start : start + PIECE])
    return verbs.keep(stored, name, len(data), data.count(b"\n"), by=None, now=now)


def replan(run: FileImport, **changes: Any) -> None:
    """Other choices than those guessed."""
    plan = msgspec.structs.replace(msgspec.convert(run.plan, Plan), **changes)
    run.plan = msgspec.to_builtins(plan)
    run.save()


def work_off(now: datetime) -> None:
    """What workers would do."""
    for turn in list(Turn.objects.all()):
        while work.chunk(turn.job_id, now):
            pass


def finish(run: FileImport, now: datetime, kind: str = "import") -> dict[str, int]:
    """Run it to its end; the counts without zeros."""
    job = verbs.start(run, kind, by=None, now=now)
    work_off(now)
    job.refresh_from_db()
    assert (job.state, job.error) == (Job.State.DONE, "")
    run.refresh_from_db()
    return {name: n for name, n in job.cursor["counts"].items() if n}


def left_out(job: Job) -> list[dict[str, str]]:
    """The downloaded file of errors."""
    with files.open(StoredFile.objects.get(job=job)) as file:
        text = file.read().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


MIXED = (
    b"email,phone,plan,seats\n"
    b"anna@x.example,+49 151 2345678,pro,3\n"
    b"ben@x.example,,free,many\n"
    b",+49 151 2345679,free,1\n"
    b"carl@x.example,+49 151 2345678,pro,\n"
    b"anna@x.example,,team,5\n"
    b"nonsense,,pro,1\n"
    b'dora@x.example,,"pro, or\nfree",2\n'
    b"test@test.com,,pro,1\n"
    b"too,few\n"
)


@pytest.mark.parametrize("at_once", [2, 1000])
def test_good_rows_come_in_and_bad_ones_are_handed_back(
    now: datetime, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("profiles.imports.work.AT_ONCE", at_once)
    Profile.objects.create(attributes={}, created_at=now, updated_at=now)
    known = Profile.objects.create(attributes={"email": "carl@x.example"}, created_at=now, updated_at=now)
    Identity.objects.create(profile=known, kind="email", value="carl@x.example", created_at=now)
    run = keep(MIXED, now)
    columns = [Column("email", "email"), Column("phone", "phone"), Column("plan", "attribute", "plan"),
               Column("seats", "attribute", "seats", "number")]  # fmt: skip
    replan(run, columns=columns, keys=["email"])
    expected = {"new": 2, "updated": 1, "repeated": 1, "errors": 5}
    assert finish(run, now, "import_check") == expected
    assert (Profile.objects.count(), ImportedPerson.objects.count(), CheckedKey.objects.count()) == (2, 0, 0)
    assert finish(run, now) == expected
    people = Profile.objects.exclude(attributes={}).order_by("attributes__email")
    assert [one.attributes for one in people] == [
        {"email": "anna@x.example", "phone": "+49 151 2345678", "plan": "team", "seats": 5},
        {"email": "carl@x.example", "phone": "+49 151 2345678", "plan": "pro"},
        {"email": "dora@x.example", "plan": "pro, or\nfree", "seats": 2},
    ]
    assert [(one["Row"], one["Column"], one["Value"], one["What is wrong"]) for one in left_out(run.job)] == [
        ("3", "seats", "many", "This is not a number."),
        ("4", "email", "", "Nothing says who this is: E-mail is empty."),
        ("7", "email", "nonsense", "This is not an e-mail address."),
        ("9", "email", "test@test.com", "Nothing says who this is: this value names nobody."),
        ("10", "", "too", "The row has 2 columns, the others have 4."),
    ]
    assert left_out(run.job)[0]["email"] == "ben@x.example"
    assert list(ImportedPerson.objects.order_by("row").values_list("row", "outcome")) == [
        (2, "new"), (5, "updated"), (8, "new"),
    ]  # fmt: skip
    assert (run.file, Event.objects.count()) == (None, 0)


def test_bringing_a_file_again_changes_nothing(now: datetime) -> None:
    data = b"id,city\n1,Rome\n2,Oslo\n"
    assert finish(keep(data, now), now) == {"new": 2}
    before = list(Profile.objects.values_list("pk", "attributes", "updated_at"))
    later = now + timedelta(days=1)
    assert finish(keep(data, later), later) == {"unchanged": 2}
    assert list(Profile.objects.values_list("pk", "attributes", "updated_at")) == before


def test_topics_and_lists(now: datetime) -> None:
    news, offers = (Topic.objects.create(slug=slug, name=slug.title()) for slug in ("news", "offers"))
    run = keep(b"id,news\n1,no\n2,yes\n", now)
    assert finish(run, now) == {"new": 2, "said": 2}
    later = now + timedelta(days=1)
    again = keep(b"id,news\n1,yes\n2,no\n3,\n", later)
    replan(again, topic="offers", new_list="Fair 2026", existing="fill")
    assert finish(again, later) == {"new": 1, "unchanged": 2, "said": 4, "refused": 1, "listed": 3}
    said = {(c.profile.identities.get().value, c.topic_id): (c.subscribed, c.source) for c in Consent.objects.all()}
    assert said == {
        ("1", news.pk): (False, f"import:{run.pk}"),
        ("2", news.pk): (False, f"import:{again.pk}"),
        ("1", offers.pk): (True, f"import:{again.pk}"),
        ("2", offers.pk): (True, f"import:{again.pk}"),
        ("3", offers.pk): (True, f"import:{again.pk}"),
    }
    assert PeopleList.objects.get().name == "Fair 2026"
    assert set(ListEntry.objects.values_list("source", flat=True)) == {f"import:{again.pk}"}


def test_json_keeps_its_types(now: datetime) -> None:
    people: list[dict[str, Any]] = [
        {"user_id": 7, "tags": ["a", "b"], "address": {"city": "Köln"}, "vip": True, "age": 30.5, "odd": "\ud800"},
        {"user_id": 8, "age": None, "odd": "\u0000x"},
        {"user_id": 9, "address": {"city": "a\u0000b"}},
    ]
    run = keep(json.dumps(people).encode(), now, "people.json")
    assert finish(run, now) == {"new": 2, "errors": 1}
    assert [one.attributes for one in Profile.objects.order_by("pk")] == [{"odd": "x"}, {"address": {"city": "ab"}}]
    people[0]["odd"] = ""
    assert finish(keep(json.dumps(people).encode(), now), now) == {"new": 1, "unchanged": 2}
    assert Profile.objects.order_by("pk").last().attributes == {  # type: ignore[union-attr]
        "tags": ["a", "b"], "address": {"city": "Köln"}, "vip": True, "age": 30.5,
    }  # fmt: skip


def test_what_no_check_knew_spoils_only_its_row(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database refuses one value among a thousand."""
    monkeypatch.setattr("profiles.imports.people.given", lambda value: value or None)
    data = b"id,word\n" + b"".join(b"%d,%s\n" % (n, b"a\0b" if n == 700 else b"ab") for n in range(1, 1001))
    run = keep(data, now)
    assert finish(run, now) == {"new": 999, "errors": 1}
    assert [one["Row"] for one in left_out(run.job)] == ["701"]


def test_statements_do_not_grow_with_the_batch(now: datetime) -> None:
    Topic.objects.create(slug="news", name="News")
    counts = []
    for size in (900, 9):
        data = b"id,email,plan\n" + b"".join(b"%d-%d,p%d-%d@x.example,pro\n" % (n, size, n, size) for n in range(size))
        run = keep(data, now)
        replan(run, topic="news", new_list=f"All {size}", keys=["user_id", "email"])
        job = verbs.start(run, "import", by=None, now=now)
        with CaptureQueriesContext(connection) as context:
            work.chunk(job.pk, now)
        job.refresh_from_db()
        assert (job.state, job.done) == (Job.State.DONE, size)
        counts.append(len(context))
    assert counts[0] == counts[1]


Clients = Callable[[str], Client]


def upload(client: Client, data: bytes, name: str = "people.csv") -> Any:
    """As the page does."""
    return client.post("/people/import/", {"file": SimpleUploadedFile(name, data)})


def test_a_marketer_uploads_chooses_and_sees(client_as: Clients, now: datetime, valkey: Any) -> None:
    client = client_as("marketer")
    answer = upload(client, b"Mail;Betrag\nanna@x.example;1,5\nben@x.example;viel\n" + b"c@x.example;7\n" * 4)
    run = FileImport.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/people/import/{run.pk}/")
    assert (run.size, run.lines, run.form["delimiter"], run.form["decimal"]) == (106, 7, ";", ",")
    page = client.get(answer["Location"]).content.decode()
    assert "This is not a number." in page
    assert "About 6 rows" in page
    posted = {"header": "yes", "existing": "fill", "to-0": "email", "to-1": "attribute:", "attribute-1": "Spent",
              "type-1": "text", "keys": ["email"], "list": "new", "new_list": "Fair"}  # fmt: skip
    page = client.post(f"/people/import/{run.pk}/choices/", posted).content.decode()
    assert "This is not a number." not in page
    client.post(f"/people/import/{run.pk}/check/", posted)
    work_off(now)
    page = client.get(f"/people/import/{run.pk}/").content.decode()
    assert "What a check says" in page
    client.post(f"/people/import/{run.pk}/start/", posted)
    work_off(now)
    page = client.get(f"/people/import/{run.pk}/").content.decode()
    assert "See the people" in page
    people = client.get(f"/people/import/{run.pk}/people/?what=new").content.decode()
    assert "anna@x.example" in people
    assert Profile.objects.order_by("pk").first().attributes == {  # type: ignore[union-attr]
        "email": "anna@x.example", "spent": "1,5",
    }  # fmt: skip
    assert "anna@x.example" in client.get("/people/").content.decode()


def test_who_may_not_write_brings_nobody(client_as: Clients, now: datetime) -> None:
    run = keep(b"id\n1\n", now)
    client = client_as("analyst")
    assert upload(client, b"id\n1\n").status_code == 403
    for place in ("choices", "check", "start", "put-away"):
        assert client.post(f"/people/import/{run.pk}/{place}/").status_code == 403
    assert client.get(f"/people/import/{run.pk}/").status_code == 200
    assert (Job.objects.count(), FileImport.objects.count(), StoredFile.objects.count()) == (0, 1, 1)


def test_a_forged_upload_is_refused_and_nothing_is_kept(marketer: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(marketer, backend="django.contrib.auth.backends.ModelBackend")
    assert upload(client, b"id\n1\n").status_code == 403
    assert (FileImport.objects.count(), StoredFile.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("data", "told"),
    [(b"", "This file is empty."), (b"PK\x03\x04rest", "Save the sheet as CSV"), (b"%PDF-1.4", "not a file of text")],
)
def test_what_cannot_be_read_is_said_at_once(client_as: Clients, data: bytes, told: str) -> None:
    answer = upload(client_as("marketer"), data)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert (FileImport.objects.count(), StoredFile.objects.count()) == (0, 0)


def test_a_stopped_import_goes_on(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("profiles.imports.work.AT_ONCE", 2)
    run = keep(b"id,plan\n" + b"".join(b"%d,pro\n" % n for n in range(1, 8)), now)
    job = verbs.start(run, "import", by=None, now=now)
    work.chunk(job.pk, now)
    with pytest.raises(verbs.FileImportError):
        verbs.start(run, "import", by=None, now=now)
    work.stop(job)
    work.chunk(job.pk, now)
    job.refresh_from_db()
    assert (job.state, job.done, Profile.objects.count()) == (Job.State.STOPPED, 2, 2)
    run.refresh_from_db()
    assert finish(run, now) == {"new": 7}
    assert run.job is not None
    assert run.job.done == 7
    assert ImportedPerson.objects.count() == 7


def test_a_program_brings_people_in(now: datetime, valkey: Any) -> None:
    key = ApiKey.issue("Tests", ApiKey.Kind.API, role="marketer")[1]
    api = APIClient()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
    plan = {
        "columns": [
            {"name": "M", "to": "email"},
            {"name": "A", "to": "attribute", "attribute": "age", "type": "number"},
        ],
        "existing": "fill",
    }

    def send(plan: Any, start: str = "import", **form: Any) -> Any:
        file = SimpleUploadedFile("p.csv", b"M;A;X\na@x.example;7;z\nb@x.example;old;z\n")
        data = {"file": file, "plan": json.dumps(plan), "start": start, "form": json.dumps(form)}
        return api.post("/api/imports/", data, format="multipart")

    bad = send({"columns": [{"name": "No", "to": "email"}]})
    assert (bad.status_code, bad.data) == (400, {"error": "The file has no column 'No'.", "field": "plan"})
    assert send({"columns": [{"name": "A", "to": "attribute", "attribute": "a"}]}).status_code == 409
    assert (send({"keys": 3}).status_code, send(plan, encoding="martian").status_code) == (400, 400)
    made = send(plan, delimiter=";")
    assert (made.status_code, made.data["work"]["state"], made.data["plan"]["keys"]) == (201, "waiting", ["email"])
    assert [one["to"] for one in made.data["plan"]["columns"]] == ["email", "attribute", "ignore"]
    work_off(now)
    done = api.get(f"/api/imports/{made.data['id']}/").data["work"]
    assert (done["state"], done["done"], done["counts"]) == ("done", 2, {"new": 1, "errors": 1})
    assert done["faults"][0]["reason"] == "This is not a number."
    errors = b"".join(api.get(f"/api/imports/{made.data['id']}/errors/").streaming_content)  # type: ignore[attr-defined]
    assert errors.decode("utf-8-sig").splitlines()[1].startswith("b@x.example;old;z;3;A;old;")
    assert Profile.objects.get().attributes == {"email": "a@x.example", "age": 7}
    assert api.post(f"/api/imports/{made.data['id']}/start/").status_code == 409
    assert send(plan, start="check").data["check"]["state"] == "waiting"
    reader = APIClient()
    reader.credentials(HTTP_AUTHORIZATION=f"Bearer {ApiKey.issue('R', ApiKey.Kind.API, role='analyst')[1]}")
    files_before = StoredFile.objects.count()
    assert reader.post("/api/imports/", {"file": SimpleUploadedFile("p.csv", b"id\n1\n")}).status_code == 403
    assert StoredFile.objects.count() == files_before
