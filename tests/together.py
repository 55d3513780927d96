"""`python -m tests.together LANE LANE …`: targets of the Makefile beside each other, for `make test`.

A lane is a list of targets, one after the other. What the first lane says is shown as it comes, what the others say
when a target of theirs is done. All targets run, also after a failure.
"""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

MAKE = [os.environ.get("MAKE", "make"), "--no-print-directory"]


class Lane(threading.Thread):
    """Targets in a row, and how each ended."""

    def __init__(self, targets: list[str], *, live: bool) -> None:
        super().__init__(daemon=True)
        self.targets, self.live = targets, live
        self.process: subprocess.Popen[bytes] | None = None
        self.ended: list[tuple[str, int, float]] = []

    def run(self) -> None:
        for target in self.targets:
            started = time.monotonic()
            with tempfile.TemporaryFile() as said:
                output = None if self.live else said
                self.process = subprocess.Popen([*MAKE, target], stdout=output, stderr=output and subprocess.STDOUT)
                code = self.process.wait()
                said.seek(0)
                sys.stdout.buffer.write(b"\n" + said.read() if output else b"")
                sys.stdout.buffer.flush()
            self.ended.append((target, code, time.monotonic() - started))

    def stop(self) -> None:
        """End what runs; nothing more is begun."""
        self.targets.clear()
        if self.process and self.process.poll() is None:
            self.process.terminate()


def main(lanes: list[str]) -> int:
    """Run all of them; 1 where something failed."""
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))
    running = [Lane(targets.split(), live=number == 0) for number, targets in enumerate(lanes)]
    try:
        for lane in running:
            lane.start()
        for lane in running:
            lane.join()
    finally:
        for lane in running:
            lane.stop()
    ended = [one for lane in running for one in lane.ended]
    for target, code, seconds in ended:
        print(f"{target:12} {'FAILED' if code else 'passed'} after {seconds:.0f} s")
    return int(any(code for _target, code, _seconds in ended))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
