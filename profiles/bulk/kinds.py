"""Brings the long work about many people to the jobs."""

from django.utils.translation import gettext_lazy as _

from omnichannel import jobs
from omnichannel.jobs import queries
from profiles.bulk import change, export
from profiles.queries import origins

PEOPLE = _("people")


def register() -> None:
    """Called when the apps are ready."""
    jobs.register(
        export.KIND,
        export.step,
        label=_("Export"),
        icon="file-export",
        unit=PEOPLE,
        ended=export.ended,
        told=export.told,
    )
    jobs.register(
        change.KIND,
        change.step,
        label=_("Change of many"),
        icon="users-group",
        unit=PEOPLE,
        ended=change.ended,
        told=change.told,
        more="profiles/_change_back.html",
    )
    jobs.register(
        change.BACK, change.step_back, label=_("Taken back"), icon="arrow-back-up", unit=PEOPLE, told=change.told
    )
    origins.register("job", queries.titles, _("by “%(name)s”"))
