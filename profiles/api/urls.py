"""Addresses of the ingest API, with the short forms that the browser library uses."""

from django.urls import path

from profiles.api import tracking
from profiles.ingest.decode import KINDS

urlpatterns = [
    *(path(f"v1/{kind}", tracking.one, {"kind": kind}, name=f"ingest_{kind}") for kind in KINDS),
    *(path(f"v1/{kind[0]}", tracking.one, {"kind": kind}) for kind in KINDS),
    path("v1/batch", tracking.batch, name="ingest_batch"),
    path("v1/b", tracking.batch),
    path("v1/import", tracking.batch, name="ingest_import"),
    path("v1/projects/<str:key>/settings", tracking.project_settings, name="ingest_settings"),
]
