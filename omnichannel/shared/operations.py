"""What machines ask: is the process up, is the installation ready, how is it doing."""

import ipaddress
import secrets

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from omnichannel.shared import health
from omnichannel.shared.metrics import REGISTRY


@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """Database, migrations, broker and beat."""
    parts = health.check()
    return JsonResponse(parts, status=200 if set(parts.values()) == {"ok"} else 503)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For Prometheus: with METRICS_TOKEN as the bearer token, or, where none is set, from this machine only."""
    if not may_read_metrics(request):
        raise Http404
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


def may_read_metrics(request: HttpRequest) -> bool:
    """A proxy on this machine makes everybody look local, so what came through one needs the token."""
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return secrets.compare_digest(given.encode(), settings.METRICS_TOKEN.encode())
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
