"""A task for a colleague: the way that people go on is what the colleague says."""

from functools import cached_property
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts.outcomes import Advance, Ask, AskColleague, Outcome
from journeys.contracts.problem import Problem
from journeys.contracts.step import Answer, AnswerFact, Need, Step
from journeys.inspector.form import NodeForm
from journeys.inspector.rows import Column, RowsField
from journeys.models.duration import Unit, in_words, length
from journeys.models.fillings import with_gaps
from journeys.models.node import Node
from omnichannel.accounts.models import User
from omnichannel.shared.templating import TemplateError, compiled

MOST: Final = 6


def reached_or_not() -> list[dict[str, Any]]:
    return [{"port": "way_1", "name": _("Reached")}, {"port": "way_2", "name": _("Not reached")}]


class TaskNode(Node):
    kind = "task"
    label = gettext_lazy("Ask a colleague")
    category = "customer"
    icon = "clipboard-check"
    order = 70
    help = gettext_lazy("Puts a task on the page “Tasks”. They go on as soon as a colleague says how it went.")
    ports = ("timed_out",)

    task = models.CharField(max_length=200, blank=True)
    details = models.TextField(blank=True)
    assignee = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    results = models.JSONField(default=reached_or_not, blank=True)  # [{"port": way_1, "name": text}]
    amount = models.PositiveIntegerField(default=3)
    unit = models.CharField(max_length=7, choices=Unit.choices, default=Unit.DAYS)

    @cached_property
    def need(self) -> Answer:
        return Answer(self.key)

    def needs(self) -> tuple[Need, ...]:
        return (self.need,)

    def run(self, step: Step) -> Outcome:
        """What was said in time counts, also where the timer runs late."""
        until = step.entered_at + length(self.amount, self.unit)
        answer: AnswerFact | None = step.fact(self.need)
        if answer is not None and answer.result in {row["port"] for row in self.results}:
            return Advance(answer.result, at=answer.at)
        if step.now >= until:
            return Advance("timed_out", after=until)
        return Ask(AskColleague(self.assignee_id), self.key, until)

    def get_ports(self) -> tuple[tuple[str, str], ...]:
        late = _("Not within %(time)s") % {"time": in_words(self.amount, self.unit)}
        return (*((row["port"], row["name"]) for row in self.results), ("timed_out", late))

    def answers(self) -> tuple[tuple[str, str], ...]:
        return tuple((row["port"], row["name"]) for row in self.results)

    @property
    def lets_time_pass(self) -> bool:
        return True

    def summary(self) -> str:
        who = str(self.assignee) if self.assignee else _("a colleague")
        return _("Ask **%(who)s**: %(task)s") % {"who": who, "task": with_gaps(self.task) or "…"}

    def problems(self) -> list[Problem]:
        found = []
        if not self.task:
            found.append(Problem(_("Say what is to be done."), self.key))
        if not self.results:
            found.append(Problem(_("Say how it may go."), self.key))
        if not self.amount:
            found.append(Problem(_("Say how long to wait at most."), self.key))
        return found


class Inspector(NodeForm):
    results = RowsField(
        label=gettext_lazy("How it may go"),
        columns=[Column("port", type="key"), Column("name", gettext_lazy("Result"))],
        least=0,
        most=MOST,
    )

    class Meta:
        model = TaskNode
        fields = ["task", "details", "assignee", "results", "amount", "unit"]
        labels = {
            "task": gettext_lazy("What is to be done"),
            "details": gettext_lazy("What to know for it"),
            "assignee": gettext_lazy("Who does it"),
            "amount": gettext_lazy("At most"),
            "unit": gettext_lazy("Unit"),
        }
        help_texts = {"task": gettext_lazy("For instance: Call {{ first_name }} about the renewal")}
        widgets = {"details": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assignee"].empty_label = _("Anybody")  # type: ignore[attr-defined]
        self.fields["assignee"].queryset = User.objects.filter(is_active=True)  # type: ignore[attr-defined]

    def clean_results(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.cleaned_data["results"]
        for row in rows:
            row["name"] = str(row["name"] or "").strip()[:40]
            if not row["name"]:
                raise ValidationError(_("Name each result."))
        return rows

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        for name in ("task", "details"):
            try:
                compiled(values.get(name) or "")
            except TemplateError as error:
                self.add_error(name, str(error))
        return values
