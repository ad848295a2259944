"""練習用メール箱: what people of the demo receive, readable by everybody who tries it out (D2)."""

from __future__ import annotations

from uuid import UUID

from csp.decorators import csp, csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.clickjacking import xframe_options_sameorigin

from warifu.notices import queries
from warifu.web.shared.doors import public

_SANDBOX = "allow-top-navigation-by-user-activation"
_LETTER_POLICY = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "frame-ancestors": ["'self'"],
    "sandbox": [_SANDBOX],
}


@public
def listing(request: HttpRequest) -> HttpResponse:
    """The newest messages; `to` keeps those to one address."""
    to_mail = request.GET.get("to", "").strip()
    messages = queries.mailbox(to_mail=to_mail)
    return render(request, "demo/mailbox/listing.html", {"letters": messages, "to_mail": to_mail})


@csp_update({"frame-src": ["'self'"]})
@public
def message(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """One message: as text, and as a phone would show it."""
    letter = queries.mailbox_message(message_id=message_id)
    return render(request, "demo/mailbox/message.html", {"letter": letter, "sandbox": _SANDBOX})


@xframe_options_sameorigin
@csp(_LETTER_POLICY)
@public
def drawn(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """The HTML of one message alone, without script and in a sandbox; its links open in the whole window."""
    letter = queries.mailbox_message(message_id=message_id)
    return HttpResponse(letter.html.replace("<head>", '<head><base target="_top">', 1))


routes = [
    path("mail/", listing, name="mailbox.listing"),
    path("mail/<uuid:message_id>/", message, name="mailbox.message"),
    path("mail/<uuid:message_id>/drawn/", drawn, name="mailbox.drawn"),
]
