"""What journeys show on the page of a person: loaded into slots that the people pages leave open."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from journeys.queries.explain import askable
from journeys.queries.messages import Filters, message_page
from journeys.queries.passages import as_sent, passages
from omnichannel.accounts.permissions import role_required
from omnichannel.shared import clock
from omnichannel.shared.numbers import number


@require_GET
@role_required("analyst")
def profile_journeys(request: HttpRequest, pk: int) -> HttpResponse:
    """Where this person stands in each journey, why, and what comes next."""
    facts = {"pk": pk, "passages": passages(pk, clock.now()), "journeys": askable()}
    return render(request, "journeys/_profile_journeys.html", facts)


@require_GET
@role_required("analyst")
def profile_messages(request: HttpRequest, pk: int) -> HttpResponse:
    """What was said to this person, and what became of it."""
    before = request.GET.get("before", "")
    page = message_page(Filters(profile=pk, before=number(before)))
    letters = as_sent([line.message.pk for line in page.lines])
    context = {"pk": pk, "lines": [(line, letters.get(line.message.pk)) for line in page.lines], "last": page.last}
    template = "journeys/_profile_message_rows.html" if before else "journeys/_profile_messages.html"
    return render(request, template, context)
