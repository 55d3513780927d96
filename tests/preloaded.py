"""What every process of `tests.processes` has imported before it begins."""

import django

django.setup()

for name in ("journeys.tasks", "profiles.tasks", "omnichannel.jobs.work", "tests.builders"):
    __import__(name)
