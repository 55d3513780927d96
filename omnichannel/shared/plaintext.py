"""The text part of an e-mail, derived from its HTML: what a reader without images and styles should see."""

import re
from html.parser import HTMLParser
from typing import Final

BLOCK: Final = frozenset(
    {
        "p",
        "div",
        "table",
        "tr",
        "ul",
        "ol",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "section",
        "article",
        "header",
        "footer",
        "blockquote",
        "pre",
        "hr",
    }
)
SILENT: Final = frozenset(
    {
        "style",
        "script",
        "head",
        "title",
        "noscript",
    }
)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.silent = 0
        self.links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in SILENT or "display:none" in (values.get("style") or "").replace(" ", ""):
            # An element that hides its content: counted, so that its end is found again.
            self.silent += tag not in {"img", "br", "hr", "input", "meta", "link"}
        elif self.silent:
            self.silent += tag not in {"img", "br", "hr", "input", "meta", "link"}
        elif tag == "br":
            self.out.append("\n")
        elif tag == "li":
            self.out.append("\n- ")
        elif tag in BLOCK:
            self.out.append("\n\n" if tag.startswith("h") or tag == "p" else "\n")
        elif tag == "img" and values.get("alt"):
            self.out.append(values["alt"] or "")
        elif tag == "a":
            self.links.append((values.get("href") or "", len(self.out)))

    def handle_endtag(self, tag: str) -> None:
        if self.silent:
            self.silent -= 1
        elif tag == "a" and self.links:
            href, start = self.links.pop()
            if href and href not in "".join(self.out[start:]) and not href.startswith("#"):
                self.out.append(f" ({href})")
        elif tag in BLOCK:
            self.out.append("\n\n" if tag.startswith("h") or tag == "p" else "\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.out.append(re.sub(r"[ \t\r\n\xa0]+", " ", data))


def from_html(html: str) -> str:
    """Readable plain text; links stand in brackets after their words."""
    reader = _Reader()
    reader.feed(re.sub(r"<!--.*?-->", "", html, flags=re.DOTALL))
    reader.close()
    text = re.sub(r" *\n *", "\n", "".join(reader.out))
    return re.sub(r"\n{3,}", "\n\n", text).strip()
