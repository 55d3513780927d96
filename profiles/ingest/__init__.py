"""The only writers of profiles and events: decoded calls in, people and their history out."""

from profiles.ingest.amend import amend
from profiles.ingest.batch import Result, ingest
from profiles.ingest.track import TrackRow, track
from profiles.ingest.update import update_attributes

__all__ = ["Result", "TrackRow", "amend", "ingest", "track", "update_attributes"]
