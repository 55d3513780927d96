"""What somebody had before them when they began, so that saving never wipes out what another saved since."""

import json
from hashlib import blake2b
from typing import Any

from django.utils.translation import gettext as _


class OvertakenError(Exception):
    """Somebody else has saved it meanwhile."""


def mark(*parts: Any) -> str:
    """A short sign of these values: the same for the same values, whoever reads them."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str)
    return blake2b(text.encode(), digest_size=9).hexdigest()


def overtaken(who: str) -> str:
    """What is told to whoever comes second; what they typed is still before them."""
    if who:
        return _("%(who)s saved this meanwhile. Below is what you have: save again to put it in place of theirs.") % {
            "who": who
        }
    return _("Somebody saved this meanwhile. Below is what you have: save again to put it in place of theirs.")
