"""Addresses of people, segments and the ingest API."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("profiles.api.urls")),
]
