"""What every test may ask for: real PostgreSQL and Valkey, a clock that stands still, users and keys."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import django
import pytest
import redis
from django.conf import settings

from tests import services

if TYPE_CHECKING:
    from django.test import Client

    from omnichannel.accounts.models import User

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)  # a Monday


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Servers first, then Django may read its settings."""
    services.prepare()
    if config.getoption("numprocesses", None):
        # xdist's controller runs no tests; its workers must not read the settings before they know their own broker.
        os.environ.pop("DJANGO_SETTINGS_MODULE", None)
        return
    os.environ["DJANGO_SETTINGS_MODULE"] = "omnichannel.settings"
    django.setup()
    # Passwords of tests are no secrets; the real hash takes half a second for each user.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long comes first: no worker is left alone with it at the end. But tests that commit stay behind those
    that do not, who would find other statistics and other ids after them.
    """

    def comes_first(item: pytest.Item) -> bool:
        database = item.get_closest_marker("django_db")
        commits = database is not None and bool(database.kwargs.get("transaction"))
        return bool(item.get_closest_marker("crash") or item.get_closest_marker("long")) and not commits

    items.sort(key=lambda item: not comes_first(item))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """The threads that store calls have connections of their own; the database cannot go before they do."""
    yield
    from profiles.ingest import together

    together._storing.shutdown()


@pytest.fixture(scope="session", autouse=True)
def numbers_as_in_use(request: pytest.FixtureRequest) -> None:
    """Ids begin at 1,001 as far as a reader's locale is asked, and at another number in each table: a page that writes
    an id for people ("1,001") or takes one thing's id for another's shows in whatever test looks at it."""
    if not any(item.get_closest_marker("django_db") or "db" in item.fixturenames for item in request.session.items):  # type: ignore[attr-defined]
        return
    request.getfixturevalue("django_db_setup")
    blocker = request.getfixturevalue("django_db_blocker")
    from django.db import connection

    with blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema() ORDER BY 1")
        for n, (name,) in enumerate(cursor.fetchall(), start=1):
            cursor.execute(f'ALTER SEQUENCE "{name}" RESTART WITH {1000 * n + 1}')


@pytest.fixture(autouse=True)
def known_content_types(request: pytest.FixtureRequest) -> None:
    """Django remembers the ids of content types; a test that commits may leave others behind than it found.

    All are known before each test, so that none depends on what an earlier one has looked up.
    """
    if not (request.node.get_closest_marker("django_db") or {"db", "transactional_db"} & set(request.fixturenames)):
        return
    request.getfixturevalue("_django_db_helper")
    from django.apps import apps
    from django.contrib.contenttypes.models import ContentType

    remembered = {one.pk for one in ContentType.objects._cache.get("default", {}).values()}  # type: ignore[attr-defined]
    models = {model._meta.concrete_model for model in apps.get_models()}
    if ContentType.objects.filter(pk__in=remembered).count() < max(len(remembered), len(models)):
        ContentType.objects.clear_cache()
        ContentType.objects.get_for_models(*models)


@pytest.fixture
def now() -> Iterator[datetime]:
    """Monday 2026-03-02 10:00 UTC; the clock stands there during the test."""
    from omnichannel.shared import clock

    clock.freeze(NOW)
    yield NOW
    clock.freeze(None)


@pytest.fixture
def valkey() -> Iterator["redis.Redis"]:
    """This worker's own Valkey database, empty."""
    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    client.flushdb()
    yield client
    client.close()


@pytest.fixture
def process_env(db: None) -> dict[str, str]:
    """The environment for a process of its own that works on this test's database (the test must be transactional)."""
    from django.db import connection

    base, _, _name = os.environ["DATABASE_URL"].rpartition("/")
    return {**os.environ, "DATABASE_URL": f"{base}/{connection.settings_dict['NAME']}"}


@pytest.fixture
def write_key(db: None) -> str:
    """A key for the ingest API."""
    from omnichannel.accounts.models import ApiKey

    return ApiKey.issue("Tests", ApiKey.Kind.WRITE)[1]


@pytest.fixture
def api_key(db: None) -> str:
    """An admin's key for the management API."""
    from omnichannel.accounts.models import ApiKey

    return ApiKey.issue("Tests", ApiKey.Kind.API, role="admin")[1]


def _user(role: str) -> "User":
    from omnichannel.accounts.models import User

    found = User.objects.filter(email=f"{role}@shop.example").first()
    return found or User.objects.create_user(
        f"{role}@shop.example", "correct horse battery", role=role, name=role.title()
    )


@pytest.fixture
def analyst(db: None) -> "User":
    """Somebody who reads."""
    return _user("analyst")


@pytest.fixture
def marketer(db: None) -> "User":
    """Somebody who reads and writes."""
    return _user("marketer")


@pytest.fixture
def admin(db: None) -> "User":
    """Somebody who also sets up."""
    return _user("admin")


@pytest.fixture
def client_as(db: None) -> Callable[[str], "Client"]:
    """`client_as("marketer")`: a browser-like client, signed in with that role."""
    from django.test import Client

    def signed_in(role: str) -> Client:
        client = Client()
        client.force_login(_user(role), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in
