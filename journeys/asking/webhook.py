"""One call of a webhook: what is sent, and what the answer means. No database."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import httpx
import msgspec

from omnichannel.shared import outbound

MOST_BYTES: Final = 64 * 1024
RETRIED: Final = {408, 425, 429, *range(500, 600)}
LONGEST: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Call:
    """What goes out. `seconds`: the whole of it, from the name of the host to the last byte."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    seconds: int


@dataclass(frozen=True, slots=True)
class Said:
    """It answered."""

    status: int
    value: Any


@dataclass(frozen=True, slots=True)
class Refused:
    """It will not, however often it is asked."""

    error: str
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """Not now: to be tried again, not before `after` where it said when."""

    error: str
    status: int | None = None
    after: timedelta | None = None


Fate = Said | Refused | Later


def call(one: Call) -> Fate:
    """Must not raise for anything that an address or the network does."""
    end = time.monotonic() + one.seconds
    try:
        with outbound.client(seconds=one.seconds) as client:
            content = one.body if one.method != "GET" else None
            # A few packed bytes can be gigabytes: answers have to come as they are.
            headers = {**one.headers, "accept-encoding": "identity"}
            with client.stream(one.method, one.url, headers=headers, content=content) as answer:
                return _read(answer, end)
    except httpx.TimeoutException:
        return Later(f"No answer within {one.seconds} seconds.")
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError) as error:
        return Refused(f"The address cannot be used: {error}")
    except httpx.HTTPError as error:
        if isinstance(error.__cause__, outbound.ForbiddenAddress):
            return Refused(str(error.__cause__))
        return Later(f"The address does not answer: {error}")


def _read(answer: httpx.Response, end: float) -> Fate:
    status, taken = answer.status_code, b""
    if not answer.is_success:
        error = f"It answered with status {status}."
        return Later(error, status, _after(answer)) if status in RETRIED else Refused(error, status)
    if answer.headers.get("content-encoding", "identity") != "identity":
        return Refused("The answer is packed, which was not asked for.", status)
    for chunk in answer.iter_raw():
        taken += chunk
        if len(taken) > MOST_BYTES:
            return Refused(f"The answer is longer than {MOST_BYTES // 1024} KB.", status)
        if time.monotonic() > end:
            return Later("The answer took too long.", status)
    return Said(status, _value(taken))


def _value(taken: bytes) -> Any:
    """JSON, else text. A NUL is stored nowhere."""
    text = taken.decode("utf-8", "replace").replace("\0", "")
    if not text.strip():
        return None
    try:
        value = json.loads(text, parse_constant=str)
        msgspec.json.encode(value)  # half a letter, written as \ud800, can be kept nowhere
    except (ValueError, RecursionError):
        return text
    return None if "\\u0000" in text else value


def _after(answer: httpx.Response) -> timedelta | None:
    seconds = answer.headers.get("retry-after", "")
    return min(timedelta(seconds=int(seconds)), LONGEST) if seconds.isdecimal() and len(seconds) < 9 else None
