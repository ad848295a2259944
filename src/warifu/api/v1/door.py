"""The door of the API: who comes in, how often, whether it was here before, and how it is refused.

Every address passes `guarded`: one token (Authorization: Bearer), the one limiter, and for writes the answer of an
earlier request with the same Idempotency-Key. Refusals are JSON with code, sentence and remedy; the rest is a
reference number. No cookie lets anybody in, and none is set.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, cast
from uuid import UUID

import structlog
from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from ninja.errors import HttpError, ValidationError
from ninja.security import HttpBearer

from warifu.credentials.actions import attempts, denials, idempotency, tokens
from warifu.credentials.rules.sessions import network_address
from warifu.foundation.actor import Actor, ActorKind
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations.rules import NotPermitted

log = structlog.get_logger("warifu.api")

LONGEST_KEY = 100
IDEMPOTENT = {
    "parameters": [
        {
            "in": "header",
            "name": "Idempotency-Key",
            "required": False,
            "schema": {"type": "string", "maxLength": LONGEST_KEY, "pattern": "^[A-Za-z0-9_.-]+$"},
            "description": "Sent twice with the same key, a request is done once and answered twice, for a day.",
        }
    ]
}
"""How the schema tells of the header; `guarded` does the work."""

_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""A NUL as JSON writes it, after an even number of backslashes."""

_FORM = "application/x-www-form-urlencoded"
WRITES = ("POST", "PUT", "PATCH", "DELETE")


class Call(HttpRequest):
    """A request whose token is known: the door has put these on it."""

    actor: Actor
    organisation_id: UUID
    at: datetime


class TokenNeeded(Refused):
    """There is no token in the request."""

    code = "WF-P401"
    sentence = _("トークンがありません。")
    remedy = _("Authorization ヘッダーに「Bearer トークン」の形で付けてください。トークンは管理者が発行します。")
    status = 401


class Unreadable(Refused):
    """The request's body is not what its type says."""

    code = "WF-P400"
    sentence = _("送られた内容を読み取れませんでした。")
    remedy = _("JSONの形と Content-Type を確かめて、もう一度送ってください。")
    status = 400


class WrongMethod(Refused):
    """The address exists, but not for this method."""

    code = "WF-P405"
    sentence = _("このアドレスでは、そのメソッドを使えません。")
    remedy = _("APIの説明のページで、使えるメソッドを確かめてください。")
    status = 405


class TooLarge(Refused):
    """The request is larger than the house takes."""

    code = "WF-P413"
    sentence = _("送られた内容が大きすぎます。")
    remedy = _("名簿のファイルは64MBまで、ほかの内容は2MBまでです。分けて送ってください。")
    status = 413


class ValuesWrong(Refused):
    """Values of the request do not fit; the places are named, the values never repeated."""

    code = "WF-P422"
    sentence = _("送られた値に誤りがあります: {places}。")
    remedy = _("APIの説明のページで、項目の名前と形を確かめて、もう一度送ってください。")
    status = 422


class TooMany(Refused):
    """The token or the address has to wait."""

    code = "WF-P429"
    sentence = _("短い間に要求が続いたため、しばらく受け付けません。")
    remedy = _("Retry-After の秒数だけ待ってから、もう一度送ってください。")
    status = 429


class Fault(Refused):
    """Something unforeseen."""

    code = "WF-P500"
    sentence = _("思いがけない誤りが起きました。")
    remedy = _("時間をおいてもう一度送ってください。続くときは、X-Request-ID の値を添えて運用者に知らせてください。")
    status = 500


class Bearer(HttpBearer):
    """How the schema names the token; `guarded` has looked at it already."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """The actor that the door found."""
        return getattr(request, "actor", None)


def by_token(call: Call) -> None:
    """Let in whoever holds a token of an organisation. Raises `TokenNeeded`, `TokenUnknown`, `TooMany`."""
    token, address = bearer_of(call), address_of(call)
    try:
        attempts.check(purpose="token.address", subject=address, at=call.at)
        try:
            actor = tokens.authenticate(token=token, at=call.at)
        except tokens.TokenUnknown:
            attempts.fail(purpose="token.address", subject=address, at=call.at)
            raise
        attempts.take(purpose="token.requests", subject=str(actor.id), at=call.at)
    except attempts.TooManyAttempts as waiting:
        raise TooMany(**waiting.values) from None
    if actor.organisation_id is None:
        raise tokens.TokenUnknown
    call.actor, call.organisation_id = actor, actor.organisation_id


def bearer_of(call: HttpRequest) -> str:
    """The token of a request. Raises `TokenNeeded`."""
    scheme, _space, token = call.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise TokenNeeded
    return token.strip()


def guarded(
    view: Callable[..., HttpResponseBase], *, let_in: Callable[[Call], None] = by_token
) -> Callable[..., HttpResponseBase]:
    """Let a view in through the door: token, limiter, earlier answers; every refusal as JSON.

    `let_in` says who may enter and puts the actor on the request. Earlier answers are kept for tokens only.
    """

    @csrf_exempt
    @wraps(view)
    def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        call = cast(Call, request)
        call.at = timezone.now()
        with translation.override(translation.get_language_from_request(call)):
            try:
                let_in(call)
                insist_without_nul(call)
                return _answered(call, lambda: view(call, *args, **kwargs))
            except Refused as refusal:
                return refused(call, refusal)
            except Exception as fault:  # noqa: BLE001  (a program is told of every fault as JSON)
                return on_fault(call, fault)

    return entered


def insist_without_nul(call: HttpRequest) -> None:
    """Raise `Unreadable` for a NUL in the address, a form or JSON (there it stands as an escape; RFC 8259, 7)."""
    asked = [*call.GET.lists(), *(call.POST.lists() if call.content_type == _FORM else ())]
    is_json = (call.content_type or "").endswith("json")
    texts = (call.path, *(text for _name, values in asked for text in values))
    if any("\0" in text for text in texts) or (is_json and _NUL.search(call.body)):
        raise Unreadable


def nowhere(request: HttpRequest, path: str = "") -> HttpResponse:
    """Addresses of the API that lead nowhere."""
    return refused(request, NotFound())


def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """A refusal as JSON."""
    actor = getattr(request, "actor", None)
    if isinstance(refusal, NotPermitted) and isinstance(actor, Actor) and actor.organisation_id is not None:
        view = request.resolver_match.route if request.resolver_match else ""
        denials.record(organisation_id=actor.organisation_id, by=actor, view=view, permission="", at=timezone.now())
    known = getattr(refusal, "known", ())
    answer = JsonResponse(
        {
            "code": refusal.code,
            "sentence": gettext(refusal.sentence).format(**refusal.values),
            "remedy": gettext(refusal.remedy).format(**refusal.values),
        }
        | ({"known_code": known[0]} if known else {}),
        status=refusal.status,
        json_dumps_params={"ensure_ascii": False},
    )
    answer["Content-Language"] = translation.get_language() or "ja"
    if refusal.status == 401:
        answer["WWW-Authenticate"] = "Bearer"
    if isinstance(refusal, TooMany):
        answer["Retry-After"] = str(60 * int(refusal.values.get("minutes", 1)))
    return answer


def on_values_wrong(request: HttpRequest, fault: ValidationError) -> HttpResponse:
    """Ninja calls this when values do not fit their schema."""
    places = sorted({".".join(str(part) for part in error["loc"] if part != "body") for error in fault.errors})
    return refused(request, ValuesWrong(places="、".join(_known_words(places))))


def on_http_error(request: HttpRequest, fault: HttpError) -> HttpResponse:
    """Ninja calls this for what it refuses itself."""
    return refused(request, TokenNeeded() if fault.status_code == 401 else Unreadable())


def on_fault(request: HttpRequest, fault: Exception) -> HttpResponse:
    """Ninja calls this for anything unforeseen."""
    if isinstance(fault, RequestDataTooBig | TooManyFieldsSent):
        return refused(request, TooLarge())
    if isinstance(fault, MultiPartParserError | BadRequest | SuspiciousOperation | UnreadablePostError):
        return refused(request, Unreadable())
    log.error("fault", exc_info=fault)
    return refused(request, Fault())


def on_refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """Ninja calls this for refusals of actions and queries."""
    return refused(request, refusal)


def _answered(call: Call, work: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """The answer of an earlier request with the same key, or that of the work."""
    key = call.headers.get("Idempotency-Key", "")
    actor = getattr(call, "actor", None)
    token_id = actor.id if isinstance(actor, Actor) and actor.kind is ActorKind.TOKEN else None
    if not key or call.method not in WRITES or token_id is None:
        return _shaped(call, work())
    if not re.fullmatch(rf"[A-Za-z0-9_.-]{{1,{LONGEST_KEY}}}", key):
        raise ValuesWrong(places="Idempotency-Key")
    given = idempotency.claim(token_id=token_id, key=key, request_hash=_fingerprint(call), at=call.at)
    if given is not None:
        repeated = HttpResponse(given.answer, status=given.status, content_type="application/json; charset=utf-8")
        repeated["Idempotency-Replayed"] = "true"
        return repeated
    try:
        answer = _shaped(call, work())
    except BaseException:
        idempotency.release(token_id=token_id, key=key)
        raise
    if isinstance(answer, HttpResponse) and answer.status_code < 300:
        idempotency.keep(token_id=token_id, key=key, status=answer.status_code, answer=answer.content.decode())
    else:
        idempotency.release(token_id=token_id, key=key)
    return answer


def _shaped(call: Call, answer: HttpResponseBase) -> HttpResponseBase:
    if isinstance(answer, HttpResponseNotAllowed):
        shaped = refused(call, WrongMethod())
        shaped["Allow"] = answer["Allow"]
        return shaped
    return answer


def _fingerprint(call: Call) -> str:
    """What makes two requests the same: method, address, and the values and files that were sent."""
    digest = hashlib.sha256(f"{call.method} {call.get_full_path()}\n".encode())
    if call.content_type == "multipart/form-data":
        for name, value in sorted(call.POST.items()):
            digest.update(f"{name}={value}\n".encode())
        for name, files in sorted(call.FILES.lists()):
            for file in files:
                content = hashlib.sha256(file.read()).hexdigest()
                file.seek(0)
                digest.update(f"{name}={file.name} {content}\n".encode())
    else:
        digest.update(call.body)
    return digest.hexdigest()


def _known_words(places: list[str]) -> list[str]:
    """Places by name; what the request itself made up (keys of an object) is not repeated."""
    known = [place if re.fullmatch(r"[A-Za-z_.-]+", place) else "…" for place in places]
    return list(dict.fromkeys(known))


def address_of(call: HttpRequest) -> str:
    """The network address that a request came from, as far as the set proxies are believed."""
    return network_address(
        connected=call.META.get("REMOTE_ADDR", ""),
        forwarded_for=call.headers.get("X-Forwarded-For", ""),
        trusted=settings.WARIFU.trusted_proxies,
    )
