"""How many e-mails a second leave for a local SMTP server, database work included."""

import subprocess
import sys
import time
from datetime import datetime

import pytest

from journeys.demo.content import LETTERS
from journeys.models import Message, Template
from profiles.models import Profile
from tests import builders
from tests.bench.results import note
from tests.bench.sink import sink

pytestmark = [pytest.mark.bench, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("valkey")]
MANY = 6_000


@pytest.mark.parametrize("senders", [1, 2])
def test_emails_per_second(senders: int, now: datetime, process_env: dict[str, str]) -> None:
    with sink() as port:
        _send(port, senders, now, process_env)


def _send(port: int, senders: int, now: datetime, process_env: dict[str, str]) -> None:
    builders.account("smtp", host="127.0.0.1", port=port, security="none", from_address="shop@shop.example")
    builders.account("sandbox", "sms")
    letter = LETTERS[0]
    template = Template.objects.create(name=letter.name, channel="email", content=letter.content())
    people = Profile.objects.bulk_create(
        Profile(attributes={"email": f"p{n}@mail.example", "first_name": f"Name {n}"}, created_at=now, updated_at=now)
        for n in range(MANY)
    )
    rows = [(person.pk, template.pk) for person in people]
    Message.objects.bulk_create(
        Message(
            enrollment_id=person, journey_id=1, version_id=1, node_id=1, visit=1, profile_id=person,
            template_id=template_id, channel="email", created_at=now, due_at=now,
        )
        for person, template_id in rows
    )  # fmt: skip
    command = [sys.executable, "-m", "tests.crash.sender_process", now.isoformat()]
    started = time.perf_counter()
    processes = [subprocess.Popen(command, env=process_env) for _ in range(senders)]
    assert [process.wait(300) for process in processes] == [0] * senders
    seconds = time.perf_counter() - started
    assert Message.objects.filter(state="sent").count() == MANY
    note(f"smtp_{senders}_senders", {"unit": "mails/s", "ours": round(MANY / seconds, 1), "parcelvoy": 67})
