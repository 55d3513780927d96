"""Addresses of journeys, content, channels, reports, tracking and the management API."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
