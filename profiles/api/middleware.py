"""The way of events through the web server."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, get_resolver

ADDRESSES: Final = "profiles.api.urls"


class EventsFirst:
    """What brings events goes straight to its view.

    Sessions, languages, forms and the safety of pages are nothing to it, and would cost as much as storing ten events.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/v1/"):
            try:
                found = get_resolver(ADDRESSES).resolve(request.path_info)
            except Resolver404:
                return self.get_response(request)
            answer: HttpResponse = found.func(request, *found.args, **found.kwargs)
            answer["Content-Length"] = str(len(answer.content))
            return answer
        return self.get_response(request)
