"""What every request passes through."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers
from prometheus_client import Counter, Histogram

from warifu.credentials.actions import certificates as issued
from warifu.credentials.actions import sessions
from warifu.credentials.queries.sessions import living_session
from warifu.foundation.refusals import Refused
from warifu.web.shared import certificates
from warifu.web.shared import refusals as refusal_pages

Handler = Callable[[HttpRequest], HttpResponse]

REQUESTS = Counter("warifu_requests_total", "Answered requests", ["method", "view", "status"])
DURATION = Histogram("warifu_request_seconds", "Time to answer", ["view"])


def request_id(get_response: Handler) -> Handler:
    """Give each request an id, for the logs, the answer's header and a fault's reference number."""

    def handle(request: HttpRequest) -> HttpResponse:
        request.reference = uuid.uuid4().hex[:12]  # type: ignore[attr-defined]
        with structlog.contextvars.bound_contextvars(request_id=request.reference):  # type: ignore[attr-defined]
            response = get_response(request)
        response["X-Request-ID"] = request.reference  # type: ignore[attr-defined]
        return response

    return handle


def metrics(get_response: Handler) -> Handler:
    """Count and time answers by view, never by address (addresses hold ids)."""

    def handle(request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = get_response(request)
        match = request.resolver_match
        view = match.view_name if match else "none"
        REQUESTS.labels(request.method, view, response.status_code).inc()
        DURATION.labels(view).observe(time.perf_counter() - started)
        return response

    return handle


def language(get_response: Handler) -> Handler:
    """Speak Japanese unless the person chose another language with the switch; the browser's wish is no choice."""

    def handle(request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        with translation.override(chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE):
            response = get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language())
        return response

    return handle


def session(get_response: Handler) -> Handler:
    """Find the session that the cookie belongs to; `request.warifu_session` is None without a living one.

    `request.warifu_certificate` is the certificate that the connection shows, if it holds now (C-04). A session that a
    certificate opened counts only while that one is shown; otherwise it is `request.warifu_unproven` (C-05).

    A request with the header `X-Background` (a page that asks by itself, without a hand) does not prolong the session.
    """

    def handle(request: HttpRequest) -> HttpResponse:
        at = timezone.now()
        token = request.COOKIES.get(settings.SESSION_COOKIE, "")
        by_hand = "X-Background" not in request.headers
        shown = certificates.shown_by(request, at)
        found = living_session(token=token, at=at) if token else None
        is_proven = found is None or certificates.is_proven(found, shown)
        if token and found is None:
            sessions.end_timed_out(token=token, at=at)
        elif found and is_proven and by_hand and sessions.touch(session_id=found.id, seen_at=found.seen_at, at=at):
            found = living_session(token=token, at=at)
            if shown:
                issued.note_use(certificate_id=shown.id, at=at)
        request.warifu_certificate = shown  # type: ignore[attr-defined]
        request.warifu_session = found if is_proven else None  # type: ignore[attr-defined]
        request.warifu_unproven = None if is_proven else found  # type: ignore[attr-defined]
        return get_response(request)

    return handle


def no_store(get_response: Handler) -> Handler:
    """Keep answers out of every cache; only static files, which do not pass here, may be kept (V-04)."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
            response["Cache-Control"] = "no-store"
        return response

    return handle


class refusals:  # noqa: N801
    """Turn a refusal into its page; anything unforeseen into a reference number and nothing else (A7)."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, values: object) -> HttpResponse | None:
        """Django calls this before a view: no address that people reach holds a NUL, and PostgreSQL keeps none.

        The doors of programs, which want no form token, refuse it themselves in their own words.
        """
        texts = (request.path, *(text for values in dict(request.GET.lists()).values() for text in values))
        if not getattr(view, "csrf_exempt", False) and any("\0" in text for text in texts):
            return refusal_pages.bad_request(request)
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Django calls this with whatever a view raised."""
        if isinstance(exception, Refused):
            return refusal_pages.page(request, exception)
        return None
