"""Threads of the web server come and go with the load; what one of them held open goes with it."""

import threading
from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection, connections

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_thread = threading.local()


class _Farewell:
    """Only its thread holds it, so it is let go of when the thread ends, and closes the connection to the database.

    Django's connections hold themselves in circles: left to the search for garbage, those of threads long gone fill the
    server before anybody looks.
    """

    def __init__(self) -> None:
        self._held = connections[connection.alias]

    def __del__(self) -> None:
        if self._held.connection is not None:
            self._held.connection.close()


def closing(application: Application) -> Application:
    """The same application, whose threads leave no connection behind."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not hasattr(_thread, "farewell"):
            say_farewell()
        return application(environ, start_response)

    return answer


def say_farewell() -> None:
    """This thread leaves no connection behind when it ends."""
    _thread.farewell = _Farewell()
