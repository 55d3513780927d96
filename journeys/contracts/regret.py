"""What would have led somebody another way, had it been known when they left."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Regret:
    """`changes`, as (kind, key), about the message of the step `send_key`, after somebody left through `port`: they
    would have left through `instead`. `by_people`: those of machines do not count. `cancels`: messages that only lie
    on the way that was taken are not to be sent any more.
    """

    send_key: str
    changes: tuple[tuple[str, str], ...]
    port: str
    instead: str
    by_people: bool = False
    cancels: bool = False
