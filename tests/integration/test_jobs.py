"""Long work: done chunk by chunk, stopped, failed, taken up again; its files; who sees it."""

import io
import json
import logging
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
import redis
from django.db import connection
from django.db.utils import OperationalError
from django.test import Client

from omnichannel import jobs
from omnichannel.accounts.models import User
from omnichannel.jobs import files, kinds, queries, tasks, work
from omnichannel.jobs.models import Job, Piece, StoredFile, Turn
from omnichannel.shared import broker

pytestmark = pytest.mark.django_db


def count(job: Job, now: datetime) -> bool:
    """Counts to its total, by what one chunk holds, and notes what it did in a file."""
    file = job.files.first() or files.create("counted.txt", "text/plain", now, job=job)
    job.total = job.params["to"]
    files.append(file, b"%d\n" % job.done)
    job.done += 1
    trouble = job.params.get("trouble")
    if trouble and job.done == job.params.get("at", 1):
        raise {"word": jobs.JobError("The list is gone."), "bug": KeyError("x"), "lock": OperationalError("deadlock")}[
            trouble
        ]
    return job.done < job.params["to"]


def ended(job: Job, now: datetime) -> None:
    if job.params.get("bad_end"):
        raise RuntimeError("while clearing away")
    job.result = {"ended": job.state}


@pytest.fixture(autouse=True)
def counting() -> Iterator[None]:
    jobs.register(
        "count", count, label="Counting", unit="steps", ended=ended, told=lambda job: f"Counted to {job.done}"
    )
    yield
    del kinds._kinds["count"]


@pytest.fixture
def begin(marketer: User, now: datetime, valkey: "redis.Redis") -> Callable[..., Job]:
    def start(to: int = 3, **params: object) -> Job:
        return jobs.start("count", title="Counting", params={"to": to, **params}, by=marketer, now=now)

    return start


def test_a_job_is_done_chunk_by_chunk(begin: Callable[..., Job], now: datetime) -> None:
    job = begin(3)
    assert (job.state, queries.progress(job, now).share) == ("waiting", None)
    assert [work.chunk(job.pk, now + timedelta(seconds=n)) for n in range(4)] == [True, True, False, False]
    job.refresh_from_db()
    assert (job.state, job.done, job.total, job.result) == ("done", 3, 3, {"ended": "done", "files": 1})
    assert (job.started_at, job.finished_at) == (now, now + timedelta(seconds=2))
    assert files.open(job.files.get()).read() == b"0\n1\n2\n"
    assert not Turn.objects.exists()
    assert not work.stint()


def test_one_waiting_longest_comes_first_and_all_are_done(begin: Callable[..., Job]) -> None:
    several = [begin(2) for _n in range(3)]
    while work.stint():
        pass
    assert {job.state for job in Job.objects.all()} == {"done"}
    assert [files.open(one.files.get()).read() for one in several] == [b"0\n1\n"] * 3


def test_what_is_stopped_stays_as_far_as_it_was(begin: Callable[..., Job], now: datetime) -> None:
    job = begin(5)
    work.chunk(job.pk, now)
    work.stop(job)
    assert not work.chunk(job.pk, now)
    job.refresh_from_db()
    assert (job.state, job.done, job.result, job.finished_at) == ("stopped", 1, {"ended": "stopped", "files": 1}, now)
    assert files.open(job.files.get()).read() == b"0\n"
    work.stop(job)
    job.refresh_from_db()
    assert job.state == "stopped"


@pytest.mark.parametrize("bad_end", [False, True])
def test_a_failure_keeps_what_was_done_and_says_why(begin: Callable[..., Job], now: datetime, bad_end: bool) -> None:
    job = begin(5, trouble="word", at=2, bad_end=bad_end)
    assert [work.chunk(job.pk, now), work.chunk(job.pk, now)] == [True, False]
    job.refresh_from_db()
    assert (job.state, job.error, job.done) == ("failed", "The list is gone.", 1)
    assert files.open(job.files.get()).read() == b"0\n"
    assert not Turn.objects.exists()


def test_a_bug_is_told_by_an_id_that_the_log_has(
    begin: Callable[..., Job], now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    job = begin(5, trouble="bug")
    with caplog.at_level(logging.ERROR):
        work.chunk(job.pk, now)
    job.refresh_from_db()
    ident = caplog.records[0].getMessage().rpartition("id=")[2]
    assert job.error == (
        f"Something broke on our side. Nothing was lost, and it can be started again. Support finds it by {ident}."
    )


def test_what_the_database_refuses_is_tried_again_but_not_for_ever(begin: Callable[..., Job], now: datetime) -> None:
    job = begin(5, trouble="lock", at=1)
    stints = 0
    while work.stint():
        stints += 1
    job.refresh_from_db()
    assert (stints, job.state, job.done) == (work.MOST_TRIES, "failed", 0)
    assert job.error.startswith("It was begun again 8 times and never got further.")


def test_a_kind_that_nobody_brings_any_more_fails_and_is_still_shown(
    begin: Callable[..., Job], now: datetime, client_as: Callable[[str], Client]
) -> None:
    job = begin()
    Job.objects.filter(pk=job.pk).update(kind="gone")
    work.chunk(job.pk, now)
    job.refresh_from_db()
    assert job.state == "failed"
    assert client_as("marketer").get(f"/jobs/{job.pk}/").status_code == 200
    with pytest.raises(LookupError):
        jobs.start("gone", title="", params={}, by=None, now=now)


@pytest.mark.django_db(transaction=True)
def test_nobody_works_on_what_somebody_is_at_and_a_stop_waits_for_nobody(
    begin: Callable[..., Job], now: datetime
) -> None:
    at_it, go_on, answers = threading.Event(), threading.Event(), []

    def slow(job: Job, _now: datetime) -> bool:
        job.done += 1
        at_it.set()
        go_on.wait(20)
        return True

    jobs.register("count", slow)
    job = begin()

    def other() -> None:
        answers.append(work.chunk(job.pk, now))
        connection.close()

    thread = threading.Thread(target=other)
    thread.start()
    try:
        assert at_it.wait(20)
        assert not work.stint()
        work.stop(job)
    finally:
        go_on.set()
        thread.join()
    job.refresh_from_db()
    assert (answers, job.state, job.done, job.stop_requested) == ([True], "running", 1, True)


@pytest.mark.django_db(transaction=True)
def test_starting_wakes_a_worker_and_the_sweep_finds_what_was_lost(begin: Callable[..., Job], now: datetime) -> None:
    job = begin(1)
    client = broker.client()
    assert [json.loads(one)["headers"]["task"] for one in client.lrange("default", 0, -1)] == [work.TASK]
    client.flushdb()
    tasks.tick()
    assert client.llen("default") == 1
    tasks.work()
    job.refresh_from_db()
    assert job.state == "done"
    client.flushdb()
    tasks.tick()
    assert client.llen("default") == 0


def test_a_file_is_read_from_any_place(now: datetime) -> None:
    data = bytes(range(256)) * 12_000
    file = files.create("numbers.bin", "application/octet-stream", now)
    files.append(file, b"")
    files.append(file, data[:1_500_000])
    files.append(file, data[1_500_000:])
    assert (file.size, Piece.objects.count()) == (3_072_000, 4)
    file = StoredFile.objects.get()
    assert file.size == 3_072_000
    with files.open(file) as source:
        assert source.seek(1_048_570) == 1_048_570
        assert source.read(12) == data[1_048_570:1_048_582]
        assert source.seek(-5, io.SEEK_END) == 3_071_995
        assert source.read() == data[-5:]
        assert source.read(1) == b""
        assert (source.seek(0), source.read() == data) == (0, True)
    assert b"".join(files.whole(file)) == data
    files.delete(file)
    assert not Piece.objects.exists()


def test_files_go_a_week_after_the_end_of_their_job(begin: Callable[..., Job], now: datetime) -> None:
    job, alone = begin(2), files.create("alone", "text/plain", now)
    work.chunk(job.pk, now)
    hidden = files.create("ids", "application/octet-stream", now, job=job, hidden=True)
    later = now + timedelta(days=8)
    assert work.tidy(now + timedelta(days=6, hours=23)) == 0
    assert work.tidy(later) == 1  # the job is not over, so its file stays
    assert not StoredFile.objects.filter(pk=alone.pk).exists()
    work.chunk(job.pk, later)
    assert not StoredFile.objects.filter(pk=hidden.pk).exists()
    assert (work.tidy(later + timedelta(days=6)), work.tidy(later + timedelta(days=7))) == (0, 1)
    assert (job.files.count(), Job.objects.count()) == (0, 1)


def test_who_started_a_job_sees_it_and_so_does_an_admin(
    begin: Callable[..., Job], now: datetime, client_as: Callable[[str], Client]
) -> None:
    job = begin(1)
    work.chunk(job.pk, now)
    file = job.files.get()
    addresses = [f"/jobs/{job.pk}/", f"/jobs/{job.pk}/files/{file.pk}/"]
    for role, expected in (("analyst", 404), ("admin", 200), ("marketer", 200)):
        assert [client_as(role).get(one).status_code for one in addresses] == [expected] * 2, role
    assert client_as("analyst").post(f"/jobs/{job.pk}/stop/").status_code == 404
    download = client_as("marketer").get(addresses[1])
    assert b"".join(download.streaming_content) == b"0\n"  # type: ignore[attr-defined]
    assert download["Content-Disposition"] == 'attachment; filename="counted.txt"'
    assert (download["Content-Length"], download["Content-Type"]) == ("2", "text/plain")
    assert b"Counting" not in client_as("analyst").get("/jobs/").content
    assert b"Counting" in client_as("admin").get("/jobs/").content


def test_files_are_fetched_when_the_job_is_over_and_hidden_ones_never(
    begin: Callable[..., Job], now: datetime, client_as: Callable[[str], Client]
) -> None:
    job, browser = begin(2), client_as("marketer")
    work.chunk(job.pk, now)
    file = job.files.get()
    address = f"/jobs/{job.pk}/files/{file.pk}/"
    assert browser.get(address).status_code == 404
    work.chunk(job.pk, now)
    assert browser.get(address).status_code == 200
    StoredFile.objects.update(hidden=True)
    assert browser.get(address).status_code == 404
    files.delete(file)
    assert b"Files are kept for 7 days." in browser.get(f"/jobs/{job.pk}/").content


def test_the_page_of_a_job_tells_how_far_it_is(
    begin: Callable[..., Job], now: datetime, client_as: Callable[[str], Client]
) -> None:
    job, browser = begin(200), client_as("marketer")
    work.chunk(job.pk, now - timedelta(seconds=4))
    Job.objects.update(done=50)
    page = " ".join(browser.get(f"/jobs/{job.pk}/", headers={"HX-Target": "job"}).content.decode().split())
    assert page.startswith('<div id="job"')
    for text in ("25 %", "50 of 200 steps", "12 steps a second", "12 seconds", 'hx-trigger="every 1s"', "Stop"):
        assert text in page, text
    assert browser.post(f"/jobs/{job.pk}/stop/", headers={"HX-Request": "true"}).status_code == 204
    assert "Stopping" in browser.get(f"/jobs/{job.pk}/").content.decode()
    work.chunk(job.pk, now)
    page = " ".join(browser.get(f"/jobs/{job.pk}/").content.decode().split())
    for text in ("Stopped before the end", "50 of 200 steps", "Counted to 50", "kept until 9 March", "counted.txt"):
        assert text in page, text
    assert "every 1s" not in page


def test_the_bell_tells_what_is_under_way_and_what_is_new(
    begin: Callable[..., Job], now: datetime, client_as: Callable[[str], Client]
) -> None:
    browser, job, failing = client_as("marketer"), begin(2), begin(2, trouble="word")
    home = browser.get("/jobs/").content.decode()
    assert f'hx-get="/jobs/bell/?going={failing.pk}&amp;going={job.pk}&amp;" hx-trigger="every 3s"' in home
    assert "2 under way" in home
    for one in (job, job, failing):
        work.chunk(one.pk, now)
    answer = browser.get(
        f"/jobs/bell/?going={job.pk}&going={failing.pk}&going=x", headers={"HX-Request": "true", "HX-Target": "bell"}
    )
    assert [one["text"] for one in json.loads(answer["HX-Trigger"])["toast"]["value"]] == [
        "“Counting” could not be finished.",
        "“Counting” is ready.",
    ]
    assert "every 3s" not in answer.content.decode()
    assert "2 new results" in answer.content.decode()
    client_as("admin").get(f"/jobs/{job.pk}/")
    browser.get(f"/jobs/{job.pk}/")
    assert "1 new result" in browser.get("/jobs/").content.decode()
    assert "1 new result" not in client_as("admin").get("/jobs/").content.decode()
    assert "new result" not in browser.post("/jobs/seen/").content.decode()
    assert set(Job.objects.values_list("seen_at", flat=True)) == {now}


def test_a_kind_with_a_page_of_its_own_is_shown_there(
    begin: Callable[..., Job], now: datetime, client_as: Callable[[str], Client]
) -> None:
    job = begin(1)
    jobs.register("count", count, page=lambda job: f"/elsewhere/{job.pk}/")
    work.chunk(job.pk, now)
    answer = client_as("marketer").get(f"/jobs/{job.pk}/")
    assert (answer.status_code, answer["Location"]) == (302, f"/elsewhere/{job.pk}/")
    job.refresh_from_db()
    assert job.seen_at == now
