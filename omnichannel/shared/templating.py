"""Liquid with limits: what marketers write is filled with what customers are, and neither can harm us.

No includes, no files, only plain data; a loop or an output that runs away is stopped.
"""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from liquid import BoundTemplate, Environment, Markup
from liquid.exceptions import LiquidError

UNCLOSED: Final = re.compile(r"expected tag end(\w+), found .*", re.DOTALL)


class TemplateError(ValueError):
    """A template that cannot be read or filled; `line` is 0 where it is not known."""

    def __init__(self, text: str, line: int = 0) -> None:
        super().__init__(text)
        self.text, self.line = text, line


class Limited(Environment):
    """Liquid's limits, chosen for messages."""

    output_stream_limit = 1_000_000
    loop_iteration_limit = 10_000
    local_namespace_limit = 1_000_000
    context_depth_limit = 20


def _environment(*, autoescape: bool) -> Environment:
    environment = Limited(autoescape=autoescape, strict_filters=True)
    for tag in ("include", "render"):
        del environment.tags[tag]
    environment.add_filter("json", lambda value: Markup(json.dumps(value, default=str)))
    return environment


HTML = _environment(autoescape=True)
TEXT = _environment(autoescape=False)


def _fault(error: LiquidError) -> TemplateError:
    place = error.context() if error.token is not None else None
    text = str(error.message or error).strip().rstrip(".")
    return TemplateError(UNCLOSED.sub(r"{% \1 %} is not closed", text), place[0] if place else 0)


class Template:
    """One compiled piece of Liquid."""

    __slots__ = ("_bound",)

    def __init__(self, bound: BoundTemplate) -> None:
        self._bound = bound

    def fill(self, context: Mapping[str, Any]) -> str:
        """The text for one person. TemplateError: it cannot be filled."""
        try:
            # A filter can make a NUL ("%00" | url_decode), which PostgreSQL stores in no text.
            return self._bound.render(context).replace("\0", "")
        except LiquidError as error:
            raise _fault(error) from error
        except (ValueError, TypeError, ArithmeticError, RecursionError) as error:
            raise TemplateError(str(error)) from error


@lru_cache(maxsize=512)
def compiled(source: str, *, html: bool = False) -> Template:
    """Compile once. `html`: values are escaped. TemplateError: it is not Liquid."""
    try:
        return Template((HTML if html else TEXT).from_string(source))
    except LiquidError as error:
        raise _fault(error) from error
    except RecursionError as error:
        raise TemplateError("Too deeply nested") from error
