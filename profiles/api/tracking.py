"""The Segment HTTP tracking API: `/v1/identify track page screen group alias batch import`.

200 means committed. 400 lists what is wrong, item by item; the good items of a batch are stored all the same, and no
client library sends a 400 again. Plain views: the framework of the management API would halve the throughput.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Final

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from omnichannel.accounts import keys
from omnichannel.shared import clock, pace
from profiles.api import body as bodies
from profiles.ingest import Result
from profiles.ingest.decode import BadItemError, ItemError, body_key, decode_batch, decode_one
from profiles.ingest.together import ingest_together

CORS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Content-Encoding, X-Retry-Count",
    "Access-Control-Expose-Headers": "Retry-After",
    "Access-Control-Max-Age": "86400",
}
NOBODY: Final = "Names nobody: it is one of the values that stand for “unknown”"
OK: Final = b'{"success":true}'

View = Callable[..., HttpResponse]


def answer(status: int, content: Any) -> HttpResponse:
    """JSON that any origin may read."""
    text = content if isinstance(content, bytes) else msgspec.json.encode(content)
    return HttpResponse(text, status=status, content_type="application/json", headers=CORS)


def refuse(status: int, error: str, message: str, field: str = "") -> HttpResponse:
    """Nothing of the request was stored. `code` is where client libraries look for the kind of error."""
    told = {"item": None, "field": field, "message": message}
    return answer(status, {"success": False, "error": error, "code": error, **told, "stored": 0, "errors": [told]})


def from_anywhere(*methods: str) -> Callable[[View], View]:
    """Any site may call this with one of the methods; browsers ask first."""

    def decorate(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def open_to_all(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method == "OPTIONS":
                return HttpResponse(status=204, headers=CORS)
            if request.method not in methods:
                response = refuse(405, "method_not_allowed", f"Use {' or '.join(methods)}")
                response["Allow"] = ", ".join((*methods, "OPTIONS"))
                return response
            return view(request, *args, **kwargs)

        return open_to_all

    return decorate


def header_key(request: HttpRequest) -> str | None:
    """The write key as the user name of Basic authentication, or as a Bearer token."""
    scheme, _, given = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() == "bearer":
        return given.strip()
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(given, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return None


def with_body(view: Callable[..., HttpResponse]) -> View:
    """Read the body and check the write key, in the header or, from browsers, in the body."""

    @from_anywhere("POST")
    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            body = bodies.read(request)
        except bodies.BodyError as error:
            return refuse(error.status, {413: "too_large", 415: "encoding"}.get(error.status, "bad_body"), str(error))
        key = header_key(request) or body_key(body)
        source = keys.write_key_id(key) if key else None
        if source is None:
            message = "Send a write key: as user name of Basic authentication or as writeKey in the body"
            return refuse(401, "unauthorized", message, "writeKey")
        return view(body, source, *args, **kwargs)

    return checked


def too_fast(source: int, events: int) -> HttpResponse | None:
    """The answer to a source that sends more than its share; client libraries wait and send the same again."""
    wait = pace.take(f"source:{source}", settings.INGEST_PER_MINUTE, events)
    if not wait:
        return None
    message = f"More than {settings.INGEST_PER_MINUTE} events a minute: send this again in {wait} seconds"
    response = refuse(429, "too_many", message)
    response["Retry-After"] = str(wait)
    return response


@with_body
def one(body: bytes, source: int, kind: str) -> HttpResponse:
    """One call."""
    if refused := too_fast(source, 1):
        return refused
    now = clock.now()
    try:
        call = decode_one(body, kind, now)
    except BadItemError as bad:
        return report([], [ItemError(0, bad.field, bad.message)])
    return report([(0, result) for result in ingest_together([call], now)], [])


@with_body
def batch(body: bytes, source: int) -> HttpResponse:
    """Many calls: the good ones are stored together."""
    now = clock.now()
    try:
        placed, errors = decode_batch(body, now)
    except BadItemError as bad:
        return refuse(400, "bad_batch", bad.message, bad.field)
    if refused := too_fast(source, len(placed) + len(errors)):
        return refused
    results = ingest_together([call for _, call in placed], now)
    return report([(place, result) for (place, _), result in zip(placed, results, strict=True)], errors)


def report(results: Sequence[tuple[int, Result]], errors: Sequence[ItemError]) -> HttpResponse:
    """200 when all is well; else 400 with the bad items, and how many others are stored."""
    errors = [*errors, *(ItemError(place, "userId", NOBODY) for place, result in results if result.nobody)]
    errors.sort(key=lambda bad: bad.item)
    results = [(place, result) for place, result in results if not result.nobody]
    warnings = [{"item": place, "message": text} for place, result in results for text in result.warnings]
    if not errors:
        return answer(200, {"success": True, "warnings": warnings} if warnings else OK)
    told: list[dict[str, Any]] = [{"item": bad.item, "field": bad.field, "message": bad.message} for bad in errors]
    content = {"success": False, "error": "bad_items", "code": "bad_items", **told[0]}
    content |= {"stored": len(results), "errors": told}
    return answer(400, content | ({"warnings": warnings} if warnings else {}))


@from_anywhere("GET")
def project_settings(request: HttpRequest, key: str) -> HttpResponse:
    """What the browser library asks for before it starts: where to send, and that there is nothing else to load."""
    if keys.write_key_id(key) is None:
        return refuse(404, "unknown_key", "There is no source with this write key", "writeKey")
    host = {"apiKey": key, "apiHost": f"{request.get_host()}/v1", "protocol": request.scheme}
    # Without a sample rate of 0 the library would send figures about itself to its makers.
    quiet = {"plan": {"track": {}}, "edgeFunction": {}, "metrics": {"sampleRate": 0}}
    return answer(200, {"integrations": {"Segment.io": host}, **quiet})
