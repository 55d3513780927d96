"""Colleagues answer tasks: the person goes on the way that was chosen."""

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from journeys.asking.settling import SQL, Settled, settle
from journeys.models import Node, Request
from omnichannel.accounts.models import User


class TaskError(ValueError):
    """The task cannot be answered so; the text is for the person who tried."""


def answer(request: Request, port: str, note: str, by: User, now: datetime) -> None:
    """Say how it went. Once: whoever comes second is told so."""
    if request.kind != Request.Kind.TASK:
        raise TaskError(_("This is no task."))
    node = Node.objects.get(pk=request.node_id)
    names = {row["port"]: row["name"] for row in getattr(node, "results", [])}
    if port not in names:
        raise TaskError(_("Say how it went."))
    told = {"result": names[port], "note": note.strip()[:2000], "by": str(by)}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SQL["still_waited_for"], {"enrollment": request.enrollment_id, "visit": request.visit})
        done = cursor.fetchone() is not None and settle(
            [
                Settled(
                    request.pk,
                    request.enrollment_id,
                    request.attempts,
                    Request.State.ANSWERED,
                    result=port,
                    answer=told,
                    by=by.pk,
                )
            ],
            now,
        )
    if not done:
        raise TaskError(_("This task is done already, or its time is over."))
