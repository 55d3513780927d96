"""PostgreSQL and Valkey from their wheels: started, killed, started again, gone."""

import contextlib
import json
import os
import pwd
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg
import pytest
import redis

from omnichannel.embedded import given, place
from omnichannel.embedded.child import Child
from omnichannel.embedded.place import EmbeddedError
from tests.product import OWN, ROOT, free_port, wait_for

COMMAND = (sys.executable, "-m", "omnichannel.embedded")


class Services:
    """`python -m omnichannel.embedded services` over a data folder of its own."""

    def __init__(self, local: Path) -> None:
        self.local = local
        self.env = {k: v for k, v in os.environ.items() if k not in OWN} | {"OMNICHANNEL_LOCAL": str(local)}
        self.below: list[psutil.Process] = []

    def start(self) -> dict[str, str]:
        """The settings that it publishes."""
        self.process = subprocess.Popen(
            [*COMMAND, "services"], cwd=ROOT, env=self.env, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout
        line = self.process.stdout.readline()
        self.process.stdout.close()
        assert line == f"PostgreSQL and Valkey are ready; their addresses are in {self.local / 'run' / 'env.json'}\n"
        self.below = psutil.Process(self.process.pid).children(recursive=True)
        assert len(self.below) >= 2
        return json.loads((self.local / "run" / "env.json").read_text())

    def end(self, number: int) -> None:
        """By signal; then nothing that it started is left."""
        self.process.send_signal(number)
        self.process.wait(30)
        _, left = psutil.wait_procs(self.below, timeout=15)
        assert left == []

    def do(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Another command over the same folder."""
        return subprocess.run([*COMMAND, *words], cwd=ROOT, env=self.env, capture_output=True, text=True, check=False)


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """Stopped and wiped at the end, also where root's data lies outside of the folder."""
    it = Services(tmp_path / "local")
    yield it
    with contextlib.suppress(AttributeError):
        it.process.kill()
        it.process.wait()
    assert it.do("reset").returncode == 0
    assert not it.local.exists()


def test_data_survives_whatever_ends_the_run(services: Services) -> None:
    env = services.start()
    with psycopg.connect(env["DATABASE_URL"]) as connection:
        assert connection.execute("SHOW server_version").fetchone()[0].startswith("18.")
        assert connection.execute("SHOW listen_addresses").fetchone()[0] == "127.0.0.1"
        connection.execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
    services.end(signal.SIGKILL)

    again = services.start()
    assert again["SECRET_KEY"] == env["SECRET_KEY"]
    with psycopg.connect(again["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT n FROM kept").fetchall() == [(7,)]
    for process in [psutil.Process(services.process.pid), *services.below]:  # a power cut, as far as we can make one
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    services.process.wait()

    last = services.start()
    with psycopg.connect(last["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT n FROM kept").fetchall() == [(7,)]
    services.end(signal.SIGTERM)
    assert not (services.local / "run" / "env.json").exists()


def test_a_killed_server_comes_back_at_the_same_address(services: Services) -> None:
    env = services.start()
    for process in services.below:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()

    def answers() -> bool:
        with contextlib.suppress(psycopg.Error, redis.RedisError):
            psycopg.connect(env["DATABASE_URL"]).close()
            return redis.Redis.from_url(env["REDIS_URL"]).ping()
        return False

    wait_for(answers, 20, "both servers answer again")
    services.below = psutil.Process(services.process.pid).children(recursive=True)
    services.end(signal.SIGINT)


def test_secrets_are_private_and_servers_ask_for_them(services: Services) -> None:
    env = services.start()
    for name in ("run/env.json", "postgres.secret", "django.secret"):
        assert stat.S_IMODE((services.local / name).stat().st_mode) == 0o600
    for process in services.below:
        with contextlib.suppress(psutil.NoSuchProcess):
            assert not any(secret in word for word in process.cmdline() for secret in passwords(env))
    user, _, address = env["DATABASE_URL"].rpartition("@")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(f"{user.rpartition(':')[0]}:wrong@{address}")
    with pytest.raises(redis.AuthenticationError):
        redis.Redis.from_url("redis://" + env["REDIS_URL"].rpartition("@")[2]).ping()
    services.end(signal.SIGTERM)


def passwords(env: dict[str, str]) -> list[str]:
    """Of both addresses."""
    return [env[name].rpartition("@")[0].rpartition(":")[2] for name in ("DATABASE_URL", "REDIS_URL")]


def test_a_command_runs_beside_services_of_its_own_or_those_that_run(services: Services) -> None:
    show = ("exec", "--", sys.executable, "-c", "import os; print(os.environ['DATABASE_URL'])")
    alone = services.do(*show)
    assert alone.returncode == 0
    assert alone.stdout.startswith("postgres://omnichannel:")
    env = services.start()
    assert services.do(*show).stdout == env["DATABASE_URL"] + "\n"
    assert services.do("exec", "--", sys.executable, "-c", "raise SystemExit(3)").returncode == 3
    second = services.do("services")
    assert (second.returncode, second.stderr) == (
        1,
        "Omnichannel already runs from this folder. Stop it first (Ctrl-C in its terminal).\n",
    )
    services.end(signal.SIGTERM)


def test_a_port_in_use_is_one_clear_line(services: Services) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = services.do("run", "--port", str(port))
    assert done.returncode == 1
    assert done.stderr == (
        f"Port {port} cannot be used (Address already in use). Choose another one: make run PORT={port + 1}\n"
    )


def test_given_servers_are_used(services: Services) -> None:
    services.env |= {"DATABASE_URL": "postgres://u:p@db.example/shop", "REDIS_URL": "redis://cache.example/0"}
    done = services.do("exec", "--", sys.executable, "-c", "import os; print(os.environ['DATABASE_URL'])")
    assert done.stdout == "postgres://u:p@db.example/shop\n"


def test_a_given_server_that_cannot_be_used_is_one_clear_line(services: Services) -> None:
    database, broker = os.environ["DATABASE_URL"], os.environ["REDIS_URL"]
    parts, cache = urlsplit(database), urlsplit(broker)
    at, there = f"127.0.0.1:{parts.port}", f"127.0.0.1:{cache.port}"
    nowhere = f"127.0.0.1:{free_port()}"
    says = {
        ("nonsense", broker): "DATABASE_URL is not understood. It looks like this: "
        "postgres://user:password@host:5432/database",
        ("mysql://a@b/c", broker): "DATABASE_URL is not understood. It looks like this: "
        "postgres://user:password@host:5432/database",
        (f"postgres://{parts.username}:wrong@{at}/shop", broker): f"DATABASE_URL: PostgreSQL at {at}/shop cannot be "
        f'used: password authentication failed for user "{parts.username}"',
        (database.rpartition("/")[0] + "/nobody", broker): f"DATABASE_URL: PostgreSQL at {at}/nobody cannot be used: "
        'database "nobody" does not exist',
        (f"postgres://a:secret@{nowhere}/shop", broker): f"DATABASE_URL: PostgreSQL at {nowhere}/shop cannot be used: "
        "Connection refused",
        (database, "nonsense"): "REDIS_URL is not understood. It looks like this: redis://:password@host:6379/0",
        (database, f"redis://:wrong@{there}/0"): f"REDIS_URL: Valkey or Redis at {there}/0 cannot be used: "
        "invalid username-password pair or user is disabled.",
        (database, f"redis://:secret@{nowhere}/0"): f"REDIS_URL: Valkey or Redis at {nowhere}/0 cannot be used: "
        f"Error 111 connecting to {nowhere}. Connection refused.",
    }
    for (database_url, redis_url), line in says.items():
        with pytest.raises(EmbeddedError) as caught:  # noqa: PT012 - the second one is asked when the first is well
            given.check_database(database_url)
            given.check_broker(redis_url)
        assert str(caught.value) == line
    services.env |= {"DATABASE_URL": database, "REDIS_URL": "nonsense"}
    done = services.do("run", "--port", str(free_port()))
    assert done.returncode == 1
    assert done.stdout == "Looking at your PostgreSQL and Valkey …\n"
    assert done.stderr == says[database, "nonsense"] + "\n"


def test_folders_above_the_data_keep_their_permissions(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    services = Services(private / "local")
    services.start()
    services.end(signal.SIGTERM)
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert services.do("reset").returncode == 0


def test_a_moved_checkout_keeps_its_database_and_a_copied_one_gets_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "reachable", lambda _folder: False)
    monkeypatch.setattr(place, "servant", lambda: pwd.getpwnam("nobody"))
    monkeypatch.setattr(place, "own_folder", lambda folder: folder)
    monkeypatch.setattr(place, "system_home", lambda: tmp_path / "homes")
    first, second, third = (tmp_path / name for name in ("first", "second", "third"))
    first.mkdir()
    home = place.database_home(first)
    assert place.database_home(first) == home
    first.rename(second)
    assert place.database_home(second) == home
    third.mkdir()
    (third / "postgres-home.json").write_text((second / "postgres-home.json").read_text())
    assert place.database_home(third) != home
    assert place.database_home(second) == home


def test_a_child_takes_its_children_along(tmp_path: Path) -> None:
    child = Child(
        "parent", ["sh", "-c", "sleep 99 & echo up; wait"], log=tmp_path / "log", env=dict(os.environ), cwd=tmp_path
    )
    child.start()
    wait_for(lambda: "up" in (tmp_path / "log").read_text(), 10, "the child runs")
    below = psutil.Process(child.pid).children()
    assert len(below) == 1
    child.stop(timeout=5)
    assert not child.alive()
    assert psutil.wait_procs(below, timeout=5)[1] == []
