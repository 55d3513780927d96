"""Whoever arrives here counts as a success."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts.outcomes import Effect, Outcome, ReachGoal
from journeys.contracts.step import Step
from journeys.inspector.form import NodeForm
from journeys.models.node import Node


class GoalReachedNode(Node):
    kind = "goal_reached"
    label = gettext_lazy("Goal reached")
    category = "end"
    icon = "target-arrow"
    order = 20
    help = gettext_lazy("Whoever arrives here counts as a success, once. Where nothing follows, the journey is over.")
    reaches_goal = True
    loads = ("version",)

    def run(self, step: Step) -> Outcome:
        return Effect(ReachGoal(exits=self.version.goal_exits))

    def summary(self) -> str:
        return _("They count as a success")


class Inspector(NodeForm):
    class Meta:
        model = GoalReachedNode
        fields: list[str] = []
