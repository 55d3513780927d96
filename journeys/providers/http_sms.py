"""Any SMS gateway that speaks HTTP: its request and its receipts are described in a form, in its own terms."""

import hmac
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

import httpx
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from journeys.contracts.channel import Rendered
from journeys.contracts.provider import Accepted, Provider, Receipt, Rejected, Result, TryLater, Unreachable, Unsure
from omnichannel.shared import clock, outbound
from omnichannel.shared.fields import SecretField
from omnichannel.shared.numbers import number
from omnichannel.shared.templating import TemplateError, compiled

LONGEST_PAUSE: Final = 86_400  # seconds, however long the gateway asks for
BODY: Final = """{
  "to": {{ to | json }},
  "from": {{ sender | json }},
  "text": {{ text | json }},
  "reference": {{ reference | json }}
}"""
SAMPLE: Final = {"to": "+491701234567", "sender": "Shop", "text": "Hi", "reference": "m1", "secret": "s"}
STATES: Final = "delivered = delivered\nfailed = failed\nundelivered = failed\nrejected = bounced"
MEANINGS: Final = {"delivered": "delivered", "failed": "bounced", "bounced": "bounced", "replied": "replied"}


class HttpSms(Provider):
    """A gateway described by a form."""

    kind, channels = "http_sms", ("sms",)
    label = _("HTTP SMS gateway")
    help = _("Any gateway with an HTTP interface: say what to send it, and how to read its answers and receipts.")
    connections = 4

    class Settings(forms.Form):
        """What a request looks like, and what its answer and the receipts mean."""

        url = forms.CharField(
            label=_("Address"),
            max_length=1000,
            help_text=_("May contain {{ to }}, {{ text }}, {{ sender }}, {{ reference }} and {{ secret }}."),
        )
        method = forms.ChoiceField(label=_("Method"), choices=[("POST", "POST"), ("PUT", "PUT"), ("GET", "GET")])
        sender = forms.CharField(label=_("Sender"), required=False, max_length=40)
        secret = SecretField(
            label=_("Key or password"), max_length=500, help_text=_("Used where you write {{ secret }}.")
        )
        headers = forms.CharField(
            label=_("Headers"),
            required=False,
            widget=forms.Textarea(attrs={"rows": 3, "class": "font-monospace"}),
            initial="Content-Type: application/json\nAuthorization: Bearer {{ secret }}",
            help_text=_("One per line."),
        )
        body = forms.CharField(
            label=_("Body"),
            required=False,
            widget=forms.Textarea(attrs={"rows": 4, "class": "font-monospace"}),
            initial=BODY,
            help_text=_("“| json” writes a value as JSON, “| url_encode” for forms and addresses."),
        )
        id_path = forms.CharField(
            label=_("Where the answer holds the message id"), required=False, max_length=100, initial="id"
        )
        receipt_id_path = forms.CharField(
            label=_("Where a receipt holds the message id"), required=False, max_length=100, initial="id"
        )
        receipt_status_path = forms.CharField(
            label=_("Where a receipt holds the status"), required=False, max_length=100, initial="status"
        )
        receipt_states = forms.CharField(
            label=_("What the statuses mean"),
            required=False,
            widget=forms.Textarea(attrs={"rows": 4, "class": "font-monospace"}),
            initial=STATES,
            help_text=_("One per line: their word = delivered, failed, bounced (a dead number) or replied."),
        )
        receipt_secret = SecretField(
            label=_("Secret of receipts"),
            max_length=200,
            help_text=_("If set, receipts must carry it in the header X-Secret."),
        )

        def clean_receipt_states(self) -> str:
            """Only meanings that exist."""
            text = str(self.cleaned_data["receipt_states"])
            for word, meaning in _states(text).items():
                if meaning not in MEANINGS:
                    raise ValidationError(_t("“%(word)s” is none of: %(known)s.") % _known(word))
            return text

        def clean(self) -> dict[str, Any]:
            """Fill everything once, so that a mistake shows here and not at the first customer."""
            cleaned: dict[str, Any] = super().clean() or {}
            for name in ("url", "headers", "body"):
                try:
                    filled = compiled(str(cleaned.get(name) or "")).fill(SAMPLE)
                except TemplateError as error:
                    self.add_error(name, error.text)
                    continue
                if name == "url" and filled and not filled.startswith(("http://", "https://")):
                    self.add_error(name, _t("The address starts with http:// or https://."))
            return cleaned

    @contextmanager
    def connect(self, settings: Mapping[str, Any]) -> "Iterator[_Connection]":
        """Connections stay open for the batch; none leads into a private network."""
        with outbound.client() as client:
            yield _Connection(client, settings)

    def receipts(self, request: HttpRequest, settings: Mapping[str, Any]) -> list[Receipt]:
        """One receipt, or a list of them, as JSON, form or query."""
        wanted = str(settings.get("receipt_secret") or "")
        if wanted and not hmac.compare_digest(request.headers.get("X-Secret", "").encode(), wanted.encode()):
            raise PermissionError("The secret does not match.")
        states = _states(str(settings.get("receipt_states") or ""))
        now = clock.now()
        found = []
        for item in _items(request):
            meaning = MEANINGS.get(states.get(str(_at(item, str(settings["receipt_status_path"]))).lower(), ""))
            theirs = _at(item, str(settings["receipt_id_path"]))
            if meaning and theirs not in (None, ""):
                found.append(_receipt(meaning, str(theirs), item, states, settings, now))
        return found


class _Connection:
    def __init__(self, client: httpx.Client, settings: Mapping[str, Any]) -> None:
        self.client, self.settings = client, settings

    def send(self, rendered: Rendered, to: str, *, idempotency_key: str) -> Result:
        """One request per message."""
        s = self.settings
        values = {
            "to": to,
            "text": rendered.parts["text"],
            "sender": s.get("sender") or "",
            "reference": idempotency_key,
            "secret": s.get("secret") or "",
        }
        try:
            request = self.client.build_request(
                str(s["method"]),
                compiled(str(s["url"])).fill(values),
                headers=_headers(compiled(str(s.get("headers") or "")).fill(values)),
                content=None if s["method"] == "GET" else compiled(str(s.get("body") or "")).fill(values).encode(),
            )
            answer = self.client.send(request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            return Unreachable(_t("The gateway cannot be used: %(why)s") % {"why": error or type(error).__name__})
        except (httpx.HTTPError, httpx.StreamError) as error:
            return Unsure(_t("No answer after the message was handed over: %(why)s") % {"why": type(error).__name__})
        except (TemplateError, UnicodeError, ValueError) as error:
            return Rejected(str(error))
        return self._result(answer)

    def _result(self, answer: httpx.Response) -> Result:
        status, text = answer.status_code, f"{answer.status_code} {answer.text[:300]}".strip()
        if 200 <= status < 300:
            theirs = _at(_json(answer.text), str(self.settings.get("id_path") or ""))
            return Accepted(str(theirs) if theirs not in (None, "") else "")
        if status in (401, 403) or 300 <= status < 400:
            return Unreachable(_t("The gateway refuses us: %(why)s") % {"why": text})
        if status == 504:
            return Unsure(_t("The gateway does not know whether it was taken: %(why)s") % {"why": text})
        if status in (408, 425, 429) or status >= 500:
            after = number(answer.headers.get("Retry-After"))
            return TryLater(text, None if after is None else timedelta(seconds=min(after, LONGEST_PAUSE)))
        return Rejected(text)


def _headers(text: str) -> dict[str, str]:
    pairs = (line.split(":", 1) for line in text.splitlines() if ":" in line)
    return {name.strip(): value.strip() for name, value in pairs}


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _at(value: Any, path: str) -> Any:
    """`results.0.id` of nested lists and dicts; None where there is no such thing."""
    for part in filter(None, path.split(".")):
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value if isinstance(value, str | int | float) else None


def _states(text: str) -> dict[str, str]:
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line)
    return {theirs.strip().lower(): ours.strip().lower() for theirs, ours in pairs}


def _known(word: str) -> dict[str, str]:
    return {"word": word, "known": ", ".join(MEANINGS)}


def _items(request: HttpRequest) -> list[Any]:
    if "json" in (request.content_type or ""):
        decoded = _json(request.body.decode(errors="replace"))
        if decoded is None:
            raise ValueError("This is not JSON.")
        return decoded if isinstance(decoded, list) else [decoded]
    return [{**request.GET.dict(), **request.POST.dict()}]


def _receipt(
    meaning: str, theirs: str, item: Any, states: Mapping[str, str], settings: Mapping[str, Any], now: datetime
) -> Receipt:
    status = str(_at(item, str(settings["receipt_status_path"])))
    return Receipt(
        kind=meaning,  # type: ignore[arg-type]
        at=now,
        provider_message_id=theirs,
        detail=status if meaning == "bounced" else "",
        permanent=states.get(status.lower()) == "bounced",
    )
