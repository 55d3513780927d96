"""Addresses of journeys, content, channels, reports, tracking and the management API."""

from django.urls import URLPattern, URLResolver, path

from journeys.views import home, search

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("search/", search.search, name="search"),
]
