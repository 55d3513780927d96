"""A journey from YAML: what it uses is found by name, or made; all of it or nothing."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import DataError, transaction
from django.utils.translation import gettext as _

from journeys.models import Journey, Template
from journeys.queries import references
from journeys.queries.exchange import FORMAT
from journeys.registry import channels
from journeys.services import templates
from journeys.services.build import SpecError, create_journey
from omnichannel.accounts.models import User
from omnichannel.shared import yaml_text
from omnichannel.shared.yaml_text import YamlError
from profiles.models import PeopleList, Segment, Topic
from profiles.segments import ast
from profiles.segments.ast import ConditionError
from profiles.services import segments

LONGEST: Final = 2_000_000
MOST_USED: Final = 500
PARTS: Final = {"format", "gallery", "name", "description", "settings", "steps", "uses"}


def bring_in(text: str, by: User | None, now: datetime) -> Journey:
    """A draft journey. SpecError says where the text cannot be understood; nothing has been made then."""
    if len(text) > LONGEST or "\0" in text:
        raise SpecError("", _("This is too long for a journey."))
    try:
        raw = yaml_text.load(text)
    except YamlError as error:
        raise SpecError("", str(error)) from error
    with transaction.atomic():
        return _Incoming(_checked(raw), by, now).journey()


def _checked(raw: Any) -> dict[str, Any]:
    if not isinstance(raw, dict) or not isinstance(raw.get("steps", {}), dict):
        raise SpecError("", _("This is no journey: it should begin with its name, settings and steps."))
    if raw.get("format", FORMAT) != FORMAT:
        raise SpecError("format", _("Only “%(format)s” is understood here.") % {"format": FORMAT})
    if unknown := sorted(str(key) for key in set(raw) - PARTS):
        raise SpecError(unknown[0], _("There is no such part."))
    return raw


class _Incoming:
    """A document on its way in, with the rows that stand for what it names."""

    def __init__(self, raw: dict[str, Any], by: User | None, now: datetime) -> None:
        self.raw, self.by, self.now = raw, by, now
        self.known: dict[tuple[str, str], int] = {}
        self.place = ""

    def journey(self) -> Journey:
        uses = _mapping(self.raw.get("uses"), "uses")
        if sum(len(part) for part in uses.values() if isinstance(part, dict)) > MOST_USED:
            raise SpecError("uses", _("A journey can bring along at most %s things.") % MOST_USED)
        for part, make in (
            ("topics", self.topic),
            ("lists", self.people),
            ("templates", self.template),
            ("segments", self.segment),
        ):
            for name, value in _mapping(uses.pop(part, None), f"uses.{part}").items():
                self.place = f"uses.{part}.{name}"
                self.known[part[:-1], str(name)] = make(str(name), _mapping(value, self.place))
        if uses:
            raise SpecError(f"uses.{next(iter(uses))}", _("There is no such part."))
        keys = list(self.raw.get("steps", {}))
        try:
            return create_journey(self.spec(), self.by, self.now)
        except SpecError as error:
            raise SpecError(_place(error.path, keys), error.text) from error
        except (ValueError, TypeError, DataError, ValidationError) as error:
            raise SpecError("settings", str(error)) from error

    def spec(self) -> dict[str, Any]:
        """The document that `create_journey` understands."""
        nodes, edges = [], []
        for key, raw in self.raw.get("steps", {}).items():
            self.place = f"steps.{key}"
            step = dict(_mapping(raw, self.place))
            ways, spot, config = step.pop("to", {}), step.pop("at", None), _mapping(step.pop("with", None), self.place)
            if spot is not None and not (isinstance(spot, list) and len(spot) == 2):
                raise SpecError(f"{self.place}.at", _("Two numbers are needed here: from the left, from the top."))
            places = dict(zip(("x", "y"), spot, strict=True)) if spot else {}
            kind = step.get("kind")
            filled = references.configured(kind, config, self.number) if isinstance(kind, str) else config
            nodes.append({**step, "key": str(key), **places, "config": filled})
            for port, to in ({"next": ways} if isinstance(ways, str) else _mapping(ways, self.place)).items():
                edges.append({"from": str(key), "port": str(port), "to": to})
        self.place = "settings"
        settings = references.replaced(_mapping(self.raw.get("settings"), "settings"), self.number)
        named = {"name": self.raw.get("name"), "description": self.raw.get("description", "")}
        return {**named, "nodes": nodes, "edges": edges, "settings": settings}

    def number(self, kind: str, name: Any) -> int | None:
        """The row that is called so: what came with the document, else what is here already. A colleague who is not
        here is nobody.
        """
        if (kind, name) not in self.known:
            named = references.KINDS[kind]
            rows = named.model._default_manager.filter(**{named.field: name}) if isinstance(name, str) else None
            found = rows.order_by("pk").values_list("pk", flat=True).first() if rows is not None else None
            if found is None and kind == "colleague":
                return None
            if found is None:
                raise SpecError(self.place, _("There is no %(kind)s called “%(name)s”.") % {"kind": kind, "name": name})
            self.known[kind, name] = found
        return self.known[kind, name]

    def topic(self, slug: str, raw: Mapping[str, Any]) -> int:
        """By its slug, as it is here where it is."""
        told = {"name": str(raw.get("name", slug))[:80], "description": str(raw.get("description", ""))[:300]}
        flags = {"default_subscribed": raw.get("default_subscribed") is not False}
        flags["transactional"] = raw.get("transactional") is True
        if not re.fullmatch(r"[-\w]{1,50}", slug):
            raise SpecError(self.place, _("A topic is named by letters, digits and hyphens."))
        return Topic.objects.get_or_create(slug=slug, defaults=told | flags)[0].pk

    def people(self, name: str, raw: Mapping[str, Any]) -> int:
        """A list; a new one is empty."""
        told = {"description": str(raw.get("description", ""))[:400], "created_by": self.by, "created_at": self.now}
        return PeopleList.objects.get_or_create(name=name[:120], defaults=told)[0].pk

    def template(self, name: str, raw: Mapping[str, Any]) -> int:
        """The same content under the same name is the same; else it is a new one under a free name."""
        channel = channels().get(str(raw.get("channel")))
        if channel is None:
            raise SpecError(f"{self.place}.channel", ", ".join(channels()))
        given = _mapping(raw.get("content"), self.place)
        if unknown := sorted(str(field) for field in set(given) - set(channel.Content.base_fields)):
            raise SpecError(f"{self.place}.content.{unknown[0]}", _("There is no such part."))
        form = channel.Content(given)
        if not form.is_valid():
            field, faults = next(iter(form.errors.items()))
            raise SpecError(f"{self.place}.content.{field}", str(faults[0]))
        content = {field: form.cleaned_data[field] for field in given}
        there = Template.objects.filter(name=name).first()
        if there and (there.channel, there.content) == (channel.kind, content):
            return there.pk
        return templates.save(Template(channel=channel.kind, created_by=self.by), templates.free_name(name), content).pk

    def segment(self, name: str, raw: Mapping[str, Any]) -> int:
        """The same condition under the same name is the same; else it is a new one, built in the background."""
        try:
            condition = ast.dump(ast.parse(references.replaced(raw.get("condition"), self.number)))
            there = Segment.objects.filter(name=name).first()
            if there and there.condition == condition:
                return there.pk
            return segments.create(name, condition, by=self.by, description=str(raw.get("description", ""))).pk
        except ConditionError as error:
            raise SpecError(f"{self.place}.condition", str(error)) from error
        except segments.SegmentError as error:
            raise SpecError(self.place, str(error)) from error


def _mapping(value: Any, place: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise SpecError(place, _("Names with values are needed here."))
    return dict(value)


def _place(path: str, keys: list[Any]) -> str:
    """Where it stands in the YAML: "nodes[3]" is a step by its key."""
    part, _bracket, rest = path.partition("[")
    number = rest.partition("]")[0]
    if part == "nodes" and number.isdecimal() and int(number) < len(keys):
        return f"steps.{keys[int(number)]}"
    return "steps" if part in ("nodes", "edges") else path
