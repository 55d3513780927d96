"""Which kinds there are. Files make kinds; this finds them."""

from functools import cache

from journeys.contracts.channel import Channel
from journeys.contracts.provider import Provider
from journeys.models.node import Node
from omnichannel.shared.autoload import load_all


@cache
def node_kinds() -> dict[str, type[Node]]:
    """Every node kind by its name, in palette order."""
    load_all("journeys.nodes")
    kinds = sorted((cls for cls in Node.__subclasses__() if cls.kind), key=lambda cls: (cls.order, cls.kind))
    return {cls.kind: cls for cls in kinds}


@cache
def channels() -> dict[str, Channel]:
    """Every channel by its name, in menu order."""
    load_all("journeys.channels")
    kinds = sorted((cls for cls in Channel.__subclasses__() if cls.kind), key=lambda cls: (cls.order, cls.kind))
    return {cls.kind: cls() for cls in kinds}


@cache
def providers() -> dict[str, Provider]:
    """Every provider by its name."""
    load_all("journeys.providers")
    kinds = sorted((cls for cls in Provider.__subclasses__() if cls.kind), key=lambda cls: cls.kind)
    return {cls.kind: cls() for cls in kinds}
