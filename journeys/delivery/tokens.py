"""Links that customers carry: signed, so that nobody can make one up or lead it elsewhere.

A token is the message's number, what the link is about and a signature, in URL-safe base64.
"""

import base64
import binascii
from typing import Literal

from omnichannel.shared.vault import MAC_SIZE, mac, mac_holds

Purpose = Literal["open", "click", "trap", "unsubscribe", "callback"]


class BadTokenError(ValueError):
    """Not one of ours."""


def make(purpose: Purpose, ident: int, payload: str = "") -> str:
    """A token for one message (or account), with a text that only we can have put there."""
    data = ident.to_bytes(8) + payload.encode()
    return base64.urlsafe_b64encode(mac(f"link:{purpose}", data) + data).rstrip(b"=").decode()


def read(purpose: Purpose, token: str) -> tuple[int, str]:
    """(number, text). BadTokenError: altered, made for another purpose, or not a token at all."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadTokenError from error
    signature, data = raw[:MAC_SIZE], raw[MAC_SIZE:]
    if len(data) < 8 or not mac_holds(f"link:{purpose}", data, signature):
        raise BadTokenError
    return int.from_bytes(data[:8]), data[8:].decode()
