"""The processes of an installation and their command lines."""

import argparse
import sys
from pathlib import Path
from typing import Final

CELERY: Final = (sys.executable, "-m", "celery", "--app", "omnichannel")
# Solo workers: one process each, so that a kill never takes more than one and nothing is left between two.
QUEUES: Final = {
    "worker-1": "inbox,enter,advance,segments,default",
    "worker-2": "inbox,enter,advance,segments,default",
    "sender-1": "send",  # two, so that one prepares its batch while the other waits for the mail server
    "sender-2": "send",
    "caller": "call",
}
GRANIAN: Final = [
    "--interface",
    "wsgi",
    "--http",
    "1",
    "--no-ws",
    "--workers",
    "2",
    "--blocking-threads",
    "16",
    "--log-level",
    "warning",
    "--respawn-failed-workers",
    "--respawn-interval",
    "0.5",
    "--workers-kill-timeout",
    "8",
]
WORKER: Final = ["--pool", "solo", "--loglevel", "INFO", "--without-gossip", "--without-mingle", "--without-heartbeat"]
RELOADED: Final = (*QUEUES, "beat")


def commands(args: argparse.Namespace, local: Path) -> list[tuple[str, list[str]]]:
    """Name and command line of each."""
    return [
        ("web", web(args)),
        *((name, worker(name, queues)) for name, queues in QUEUES.items()),
        ("beat", [*CELERY, "beat", "--schedule", str(local / "beat-schedule"), "--pidfile=", "--loglevel=WARNING"]),
    ]


def web(args: argparse.Namespace) -> list[str]:
    """Granian; Django's own server where code changes are to show at once."""
    if args.reload:
        return [sys.executable, "manage.py", "runserver", f"{args.host}:{args.port}"]
    address = ["--host", args.host, "--port", str(args.port)]
    return [sys.executable, "-m", "granian", "omnichannel.wsgi:application", *address, *GRANIAN]


def worker(name: str, queues: str) -> list[str]:
    """A Celery worker for some queues; it talks to nobody but the broker."""
    return [*CELERY, "worker", "--queues", queues, "--hostname", f"{name}@%h", *WORKER]
