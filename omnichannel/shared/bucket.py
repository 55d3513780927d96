"""A stable bucket for a person: the same answer on every host, in every run, for ever."""

from hashlib import blake2b


def bucket(salt: str, ident: int | str, size: int = 10_000) -> int:
    """A number from 0 to `size` - 1, uniform over `ident`, independent between salts."""
    digest = blake2b(f"{salt}:{ident}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) % size
