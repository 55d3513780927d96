"""`make run` without make: processes that are killed come back, and nothing is left when it ends."""

import contextlib
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.product import Product, wait_for

pytestmark = pytest.mark.crash
PROGRAMS = (
    "granian",
    "worker-1@",
    "worker-2@",
    "sender-1@",
    "sender-2@",
    "caller@",
    " beat ",
    "bin/postgres -D",
    "valkey-server",
)


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    """A running product without the demo shop."""
    it = Product(tmp_path / "local")
    it.start()
    yield it
    if it.process.poll() is None:
        it.stop()
    it.forget()


def main_of(product: Product, word: str) -> psutil.Process:
    """The supervisor's own child among the processes that match."""
    own, *_ = (p for p in product.processes(word) if p.ppid() == product.process.pid)
    return own


def is_ready(product: Product) -> bool:
    """Whether /readyz says that all parts work."""
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(f"{product.url}/readyz", timeout=5).status_code == 200
    return False


def test_whatever_is_killed_comes_back_and_nothing_stays_behind(product: Product) -> None:
    before = {word: main_of(product, word) for word in PROGRAMS}
    for process in before.values():
        process.kill()

    def all_back() -> bool:
        with contextlib.suppress(ValueError, psutil.NoSuchProcess):
            return all(main_of(product, word).pid != process.pid for word, process in before.items())
        return False

    wait_for(all_back, 30, "every process runs again")
    wait_for(lambda: is_ready(product), 60, "the product is ready again")
    facts = dict(product.facts)
    everything = psutil.Process(product.process.pid).children(recursive=True)
    product.process.send_signal(signal.SIGTERM)
    assert product.process.wait(60) == 0
    assert psutil.wait_procs(everything, timeout=5)[1] == []

    product.facts = {}
    product.start()
    assert product.facts == facts
    everything = psutil.Process(product.process.pid).children(recursive=True)
    product.process.kill()
    product.process.wait()
    assert psutil.wait_procs(everything, timeout=20)[1] == []
