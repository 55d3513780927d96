"""Saving through the API without wiping out what somebody else saved since: what was read is named by its version."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from omnichannel.shared.api import RefusedError
from omnichannel.shared.seen import OvertakenError

IF_MATCH: Final = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description="The version that was read (ETag); instead of `version`."
)


class VersionField(serializers.CharField):
    """The sign of what is saved. Given back with a change, it is refused where somebody has saved since."""

    def __init__(self, mark: Callable[[Any], str], **kwargs: Any) -> None:
        self.mark = mark
        kwargs.setdefault("help_text", "Of what is saved. Sent with a change: refused if somebody has saved since.")
        super().__init__(required=False, **kwargs)

    def get_attribute(self, instance: Any) -> str:
        """Worked out, not stored."""
        return self.mark(instance)


class Versioned:
    """A viewset of rows with a `VersionField` called `version`: it is the ETag of the answer too."""

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """With the ETag."""
        answer: Response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]
        if response.status_code < 300 and isinstance(response.data, dict) and "version" in response.data:
            answer["ETag"] = f'"{response.data["version"]}"'
        return answer


def seen(request: Request) -> str | None:
    """What the caller has read; None: they do not say."""
    header = request.headers.get("If-Match", "").strip()
    if header and header != "*":
        return header.removeprefix("W/").strip('"')
    given = request.data.get("version") if isinstance(request.data, dict) and not header else None
    return None if given is None else str(given)


@contextmanager
def not_overtaken(current: Callable[[], str]) -> Iterator[None]:
    """Whoever comes second is told, with the version that holds now."""
    try:
        yield
    except OvertakenError as error:
        text = _("Somebody else has saved this since you read it. Read it again, then decide.")
        raise RefusedError(text, version=current()) from error
