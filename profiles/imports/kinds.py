"""The two kinds of long work that a file asks for, and how each is shown."""

from datetime import datetime
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from omnichannel import jobs
from omnichannel.jobs.models import Job
from profiles.imports import effects, work

LOOK: Final[dict[str, Any]] = {"icon": "file-import", "unit": gettext_lazy("rows")}


def register() -> None:
    """Let files be checked and brought in."""
    shown: dict[str, Any] = {**LOOK, "told": told, "page": page}
    jobs.register("import", work.bring_in, label=gettext_lazy("Import"), **shown)
    jobs.register("import_check", work.check, label=gettext_lazy("Check of a file"), ended=checked, **shown)


def told(job: Job) -> str:
    """What came of it, in a sentence."""
    counts = job.cursor.get("counts", {})
    new, updated, errors = (counts.get(name, 0) for name in ("new", "updated", "errors"))
    return _("%(new)s, %(updated)s updated, %(errors)s.") % {
        "new": ngettext("%(n)s new person", "%(n)s new people", new) % {"n": f"{new:,}"},
        "updated": f"{updated:,}",
        "errors": ngettext("%(n)s row left out", "%(n)s rows left out", errors) % {"n": f"{errors:,}"},
    }


def page(job: Job) -> str:
    """The page of the file."""
    return reverse("import", args=[job.params["import"]])


def checked(job: Job, now: datetime) -> None:
    """What a check had to remember goes with it."""
    effects.forget(job)
