"""What the benches over the big shop share."""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests.bench.world import World, connected, world


@pytest.fixture(scope="session")
def filled() -> Iterator[World]:
    """The big shop, made once for a run."""
    with world() as made:
        yield made


@pytest.fixture
def shop(filled: World, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """The big shop; Django's connection leads to it."""
    with django_db_blocker.unblock(), connected(filled.url):
        yield filled
