"""What a batch does beside the people themselves: who came with the file, subscriptions, the list, and the counts."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from django.db import connection

from omnichannel.jobs import files
from omnichannel.jobs.models import Job
from omnichannel.shared import sql
from profiles.imports.plan import Plan
from profiles.ingest.bring import Brought, Newcomer
from profiles.models import FileImport, PeopleList
from profiles.services import lists
from profiles.services.consent import Word, say

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "imports.sql")

Taken = Sequence[tuple[Newcomer, Brought]]


def apply(run: FileImport, plan: Plan, taken: Taken, now: datetime) -> Counter[str]:
    """Everything but the people, who are written already. What came of the rows."""
    first = {what.profile_id: (one.row, what.outcome) for one, what in reversed(taken) if what.profile_id is not None}
    ids = list(first)
    fresh = set(
        _rows(
            "note_people",
            file_import=run.pk,
            profiles=ids,
            rows=[row for row, _outcome in first.values()],
            outcomes=[outcome for _row, outcome in first.values()],
        )
    )
    counts: Counter[str] = Counter(first[one][1] for one in fresh)
    counts["repeated"] = len(taken) - len(fresh)
    counts += _subscribe(run, plan, taken, now)
    people = PeopleList.objects.filter(pk=plan.list_id).first() if plan.list_id else None
    if people is not None:
        counts["listed"] = lists.add(people, ids, now, f"import:{run.pk}", quiet=plan.quiet)
    return counts


def _subscribe(run: FileImport, plan: Plan, taken: Taken, now: datetime) -> Counter[str]:
    """What the file says of topics. A no that was said stays a no."""
    answers = {
        (what.profile_id, topic): yes
        for one, what in taken
        if what.outcome != "skipped" and what.profile_id is not None
        for topic, yes in one.said
    }
    if not answers:
        return Counter()
    bound = {"profiles": [who for who, _topic in answers], "topics": list({topic for _who, topic in answers})}
    with connection.cursor() as cursor:
        cursor.execute(SQL["refused"], bound)
        refused = {pair for pair in cursor.fetchall() if answers.get(pair)}
    words = [
        Word(who, topic, "", yes, f"import:{run.pk}")
        for (who, topic), yes in answers.items()
        if (who, topic) not in refused
    ]
    return Counter(said=say(words, now, quiet=plan.quiet), refused=len(refused))


def count(job: Job, taken: Taken) -> Counter[str]:
    """What would come of the rows. Whom rows before have named is known by hashes, since nobody was written."""
    people: dict[int, tuple[str, set[int]]] = {}
    for _one, what in taken:
        hashes = {_hash(*name) for name in what.names}
        people.setdefault(what.person, (what.outcome, hashes))
    owners = {one: person for person, (_outcome, hashes) in people.items() for one in hashes}
    fresh = set(_rows("note_keys", job=job.pk, hashes=list(owners)))
    known = {owners[one] for one in owners.keys() - fresh}
    counts = Counter(outcome for person, (outcome, _hashes) in people.items() if person not in known)
    counts["repeated"] = len(taken) - counts.total()
    return counts


def _hash(kind: str, value: str) -> int:
    return int.from_bytes(blake2b(f"{kind}\0{value}".encode(), digest_size=8).digest(), "big", signed=True)


def forget(job: Job) -> None:
    """What the check remembered."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["forget_keys"], {"job": job.pk})


def finish(run: FileImport) -> None:
    """The last batch is in: the people are all here, and the file is needed no more."""
    if run.file is not None:
        stored, run.file = run.file, None
        run.save(update_fields=["file"])
        files.delete(stored)


def _rows(statement: str, **bound: Any) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(SQL[statement], bound)
        return [row[0] for row in cursor.fetchall()]
