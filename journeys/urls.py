"""Addresses of journeys, content, channels, reports, tracking and the management API."""

from django.urls import URLPattern, URLResolver, path, re_path

from journeys.views import canvas, home, inspector, journey_pages, journeys, lifecycle, search

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("search/", search.search, name="search"),
    path("journeys/", journeys.journeys, name="journeys"),
    path("journeys/new/", journeys.journey_new, name="journey_new"),
    path("journeys/<int:pk>/", canvas.journey, name="journey"),
    path("journeys/<int:pk>/report/", canvas.journey_report, name="journey_report"),
    path("journeys/<int:pk>/people/", journey_pages.journey_people, name="journey_people"),
    path("journeys/<int:pk>/versions/", journey_pages.journey_versions, name="journey_versions"),
    path("journeys/<int:pk>/versions/<int:number>/", canvas.journey_version, name="journey_version"),
    path("journeys/<int:pk>/versions/<int:number>/restore/", journey_pages.journey_restore, name="journey_restore"),
    path("journeys/<int:pk>/settings/", journey_pages.journey_settings, name="journey_settings"),
    path("journeys/<int:pk>/nodes/<slug:key>/", inspector.journey_node, name="journey_node"),
    path("journeys/<int:pk>/rename/", journeys.journey_rename, name="journey_rename"),
    path("journeys/<int:pk>/duplicate/", journeys.journey_duplicate, name="journey_duplicate"),
    path("journeys/<int:pk>/discard/", journeys.journey_discard, name="journey_discard"),
    path("journeys/<int:pk>/publish/", lifecycle.journey_publish, name="journey_publish"),
    re_path(r"^journeys/(?P<pk>\d+)/(?P<verb>pause|resume|archive)/$", lifecycle.journey_verb, name="journey_verb"),
    path("api/journeys/<int:pk>/draft/operations", canvas.journey_operations, name="journey_operations"),
    path("api/journeys/<int:pk>/graph", canvas.journey_graph, name="journey_graph"),
    path("api/journeys/<int:pk>/counts", canvas.journey_counts, name="journey_counts"),
]
