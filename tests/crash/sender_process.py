"""A sending process of its own, for tests that kill it: sends what is due until nothing is left."""

import os
import sys
from datetime import datetime

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnichannel.settings")
    django.setup()
    from journeys.delivery.outbox import send_due

    now = datetime.fromisoformat(sys.argv[1])
    while send_due(now):
        pass
