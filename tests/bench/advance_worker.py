"""A runner process for the bench: gets ready, waits for a line on stdin, moves people until nobody is due."""

import resource
import sys
from datetime import datetime

import django


def main(moment: str) -> None:
    """Prints "ready", then on a line of input works and prints people moved and its peak memory in MB."""
    django.setup()
    from journeys.engine import runner

    now = datetime.fromisoformat(moment)
    runner.advance(now, 1)
    print("ready", flush=True)  # noqa: T201
    sys.stdin.readline()
    moved = 0
    while batch := runner.advance(now):
        moved += batch
    print(moved, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
