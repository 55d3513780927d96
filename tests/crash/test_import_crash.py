"""An import is killed with SIGKILL between what a batch did and its commit: the end is as if nothing had happened."""

import csv
import io
import signal
from datetime import datetime

import pytest

from omnichannel.jobs import files
from omnichannel.jobs.models import Job, StoredFile
from profiles.imports import verbs
from profiles.models import Change, Identity, ImportedPerson, ListEntry, PeopleList, Profile
from profiles.services.changes import declare
from tests import processes

pytestmark = [pytest.mark.crash, pytest.mark.django_db(transaction=True)]

ROWS = 400
PATIENCE = 120


def work(env: dict[str, str], now: datetime, failpoint: str = "") -> int:
    """Let a worker work until it is done or dead."""
    return processes.start(env, "tests.crash.import_worker", now, failpoint=failpoint).wait(PATIENCE)


def test_a_kill_neither_loses_nor_doubles_a_row(process_env: dict[str, str], now: datetime) -> None:
    """One row in forty is bad, one in twenty names somebody again."""
    lines = [f"p{n - n % 20 // 19}@x.example,{'many' if n % 40 == 7 else n}" for n in range(ROWS)]
    data = ("email,seats\n" + "\n".join(lines)).encode()
    stored = files.create("people.csv", "text/csv", now)
    files.append(stored, data)
    run = verbs.keep(stored, "people.csv", len(data), ROWS, by=None, now=now)
    run.plan["new_list"] = "Everybody"
    run.save()
    declare("segments", "segment:1", [("created", "")])
    job = verbs.start(run, "import", by=None, now=now)
    for visit in (1, 3, 2):
        assert work(process_env, now, f"imports.written:{visit}") == -signal.SIGKILL
    assert work(process_env, now) == 0
    job.refresh_from_db()
    counts = {name: n for name, n in job.cursor["counts"].items() if n}
    assert (job.state, job.done) == (Job.State.DONE, ROWS)
    assert counts == {"new": 370, "repeated": 20, "errors": 10, "listed": 370}
    assert Profile.objects.count() == Identity.objects.count() == ImportedPerson.objects.count() == 370
    assert ListEntry.objects.filter(list=PeopleList.objects.get()).count() == 370
    assert Change.objects.filter(kind="created").count() == 370
    with files.open(StoredFile.objects.get()) as file:
        told = list(csv.DictReader(io.StringIO(file.read().decode("utf-8-sig"))))
    assert [int(one["Row"]) for one in told] == [n + 2 for n in range(ROWS) if n % 40 == 7]
