"""Real servers for tests to send to: a mail server that does what it is told, and a gateway for short messages."""

import email
import email.policy
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


def _hang_up(server: SMTP) -> None:
    transport: Any = server.transport
    transport.abort()


def _raw(envelope: Envelope) -> bytes:
    content = envelope.original_content or b""
    return content if isinstance(content, bytes) else content.encode()


@dataclass
class Inbox:
    """What a mail server has taken; `answers` are refusals by address: at RCPT (str) or after DATA (tuple)."""

    host: str = "127.0.0.1"
    port: int = 0
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    after_data: dict[str, str] = field(default_factory=dict)
    # Addresses at whose message the connection is dropped: at "rcpt" or at the final "dot", before any answer.
    drops: dict[str, str] = field(default_factory=dict)
    password: str = ""
    mechanisms: list[str] = field(default_factory=list)

    @property
    def addresses(self) -> list[str]:
        """To whom, in order."""
        return [address for address, _ in self.taken]

    def mails(self) -> list[EmailMessage]:
        """Read back by the standard library."""
        return [email.message_from_bytes(raw, policy=email.policy.default) for _, raw in self.taken]

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept or refuse, as told."""
        if self.drops.get(address) == "rcpt":
            del self.drops[address]
            _hang_up(server)
            return "421 gone"
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take it, refuse it, or take it and vanish without a word."""
        address = envelope.rcpt_tos[0]
        if address in self.after_data:
            return self.after_data[address]
        self.taken.append((address, _raw(envelope)))
        if self.drops.get(address) == "dot":
            _hang_up(server)
        return "250 OK"


class _AnyPort(Controller):
    """The system chooses the port; the base class would call on port 0 to see whether it stands."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()


@contextmanager
def mail_server(
    *, password: str = "", mechanisms: tuple[str, ...] = ("PLAIN", "LOGIN"), security: str = "", papers: Any = None
) -> Iterator[Inbox]:
    """A mail server on a free port; with `password`, only for the user "shop"; `security` is "tls" or "starttls"."""
    inbox = Inbox()

    def known(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        inbox.mechanisms.append(mechanism)
        return AuthResult(success=(given.login, given.password) == (b"shop", inbox.password.encode()), handled=False)

    inbox.password = password
    options: dict[str, Any] = {}
    if password:
        others = {"PLAIN", "LOGIN"} - set(mechanisms)
        options = {"authenticator": known, "auth_require_tls": False, "auth_exclude_mechanism": others}
    if security == "tls":
        options["ssl_context"] = papers
    elif security == "starttls":
        options |= {"tls_context": papers, "require_starttls": True}
    controller = _AnyPort(inbox, hostname="127.0.0.1", port=0, **options)
    controller.start()
    inbox.port = controller.port
    try:
        yield inbox
    finally:
        controller.stop()


@dataclass
class Gateway:
    """What an HTTP gateway was asked; `answer` is (status, headers, JSON body)."""

    url: str = ""
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    answer: tuple[int, dict[str, str], Any] = (200, {}, {"id": "theirs-1"})
    heard: Callable[[int], object] = lambda n: None  # is told how many have asked


@contextmanager
def gateway() -> Iterator[Gateway]:
    """An HTTP server on a free port."""
    state = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            if len(body) < length:  # whoever asks was killed in the middle of a word
                return
            headers = {name.lower(): ", ".join(self.headers.get_all(name, [])) for name in self.headers}
            state.asked.append((self.command, self.path, headers, body))
            state.heard(len(state.asked))
            status, more, answer = state.answer
            payload = json.dumps(answer).encode()
            self.send_response(status)
            for name, value in {**more, "Content-Length": str(len(payload))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(payload)

        do_GET = do_PUT = do_POST

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        request_queue_size = 64  # of the many who call at once none has to knock again

    server = Server(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
