"""People at a step, moved by hand from the list of who is where."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from journeys.forms.journeys import PeopleFilterForm
from journeys.models import Journey
from journeys.queries import whereabouts
from journeys.services import by_hand
from journeys.services.lifecycle import LifecycleError
from journeys.views.canvas import get_journey
from omnichannel.accounts.permissions import role_required
from omnichannel.shared import clock


@role_required("marketer")
@require_POST
def journey_people_act(request: HttpRequest, pk: int) -> HttpResponse:
    """Move, let go on or take out the chosen people, or everybody whom the list's address finds."""
    journey = get_journey(pk)
    address = QueryDict(request.POST.get("query", ""))
    form = PeopleFilterForm(address, steps=whereabouts.steps(journey))
    filters: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    only = [int(one) for one in request.POST.getlist("ids") if one.isdecimal() and len(one) < 19]
    people = whereabouts.inside(journey, filters, None if request.POST.get("everybody") and form.is_valid() else only)
    try:
        changed = perform(journey, request.POST.get("do", ""), people)
    except LifecycleError as error:
        messages.error(request, str(error))
    else:
        text = ngettext("Done for %(n)s person.", "Done for %(n)s people.", changed) % {"n": f"{changed:,}"}
        gone_on = _(" Others had gone on meanwhile.") if changed < len(people) else ""
        messages.success(request, text + gone_on)
    return redirect(f"{reverse('journey_people', args=[pk])}?{address.urlencode()}")


def perform(journey: Journey, asked: str, people: list[int]) -> int:
    """ "move:<step>", "release:<way>" or "remove"."""
    do, _colon, what = asked.partition(":")
    match do:
        case "move":
            return by_hand.move(journey, people, what, clock.now())
        case "release":
            return by_hand.release(journey, people, what, clock.now())
        case "remove":
            return by_hand.remove(journey, people, clock.now())
    raise LifecycleError(_("Choose what to do with them."))
