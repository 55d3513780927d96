"""Send somebody a message."""

from typing import Any

from django.db import models
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts.outcomes import Fail, Outcome, Send
from journeys.contracts.problem import Problem
from journeys.contracts.step import Step
from journeys.inspector.form import NodeForm
from journeys.models.fillings import with_gaps
from journeys.models.node import Node
from journeys.models.template import Template
from profiles.models import Topic


def opening_words(text: str) -> str:
    """What customers see first."""
    return Truncator(with_gaps(text)).chars(80) or "…"


class SendNode(Node):
    kind = "send"
    label = gettext_lazy("Send a message")
    category = "message"
    icon = "send"
    order = 10
    help = gettext_lazy("Sends one message. Whether it may go is decided at that moment: consent, limits, quiet hours.")
    sends = True
    loads = ("template",)

    template = models.ForeignKey(Template, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    topic = models.ForeignKey(Topic, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    def run(self, step: Step) -> Outcome:
        if self.template is None:
            return Fail("There is no message to send here.")
        return Send(self.template.pk, self.template.channel, topic_id=self.topic_id)

    def causes(self) -> tuple[tuple[str, str], ...]:
        return (("event", "Message Delivered"),)

    def title(self) -> str:
        return self.template.name if self.template else str(self.label)

    def summary(self) -> str:
        if self.template is None:
            return _("Send …")
        content = self.template.content
        return _("“%(words)s”") % {"words": opening_words(str(content.get("subject") or content.get("body") or ""))}

    def channel(self) -> str:
        return self.template.channel if self.template else ""

    def problems(self) -> list[Problem]:
        if self.template_id:
            return []
        return [Problem(_("Choose the message to send."), self.key)]


class Inspector(NodeForm):
    class Meta:
        model = SendNode
        fields = ["template", "topic"]
        labels = {"template": gettext_lazy("Message"), "topic": gettext_lazy("Topic")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["topic"].empty_label = _("The same as the journey's")  # type: ignore[attr-defined]
