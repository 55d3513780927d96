"""Rules of the house that no linter knows."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from journeys import registry
from omnichannel.shared.failpoints import POINTS

ROOT = Path(__file__).resolve().parent.parent.parent
CODE = ("omnichannel", "profiles", "journeys")


def tracked(*endings: str) -> list[Path]:
    """Files of the repository with these endings that are still there."""
    names = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return [path for name in names if name.endswith(endings) and (path := ROOT / name).is_file()]


def code(*endings: str) -> list[Path]:
    """Files of the product, without tests."""
    found = [path for path in tracked(*endings) if path.relative_to(ROOT).parts[0] in CODE]
    assert found
    return [path for path in found if "migrations" not in path.parts]


@pytest.mark.parametrize("kind", sorted(registry.node_kinds()))
def test_no_node_kind_is_named_in_typescript(kind: str) -> None:
    quoted = re.compile(rf"""["'`]{kind}["'`]""")
    sources = [p for p in tracked(".ts", ".tsx") if ".test." not in p.name and p.name != "testing.ts"]
    named = [p.name for p in sources if "canvas" in p.parts and quoted.search(p.read_text())]
    assert named == (["report.ts"] if kind == "opened" else [])  # there it is a figure of a message


@pytest.mark.parametrize("folder", ["nodes", "channels", "providers"])
def test_a_kind_is_a_file_of_its_name(folder: str) -> None:
    kinds = {"nodes": registry.node_kinds, "channels": registry.channels, "providers": registry.providers}[folder]()
    files = {path.stem for path in (ROOT / "journeys" / folder).glob("*.py")} - {"__init__"}
    assert files == set(kinds)


def test_nobody_asks_the_machine_for_the_time() -> None:
    asks = re.compile(r"timezone\.now\(|datetime\.now\(|datetime\.utcnow\(|date\.today\(|\bauto_now=True")
    clock = ROOT / "omnichannel" / "shared" / "clock.py"
    rows_of_marketers = "updated_at = models.DateTimeField(auto_now=True)"
    found = {
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in code(".py")
        if path != clock
        for line in path.read_text().splitlines()
        if asks.search(line) and rows_of_marketers not in line
    }
    assert found == {"journeys/models/version.py: saved_at = models.DateTimeField(auto_now=True)"}


def test_no_statement_asks_the_database_for_the_time() -> None:
    asks = re.compile(r"\b(now\(\)|current_timestamp|clock_timestamp\(|statement_timestamp\()", re.IGNORECASE)
    lines = [(path, line) for path in code(".sql") for line in path.read_text().splitlines()]
    assert [f"{path.name}: {line}" for path, line in lines if asks.search(line.partition("--")[0])] == []


def test_no_model_signals() -> None:
    signal = re.compile(r"models\.signals|models import signals|django\.dispatch")
    assert [path.name for path in code(".py") if signal.search(path.read_text())] == []


def test_no_catch_all_modules() -> None:
    assert [path for path in code(".py") if path.stem in {"utils", "helpers", "common", "manager", "misc"}] == []


def test_files_stay_readable() -> None:
    long = {path.name: n for path in code(".py") if (n := len(path.read_text().splitlines())) > 400}
    assert long == {}


def test_every_failpoint_is_killed_at() -> None:
    """By a crash test that names it, and at one place or more of the product."""
    crashes = "".join(path.read_text() for path in (ROOT / "tests" / "crash").glob("test_*.py"))
    product = "".join(path.read_text() for path in code(".py"))
    assert [point for point in POINTS if not re.search(rf'"{re.escape(point)}[":]', crashes)] == []
    assert set(re.findall(r'\bhit\("([\w.]+)"\)', product)) == set(POINTS)


def test_pins_name_no_host() -> None:
    lock = json.loads((ROOT / "static" / "package-lock.json").read_text())
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text()
        assert "==" in text
        assert "://" not in text
        assert "--hash=sha256:" in text
    assert not (ROOT / "uv.lock").exists()


def test_templates_carry_no_inline_style_or_script() -> None:
    """The content security policy would drop them silently."""
    script = r'<script(?![^>]*(src=|type="application/json"))'
    inline = re.compile(rf"""\sstyle=["']|<style\b|\son(click|change|submit|load|input)=|{script}""")
    sent_out = {"layouts", "preview", "letters"}  # what leaves as e-mail or is shown in its own sandbox
    pages = [path for path in tracked(".html") if path.relative_to(ROOT).parts[0] == "templates"]
    assert pages
    found = [str(path) for path in pages if not sent_out & set(path.parts) and inline.search(path.read_text())]
    assert found == []


def test_ids_are_written_for_programs() -> None:
    """In an attribute or an address, "1,001" for 1001 leads nowhere; {% url %} and ids without a filter are no such."""
    grouped = re.compile(r"""[="'?&;][^"'>]*\{\{ *(?:[\w.]+\.)?(?:pk|id|more|before|page) *\}\}""")
    pages = [path for path in tracked(".html") if path.relative_to(ROOT).parts[0] == "templates"]
    lines = [(path, line) for path in pages for line in path.read_text().splitlines()]
    assert [
        f"{path.name}: {line.strip()}" for path, line in lines if grouped.search(line) and "attrs.id" not in line
    ] == []
