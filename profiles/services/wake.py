"""The quick half of telling others: after commit, consumers of changes are nudged. A lost nudge harms nobody.

The durable half is the change outbox (`profiles.services.changes`), which every consumer also sweeps by the clock.
"""

import logging
from collections.abc import Callable

log = logging.getLogger(__name__)

_hooks: dict[str, list[Callable[[], None]]] = {}


def register(consumer: str, hook: Callable[[], None]) -> None:
    """Call `hook` whenever changes for `consumer` were committed. Registering one hook twice is harmless."""
    hooks = _hooks.setdefault(consumer, [])
    if hook not in hooks:
        hooks.append(hook)


def wake(consumer: str) -> None:
    """Nudge a consumer. Never raises: the work is safe in the database and the sweep will find it."""
    for hook in _hooks.get(consumer, ()):
        try:
            hook()
        except Exception:
            log.warning("waking %s failed, the sweep will find its work", consumer, exc_info=True)
