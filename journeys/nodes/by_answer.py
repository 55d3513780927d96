"""Part people by what a webhook or a colleague has answered."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts.outcomes import Advance, Outcome
from journeys.contracts.problem import Problem
from journeys.contracts.step import Answer, AnswerFact, Need, Step
from journeys.inspector.form import NodeForm
from journeys.models.node import Node
from profiles.forms.condition import WhereField
from profiles.segments.ast import ConditionError, parse_where
from profiles.segments.filters import PropertyFilter, describe_where, where_holds


class ByAnswerNode(Node):
    kind = "by_answer"
    label = gettext_lazy("By an answer")
    category = "branch"
    icon = "message-question"
    order = 60
    help = gettext_lazy("Looks at what a webhook or a colleague has answered earlier in this journey.")
    ports = ("yes", "no")

    ask_key = models.CharField(max_length=32, blank=True)
    where = models.JSONField(default=list, blank=True)

    @cached_property
    def need(self) -> Answer:
        return Answer(self.ask_key)

    def needs(self) -> tuple[Need, ...]:
        return (self.need,)

    @cached_property
    def filters(self) -> tuple[PropertyFilter, ...] | None:
        try:
            return parse_where(self.where)
        except ConditionError:
            return None

    def run(self, step: Step) -> Outcome:
        answer: AnswerFact | None = step.fact(self.need)
        if answer is None or not answer.ok or self.filters is None:
            return Advance("no")
        return Advance("yes" if where_holds(self.filters, answer.value, step.now) else "no")

    def get_ports(self) -> tuple[tuple[str, str], ...]:
        return (("yes", _("Yes")), ("no", _("No")))

    def summary(self) -> str:
        try:
            words = describe_where(parse_where(self.where))
        except ConditionError:
            words = ""
        return _("Yes where **%(words)s** was answered") % {"words": words} if words else _("Yes with any answer")

    def problems(self) -> list[Problem]:
        if not self.ask_key:
            return [Problem(_("Choose the step whose answer to look at."), self.key)]
        try:
            parse_where(self.where)
        except ConditionError as error:
            return [Problem(str(error), self.key)]
        return []


def asking(node: ByAnswerNode) -> Iterator[tuple[str, str]]:
    """The steps of the same journey that ask somebody, for a menu."""
    yield "", _("Choose a step …")
    if node.version_id:
        for other in Node.objects.filter(version_id=node.version_id).order_by("y", "id"):
            if Answer(other.key) in other.needs():
                yield other.key, str(other)


class Inspector(NodeForm):
    ask_key = forms.ChoiceField(label=gettext_lazy("Which answer"), required=False)
    where = WhereField(label=gettext_lazy("Yes where the answer says"))

    class Meta:
        model = ByAnswerNode
        fields = ["ask_key", "where"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = list(asking(self.instance))
        asked = self.data.get(self.add_prefix("ask_key")) or self.instance.ask_key
        if asked and asked not in dict(choices):
            choices.append((asked, _("A step that is gone")))
        self.fields["ask_key"].choices = choices  # type: ignore[attr-defined]
