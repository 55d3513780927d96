"""`manage.py prepare`: what `make run` does to the database before the web server starts. Safe to repeat."""

import json
import os
import secrets
from pathlib import Path
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction

from omnichannel.accounts.models import ApiKey, User, hash_key

LOGIN: Final = "demo@omnichannel.example"


class Command(BaseCommand):
    """Migrate; on the sandbox also make the demo account and, where there is nobody yet, the demo shop."""

    requires_system_checks = ()  # they import every view, and make the start a second longer
    help = "Brings the database up to date and, on the sandbox, makes the demo account and loads the demo shop."

    def handle(self, *args: Any, **options: Any) -> None:
        """One step after another."""
        call_command("migrate", verbosity=0, interactive=False)
        if settings.SANDBOX:
            keep_credentials(Path(settings.LOCAL_DIR) / "credentials.json")
            if settings.DEMO and not apps.get_model("profiles", "Profile").objects.exists():
                call_command("load_demo")


def keep_credentials(path: Path) -> None:
    """The demo account and its keys, the same at every start; what is lost on either side is made anew."""
    known = json.loads(path.read_text()) if path.exists() else {}
    with transaction.atomic():
        user = User.objects.filter(email=LOGIN).first()
        password = known.get("password") or secrets.token_urlsafe(12)
        if user is None:
            user = User.objects.create_user(LOGIN, password, role="admin", name="Demo admin")
        elif not user.check_password(password):
            user.set_password(password)
            user.save(update_fields=["password"])
        lines = {
            "login": LOGIN,
            "password": password,
            "write key": key("Demo source", ApiKey.Kind.WRITE, known.get("write key"), user),
            "api key": key("Demo program", ApiKey.Kind.API, known.get("api key"), user),
        }
    if lines != known:
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(lines, file, indent=1)


def key(name: str, kind: str, known: str | None, user: User) -> str:
    """The known key where the database still accepts it, else a new one."""
    if known and ApiKey.objects.filter(hash=hash_key(known), kind=kind, revoked_at=None).exists():
        return known
    return ApiKey.issue(name, kind, role="admin", by=user)[1]
