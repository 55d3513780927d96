"""A process of the identity storm: sends, and says how many calls were stored.

Every process speaks of the same few people, in batches that overlap, with chains of aliases and undone joins.
"""

import random
from contextlib import suppress
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier

from profiles.models import Merge
from profiles.services.unmerge import UnmergeError, unmerge
from tests.builders import alias, calls, identify, tracked
from tests.conftest import NOW

BATCHES = 20


def main(seed: int, all_are_there: Barrier, stored: "SimpleQueue[int]") -> None:
    """Send, and now and then undo."""
    rng, sent = random.Random(seed), 0
    all_are_there.wait()
    for turn in range(BATCHES):
        new = f"new{turn}"  # everybody brings the same new person at about the same time
        batch = [identify(new, f"{new}-{seed}", email=f"{new}@y.z", n=seed)]
        for _ in range(6):
            batch.append(tracked("Seen", f"u{rng.randrange(6)}", f"a{rng.randrange(12)}"))
            batch.append(tracked("Seen", None, f"a{rng.randrange(12)}"))
        if rng.random() < 0.5:
            first = rng.randrange(5)
            batch.append(alias(f"u{first}", f"u{first + 1}"))
        rng.shuffle(batch)
        sent += sum(result.stored for result in calls(*batch)[0])
        if rng.random() < 0.3 and (merge := Merge.objects.filter(undone_at=None).order_by("?").first()):
            with suppress(UnmergeError):
                unmerge(merge.pk, by=None, now=NOW)
    stored.put(sent)
