"""What can be changed on the page of a person, each card by itself: attributes, notes, consents, lists."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST

from omnichannel.accounts.permissions import role_required
from omnichannel.shared import clock
from omnichannel.shared.numbers import number
from profiles.models import Note, PeopleList, Profile, Topic
from profiles.queries import attribute_rows
from profiles.queries.reach import answers, ways
from profiles.services import lists, notes
from profiles.services.people import set_attribute, set_consent
from profiles.views.attribute_card import attribute_card
from profiles.views.person import lists_context, notes_context


def _person(pk: int) -> Profile:
    return get_object_or_404(Profile, pk=pk, merged_into=None)


@require_http_methods(["GET", "POST", "DELETE"])
@role_required("analyst", to_write="marketer")
def person_attributes(request: HttpRequest, pk: int) -> HttpResponse:
    """The card of attributes."""
    profile = _person(pk)

    def change(name: str, value: Any) -> None:
        set_attribute(profile, name, value, by=request.user, now=clock.now())  # type: ignore[arg-type]
        profile.refresh_from_db()

    return attribute_card(request, change, lambda: {**attribute_rows.context(profile), "profile": profile})


@require_http_methods(["GET", "POST", "DELETE"])
@role_required("analyst", to_write="marketer")
def person_notes(request: HttpRequest, pk: int, note_id: int | None = None) -> HttpResponse:
    """The card of notes: a new one, one being changed, one gone."""
    profile = _person(pk)
    note = get_object_or_404(Note, pk=note_id, profile=profile) if note_id else None
    text, error, editing = request.POST.get("text", ""), "", note_id if request.method == "GET" else None
    try:
        if request.method == "DELETE" and note:
            notes.delete(note, by=request.user)  # type: ignore[arg-type]
        elif request.method == "POST" and note:
            notes.change(note, text, by=request.user, now=clock.now())  # type: ignore[arg-type]
        elif request.method == "POST":
            notes.write(profile, text, by=request.user, now=clock.now())  # type: ignore[arg-type]
    except notes.NoteError as refused:
        error, editing = str(refused), note_id
    context = {
        "profile": profile,
        "editing_note": editing,
        "note_error": error,
        "note_text": text if error else "",
        **notes_context(request, profile),
    }
    response = render(request, "profiles/_notes.html", context, status=422 if error else 200)
    if request.method != "GET" and not error:
        response["HX-Trigger"] = "timeline-changed"
    return response


@require_POST
@role_required("marketer")
def person_consents(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down a yes or no that the person gave; the card of consents."""
    profile = _person(pk)
    topic = get_object_or_404(Topic, pk=number(request.POST.get("topic")))
    channel = request.POST.get("channel", "")
    if channel in {way.channel for way in ways()} | {""}:
        yes = request.POST.get("subscribed") == "yes"
        set_consent(profile, topic, channel, subscribed=yes, by=request.user, now=clock.now())  # type: ignore[arg-type]
    response = render(request, "profiles/_consents.html", {"profile": profile, "topics": answers(profile)})
    response["HX-Trigger"] = "timeline-changed"
    return response


@require_http_methods(["POST", "DELETE"])
@role_required("marketer")
def person_lists(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the person on a list, or on a new one, or take them off; the card of lists."""
    profile, error = _person(pk), ""
    source, now = f"user:{request.user.pk}", clock.now()
    given: Any = request.POST if request.method == "POST" else request.GET
    name = given.get("name", "").replace("\0", "").strip()[:120]
    try:
        if request.method == "DELETE":
            lists.remove(get_object_or_404(PeopleList, pk=number(given.get("list"))), [profile.pk], now)
        elif name:
            made = lists.create(name, "", by=request.user, now=now)  # type: ignore[arg-type]
            lists.add(made, [profile.pk], now, source)
        elif given.get("list"):
            lists.add(get_object_or_404(PeopleList, pk=number(given["list"])), [profile.pk], now, source)
    except lists.ListError as refused:
        error = str(refused)
    context = {"profile": profile, "list_error": error, **lists_context(profile)}
    response = render(request, "profiles/_person_lists.html", context, status=422 if error else 200)
    response["HX-Trigger"] = "timeline-changed"
    return response
