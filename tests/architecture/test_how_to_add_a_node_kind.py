"""The how-to, followed literally in a copy of the code, gives a working kind."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "how-to" / "add-a-node-kind.md"
FILE = re.compile(r"^`([\w/]+\.py)`:\n\n```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COPIED = ("journeys", "omnichannel", "profiles", "templates", "tests", "manage.py", "pyproject.toml")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The code, without what is built or installed."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path / name)
    return tmp_path


@pytest.mark.long
def test_followed_literally(copy: Path) -> None:
    written = FILE.findall(GUIDE.read_text())
    assert [path for path, _ in written] == ["journeys/nodes/wait_date.py", "tests/unit/test_wait_date.py"]
    for path, text in written:
        (copy / path).write_text(text)
    base, _, name = os.environ["DATABASE_URL"].rpartition("/")
    env = {**os.environ, "DATABASE_URL": f"{base}/{name}_how_to", "PYTEST_XDIST_WORKER": ""}
    if (copy / "journeys" / "migrations").exists():
        make = [sys.executable, "manage.py", "makemigrations", "journeys", "--name", "how_to", "--skip-checks"]
        subprocess.run(make, cwd=copy, env={**env, "DATABASE_URL": os.environ["DATABASE_URL"]}, check=True)
        (migration,) = (copy / "journeys" / "migrations").glob("*_how_to.py")
        assert migration.read_text().count("CreateModel") == 1
    tests = ["tests/unit/test_wait_date.py", "tests/contract/test_node_kinds.py", "-k", "wait_date"]
    run = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", "--create-db", *tests]
    done = subprocess.run(run, cwd=copy, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed
    assert int(passed[1]) >= 4 + 9
