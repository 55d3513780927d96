"""SMS: what it costs, and numbers as gateways want them."""

import pytest

from journeys.channels.sms import Sms, segments


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a" * 160, (1, True)),
        ("a" * 161, (2, True)),
        ("€" * 80, (1, True)),
        ("€" * 81, (2, True)),
        ("ż" * 70, (1, False)),
        ("ż" * 71, (2, False)),
        ("😀" * 35, (1, False)),
        ("😀" * 36, (2, False)),
    ],
)
def test_segments(text: str, found: tuple[int, bool]) -> None:
    assert segments(text) == found


@pytest.mark.parametrize(
    ("typed", "valid"),
    [
        ("+49 (170) 123-45.67", "+491701234567"),
        ("0049 170 1234567", "+491701234567"),
        ("0170 1234567", ""),
        ("+0123", ""),
    ],
)
def test_addresses(typed: str, valid: str) -> None:
    assert Sms().valid_address(typed) == valid


def test_nothing_is_escaped() -> None:
    assert Sms().render({"body": " Hi {{ n }} "}, {"n": "A & B"}).parts == {"text": "Hi A & B"}
