"""Addresses of the management API, under `/api/`."""

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from journeys.api import docs, views
from journeys.api.entering import EnteringViewSet
from journeys.api.exchange import ExchangeViewSet, StartViewSet
from journeys.api.inside import InsideViewSet
from journeys.api.messages import MessageViewSet
from journeys.api.telling import PassageViewSet, TellingViewSet
from omnichannel.jobs.api import JobViewSet
from profiles.api.companies import CompanyViewSet
from profiles.api.exports import ExportViewSet
from profiles.api.identity import IdentityRulesView, MergeViewSet
from profiles.api.imports import ImportViewSet
from profiles.api.lists import ListViewSet
from profiles.api.management import ProfileViewSet, SegmentViewSet
from profiles.api.person_parts import PersonPartsViewSet

router = SimpleRouter()
router.register("segments", SegmentViewSet, basename="api-segment")
router.register("journeys", views.JourneyViewSet, basename="api-journey")
router.register("journeys", TellingViewSet, basename="api-telling")
router.register("journeys", InsideViewSet, basename="api-inside")
router.register("journeys", ExchangeViewSet, basename="api-exchange")
router.register("journey_templates", StartViewSet, basename="api-start")
router.register("journeys", EnteringViewSet, basename="api-entering")
router.register("templates", views.TemplateViewSet, basename="api-template")
router.register("profiles", ProfileViewSet, basename="api-profile")
router.register("profiles", PassageViewSet, basename="api-passage")
router.register("profiles", PersonPartsViewSet, basename="api-person-part")
router.register("companies", CompanyViewSet, basename="api-company")
router.register("lists", ListViewSet, basename="api-list")
router.register("merges", MergeViewSet, basename="api-merge")
router.register("exports", ExportViewSet, basename="api-export")
router.register("jobs", JobViewSet, basename="api-job")
router.register("imports", ImportViewSet, basename="api-import")
router.register("messages", MessageViewSet, basename="api-message")

urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("docs/", docs.docs, name="api_docs"),
    path("identity/", IdentityRulesView.as_view(), name="api_identity"),
    path("", include(router.urls)),
]
