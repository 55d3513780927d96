"""Where benchmarks leave their results: lines to read, and `.local/bench.json`."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median

from tests.product import ROOT

Timings = dict[str, list[float]]


def note(name: str, result: dict[str, object]) -> None:
    """Print a result (`make bench` lets it through) and add it to the file."""
    print(f"\n{name}: {json.dumps(result)}", flush=True)  # noqa: T201 - what a benchmark is for
    path = ROOT / ".local" / "bench.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({**known, name: result}, indent=2, sort_keys=True))


def interleaved(contenders: Mapping[str, Callable[[], object]], repeats: int) -> tuple[Timings, dict[str, object]]:
    """Each in turn, again and again, so that a busy moment of the machine meets all of them. Seconds, and answers.

    The first round is not counted: it warms up. Answers have to stay the same.
    """
    took: Timings = {name: [] for name in contenders}
    answers: dict[str, object] = {}
    for turn in range(repeats + 1):
        for name, run in contenders.items():
            start = time.perf_counter()
            answer = run()
            if turn:
                took[name].append(time.perf_counter() - start)
            assert answers.setdefault(name, answer) == answer
    return took, answers


def figures(took: Timings, unit: Callable[[float], float]) -> dict[str, object]:
    """The median of each contender, and the range."""
    found: dict[str, object] = {name: round(unit(median(times)), 2) for name, times in took.items()}
    ranges = {name: sorted(round(unit(one), 2) for one in times) for name, times in took.items()}
    return {**found, "range": {name: [times[0], times[-1]] for name, times in ranges.items()}}


def milliseconds(seconds: float) -> float:
    """For `figures`."""
    return seconds * 1000


def table(title: str, rows: Mapping[str, Mapping[str, object]], columns: Sequence[str]) -> None:
    """Print results below one another."""
    print(f"\n\n{title:32}" + "".join(f"{column:>14}" for column in columns))  # noqa: T201
    for name, row in rows.items():
        print(f"{name:32}" + "".join(f"{row.get(column, ''):>14}" for column in columns))  # noqa: T201
