"""The management API for people to read: a plain page made from the same schema that programs read."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from omnichannel.accounts.permissions import role_required


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing the API does."""

    method: str
    path: str
    summary: str
    text: str
    parameters: list[dict[str, Any]]
    body: list[tuple[str, str, bool]]
    answers: list[str]


@require_safe
@role_required("analyst")
def docs(request: HttpRequest) -> HttpResponse:
    """Everything there is, by subject."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    return render(request, "journeys/api/docs.html", {"groups": operations(schema)})


def operations(schema: dict[str, Any]) -> dict[str, list[Operation]]:
    """The operations of a schema by their tag."""
    groups: dict[str, list[Operation]] = defaultdict(list)
    for path, methods in schema["paths"].items():
        for method, one in methods.items():
            groups[one["tags"][0]].append(
                Operation(
                    method=method.upper(),
                    path=path,
                    summary=one.get("summary", ""),
                    text=one.get("description", ""),
                    parameters=one.get("parameters", []),
                    body=_body(one, schema),
                    answers=sorted(one["responses"]),
                )
            )
    return dict(groups)


def _body(operation: dict[str, Any], schema: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """(field, type, whether it is needed) of what is sent."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    name = content.get("$ref", "").rpartition("/")[2]
    shape = schema.get("components", {}).get("schemas", {}).get(name, content)
    needed = shape.get("required", [])
    return [
        (field, str(about.get("type", "object")), field in needed)
        for field, about in shape.get("properties", {}).items()
        if not about.get("readOnly")
    ]
