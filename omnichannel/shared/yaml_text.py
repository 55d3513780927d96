"""YAML that people read and that comes back exactly: the core schema of YAML 1.2, long texts as blocks, no aliases.

So `no` is a word and 09:00 a text, as everybody expects who has not read the standard of 2005. What is read is JSON
that can be stored: names are texts, nothing has a type of its own, and it stays small enough to be read at once.
"""

import math
import re
from typing import Any, Final

import yaml
from django.utils.translation import gettext as _

WIDTH: Final = 110
MOST_VALUES: Final = 30_000
UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")
SCALARS: Final = (
    ("null", r"^(?:~|null|)$", ["~", "n", ""]),
    ("bool", r"^(?:true|false)$", ["t", "f"]),
    ("int", r"^[-+]?[0-9]+$", list("-+0123456789")),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", list("-+.0123456789")),
)


class YamlError(ValueError):
    """The text is no YAML, or holds what is not allowed in it; the message names the line."""


class Flow(list[Any]):
    """A short list that stands on one line."""


class _Dumper(yaml.SafeDumper):
    yaml_implicit_resolvers: dict[str, Any] = {}

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[str, Any] = {}

    values = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        self.values += 1
        if isinstance(event, yaml.AliasEvent):
            raise _refused("aliases are not allowed", event)
        if getattr(event, "tag", None) not in (None, "!"):
            raise _refused("types are not allowed", event)
        if self.values > MOST_VALUES:
            raise _refused("there are too many values", event)
        return super().compose_node(parent, index)

    def construct_scalar(self, node: Any) -> Any:
        text = super().construct_scalar(node)
        if UNSTORABLE.search(text):
            raise _refused("there is a sign that cannot be stored", node)
        return text

    def construct_yaml_float(self, node: Any) -> float:
        found = super().construct_yaml_float(node)
        if not math.isfinite(found):
            raise _refused("this number is too large", node)
        return found

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        for name, _value in node.value:
            if not isinstance(name, yaml.ScalarNode):
                raise _refused("a name is needed here", name)
            name.tag = "tag:yaml.org,2002:str"
        found = super().construct_mapping(node, deep=True)
        if len(found) != len(node.value):
            raise _refused("a name stands here twice", node)
        return found


def _refused(text: str, place: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(None, None, text, place.start_mark)


# SafeLoader knows its own method by reference.
_Loader.add_constructor("tag:yaml.org,2002:float", _Loader.construct_yaml_float)


for _name, _pattern, _first in SCALARS:
    for _cls in (_Dumper, _Loader):
        _cls.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", re.compile(_pattern), _first)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


def _flow(dumper: yaml.SafeDumper, items: Flow) -> yaml.SequenceNode:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=True)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(Flow, _flow)


def dump(value: Any) -> str:
    """The text of a JSON value, in the order of its keys."""
    text: str = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)
    return text


def load(text: str) -> Any:
    """The JSON value of a text. YamlError: it is none."""
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - it is a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        facts = {"n": mark.line + 1 if mark else 1, "why": " ".join(str(error.problem or error.context).split())}
        raise YamlError(_("Line %(n)s cannot be read: %(why)s.") % facts) from error
    except yaml.YAMLError as error:
        raise YamlError(" ".join(str(error).split())) from error
    except (ValueError, TypeError, RecursionError) as error:
        raise YamlError(str(error)) from error
