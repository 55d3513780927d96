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
from journeys.queries import whereabouts
from journeys.services import by_hand
from journeys.services.lifecycle import LifecycleError
from journeys.views.canvas import get_journey
from omnichannel.accounts.permissions import role_required, signed_in
from omnichannel.shared import clock
from omnichannel.shared.numbers import number


@role_required("marketer")
@require_POST
def journey_people_act(request: HttpRequest, pk: int) -> HttpResponse:
    """ "move:<step>", "release:<way>" or "remove" the chosen people, or everybody whom the list's address finds."""
    journey = get_journey(pk)
    address = QueryDict(request.POST.get("query", ""))
    form = PeopleFilterForm(address, steps=whereabouts.steps(journey))
    filters: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    only = [ident for one in request.POST.getlist("ids") if (ident := number(one))]
    people = whereabouts.inside(journey, filters, None if request.POST.get("everybody") and form.is_valid() else only)
    try:
        do, _colon, what = request.POST.get("do", "").partition(":")
        changed = by_hand.act(journey, people, do, what, signed_in(request), clock.now())
    except LifecycleError as error:
        messages.error(request, str(error))
    else:
        text = ngettext("Done for %(n)s person.", "Done for %(n)s people.", changed) % {"n": f"{changed:,}"}
        gone_on = _(" Others had gone on meanwhile.") if changed < len(people) else ""
        messages.success(request, text + gone_on)
    return redirect(f"{reverse('journey_people', args=[pk])}?{address.urlencode()}")
