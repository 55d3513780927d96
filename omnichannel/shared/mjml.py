"""Turn MJML that contains Liquid into HTML that contains Liquid, once per template instead of once per person.

Liquid is taken out before the compiler sees it and put back afterwards; between blocks it travels inside `mj-raw`.
"""

import re
from typing import Final

import mrml

LIQUID: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
TOKEN: Final = re.compile(r"lq(\d+)ql")
PART: Final = re.compile(r"<!--.*?-->|<(/?)(mj[a-z-]*)\b[^>]*?(/?)>|lq\d+ql", re.DOTALL)
# Elements whose content is other elements: text between them needs a wrapping of its own.
BLOCKS: Final = frozenset(
    {
        "mj-body",
        "mj-wrapper",
        "mj-section",
        "mj-group",
        "mj-column",
        "mj-hero",
        "mj-navbar",
        "mj-social",
        "mj-accordion",
        "mj-carousel",
    }
)
POSITION: Final = re.compile(r" in root template| at position (\d+):\d+")
UNSUPPORTED: Final = re.compile(r"<mj-include\b")


class MjmlError(ValueError):
    """MJML that cannot be compiled; `line` is 0 where it is not known."""

    def __init__(self, text: str, line: int = 0) -> None:
        super().__init__(text)
        self.text, self.line = text, line


def protect(source: str) -> tuple[str, list[str]]:
    """Replace each Liquid tag by a token without any special character."""
    taken: list[str] = []

    def take(match: re.Match[str]) -> str:
        taken.append(match[0])
        return f"lq{len(taken) - 1}ql"

    return LIQUID.sub(take, TOKEN.sub(r"lq\1 ql", source)), taken


def restore(text: str, taken: list[str]) -> str:
    """Put the Liquid tags back."""
    return TOKEN.sub(lambda match: taken[int(match[1])], text)


def _wrap_loose_tokens(source: str) -> str:
    """Tokens directly between blocks become `mj-raw`."""
    open_elements: list[str] = []

    def visit(match: re.Match[str]) -> str:
        text, closing, name, empty = match[0], match[1], match[2], match[3]
        if text.startswith("lq"):
            loose = bool(open_elements) and open_elements[-1] in BLOCKS
            return f"<mj-raw>{text}</mj-raw>" if loose else text
        if name and closing and name in open_elements:
            while open_elements.pop() != name:
                pass
        elif name and not closing and not empty:
            open_elements.append(name)
        return text

    return PART.sub(visit, source)


def to_html(source: str) -> str:
    """HTML with the Liquid still in it. MjmlError: what is wrong, and where."""
    if UNSUPPORTED.search(source):
        line = source[: UNSUPPORTED.search(source).start()].count("\n") + 1  # type: ignore[union-attr]
        raise MjmlError("mj-include cannot be used here: paste its content instead", line)
    protected, taken = protect(source)
    try:
        html = mrml.to_html(_wrap_loose_tokens(protected)).content
    except OSError as error:
        place = POSITION.search(str(error))
        found = re.search(r" at position (\d+):", str(error))
        line = protected.encode()[: int(found[1])].count(b"\n") + 1 if found else 0
        text = str(error)[: place.start()] if place else str(error)
        raise MjmlError(text.replace("unexpected end of stream", "a tag is not closed"), line) from error
    return restore(html, taken)
