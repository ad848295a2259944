"""Is the server alive, and is it ready? For supervisors and balancers; says no more than that."""

from __future__ import annotations

import os
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from warifu.notices import queries as notices

HEARTBEAT = timedelta(minutes=2)


def alive(request: HttpRequest) -> JsonResponse:
    """200 while the process answers at all."""
    return JsonResponse({"alive": True})


def ready(request: HttpRequest) -> JsonResponse:
    """200 when database, storage and worker are there, otherwise 503 with the part that is not."""
    parts = {"database": _database(), "storage": _storage()}
    parts["worker"] = parts["database"] and _worker()
    return JsonResponse(parts, status=200 if all(parts.values()) else 503)


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus metrics, for the addresses in `metrics_addresses` only."""
    if request.META.get("REMOTE_ADDR") not in settings.WARIFU.metrics_addresses:
        return HttpResponse(status=404)
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _storage() -> bool:
    return settings.WARIFU.data_dir.is_dir() and os.access(settings.WARIFU.data_dir, os.W_OK)


def _worker() -> bool:
    beat = notices.last_heartbeat()
    return beat is not None and timezone.now() - beat <= HEARTBEAT
