"""What tests are made of: people, what they did, calls of client libraries."""

import ast
import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction

from journeys.models import Journey, Message, ProviderAccount, Tally, Template
from journeys.services import lifecycle
from journeys.services.build import create_journey
from omnichannel.shared.vault import seal
from profiles.ingest import Result, TrackRow, ingest, track
from profiles.ingest.decode import ItemError, decode_batch
from profiles.models import Event, LastSeen, Profile
from tests.conftest import NOW


def profile(at: datetime = NOW, **attributes: Any) -> Profile:
    """A person with these attributes."""
    made = Profile.objects.create(attributes=attributes, created_at=at, updated_at=at)
    LastSeen.objects.create(profile=made, at=at)
    return made


def event(person: Profile, name: str, at: datetime = NOW, kind: str = "track", **properties: Any) -> Event:
    """Something the person did, without anybody being told."""
    return Event.objects.create(
        profile=person,
        kind=kind,
        name=name,
        properties=properties,
        occurred_at=at,
        received_at=at,
        message_id=uuid4(),
    )


def calls(*items: dict[str, Any], now: datetime = NOW) -> tuple[list[Result], list[ItemError]]:
    """A batch as a client library would send it, stored."""
    placed, errors = decode_batch(json.dumps({"batch": items}).encode(), now)
    return ingest([call for _, call in placed], now), errors


def identify(user_id: str, anonymous_id: str | None = None, **traits: Any) -> dict[str, Any]:
    """An identify call."""
    return _call("identify", user_id, anonymous_id, traits=traits)


def tracked(
    name: str, user_id: str | None = None, anonymous_id: str | None = None, **properties: Any
) -> dict[str, Any]:
    """A track call."""
    return _call("track", user_id, anonymous_id, event=name, properties=properties)


def alias(previous_id: str, user_id: str) -> dict[str, Any]:
    """An alias call."""
    return _call("alias", user_id, None, previousId=previous_id)


def _call(kind: str, user_id: str | None, anonymous_id: str | None, **more: Any) -> dict[str, Any]:
    ids = {"userId": user_id, "anonymousId": anonymous_id}
    return {"type": kind, "messageId": str(uuid4()), **{k: v for k, v in ids.items() if v}, **more}


def email_template(name: str = "Welcome", **content: str) -> Template:
    """An e-mail template in HTML."""
    body = '<p>Hello {{ first_name | default: "you" }}, <a href="https://shop.example/a?b=1&amp;c=2">look</a></p>'
    values = {"subject": "Hello {{ first_name }}", "preheader": "", "format": "html", "body": body, "text": ""}
    return Template.objects.create(name=name, channel="email", content={**values, **content})


def message(person: Profile, template: Template, at: datetime = NOW, **columns: Any) -> Message:
    """A message that waits to be sent; its enrollment, journey and node are numbers of nobody unless given."""
    numbers = {"enrollment_id": person.pk, "journey_id": 1, "version_id": 1, "node_id": 1, "visit": 1}
    values = {**numbers, "profile_id": person.pk, "template_id": template.pk, "channel": template.channel, **columns}
    return Message.objects.create(**{"created_at": at, "due_at": at, **values})


def account(kind: str, channel: str = "email", **settings: Any) -> ProviderAccount:
    """The default account of a channel."""
    ProviderAccount.objects.filter(channel=channel).update(is_default=False)
    return ProviderAccount.objects.create(
        name=kind, kind=kind, channel=channel, is_default=True, settings=seal(settings)
    )


def template(name: str = "Welcome", channel: str = "email") -> Template:
    """The content of that name, made when there is none."""
    content = {"subject": name, "format": "html", "body": f"<p>{name}</p>", "text": name}
    return Template.objects.get_or_create(name=name, defaults={"channel": channel, "content": content})[0]


def journey(drawing: str, name: str = "Test", publish: bool = True, at: datetime = NOW, **given: Any) -> Journey:
    """A journey from a drawing, one step a line:

        start: entry_event(event="Signed Up") -> mail
        mail: send(template="Welcome") -> read
        read: opened(send_key="mail") opened -> done, not_opened -> mail
        done: exit()

    A bare name stands for one of `given` (a model's id); `settings` may be among them; a template's name makes it.
    """
    settings = given.pop("settings", {})
    nodes, edges = [], []
    for line in filter(None, map(str.strip, drawing.splitlines())):
        key, kind, arguments, ways = STEP.fullmatch(line).groups()  # type: ignore[union-attr]
        config = {one.arg: _value(one.value, given) for one in ast.parse(f"f({arguments})", mode="eval").body.keywords}  # type: ignore[attr-defined]
        if isinstance(config.get("template"), str):
            config["template"] = template(config["template"]).pk
        nodes.append({"key": key, "kind": kind, "config": config})
        for port, target in WAY.findall(ways):
            edges.append({"from": key, "port": port or "next", "to": target})
    made = create_journey({"name": name, "nodes": nodes, "edges": edges, "settings": settings}, None, at)
    if publish:
        lifecycle.publish(made, None, at)
    return made


def counted(drawn: Journey, at: datetime = NOW, **cards: dict[str, int]) -> None:
    """Numbers on the cards of what is live: counted(journey, wait={"entered": 5, "port:next": 2})."""
    assert drawn.live is not None
    nodes = dict(drawn.live.nodes.values_list("key", "pk"))
    quarter = at.replace(minute=0, second=0, microsecond=0)
    Tally.objects.bulk_create(
        Tally(
            journey_id=drawn.pk,
            version_id=drawn.live.pk,
            node_id=nodes[key],
            metric=metric,
            quarter=quarter,
            count=count,
        )
        for key, metrics in cards.items()
        for metric, count in metrics.items()
    )


STEP = re.compile(r"(\w+): (\w+)\((.*?)\)((?: ?(?:,? ?\w+)? ?-> ?\w+)*)")
WAY = re.compile(r"(\w+)? ?-> ?(\w+)")


def _value(node: ast.expr, given: dict[str, Any]) -> Any:
    if isinstance(node, ast.Name):
        return getattr(given[node.id], "pk", given[node.id])
    return ast.literal_eval(node)


def known(rows: Sequence[tuple[int, str, str]], at: datetime = NOW) -> None:
    """Events of known people, (profile id, name, kind), as the product's own writers store them."""
    with transaction.atomic():
        track([TrackRow(profile_id, name, {}, at, uuid4(), kind=kind) for profile_id, name, kind in rows], at)
