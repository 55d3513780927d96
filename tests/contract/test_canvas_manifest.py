"""What the canvas is told about kinds: the browser's tests read it from a fixture that this test keeps true."""

import json
import os
from pathlib import Path

import pytest

from journeys.queries import graph
from omnichannel.shared import icons

FIXTURE = Path(__file__).parents[2] / "static" / "src" / "canvas" / "fixtures" / "manifest.json"


def test_the_fixture_is_what_the_server_says() -> None:
    """UPDATE_FIXTURES=1 writes it anew after a kind was added or changed."""
    written = json.dumps(graph.manifest(), indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("UPDATE_FIXTURES"):
        FIXTURE.write_text(written)
    assert FIXTURE.read_text() == written


@pytest.mark.parametrize("kind", graph.manifest()["kinds"], ids=lambda kind: kind["kind"])
def test_every_kind_can_be_drawn(kind: dict[str, object]) -> None:
    assert icons.exists(str(kind["icon"]))
    assert kind["category"] in {category["key"] for category in graph.categories()}
    assert kind["label"]
    assert kind["help"]
