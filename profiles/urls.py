"""Addresses of people, segments and the ingest API."""

from django.urls import URLPattern, URLResolver, include, path

from profiles.views import conditions, consent, people, segments, sources

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("profiles.api.urls")),
    path("people/", people.people, name="people"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/timeline/", people.person_timeline, name="person_timeline"),
    path("people/<int:pk>/attributes/", people.person_attributes, name="person_attributes"),
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
    path("sources/", sources.sources, name="sources"),
    path("sources/arrivals/", sources.arrivals, name="source_arrivals"),
    path("consent/", consent.consent, name="consent"),
    path("consent/topics/new/", consent.topic, name="topic_new"),
    path("consent/topics/<int:pk>/", consent.topic, name="topic"),
    path("consent/topics/<int:pk>/delete/", consent.topic_delete, name="topic_delete"),
    path("consent/block/", consent.block, name="suppression_block"),
    path("consent/<int:pk>/release/", consent.release, name="suppression_release"),
]
