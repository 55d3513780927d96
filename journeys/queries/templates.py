"""Reads behind the content pages: the list, what uses a template, which variables there are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from journeys.models import Journey, Node, Template
from profiles.models import Profile
from profiles.queries.schema_suggestions import attributes


def listed(search: str = "", channel: str = "") -> QuerySet[Template]:
    """Templates by name."""
    found = Template.objects.order_by("name")
    if search:
        found = found.filter(Q(name__icontains=search) | Q(content__subject__icontains=search))
    return found.filter(channel=channel) if channel else found


@dataclass(frozen=True, slots=True)
class Use:
    """A journey that has the template in its live version or in its draft."""

    journey: Journey
    live: bool


def uses(templates: Sequence[Template]) -> dict[int, list[Use]]:
    """Where templates are used: {template id: journeys}. Looks at every node kind that points to a template."""
    found: dict[int, dict[int, Use]] = {template.pk: {} for template in templates}
    for template_id, journey, version_id in _placed(templates):
        live = version_id == journey.live_id and journey.state in (Journey.State.LIVE, Journey.State.PAUSED)
        before = found[template_id].get(journey.pk)
        found[template_id][journey.pk] = Use(journey, live or bool(before and before.live))
    return {pk: sorted(each.values(), key=lambda use: use.journey.name) for pk, each in found.items()}


def _placed(templates: Sequence[Template]) -> Iterator[tuple[int, Journey, int]]:
    for model, field in pointing_models():
        nodes = model._default_manager.filter(**{f"{field}__in": templates}).select_related("version__journey")
        for node in nodes:
            yield getattr(node, f"{field}_id"), node.version.journey, node.version_id


def pointing_models() -> list[tuple[type[Node], str]]:
    """Node kinds with a foreign key to a template, and its name."""
    return [
        (kind, field.name)
        for kind in Node.__subclasses__()
        for field in kind._meta.get_fields()
        if field.is_relation and field.concrete and field.related_model is Template
    ]


def variables() -> list[tuple[str, str]]:
    """(Liquid, example) of what templates may use; attributes are those that people really have."""
    own = [
        ("{{ workspace.name }}", ""),
        ("{{ workspace.postal_address }}", ""),
        ("{{ journey.name }}", ""),
        ("{{ unsubscribe_url }}", ""),
        ("{{ event.name_of_property }}", ""),
    ]
    return [*[(f"{{{{ profile.{name} }}}}", example) for name, example in _attributes()], *own]


def _attributes() -> Iterator[tuple[str, str]]:
    for field in attributes():
        values = field.get("values") or []
        yield field["name"], str(values[0]["value"] if values and isinstance(values[0], dict) else "")


def preview_people(search: str = "", limit: int = 20) -> list[Profile]:
    """People to preview with: those seen last, or those who fit the search."""
    found = Profile.objects.filter(merged_into=None, attributes__has_key="email")
    if search:
        fits = Q(attributes__email__icontains=search) | Q(attributes__first_name__icontains=search)
        found = found.filter(fits | Q(attributes__last_name__icontains=search))
    return list(found.order_by(F("seen__at").desc(nulls_last=True), "-id")[:limit])
