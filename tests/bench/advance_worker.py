"""A runner process for the bench: gets ready, waits for a line on stdin, moves people until nobody is due."""

import resource
import sys
from datetime import datetime

import django

EARLY = 10_000  # people


def main(moment: str) -> None:
    """Prints "ready"; on a line of input works, then prints people moved and its memory in MB: early and at most."""
    django.setup()
    from journeys.engine import runner

    now = datetime.fromisoformat(moment)
    runner.advance(now, 1)
    print("ready", flush=True)  # noqa: T201
    sys.stdin.readline()
    moved = early = 0
    while batch := runner.advance(now):
        moved += batch
        early = early or (peak() if moved >= EARLY else 0)
    print(moved, early, peak(), flush=True)  # noqa: T201


def peak() -> int:
    """The most memory so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main(sys.argv[1])
