"""Mail servers that speak TLS and ask who we are, real ones: what is wrong is said plainly, and nothing is lost."""

import socket
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from journeys.delivery import rate
from journeys.delivery.outbox import send_due
from journeys.models import Message, ProviderAccount
from journeys.providers import smtp
from journeys.services import accounts
from omnichannel.shared.broker import client as broker
from omnichannel.shared.vault import unseal
from tests import builders
from tests.certificates import Authority, authority
from tests.mail import Inbox, mail_server
from tests.product import free_port

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]


@pytest.fixture
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """An authority that this machine trusts."""
    made = authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    return made


def account(inbox: Inbox, **settings: Any) -> ProviderAccount:
    given = {"host": "127.0.0.1", "port": inbox.port, "security": "starttls", "from_address": "shop@shop.example"}
    return builders.account("smtp", **{**given, **settings})


def checked(row: ProviderAccount, admin: Client) -> str:
    """What the channel page says when the connection is tried."""
    return admin.post(reverse("account_check", args=[row.pk])).content.decode()


def one() -> Message:
    return builders.message(builders.profile(email="ann@shop.example"), builders.email_template())


@pytest.fixture
def admin_client(client_as: Any) -> Client:
    return client_as("admin")


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_mail_leaves_over_tls_to_a_server_that_is_trusted(
    security: str, known: Authority, admin_client: Client, now: datetime
) -> None:
    with mail_server(password="open sesame", security=security, papers=known.papers("127.0.0.1")) as inbox:
        row = account(inbox, security=security, user="shop", password="open sesame")
        assert "The saved settings work." in checked(row, admin_client)
        message = one()
        assert send_due(now) == 1
        message.refresh_from_db()
        assert (message.state, inbox.addresses) == ("sent", ["ann@shop.example"])


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize(
    ("hosts", "days", "trusted", "said"),
    [
        (("127.0.0.1",), 30, False, "unable to get local issuer certificate"),
        (("other.example",), 30, True, "IP address mismatch, certificate is not valid for &#x27;127.0.0.1&#x27;"),
        (("127.0.0.1",), -1, True, "certificate has expired"),
    ],
)
def test_a_server_that_cannot_prove_who_it_is_gets_nothing(
    hosts: tuple[str, ...],
    days: int,
    trusted: bool,
    said: str,
    security: str,
    known: Authority,
    admin_client: Client,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not trusted:
        monkeypatch.delenv("SSL_CERT_FILE")
    with mail_server(password="x", security=security, papers=known.papers(*hosts, days=days)) as inbox:
        row = account(inbox, security=security, user="shop", password="x")
        words = f"The certificate of 127.0.0.1 cannot be trusted: {said}."
        assert words in checked(row, admin_client)
        message = one()
        send_due(now)
        message.refresh_from_db()
        assert (message.state, message.attempts, inbox.mechanisms, inbox.taken) == ("pending", 0, [], [])
        page = admin_client.get(reverse("channels")).content.decode()
        assert words in page


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
@pytest.mark.parametrize("right", ["open sesame", "öffne dich"])
def test_a_wrong_password_holds_the_mail_until_it_is_right(
    right: str, mechanism: str, admin_client: Client, now: datetime
) -> None:
    with mail_server(password=right, mechanisms=(mechanism,)) as inbox:
        row = account(inbox, security="none", user="shop", password=right + "?")
        words = "The server does not accept the user or password: 5.7.8 Authentication credentials invalid"
        assert words in checked(row, admin_client)
        message = one()
        assert send_due(now) == 1
        message.refresh_from_db()
        assert (message.state, message.attempts, message.reason) == ("pending", 0, words)
        assert (message.claimed_by, inbox.taken) == (None, [])
        assert rate.resting(row.pk)
        tries = len(inbox.mechanisms)
        assert send_due(message.due_at) == 0  # it rests: the server is not asked again
        assert len(inbox.mechanisms) == tries
        row.refresh_from_db()
        assert (row.error, row.error_at) == (words, now)

        accounts.save(row, {**unseal(row.settings), "password": right})
        assert send_due(message.due_at) == 1
        message.refresh_from_db()
        assert (message.state, inbox.addresses) == ("sent", ["ann@shop.example"])
        assert set(inbox.mechanisms) == {mechanism}
        row.refresh_from_db()
        assert row.error == ""
        assert not broker().exists(f"rest:{row.pk}")


def test_what_is_set_up_wrongly_is_said_in_words(
    known: Authority, admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TLS where the server speaks plainly, and the other way round; no server; no such host; no sign-in offered."""
    monkeypatch.setattr(smtp, "TIMEOUT", 1)
    with mail_server() as plain, mail_server(security="tls", papers=known.papers("127.0.0.1")) as tls:
        at = f"127.0.0.1:{plain.port}"
        assert f"{at} does not speak TLS from the start. Choose STARTTLS." in checked(
            account(plain, security="tls"), admin_client
        )
        assert f"{at} does not offer STARTTLS. Choose TLS, or ask who runs the server." in checked(
            account(plain), admin_client
        )
        assert f"{at} asks nobody to sign in, so leave user and password empty." in checked(
            account(plain, security="none", user="shop", password="x"), admin_client
        )
        assert f"127.0.0.1:{tls.port} gives no answer. Servers on port 465 expect TLS." in checked(
            account(tls), admin_client
        )
    nobody = free_port()
    assert f"127.0.0.1:{nobody} refuses the connection." in checked(account(Inbox(port=nobody)), admin_client)
    assert "No server is called mail.invalid." in checked(account(Inbox(port=25), host="mail.invalid"), admin_client)


def test_a_server_that_says_something_else_is_quoted(admin_client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def talk() -> None:
            talking, _ = listening.accept()
            with talking:
                talking.sendall(b"554 5.7.1 no service for you\r\n")

        threading.Thread(target=talk, daemon=True).start()
        port = listening.getsockname()[1]
        said = checked(account(Inbox(port=port), security="none"), admin_client)
    assert f"127.0.0.1:{port} cannot be used: 554 5.7.1 no service for you" in said


def test_a_sender_is_written_as_the_wire_wants_it() -> None:
    form = smtp.Smtp.Settings({"host": "h", "port": 25, "security": "none", "from_address": "shop@müller.example"})
    assert form.is_valid() and form.cleaned_data["from_address"] == "shop@xn--mller-kva.example"
    form = smtp.Smtp.Settings({"host": "h", "port": 25, "security": "none", "from_address": "müller@shop.example"})
    assert list(form.errors) == ["from_address"]
