"""Call another system and go on with what it answers."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts.outcomes import Advance, Ask, CallWebhook, Fail, Outcome
from journeys.contracts.problem import Problem
from journeys.contracts.step import Answer, AnswerFact, Need, Step
from journeys.inspector.form import NodeForm
from journeys.inspector.rows import Column, RowsField
from journeys.models.headers import NEEDED, Row, is_plain, opened, seal, shown
from journeys.models.node import Node
from omnichannel.shared.templating import TemplateError, compiled

TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
OURS: Final = ("host", "content-length", "transfer-encoding", "connection")


class WebhookNode(Node):
    class Method(models.TextChoices):
        POST = "POST", "POST"
        PUT = "PUT", "PUT"
        GET = "GET", "GET"

    kind = "webhook"
    label = gettext_lazy("Call a webhook")
    category = "customer"
    icon = "webhook"
    order = 60
    help = gettext_lazy(
        "Calls another system, up to six times within two hours, and goes on when it has answered. It may be called "
        "twice for one person; both calls carry the same webhook-id."
    )
    ports = ("answered", "failed")

    url = models.CharField(max_length=1000, blank=True)
    method = models.CharField(max_length=4, choices=Method.choices, default=Method.POST)
    headers = models.JSONField(default=list, blank=True)  # see journeys.models.headers
    body = models.TextField(blank=True)  # Liquid; empty: the person, what brought them in, and the journey
    seconds = models.PositiveSmallIntegerField(default=10)
    answer_name = models.SlugField(max_length=40, blank=True)

    @cached_property
    def need(self) -> Answer:
        return Answer(self.key)

    def needs(self) -> tuple[Need, ...]:
        return (self.need,)

    def run(self, step: Step) -> Outcome:
        if not self.url:
            return Fail("There is no address to call.")
        answer: AnswerFact | None = step.fact(self.need)
        if answer is None:
            return Ask(CallWebhook(), self.answer_name or self.key)
        return Advance("answered" if answer.ok else "failed", at=answer.at)

    def get_ports(self) -> tuple[tuple[str, str], ...]:
        return (("answered", _("Answered")), ("failed", _("No answer")))

    def answers(self) -> tuple[tuple[str, str], ...]:
        return self.get_ports()

    def summary(self) -> str:
        return _("Call **%(host)s**") % {"host": urlsplit(self.url).hostname or "…"}

    def problems(self) -> list[Problem]:
        if not self.url:
            return [Problem(_("Fill in the address to call."), self.key)]
        return [
            Problem(_("Fill in the value of the header “%(name)s”.") % {"name": row["name"]}, self.key)
            for row in self.headers
            if opened(row, self.url) is None
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """What was typed is sealed on its way into the database, whoever saves."""
        self.headers = [seal(row, self.url) for row in self.headers]
        super().save(*args, **kwargs)

    def config(self) -> dict[str, Any]:
        """Without what is sealed."""
        return super().config() | {"headers": shown(self.headers)}

    @classmethod
    def portable(cls, config: Mapping[str, Any]) -> dict[str, Any]:
        """A header with a secret says that one is needed."""
        rows: list[Row] = config.get("headers") or []
        told = [
            {"name": row["name"], "secret": NEEDED} if row["secret"] else {"name": row["name"], "value": row["value"]}
            for row in rows
        ]
        return {**config, "headers": told} if "headers" in config else dict(config)


class Inspector(NodeForm):
    url = forms.URLField(label=gettext_lazy("Address"), max_length=1000, required=False, assume_scheme="https")
    headers = RowsField(
        label=gettext_lazy("Headers"),
        help_text=gettext_lazy(
            "What they say is kept locked and never shown again; type to replace it. Another address needs it anew."
        ),
        columns=[
            Column("name", gettext_lazy("Name")),
            Column("value", gettext_lazy("Value"), type="secret", shows=lambda row: is_plain(row.get("name"))),
            Column("secret", type="kept"),
        ],
        least=0,
        most=10,
    )
    seconds = forms.IntegerField(label=gettext_lazy("Wait for an answer, in seconds"), min_value=1, max_value=30)

    class Meta:
        model = WebhookNode
        fields = ["url", "method", "body", "answer_name", "seconds", "headers"]
        labels = {
            "method": gettext_lazy("Method"),
            "body": gettext_lazy("What to send"),
            "answer_name": gettext_lazy("Call the answer"),
        }
        help_texts = {
            "body": gettext_lazy("Left empty: the person, what brought them in and the journey, as JSON."),
            "answer_name": gettext_lazy("A short name: called “offer”, messages may say {{ answers.offer.price }}."),
        }
        widgets = {"body": forms.Textarea(attrs={"rows": 5, "class": "font-monospace"})}

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"] or "")
        if url and urlsplit(url).scheme not in ("http", "https"):
            raise ValidationError(_("The address begins with https:// or http://."))
        if urlsplit(url).username is not None:
            raise ValidationError(_("A name and a password belong into the header “Authorization”, not here."))
        return url

    def clean_body(self) -> str:
        body = str(self.cleaned_data["body"] or "")
        try:
            compiled(body)
        except TemplateError as error:
            raise ValidationError(str(error)) from error
        return body

    def clean_headers(self) -> list[Row]:
        rows: list[Row] = self.cleaned_data["headers"]
        for row in rows:
            row["name"], row["value"] = str(row["name"] or "").strip(), str(row["value"] or "").strip()
            name = row["name"].lower()
            if not TOKEN.fullmatch(name) or name in OURS or name.startswith("webhook-"):
                raise ValidationError(_("“%(name)s” cannot be a header here.") % {"name": row["name"]})
            if not row["value"].isprintable() or not row["value"].isascii():
                raise ValidationError(
                    _("The value of “%(name)s” has letters that a header cannot carry.") % {"name": row["name"]}
                )
        # Before the form writes into the step, its rows are still those that were saved.
        return [self._with_secret(row, str(self.cleaned_data.get("url") or "")) for row in rows]

    def _with_secret(self, row: Row, url: str) -> Row:
        """A typed secret as it is, else the one that is meant: this step's own, one that has come along with a copy of
        the step, or the one with which another step calls the same address.
        """
        if is_plain(row["name"]):
            return seal(row, url)
        known = [one for one in self.instance.headers if one["name"] == row["name"] and opened(one, url) is not None]
        if row["value"]:
            return next((one for one in known if opened(one, url) == row["value"]), row)
        asked = row["secret"] or NEEDED
        if not url:  # for now: it stays until another address is known
            return next((one for one in self.instance.headers if one["secret"] == asked), seal(row, url))
        if asked == NEEDED:
            found = known or _saved(row["name"], url, url=url)
        else:
            found = [one for one in known if one["secret"] == asked]
            found = found or _saved(row["name"], url, headers__contains=[{"secret": asked}])
            found = [one for one in found if one["secret"] == asked]
        alike = {one["secret"]: one for one in found}
        return next(iter(alike.values())) if len(alike) == 1 else seal(row | {"value": ""}, url)


def _saved(name: str, to: str, **steps: Any) -> list[Row]:
    """Secrets of a header in steps of any journey that may be sent to this address."""
    rows = (row for node in WebhookNode.objects.filter(**steps) for row in node.headers)
    return [row for row in rows if row["name"] == name and row["secret"] and opened(row, to) is not None]
