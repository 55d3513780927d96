"""Addresses of people, segments and the ingest API."""

from django.urls import URLPattern, URLResolver, include, path

from profiles.views import conditions, segments

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("profiles.api.urls")),
    path("segments/", segments.index, name="segments"),
    path("segments/new/", segments.new, name="segment_new"),
    path("segments/schema/", conditions.schema, name="segment_schema"),
    path("segments/count/", conditions.count, name="segment_count"),
    path("segments/preview/", conditions.preview, name="segment_preview"),
    path("segments/<int:segment_id>/", segments.detail, name="segment"),
    path("segments/<int:segment_id>/people/", segments.people, name="segment_people"),
    path("segments/<int:segment_id>/state/", segments.state, name="segment_state"),
    path("segments/<int:segment_id>/duplicate/", segments.duplicate, name="segment_duplicate"),
    path("segments/<int:segment_id>/delete/", segments.delete, name="segment_delete"),
]
