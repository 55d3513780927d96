"""E-mail: subject, preheader and a body in MJML or HTML, with a text part beside it."""

import html as html_lib
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from journeys.contracts.channel import Channel, ContentError, Fill, Rendered
from journeys.contracts.problem import Problem
from omnichannel.shared import mjml, plaintext
from omnichannel.shared.templating import Template, TemplateError, compiled

FOOTER_HTML: Final = (
    '{% if unsubscribe_url %}<div style="padding:24px 16px;text-align:center;font:12px/1.5 Arial,sans-serif;'
    'color:#667382">{{ workspace.name }}{% if workspace.postal_address %} · {{ workspace.postal_address }}{% endif %}'
    '<br><a href="{{ unsubscribe_url }}" style="color:#667382">UNSUBSCRIBE</a></div>{% endif %}'
)
FOOTER_TEXT: Final = (
    "{% if unsubscribe_url %}\n\n-- \n{{ workspace.name }}\nUNSUBSCRIBE: {{ unsubscribe_url }}{% endif %}"
)
PREHEADER: Final = '<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">TEXT</div>'
BODY_START: Final = re.compile(r"<body\b[^>]*>", re.IGNORECASE)
BODY_END: Final = re.compile(r"</body\s*>", re.IGNORECASE)
HTML_LIMIT: Final = 102_000  # Gmail cuts longer ones


class Email(Channel):
    """Renders the parts; the MIME text is the provider's."""

    kind, icon, address_kind, order = "email", "mail", "email", 10
    label = _("E-mail")
    tracks_opens = tracks_clicks = tracks_leaving = True
    preview_template = "journeys/preview/_email.html"

    class Content(forms.Form):
        """What an e-mail template holds."""

        subject = forms.CharField(label=_("Subject"), max_length=250, required=False)
        preheader = forms.CharField(
            label=_("Preview line"),
            max_length=250,
            required=False,
            help_text=_("Shown after the subject in the inbox."),
        )
        format = forms.ChoiceField(
            label=_("Written in"), choices=[("mjml", "MJML"), ("html", "HTML")], initial="mjml", required=False
        )
        body = forms.CharField(
            label=_("Body"), widget=forms.Textarea(attrs={"rows": 18}), max_length=400_000, required=False, strip=False
        )
        text = forms.CharField(
            label=_("Text part"),
            widget=forms.Textarea(attrs={"rows": 6}),
            max_length=100_000,
            required=False,
            help_text=_("For readers that show no HTML. Left empty, it is made from the body."),
        )

        def clean_format(self) -> str:
            """Left out: MJML."""
            return str(self.cleaned_data["format"] or "mjml")

    def prepare(self, content: Mapping[str, Any]) -> Fill:
        """Compile all parts once; compiled parts are kept, since a template is used for thousands."""
        return _fill(*(str(content.get(part) or "") for part in ("subject", "preheader", "format", "body", "text")))

    def problems(self, content: Mapping[str, Any]) -> list[Problem]:
        """An empty subject or body cannot be sent; the rest is advice."""
        body, subject = str(content.get("body") or ""), str(content.get("subject") or "").strip()
        found: list[Problem] = []
        if not subject:
            found.append(Problem(_t("The subject is empty.")))
        elif len(subject) > 78:
            found.append(Problem(_t("The subject is long: most inboxes show about 60 characters."), level="warning"))
        if not body.strip():
            found.append(Problem(_t("The body is empty.")))
            return found
        try:
            rendered = self.render(content, {})
        except ContentError as error:
            return [*found, Problem(str(error))]
        if len(rendered.parts["html"].encode()) > HTML_LIMIT:
            found.append(Problem(_t("The e-mail is over 102 KB: Gmail will cut its end off."), level="warning"))
        if "unsubscribe_url" not in body:
            text = _t("There is no unsubscribe link in the body: one is added at the end of marketing e-mails.")
            found.append(Problem(text, level="warning"))
        if re.search(r"<img\b(?![^>]*\balt=)", body, re.IGNORECASE):
            found.append(Problem(_t("A picture has no description (alt text)."), level="warning"))
        return found

    def valid_address(self, address: str) -> str:
        """An address with an ASCII name part; the domain in its wire form."""
        address = address.strip()
        try:
            validate_email(address)
            name, domain = address.rsplit("@", 1)
            name.encode("ascii")
            return f"{name}@{domain.encode('idna').decode()}"
        except (ValidationError, UnicodeError):
            return ""


def _part(label: str, source: str, *, html: bool = False) -> Template:
    try:
        return compiled(source, html=html)
    except TemplateError as error:
        raise _error(label, error.text, error.line) from error


def _error(label: str, text: str, line: int) -> ContentError:
    if line:
        return ContentError(_t("%(part)s, line %(line)s: %(text)s.") % {"part": label, "line": line, "text": text})
    return ContentError(_t("%(part)s: %(text)s.") % {"part": label, "text": text})


def _body_html(kind: str, body: str) -> str:
    if kind == "html":
        return body
    try:
        return mjml.to_html(body)
    except mjml.MjmlError as error:
        raise _error(_t("Body"), error.text, error.line) from error


def _escape_around_liquid(source: str) -> str:
    protected, taken = mjml.protect(source)
    return mjml.restore(html_lib.escape(protected), taken)


def _assemble(kind: str, body: str, preheader: str) -> str:
    """The whole HTML with the preheader on top and, where the marketer put no link, the footer."""
    page = _body_html(kind, body)
    if preheader.strip():
        hidden = PREHEADER.replace("TEXT", _escape_around_liquid(preheader))
        start = BODY_START.search(page)
        at = start.end() if start else 0
        page = page[:at] + hidden + page[at:]
    if "unsubscribe_url" not in body:
        footer = FOOTER_HTML.replace("UNSUBSCRIBE", html_lib.escape(_t("Unsubscribe")))
        ends = list(BODY_END.finditer(page))
        at = ends[-1].start() if ends else len(page)
        page = page[:at] + footer + page[at:]
    return page


def _text_source(page: str, text: str) -> str:
    if text.strip():
        footer = FOOTER_TEXT.replace("UNSUBSCRIBE", _t("Unsubscribe"))
        return text if "unsubscribe_url" in text else text + footer
    protected, taken = mjml.protect(page)
    return mjml.restore(plaintext.from_html(protected), taken)


def _line_in_source(body: str, context: Mapping[str, Any]) -> int:
    """Where what failed in the page that was made stands in the body that was written."""
    try:
        compiled(body, html=True).fill(context)
    except TemplateError as error:
        return error.line
    return 0


@lru_cache(maxsize=256)
def _fill(subject: str, preheader: str, kind: str, body: str, text: str) -> Fill:
    labels = {"subject": _t("Subject"), "preheader": _t("Preview line"), "html": _t("Body"), "text": _t("Text part")}
    _part(labels["html"], body)  # faults are told with the lines of what was written, not of what was made from it
    page = _assemble(kind, body, preheader)
    templates = {
        "subject": _part(labels["subject"], subject),
        "preheader": _part(labels["preheader"], preheader),
        "html": _part(labels["html"], page, html=True),
        "text": _part(labels["text"], _text_source(page, text)),
    }

    def fill(context: Mapping[str, Any]) -> Rendered:
        parts: dict[str, Any] = {}
        for name, template in templates.items():
            try:
                parts[name] = template.fill(context)
            except TemplateError as error:
                made = name == "html" or (name == "text" and not text.strip())
                line = _line_in_source(body, context) if made else error.line
                raise _error(labels["html" if made else name], error.text, line) from error
        parts["subject"] = " ".join(parts["subject"].split())
        parts["text"] = re.sub(r"\n{3,}", "\n\n", parts["text"]).strip() + "\n"
        return Rendered("email", parts)

    return fill
