"""What every request passes."""

import logging
from collections.abc import Callable

from django.db import DataError
from django.http import HttpRequest, HttpResponse

from omnichannel.shared.errors import bad_request

log = logging.getLogger(__name__)


class NoSuchValue:
    """A value that the database cannot hold (a NUL in a text, a number too large) is the request's fault, not ours."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """400 instead of 500; the log keeps where it came from.

        Not where events come in: what is refused there with 400 is never sent again.
        """
        if not isinstance(exception, DataError) or request.path.startswith("/v1/"):
            return None
        log.warning("a value that cannot be stored: %s", exception, exc_info=exception)
        return bad_request(request)
