"""The pace an account allows, shared by all sending processes: a token bucket in Valkey, refilled by Valkey's clock."""

from typing import Final

from omnichannel.shared.broker import client

# The bucket holds one second's worth. Returns how many of the wanted may go now.
TAKE: Final = """
local t = redis.call('TIME')
local now = t[1] + t[2] / 1000000
local rate, want = tonumber(ARGV[1]), tonumber(ARGV[2])
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = tonumber(kept[1] or rate)
local at = tonumber(kept[2] or now)
tokens = math.min(rate, tokens + (now - at) * rate)
local granted = math.max(0, math.min(want, math.floor(tokens)))
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens - granted), 'at', tostring(now))
redis.call('EXPIRE', KEYS[1], 60)
return granted
"""


def take(account_id: int, per_second: int | None, want: int) -> int:
    """How many of `want` messages may leave now."""
    if not per_second:
        return want
    return int(client().eval(TAKE, 1, f"rate:{account_id}", per_second, want))


def give_back(account_id: int, per_second: int | None, unused: int) -> None:
    """Tokens that were taken but not needed."""
    if per_second and unused > 0:
        client().hincrbyfloat(f"rate:{account_id}", "tokens", unused)


def rest(account_id: int, seconds: int) -> None:
    """Leave an account alone for a while: its provider does not answer."""
    client().set(f"rest:{account_id}", 1, ex=seconds)


def resting(account_id: int) -> bool:
    """Whether it is being left alone."""
    return bool(client().exists(f"rest:{account_id}"))


def wake(account_id: int) -> None:
    """Its settings have changed: try again at once."""
    client().delete(f"rest:{account_id}", f"rate:{account_id}")
