"""Settings for mypy, which reads them and connects to nothing."""

import os

os.environ.setdefault("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:1/0")
os.environ.setdefault("SECRET_KEY", "for the type checker only")
os.environ.setdefault("SANDBOX", "1")
os.environ.setdefault("ALLOWED_HOSTS", "localhost")

from omnichannel.settings import *  # noqa: F403
