"""Counting, for services; the code sits below the engine, in `journeys.tally`."""

from journeys.tally import Bump, bump

__all__ = ["Bump", "bump"]
