"""Exports and changes of many are killed with SIGKILL in the middle: the end is as if nothing had happened."""

import csv
import io
import signal
from datetime import datetime
from typing import Any

import msgspec
import pytest
from pyarrow import parquet

from omnichannel.jobs import files
from omnichannel.jobs.models import Job, StoredFile
from profiles.bulk import change, deeds, export, who
from profiles.models import AttributeChange, Change, Profile
from profiles.services.changes import declare
from tests import processes
from tests.conftest import NOW

pytestmark = [pytest.mark.crash, pytest.mark.django_db(transaction=True)]

PEOPLE = 330
PATIENCE = 120


@pytest.fixture(autouse=True)
def people(valkey: Any) -> list[int]:
    rows = [Profile(attributes={"n": n, "plan": f"p{n % 3}"}, created_at=NOW, updated_at=NOW) for n in range(PEOPLE)]
    return [one.pk for one in Profile.objects.bulk_create(rows)]


def work(env: dict[str, str], failpoint: str = "") -> int:
    """Let a worker work until it is done or dead."""
    return processes.start(env, "tests.crash.bulk_worker", NOW, failpoint=failpoint).wait(PATIENCE)


def killed_and_finished(env: dict[str, str], job: Job) -> Job:
    """Killed before a chunk in the middle is committed, and before the first of the next process; then left alone."""
    for visit in (5, 1):
        assert work(env, f"jobs.stepped:{visit}") == -signal.SIGKILL
        job.refresh_from_db()
        assert job.going
    assert work(env) == 0
    job.refresh_from_db()
    assert (job.state, job.done, job.total, job.error) == ("done", PEOPLE, PEOPLE, "")
    return job


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_an_export_is_whole_and_exact(process_env: dict[str, str], people: list[int], form: str, now: datetime) -> None:
    keys = ["id", "attribute:n", "attribute:plan"]
    job = export.start(who.read({"everybody": True}), keys, form, by=None, now=now)
    job = killed_and_finished(process_env, job)
    assert job.result == {"people": PEOPLE, "columns": 3, "files": 1}
    data = files.open(StoredFile.objects.get()).read()
    if form == "csv":
        found = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
        assert found == [["id", "n", "plan"], *([str(pk), str(n), f"p{n % 3}"] for n, pk in enumerate(people))]
    else:
        table = parquet.read_table(io.BytesIO(data))
        assert table.to_pydict() == {
            "id": people,
            "n": list(range(PEOPLE)),
            "plan": [f"p{n % 3}" for n in range(PEOPLE)],
        }


def test_a_change_is_done_and_told_once(process_env: dict[str, str], people: list[int], now: datetime) -> None:
    declare("segments", "segment:1", [("attribute", "plan")])
    job = change.start(who.read({"everybody": True}), deeds.Attribute("plan", "p1"), by=None, now=now)
    job = killed_and_finished(process_env, job)
    changed = [pk for n, pk in enumerate(people) if n % 3 != 1]
    assert job.result["changed"] == len(changed) == 220
    assert Profile.objects.filter(attributes__plan="p1").count() == PEOPLE
    assert sorted(AttributeChange.objects.values_list("profile", flat=True)) == changed
    assert sorted(Change.objects.filter(kind="attribute").values_list("profile_id", flat=True)) == changed
    before = [msgspec.json.decode(line) for line in files.open(StoredFile.objects.get())]
    assert before == [[pk, f"p{n % 3}"] for n, pk in enumerate(people) if n % 3 != 1]
