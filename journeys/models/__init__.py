"""Journeys as drawn, and everything that happens in them."""

from journeys.models.blueprint import Blueprint
from journeys.models.braked import Braked
from journeys.models.delivery import Delivery
from journeys.models.edge import Edge
from journeys.models.enrollment import Enrollment
from journeys.models.entry_clock import EntryClock
from journeys.models.followed import Followed
from journeys.models.gate_turn import GateTurn
from journeys.models.journey import Journey
from journeys.models.late_truth import LateTruth
from journeys.models.message import Message
from journeys.models.node import Node
from journeys.models.provider_account import ProviderAccount
from journeys.models.publication import Moved, Publication
from journeys.models.request import Request, WebhookKey
from journeys.models.step import StepRecord
from journeys.models.tally import Tally
from journeys.models.template import Template
from journeys.models.version import Version
from journeys.models.wished import Wished
from omnichannel.shared.autoload import load_all

__all__ = [
    "Blueprint",
    "Braked",
    "Delivery",
    "Edge",
    "Enrollment",
    "EntryClock",
    "Followed",
    "GateTurn",
    "Journey",
    "LateTruth",
    "Message",
    "Moved",
    "Node",
    "ProviderAccount",
    "Publication",
    "Request",
    "StepRecord",
    "Tally",
    "Template",
    "Version",
    "WebhookKey",
    "Wished",
]

# Node kinds are models: Django must meet them while it loads models.
load_all("journeys.nodes")
