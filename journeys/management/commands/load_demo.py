"""`manage.py load_demo`: fill an empty product with the demo shop."""

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from journeys.demo.load import AlreadyLoadedError, load
from omnichannel.accounts.models import User
from omnichannel.shared import clock


class Command(BaseCommand):
    help = "Fills an empty sandbox with the demo shop; leaves one that holds people alone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--size", type=int, default=2000, help="how many customers (2000)")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SANDBOX:
            raise CommandError("The demo shop is for the sandbox. Set SANDBOX=1.")
        began = time.monotonic()
        try:
            load(clock.now(), size=options["size"], by=User.objects.order_by("id").first())
        except AlreadyLoadedError:
            self.stdout.write("There are people already; nothing was changed.")
            return
        self.stdout.write(f"The demo shop is open after {time.monotonic() - began:.1f} seconds.")
