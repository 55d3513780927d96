"""In production nothing insecure is assumed: what is missing is named, and it does not start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PRODUCTION = {
    "DATABASE_URL": "postgres://shop@db/shop",
    "REDIS_URL": "redis://valkey/0",
    "SECRET_KEY": "a long and random text",
    "ALLOWED_HOSTS": "shop.example",
    "PUBLIC_URL": "https://shop.example",
    "EMAIL_URL": "smtp://mail",
}


def start(tmp_path: Path, say: str = "", **given: str) -> str:
    """What a process says that reads the settings with just this environment."""
    env = {"PATH": os.environ["PATH"], "OMNICHANNEL_LOCAL": str(tmp_path), **given}
    program = f"from omnichannel import settings as s; print({say})"
    ran = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, timeout=60)
    return (ran.stdout + ran.stderr).strip().splitlines()[-1]


@pytest.mark.parametrize("name", PRODUCTION)
def test_what_is_missing_is_named(name: str, tmp_path: Path) -> None:
    given = {key: value for key, value in PRODUCTION.items() if key != name}
    assert f"ImproperlyConfigured: Not set: {name}" in start(tmp_path, **given)


def test_production_is_closed(tmp_path: Path) -> None:
    asked = "(s.DEBUG, s.SANDBOX, s.SESSION_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.ALLOW_PRIVATE_OUTBOUND)"
    assert start(tmp_path, asked, **PRODUCTION) == "(False, False, True, True, False)"


@pytest.mark.parametrize(("behind", "proxies"), [("0", "0"), ("1", "1")])
def test_who_fails_to_sign_in_is_told_apart_behind_a_proxy(behind: str, proxies: str, tmp_path: Path) -> None:
    said = start(tmp_path, "s.ALLAUTH_TRUSTED_PROXY_COUNT", **PRODUCTION, BEHIND_PROXY=behind)
    assert said == proxies
