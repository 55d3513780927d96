"""Secrets at rest: one sealed box for provider settings, and the keys that sign public links.

Keys are derived from ENCRYPTION_KEYS (newest first; older ones still open) or, without it, from SECRET_KEY.
"""

import base64
import hmac
import json
from functools import cache
from hashlib import blake2b
from typing import Any, Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

MAC_SIZE: Final = 12


class SealError(ValueError):
    """What was stored cannot be opened with any of the keys."""


def masters() -> tuple[str, ...]:
    """The secrets that keys are derived from, newest first."""
    return tuple(settings.ENCRYPTION_KEYS) or (settings.SECRET_KEY,)


@cache
def derive(master: str, purpose: str) -> bytes:
    """A 32-byte key for one purpose: two purposes never share a key."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"omnichannel:{purpose}".encode()).derive(
        master.encode()
    )


@cache
def _box(secrets: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(derive(master, "vault"))) for master in secrets])


def seal(value: dict[str, Any]) -> bytes:
    """Encrypt a JSON-able dict with the newest key."""
    return _box(masters()).encrypt(json.dumps(value).encode())


def unseal(sealed: bytes | memoryview) -> dict[str, Any]:
    """Decrypt what `seal` made, with any of the keys; nothing stored is an empty dict."""
    if not sealed:
        return {}
    try:
        value: dict[str, Any] = json.loads(_box(masters()).decrypt(bytes(sealed)))
    except InvalidToken as error:
        raise SealError("These settings were saved with a key that is no longer in ENCRYPTION_KEYS.") from error
    return value


def mac(purpose: str, data: bytes) -> bytes:
    """A short signature made with the newest key."""
    return blake2b(data, key=derive(masters()[0], purpose), digest_size=MAC_SIZE).digest()


def mac_holds(purpose: str, data: bytes, signature: bytes) -> bool:
    """Whether any of the keys made this signature; compared in constant time."""
    made = (blake2b(data, key=derive(master, purpose), digest_size=MAC_SIZE).digest() for master in masters())
    return any(hmac.compare_digest(each, signature) for each in made)
