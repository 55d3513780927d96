"""The history of changes: who changed what, when."""

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date

from omnichannel.accounts import audit as history
from omnichannel.accounts.models import User
from omnichannel.accounts.permissions import role_required
from omnichannel.accounts.views.tabs import settings_tabs


@role_required("admin")
def audit(request: HttpRequest) -> HttpResponse:
    """All changes in words, by person, thing and day."""
    asked = {name: request.GET.get(name, "") for name in ("who", "thing", "since", "until")}
    log = history.filtered(
        asked["who"] if asked["who"].isdecimal() else "",
        asked["thing"] if asked["thing"].isdecimal() else "",
        _day(asked["since"]),
        _day(asked["until"]),
    )
    page = Paginator(log, 50).get_page(request.GET.get("page"))
    things = ContentType.objects.filter(pk__in=LogEntry.objects.order_by().values("content_type_id").distinct())
    facts = {
        "asked": asked,
        "page": page,
        "entries": list(history.entries(page.object_list)),
        "people": User.objects.order_by("name", "email"),
        "things": sorted(((str(one.pk), history.called(one)) for one in things), key=lambda pair: pair[1]),
        "tabs": settings_tabs(request),
    }
    return render(request, "accounts/audit.html", facts)


def _day(text: str) -> object:
    try:
        return parse_date(text)
    except ValueError:
        return None
