"""Customers' pages inside ours: HTML that marketers wrote, shown where it can run nothing and reach nothing."""

import re
from typing import Final

from django.http import HttpResponse

# Styles and pictures only; no script, no form, no frame. The iframe around it is sandboxed as well.
POLICY: Final = "; ".join(
    [
        "default-src 'none'",
        "style-src 'unsafe-inline' https:",
        "img-src * data:",
        "font-src https: data:",
        "base-uri 'self'",
        "form-action 'none'",
        "frame-ancestors 'self'",
    ]
)
LIVE: Final = "sandbox allow-popups allow-popups-to-escape-sandbox"
INERT: Final = "sandbox"
HEAD: Final = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
BASE: Final = '<base target="_blank">'


def framed(page: str, *, links: bool = True) -> HttpResponse:
    """An answer for an iframe; links open beside it, or lead nowhere."""
    start = HEAD.search(page)
    at = start.end() if start else 0
    response = HttpResponse(page[:at] + BASE + page[at:])
    response.headers["Content-Security-Policy"] = f"{POLICY}; {LIVE if links else INERT}"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "private, no-store"
    return response
