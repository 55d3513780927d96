"""Writes that only the sandbox knows."""

from omnichannel.accounts.models import Workspace


def switch_simulation(on: bool) -> None:
    """Whether the demo shop's customers go on living by themselves."""
    Workspace.get()
    Workspace.objects.filter(pk=1).update(simulation_on=on)
