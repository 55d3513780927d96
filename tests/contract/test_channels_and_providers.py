"""What every channel and every provider must keep, whoever wrote it. A new file is tested by being there."""

import json
from typing import Any

import pytest
from django import forms

from journeys.contracts.channel import Channel, ContentError, Rendered
from journeys.contracts.problem import Problem
from journeys.contracts.provider import Provider
from journeys.registry import channels, providers
from omnichannel.shared import icons
from omnichannel.shared.fields import SecretField

CHANNELS = list(channels().values())
PROVIDERS = list(providers().values())
SECRET_WORDS = ("password", "secret", "token", "key")


def filled(channel: Channel, text: str) -> dict[str, Any]:
    """Content with the same words in every text field."""
    fields = channel.Content.base_fields
    return {name: text for name, field in fields.items() if not isinstance(field, forms.ChoiceField)} | {
        "format": "html"
    }


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda c: c.kind)
class TestChannel:
    def test_is_named_after_its_file(self, channel: Channel) -> None:
        assert type(channel).__module__ == f"journeys.channels.{channel.kind}"
        assert channel.label and icons.exists(channel.icon) and channel.address_kind

    def test_renders_what_can_be_kept(self, channel: Channel) -> None:
        rendered = channel.render(filled(channel, "Hello {{ profile.name }}"), {"profile": {"name": "Ann"}})
        assert isinstance(rendered, Rendered) and rendered.channel == channel.kind
        assert json.loads(json.dumps(rendered.parts)) == rendered.parts
        assert "Hello Ann" in rendered.parts["text"]

    def test_fills_one_person_after_another_without_a_trace(self, channel: Channel) -> None:
        fill = channel.prepare(filled(channel, "Hello {{ n }}"))
        first = fill({"n": "Ann"}).parts.copy()
        assert "Ann" not in str(fill({"n": "Bob"}).parts)
        assert fill({"n": "Ann"}).parts == first

    def test_says_what_is_wrong(self, channel: Channel) -> None:
        assert [p.level for p in channel.problems({})][:1] == ["error"]
        broken = filled(channel, "{{ x | no_such_filter }}")
        assert all(isinstance(problem, Problem) for problem in channel.problems(broken))
        with pytest.raises(ContentError, match="no_such_filter"):
            channel.render(broken, {})

    def test_refuses_addresses_that_cannot_be(self, channel: Channel) -> None:
        assert [channel.valid_address(odd) for odd in ("", " ", "x", "a b", "a@b@c", "\n")] == [""] * 6

    def test_content_form_takes_its_own_answers(self, channel: Channel) -> None:
        form = channel.Content(filled(channel, "Hello"))
        assert form.is_valid(), form.errors
        assert channel.Content(form.cleaned_data).is_valid()
        assert json.loads(json.dumps(form.cleaned_data)) == form.cleaned_data

    def test_has_somebody_who_carries_it(self, channel: Channel) -> None:
        assert [provider for provider in PROVIDERS if channel.kind in provider.channels]


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda p: p.kind)
class TestProvider:
    def test_is_named_after_its_file(self, provider: Provider) -> None:
        assert type(provider).__module__ == f"journeys.providers.{provider.kind}"
        assert provider.label and provider.help and set(provider.channels) <= set(channels())

    def test_keeps_its_secrets_in_secret_fields(self, provider: Provider) -> None:
        for name, field in provider.Settings.base_fields.items():
            if any(word in name for word in SECRET_WORDS):
                assert isinstance(field, SecretField), name

    def test_never_raises_when_nobody_is_there(self, provider: Provider) -> None:
        """Port 1 of this machine: nobody listens."""
        fields = provider.Settings.base_fields
        known = {"host": "127.0.0.1", "port": 1, "url": "http://127.0.0.1:1/", "from_address": "a@b.example"}
        settings = {name: known.get(name, field.initial or "") for name, field in fields.items()}
        settings |= {"security": "none"} if "security" in fields else {}
        settings |= {"method": "POST"} if "method" in fields else {}
        rendered = Rendered(provider.channels[0], {"subject": "s", "text": "t", "html": "<p>t</p>"})
        with provider.connect(settings) as connection:
            result = connection.send(rendered, "+491701234567", idempotency_key="m1")
        assert type(result).__name__ == ("Accepted" if provider.idempotent else "Unreachable")
