"""PostgreSQL and Valkey of one checkout, each only where the environment does not name a server."""

import os
from collections.abc import Mapping

from omnichannel.embedded import given, place
from omnichannel.embedded.checkout import Checkout
from omnichannel.embedded.postgres import Postgres
from omnichannel.embedded.valkey import Valkey


class Services:
    """Start, keep alive and stop what is embedded; `env` is what every other process needs to know."""

    def __init__(self, checkout: Checkout, port: int = 8000, given: Mapping[str, str] = os.environ) -> None:
        self.checkout = checkout
        self.given = dict(given)
        self.public_url = f"http://127.0.0.1:{port}"
        self.postgres = self.valkey = None
        if not given.get("DATABASE_URL"):
            home = place.database_home(checkout.local)
            self.postgres = Postgres(home, checkout.secret("postgres"), checkout.log / "postgres.log")
        if not given.get("REDIS_URL"):
            self.valkey = Valkey(checkout.run, checkout.log / "valkey.log")

    @property
    def embedded(self) -> list[Postgres | Valkey]:
        """Those that are ours to run."""
        return [server for server in (self.postgres, self.valkey) if server]

    @property
    def pids(self) -> list[int]:
        """Process ids of the running servers."""
        return [server.child.pid for server in self.embedded if server.child]

    def names(self, *, ours: bool) -> str:
        """In words: those that are ours to run, or those that the environment names."""
        both = (("PostgreSQL", self.postgres), ("Valkey", self.valkey))
        return " and ".join(name for name, server in both if bool(server) is ours)

    def check_given(self) -> None:
        """Say at once what is wrong with a server that the environment names."""
        if not self.postgres:
            given.check_database(self.given["DATABASE_URL"])
        if not self.valkey:
            given.check_broker(self.given["REDIS_URL"])

    def start(self) -> None:
        """Start both and publish where they are."""
        for server in self.embedded:
            server.start()
            self.checkout.note_children(self.pids)
        self.checkout.publish(self.settings())

    def restart_dead(self) -> list[str]:
        """Start again, at the same address, what ended without being asked; their names."""
        dead = [server for server in self.embedded if not server.alive()]
        for server in dead:
            server.start()
        return [type(server).__name__ for server in dead]

    def stop(self) -> None:
        """Stop both."""
        self.checkout.env_file.unlink(missing_ok=True)
        for server in reversed(self.embedded):
            server.stop()
        self.checkout.note_children([])

    def settings(self) -> dict[str, str]:
        """The settings of this instance; what the environment gives comes first."""
        defaults = {
            "DATABASE_URL": self.postgres.url if self.postgres else "",
            "REDIS_URL": self.valkey.url if self.valkey else "",
            "SECRET_KEY": self.checkout.secret("django"),
            "ALLOWED_HOSTS": "127.0.0.1,localhost,[::1]",
            "SANDBOX": "1",
            "PUBLIC_URL": self.public_url,
        }
        return {name: self.given.get(name) or value for name, value in defaults.items()}

    def env(self) -> dict[str, str]:
        """The whole environment for a process of this instance."""
        return {**self.given, **self.settings(), "OMNICHANNEL_LOCAL": str(self.checkout.local)}
