"""Secrets at rest, through a change of keys."""

import pytest
from django.conf import LazySettings

from omnichannel.shared.vault import SealError, mac, mac_holds, seal, unseal


def test_keys_can_be_rotated(settings: LazySettings) -> None:
    settings.ENCRYPTION_KEYS = ["old"]
    sealed, signature = seal({"password": "p"}), mac("link", b"data")
    settings.ENCRYPTION_KEYS = ["new", "old"]
    assert unseal(sealed) == {"password": "p"}
    assert mac_holds("link", b"data", signature) and not mac_holds("link", b"datb", signature)
    assert not mac_holds("other", b"data", signature)
    assert b"password" not in sealed
    settings.ENCRYPTION_KEYS = ["new"]
    with pytest.raises(SealError):
        unseal(sealed)
    assert not mac_holds("link", b"data", signature)


def test_without_keys_of_their_own_the_secret_key_is_used(settings: LazySettings) -> None:
    settings.ENCRYPTION_KEYS, settings.SECRET_KEY = [], "one"
    sealed = seal({"a": 1})
    assert unseal(sealed) == {"a": 1} and unseal(b"") == {}
    settings.SECRET_KEY = "two"
    with pytest.raises(SealError):
        unseal(sealed)
