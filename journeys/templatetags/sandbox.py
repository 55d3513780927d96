"""What the bar of the sandbox shows: the product's time and whether customers are simulated."""

from dataclasses import dataclass

from django import template
from django.utils import formats

from omnichannel.accounts.models import Workspace
from omnichannel.shared import clock

register = template.Library()


@dataclass(frozen=True, slots=True)
class Bar:
    """`may`: whether the reader is allowed to change anything here."""

    time: str
    simulation_on: bool
    may: bool


@register.simple_tag(takes_context=True)
def sandbox_bar(context: template.Context) -> Bar:
    """Now, in the workspace's zone: "Tue 24 Nov, 14:05"."""
    workspace = Workspace.get()
    local = clock.now().astimezone(workspace.zone)
    return Bar(formats.date_format(local, "D j M, H:i"), workspace.simulation_on, context["user"].may("marketer"))
