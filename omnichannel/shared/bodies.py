"""What a program may send to the management API: JSON that is not too deep to be walked.

How long it may be is a setting (DATA_UPLOAD_MAX_MEMORY_SIZE); how deep, the framework leaves open.
"""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

MOST_DEPTH: Final = 100


class TooDeepError(ParseError):
    """Lists in lists in lists."""

    default_detail = _("This is nested too deeply.")


class BoundedJSONParser(JSONParser):
    """JSON within bounds."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        """The value."""
        try:
            value = super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise TooDeepError from error
        if _is_deeper(value, MOST_DEPTH):
            raise TooDeepError
        return value


def _is_deeper(value: Any, levels: int) -> bool:
    """Level by level, so that the walk itself needs no depth."""
    level = [value]
    for _level in range(levels):
        level = [inner for one in level if isinstance(one, dict | list) for inner in _inside(one)]
        if not level:
            return False
    return True


def _inside(one: dict[str, Any] | list[Any]) -> Any:
    return one.values() if isinstance(one, dict) else one
