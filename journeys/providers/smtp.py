"""SMTP: any mail server, over a connection that is kept open for the batch.

What counts is what the server has said: a 2xx after the final dot is sent, anything lost before the final dot was
surely not taken, and only a connection lost between the final dot and its answer leaves us unsure.
"""

import base64
import re
import smtplib
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from journeys.contracts.channel import Rendered
from journeys.contracts.provider import Accepted, Provider, Rejected, Result, TryLater, Unreachable, Unsure
from omnichannel.shared import mime
from omnichannel.shared.fields import SecretField

TIMEOUT: Final = 30
ENHANCED: Final = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
DEAD_MAILBOX: Final = frozenset({"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
DOT: Final = re.compile(rb"(?m)^\.")
LOST: Final = (smtplib.SMTPServerDisconnected, OSError)


class Smtp(Provider):
    """A mail server of your own or of any company."""

    kind, channels = "smtp", ("email",)
    label = _("SMTP server")
    help = _("Any mail server: host, user and password as your provider gives them.")

    class Settings(forms.Form):
        """How to reach the server, and who writes."""

        host = forms.CharField(label=_("Server"), max_length=253)
        port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, initial=587)
        security = forms.ChoiceField(
            label=_("Security"),
            choices=[("starttls", "STARTTLS (587)"), ("tls", "TLS (465)"), ("none", _("None (inside your network)"))],
        )
        user = forms.CharField(label=_("User"), required=False, max_length=250)
        password = SecretField(label=_("Password"), max_length=500, strip=False)
        from_name = forms.CharField(label=_("Sender name"), required=False, max_length=120)
        from_address = forms.EmailField(label=_("Sender address"))
        reply_to = forms.EmailField(label=_("Replies go to"), required=False)
        connections = forms.IntegerField(
            label=_("Connections at a time"),
            required=False,
            min_value=1,
            max_value=20,
            initial=2,
            help_text=_("Per sending process. More is quicker with servers that are far away."),
        )

        def clean_from_address(self) -> str:
            """The domain in its wire form."""
            name, domain = str(self.cleaned_data["from_address"]).rsplit("@", 1)
            if not name.isascii():
                raise forms.ValidationError(_("Use plain letters before the @: many mail servers refuse others."))
            return f"{name}@{domain.encode('idna').decode()}"

    @contextmanager
    def connect(self, settings: Mapping[str, Any]) -> "Iterator[_Connection]":
        """Connects at the first message, reconnects once when the server has hung up in between."""
        connection = _Connection(settings)
        try:
            yield connection
        finally:
            connection.close()

    def check(self, settings: Mapping[str, Any]) -> str:
        """Connect and sign in."""
        connection = _Connection(settings)
        reason = connection.open()
        connection.close()
        return reason


class _Connection:
    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.settings = settings
        self.smtp: smtplib.SMTP | None = None
        self.writer = {"From": mime.mailbox(str(settings.get("from_name") or ""), str(settings["from_address"]))}
        if settings.get("reply_to"):
            self.writer["Reply-To"] = str(settings["reply_to"])

    def open(self) -> str:
        """Connect and sign in. Returns what is in the way, in words."""
        self.close()
        s = self.settings
        host, port = str(s["host"]), int(s["port"])
        secure = s.get("security") in ("tls", "starttls")
        context = ssl.create_default_context() if secure else None
        try:
            if s.get("security") == "tls":
                self.smtp = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=context)
            else:
                self.smtp = smtplib.SMTP(host, port, timeout=TIMEOUT)
            self.smtp.ehlo()
            if s.get("security") == "starttls":
                self.smtp.starttls(context=context)
                self.smtp.ehlo()
            if s.get("user"):
                _sign_in(self.smtp, str(s["user"]), str(s.get("password") or ""))
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            return _in_words(error) % {"host": host, "port": port, "why": _reason(error)}
        if self.smtp.sock is not None:
            self.smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return ""

    def close(self) -> None:
        """Say goodbye where somebody is listening."""
        if self.smtp is not None:
            with suppress(smtplib.SMTPException, OSError):
                self.smtp.quit()
            self.smtp.close()
            self.smtp = None

    def send(self, rendered: Rendered, to: str, *, idempotency_key: str) -> Result:
        """Hand one message over."""
        data = self._text(rendered, to, idempotency_key)
        for again in (True, False):
            if self.smtp is None and (reason := self.open()):
                return Unreachable(reason)
            smtp = self.smtp
            if smtp is None:
                break
            try:
                return self._envelope(smtp, to) or self._body(smtp, data)
            except LOST as error:
                self.close()
                # An idle connection that the server has closed: once more, on a new one. Nothing was taken yet.
                if not again:
                    return TryLater(_t("The connection was lost: %(why)s") % {"why": error})
        return Unreachable(_t("The connection could not be opened."))

    def _envelope(self, smtp: smtplib.SMTP, to: str) -> Result | None:
        """MAIL, RCPT and DATA. A result: it ends here; None: the server waits for the text."""
        # Not smtp.mail() and smtp.rcpt(): they parse addresses that are known to be bare, at a quarter of the cost.
        code, said = smtp.docmd("MAIL", f"FROM:<{self.settings['from_address']}>")
        if code != 250:
            self._reset()
            return Unreachable(_t("The server refuses the sender address: %(why)s") % {"why": _reply(code, said)})
        code, said = smtp.docmd("RCPT", f"TO:<{to}>")
        if code not in (250, 251):
            self._reset()
            return _refusal(code, said)
        code, said = smtp.docmd("DATA")
        if code != 354:
            self._reset()
            return _refusal(code, said, recipient=False)
        return None

    def _body(self, smtp: smtplib.SMTP, data: bytes) -> Result:
        try:
            smtp.send(DOT.sub(b"..", data) + b".\r\n")
        except LOST as error:
            self.close()
            return TryLater(_t("The connection was lost: %(why)s") % {"why": error})
        try:
            code, said = smtp.getreply()
        except LOST:
            self.close()
            return Unsure(_t("The connection was lost after the message was handed over, before the answer."))
        if code == 250:
            return Accepted()
        if code == 421:
            self.close()
        return _refusal(code, said, recipient=False)

    def _reset(self) -> None:
        try:
            if self.smtp is not None and self.smtp.rset()[0] == 250:
                return
        except LOST:
            pass
        self.close()

    def _text(self, rendered: Rendered, to: str, key: str) -> bytes:
        parts = rendered.parts
        headers = {**self.writer, "To": to, "Subject": mime.encode_header(parts["subject"])}
        headers |= parts.get("headers", {})
        return mime.alternative(headers, parts["text"], parts["html"], boundary=key)


def _sign_in(smtp: smtplib.SMTP, user: str, password: str) -> None:
    """SMTPException: it did not work."""
    offered = smtp.esmtp_features.get("auth", "").upper().split()
    if (user + password).isascii() or not offered:
        smtp.login(user, password)
        return
    # smtplib writes ASCII only, and servers read UTF-8 (RFC 4616).
    way, words = ("PLAIN", [f"\0{user}\0{password}"]) if "PLAIN" in offered else ("LOGIN", [user, password])
    first, *rest = (base64.b64encode(word.encode()).decode() for word in words)
    code, said = smtp.docmd("AUTH", f"{way} {first}")
    for word in rest:
        if code == 334:
            code, said = smtp.docmd(word)
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, said)


def _in_words(error: Exception) -> str:
    """Why a server cannot be used, for whoever sets it up."""
    match error:
        case smtplib.SMTPAuthenticationError(smtp_code=code) if code >= 500:
            return _t("The server does not accept the user or password: %(why)s")
        case smtplib.SMTPNotSupportedError() if "AUTH" in str(error):
            return _t("%(host)s:%(port)s asks nobody to sign in, so leave user and password empty.")
        case smtplib.SMTPNotSupportedError():
            return _t("%(host)s:%(port)s does not offer STARTTLS. Choose TLS, or ask who runs the server.")
        case ssl.SSLCertVerificationError():
            return _t("The certificate of %(host)s cannot be trusted: %(why)s.")
        case ssl.SSLError(reason="WRONG_VERSION_NUMBER"):
            return _t("%(host)s:%(port)s does not speak TLS from the start. Choose STARTTLS.")
        case TimeoutError() | smtplib.SMTPServerDisconnected(__context__=TimeoutError()):
            return _t("%(host)s:%(port)s gives no answer. Servers on port 465 expect TLS.")
        case ConnectionRefusedError():
            return _t("%(host)s:%(port)s refuses the connection.")
        case socket.gaierror():
            return _t("No server is called %(host)s.")
    return _t("%(host)s:%(port)s cannot be used: %(why)s")


def _reason(error: Exception) -> str:
    """What the server or the system has said."""
    match error:
        case smtplib.SMTPAuthenticationError(smtp_code=code) if code >= 500:
            return _said(error.smtp_error)
        case smtplib.SMTPResponseException():
            return _reply(error.smtp_code, error.smtp_error)
        case ssl.SSLCertVerificationError():
            return error.verify_message.rstrip(".")
    return str(getattr(error, "strerror", None) or error)


def _said(said: bytes | str) -> str:
    return " ".join((said.decode(errors="replace") if isinstance(said, bytes) else said).split())


def _reply(code: int, said: bytes | str) -> str:
    return f"{code} {_said(said)}"[:500]


def _refusal(code: int, said: bytes, *, recipient: bool = True) -> Result:
    """4xx is for now, 5xx for good; a mailbox that does not exist is never written to again."""
    text = _reply(code, said)
    if not 500 <= code < 600:
        return TryLater(text)
    enhanced = ENHANCED.search(_said(said))
    dead = enhanced[1] in DEAD_MAILBOX if enhanced else code in (550, 551, 553)
    return Rejected(text, suppress=recipient and dead)
