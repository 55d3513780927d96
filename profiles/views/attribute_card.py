"""The card of attributes of a person or a company: shown, one of them being edited, saved, removed."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from profiles.forms.attribute import TYPES, AttributeForm

TEMPLATE = "profiles/_attributes.html"


def attribute_card(
    request: HttpRequest, change: Callable[[str, Any], object], facts: Callable[[], Mapping[str, Any]]
) -> HttpResponse:
    """`change(name, value)` sets one, or removes it (None); `facts`, read afterwards: the rows and whose they are."""
    form: AttributeForm | None = None
    name, adding = request.GET.get("name", ""), "add" in request.GET
    if request.method == "DELETE":
        change(name, None)
        name = ""
    elif request.method == "POST":
        form = AttributeForm(request.POST)
        name, adding = request.POST.get("name", ""), "add" in request.POST
        if form.is_valid():
            change(form.cleaned_data["name"], form.cleaned_data["stored"])
            form, name, adding = None, "", False
    context = {
        **facts(),
        "editing": None if adding else name,
        "adding": adding,
        "form": form,
        "types": TYPES,
        "chosen_type": request.GET.get("type", ""),
        "given": request.GET,
    }
    return render(request, TEMPLATE, context, status=422 if form else 200)
