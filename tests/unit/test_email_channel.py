"""E-mail content: MJML with Liquid between and inside blocks, escaping, the text part, and errors with their line."""

from collections.abc import Mapping

import pytest

from journeys.channels.email import Email
from journeys.contracts.channel import ContentError

LOOP = """<mjml><mj-body>
{% for item in event.items %}<mj-section><mj-column>
  <mj-text>{{ item.name }}{% if item.price < 5 %} (cheap){% endif %}</mj-text>
</mj-column></mj-section>{% endfor %}
<mj-section><mj-column>
  <mj-button href="https://shop.example/?id={{ id | url_encode }}">Go</mj-button>
</mj-column></mj-section>
</mj-body></mjml>"""
SHOP = {"name": "Shop & Co", "postal_address": "Street 1"}


def render(context: Mapping[str, object] | None = None, /, **content: str) -> dict[str, str]:
    values = {"subject": "Hi", "format": "html", "body": "<p>x</p>", **content}
    return Email().render(values, {"workspace": SHOP, **(context or {})}).parts


def test_liquid_works_between_and_inside_mjml_blocks() -> None:
    items = [{"name": "Mug", "price": 3}, {"name": "Hat", "price": 30}]
    parts = render({"event": {"items": items}, "id": "a&b"}, format="mjml", body=LOOP)
    assert parts["html"].index("Mug (cheap)") < parts["html"].index("Hat") < parts["html"].index("id=a%26b")
    assert "lq0ql" not in parts["html"] and "{%" not in parts["html"]
    assert parts["text"].split() == ["Mug", "(cheap)", "Hat", "Go", "(https://shop.example/?id=a%26b)"]


def test_values_are_escaped_in_html_and_not_in_text_or_subject() -> None:
    parts = render({"name": "<b>Ann</b>"}, subject="For {{ name }}\n", body="<p>Hello {{ name }}</p>")
    assert parts["subject"] == "For <b>Ann</b>"
    assert "<p>Hello &lt;b&gt;Ann&lt;/b&gt;</p>" in parts["html"]
    assert parts["text"] == "Hello <b>Ann</b>\n"


def test_the_footer_is_added_only_where_it_is_needed() -> None:
    leave = {"unsubscribe_url": "https://x.example/u"}
    assert 'href="https://x.example/u"' in render(leave)["html"]
    assert "Shop &amp; Co · Street 1" in render(leave)["html"]
    assert "Unsubscribe (https://x.example/u)" in render(leave)["text"]
    assert render()["html"] == "<p>x</p>"
    own = render(leave, body='<body><a href="{{ unsubscribe_url }}">bye</a></body>')
    assert own["html"].count("https://x.example/u") == 1


def test_the_preheader_is_hidden_and_stays_out_of_the_text() -> None:
    parts = render({"n": "<3"}, preheader="A & {{ n }}", body="<html><body class='a'><p>x</p></body></html>")
    assert (
        "<body class='a'><div style=\"display:none;max-height:0;overflow:hidden;mso-hide:all\">A &amp; &lt;3</div>"
        in (parts["html"])
    )
    assert (parts["preheader"], parts["text"]) == ("A & <3", "x\n")


def test_a_text_part_of_ones_own_is_kept() -> None:
    assert render({"unsubscribe_url": "u"}, text="Dear {{ x | default: 'you' }}")["text"] == (
        "Dear you\n\n-- \nShop & Co\nUnsubscribe: u\n"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"subject": "{{ a | nope }}"}, "Subject, line 1: unknown filter 'nope'."),
        ({"body": "<p>\n{{ a | nope }}</p>"}, "Body, line 2: unknown filter 'nope'."),
        ({"body": "<p>{% if a %}</p>"}, "Body: {% if %} is not closed."),
        ({"body": "{% for i in (1..99999999) %}x{% endfor %}"}, "Body, line 1: loop iteration limit reached."),
        ({"body": "{% include 'x' %}"}, "Body, line 1: unexpected tag 'include'."),
        ({"format": "mjml", "body": "<mjml><mj-body>\n<mj-section></mj-body></mjml>"}, "Body: a tag is not closed."),
        (
            {"format": "mjml", "body": "<mjml>\n<mj-include path='x' /></mjml>"},
            "Body, line 2: mj-include cannot be used",
        ),
    ],
)
def test_errors_say_where(content: dict[str, str], message: str) -> None:
    with pytest.raises(ContentError) as caught:
        render(**content)
    assert str(caught.value).startswith(message)


def test_problems_in_words() -> None:
    def texts(**content: str) -> list[tuple[str, str]]:
        return [(problem.level, problem.text) for problem in Email().problems({"format": "html", **content})]

    assert texts() == [("error", "The subject is empty."), ("error", "The body is empty.")]
    assert texts(subject="Hi", body="{{ unsubscribe_url }}") == []
    assert [text[:27] for _, text in texts(subject="x" * 79, body="<img src='a'>")] == [
        "The subject is long: most i",
        "There is no unsubscribe lin",
        "A picture has no descriptio",
    ]


@pytest.mark.parametrize(
    ("typed", "valid"),
    [
        (" Ann@Shop.example ", "Ann@Shop.example"),
        ("a@bücher.example", "a@xn--bcher-kva.example"),
        ("ann", ""),
        ("ü@a.de", ""),
    ],
)
def test_addresses(typed: str, valid: str) -> None:
    assert Email().valid_address(typed) == valid
