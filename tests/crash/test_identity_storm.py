"""Processes speak of the same people at once, and take them apart: nobody doubles, nothing is lost, no deadlock."""

import pytest

from profiles.models import Event, Identity, Merge, Profile
from tests import processes

PROCESSES = 4


@pytest.mark.django_db(transaction=True)
def test_a_storm_of_identifies_from_many_processes(process_env: dict[str, str]) -> None:
    all_are_there, stored = processes.barrier(PROCESSES), processes.queue()
    started = [
        processes.start(process_env, "tests.crash.ingest_process", seed, all_are_there, stored)
        for seed in range(PROCESSES)
    ]
    codes = [process.wait(100) for process in started]
    assert "".join(process.complaints() for process in started) == ""
    assert codes == [0] * PROCESSES

    assert Event.objects.count() == sum(stored.get() for _ in started)
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
