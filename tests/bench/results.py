"""Where benchmarks leave their results: one line to read, and `.local/bench.json`."""

import json

from tests.product import ROOT


def note(name: str, result: dict[str, object]) -> None:
    """Print a result (`make bench` lets it through) and add it to the file."""
    print(f"\n{name}: {json.dumps(result)}", flush=True)  # noqa: T201 - what a benchmark is for
    path = ROOT / ".local" / "bench.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({**known, name: result}, indent=2, sort_keys=True))
