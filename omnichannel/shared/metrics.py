"""What /metrics shows, read when it is asked for, so that every web process gives the same answer."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from django.conf import settings
from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from omnichannel.shared import broker, health

REGISTRY: Final = CollectorRegistry()
Read = Callable[[], Iterable[tuple[str, float]]]


class Gauges(Collector):
    """Gauges that apps add, each with one label."""

    def __init__(self) -> None:
        self.reads: dict[str, tuple[str, str, Read]] = {}

    def add(self, name: str, text: str, label: str, read: Read) -> None:
        """Show `read()`, pairs of label value and number, as `omnichannel_<name>`."""
        self.reads[f"omnichannel_{name}"] = (text, label, read)

    def describe(self) -> list[Metric]:
        """Nothing is read at registration."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Read everything now."""
        for name, (text, label, read) in self.reads.items():
            family = GaugeMetricFamily(name, text, labels=[label])
            for value, number in read():
                family.add_metric([value], number)
            yield family


def _parts() -> Iterator[tuple[str, float]]:
    return ((part, float(state == "ok")) for part, state in health.check().items())


def _queues() -> Iterator[tuple[str, float]]:
    names = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()} | {settings.CELERY_TASK_DEFAULT_QUEUE}
    for name in sorted(names):
        yield name, float(broker.client().llen(name))


gauges: Final = Gauges()
gauges.add("part_up", "1 where a part of the installation works.", "part", _parts)
gauges.add("queue_length", "Wake-ups waiting in the broker.", "queue", _queues)
REGISTRY.register(gauges)
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
