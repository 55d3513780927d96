"""The quick MIME text reads the same as a slow one: parsed back by the standard library."""

import email
import email.policy

import pytest

from omnichannel.shared import mime

TEXTS = [
    "Hello",
    "Zażółć gęślą jaźń € " * 40,
    "line\r\n.\r\n..two\n--=_b\nFrom x",
    "x" * 3000,
    "trailing  \nspace\t\n",
    "日本語" * 500,
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(
    "subject", ["Hi", "Grüße " * 30, "=?utf-8?q?no?=", "a\r\nBcc: evil@x.example", "x" * 300, "日本語" * 30]
)
def test_reads_back(text: str, subject: str) -> None:
    headers = {"Subject": mime.encode_header(subject), "From": mime.mailbox("Müller\r\nX: 1", "a@shop.example")}
    raw = mime.alternative(headers, text, f"<p>{text}</p>", boundary="b")
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert raw.isascii() and b"\n" not in raw.replace(b"\r\n", b"")
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert mail["Subject"].split() == subject.split()
    assert mail["Bcc"] is None and mail["X"] is None
    assert mail["From"].addresses[0].addr_spec == "a@shop.example"
    plain, html = mail.iter_parts()
    wanted = text.replace("\r\n", "\n")
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert plain.get_payload(decode=True).decode().replace("\r\n", "\n") == wanted
    assert html.get_payload(decode=True).decode().replace("\r\n", "\n") == f"<p>{wanted}</p>"
    assert not mail.defects and not plain.defects and not html.defects
