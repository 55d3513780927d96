"""Processes speak of the same people at once, and take them apart: nobody doubles, nothing is lost, no deadlock."""

import subprocess
import sys

import pytest

from profiles.models import Event, Identity, Merge, Profile

PROCESSES = 4


@pytest.mark.django_db(transaction=True)
def test_a_storm_of_identifies_from_many_processes(process_env: dict[str, str]) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.crash.ingest_process", str(seed)],
            env=process_env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed in range(PROCESSES)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [process.communicate(timeout=100) for process in started]
    assert "".join(err for _out, err in told) == ""
    assert [process.returncode for process in started] == [0] * PROCESSES

    assert Event.objects.count() == sum(int(out) for out, _err in told)
    living = set(Profile.objects.filter(merged_into=None).values_list("id", flat=True))
    assert set(Event.objects.values_list("profile_id", flat=True)) <= living
    assert set(Identity.objects.values_list("profile_id", flat=True)) <= living
    signposts = dict(Profile.objects.exclude(merged_into=None).values_list("id", "merged_into_id"))
    assert set(signposts.values()) <= living
    for turn in range(20):
        names = Identity.objects.filter(value__startswith=f"new{turn}-") | Identity.objects.filter(
            value__in=[f"new{turn}", f"new{turn}@y.z"]
        )
        assert names.count() == PROCESSES + 2
        assert names.values("profile_id").distinct().count() == 1
    standing = dict(Merge.objects.filter(undone_at=None).values_list("loser_id", "survivor_id"))
    assert set(standing) == set(signposts)
    for loser, end in signposts.items():
        while loser in standing:
            loser = standing[loser]
        assert loser == end
