"""How much a minute somebody may do, counted in Valkey for all processes together: a bucket that fills evenly.

A process takes a little ahead, so that most requests ask nobody. Without Valkey nothing is counted and nobody refused:
it guards the servers from one caller's runaway loop, and must not itself become what stops them.
"""

import logging
import math
import threading
from typing import Final

import redis

from omnichannel.shared.broker import client

log = logging.getLogger(__name__)

# The bucket holds a minute's worth. Answers how long to wait, in milliseconds; 0: granted.
TAKE: Final = """
local t = redis.call('TIME')
local now = t[1] + t[2] / 1000000
local minute, want = tonumber(ARGV[1]), tonumber(ARGV[2])
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = math.min(minute, tonumber(kept[1] or minute) + (now - tonumber(kept[2] or now)) * minute / 60)
local missing = math.min(want, minute) - tokens
if missing <= 0 then tokens = tokens - want end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', tostring(now))
redis.call('EXPIRE', KEYS[1], 120)
return missing <= 0 and 0 or math.ceil(missing * 60000 / minute)
"""
AHEAD: Final = 600  # a process takes up to this part of a minute's worth ahead
AT_MOST_AHEAD: Final = 1000

_ahead: dict[str, int] = {}
_lock = threading.Lock()


def take(who: str, per_minute: int, want: int) -> int:
    """0: go on. Else nothing is taken, and so many seconds have to pass first. `per_minute` 0: no limit."""
    if not per_minute or not want:
        return 0
    with _lock:
        left = _ahead.get(who, 0)
        if left >= want:
            _ahead[who] = left - want
            return 0
    more = want + min(AT_MOST_AHEAD, per_minute // AHEAD)
    try:
        for asked in dict.fromkeys((more, want)):
            wait = int(client().eval(TAKE, 1, f"pace:{who}", per_minute, asked))
            if not wait:
                with _lock:
                    _ahead[who] = _ahead.get(who, 0) + asked - want
                return 0
    except redis.RedisError as error:
        log.warning("nobody's pace can be counted: %s", error)
        return 0
    return math.ceil(wait / 1000)
