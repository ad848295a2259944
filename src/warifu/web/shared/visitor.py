"""What a request tells about the browser behind it, and the cookies that it keeps for us."""

from __future__ import annotations

from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

from warifu.credentials.actions.stages import Visitor
from warifu.credentials.rules.sessions import network_address

YEAR = 365 * 24 * 3600
_PREFIX = "__Host-" if settings.WARIFU.is_https else ""
DEVICE_COOKIE = f"{_PREFIX}warifu_device"
ORGANISATION_COOKIE = f"{_PREFIX}warifu_organisation"
ACCESS_KEY_COOKIE = f"{_PREFIX}warifu_access_key"
REGISTRATION_COOKIE = f"{_PREFIX}warifu_registration"


def of(request: HttpRequest) -> Visitor:
    """The browser, its network address, its device token and its certificate."""
    return Visitor(
        browser=request.headers.get("User-Agent", "")[:200],
        address=address_of(request),
        device=request.COOKIES.get(DEVICE_COOKIE, ""),
        access_key=request.COOKIES.get(ACCESS_KEY_COOKIE, ""),
        certificate=certificate_of(request),
    )


def address_of(request: HttpRequest) -> str:
    """The network address that a request came from, as far as the set proxies are believed."""
    return network_address(
        connected=request.META.get("REMOTE_ADDR", ""),
        forwarded_for=request.headers.get("X-Forwarded-For", ""),
        trusted=settings.WARIFU.trusted_proxies,
    )


def certificate_of(request: HttpRequest) -> bytes:
    """The electronic certificate (DER) that the connection showed, or nothing; the gate alone writes it (C-07)."""
    scope = request.META.get("asgi.scope") or {}
    found: bytes = scope.get("state", {}).get("certificate", b"")
    return found


def organisation_of(request: HttpRequest) -> UUID | None:
    """The organisation of somebody who is signed in; None for everybody else."""
    session = getattr(request, "warifu_session", None)
    return session.organisation_id if session is not None else None


def has_session(request: HttpRequest) -> bool:
    """Whether the browser holds a session's token, living or not."""
    return bool(request.COOKIES.get(settings.SESSION_COOKIE))


def path_within(request: HttpRequest, wanted: str) -> str:
    """The path of an address on this site; empty for every address that leads elsewhere (open redirects)."""
    if not url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return ""
    parts = urlsplit(wanted)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    is_path = path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
    return path if is_path else ""


def keep_session(response: HttpResponse, token: str) -> None:
    """Give the browser its session's token; the cookie has no end of its own, the session in the table has (V-08)."""
    _set(response, settings.SESSION_COOKIE, token, None)


def forget_session(response: HttpResponse) -> None:
    """Take the session's token away and ask the browser to drop what it kept of the pages (14.3.1)."""
    response.delete_cookie(settings.SESSION_COOKIE, samesite="Lax")
    response["Clear-Site-Data"] = '"cache", "storage"'


def keep_device(response: HttpResponse, token: str, organisation_code: str) -> None:
    """Let the browser be known again: its device token, and which organisation it signed in to."""
    _set(response, DEVICE_COOKIE, token, YEAR)
    _set(response, ORGANISATION_COOKIE, organisation_code, YEAR)


def keep_access_keys(response: HttpResponse, shown: str) -> None:
    """Let the browser keep the access keys of the people who use it; each sign-in page prolongs them (C-08)."""
    _set(response, ACCESS_KEY_COOKIE, shown, YEAR)


def keep_registration(response: HttpResponse, token: str) -> None:
    """Let the browser go on with the registration of a product that it began, for a week."""
    _set(response, REGISTRATION_COOKIE, token, 7 * 24 * 3600)


def _set(response: HttpResponse, name: str, value: str, max_age: int | None) -> None:
    response.set_cookie(name, value, max_age=max_age, secure=settings.WARIFU.is_https, httponly=True, samesite="Lax")
