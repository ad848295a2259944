"""Into a sister service: what it would be told, and whether the person agrees (000-17, 000-18); out of it again."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from warifu.credentials.actions import sessions, sharing
from warifu.credentials.actions.sharing import Person
from warifu.credentials.queries.sessions import LivingSession
from warifu.organisations import queries as organisations
from warifu.web.shared import visitor
from warifu.web.shared.doors import public
from warifu.web.shared.words import role_names

SHARED = {
    "openid": _("このサービスだけで使う、あなたの番号ではない識別の記号と、組織コード"),
    "profile": _("氏名"),
    "email": _("メールアドレス"),
    "roles": _("役割"),
}
"""What is shared, by scope."""
_FRESH = "60"


@public
@require_GET
def authorize(request: HttpRequest) -> HttpResponse:
    """Say what a service asks; go back at once when the person agreed before, to sign-in when nobody is signed in."""
    query, person = dict(request.GET.lists()), _person(request)
    asked = sharing.ask(query=query, person=person, at=request.at)  # type: ignore[attr-defined]
    if asked.address:
        return _leave(request, asked.address)
    if person is None:
        return _to_proof(request, "entrance:signin.ask", wants_login=asked.wants_login)
    if asked.wants_login:
        return _to_proof(request, "entrance:relogin.ask", wants_login=True)
    if asked.is_known:
        return _leave(request, sharing.answer(query=query, agrees=True, person=person, at=request.at))  # type: ignore[attr-defined]
    member = organisations.member(
        organisation_id=person.actor.organisation_id,  # type: ignore[arg-type]
        member_id=person.actor.id,  # type: ignore[arg-type]
    )
    values = {
        "profile": member.full_name,
        "email": member.mail,
        "roles": "・".join(map(gettext, role_names(member.roles))),
    }
    context = {
        "asked": asked,
        "shared": [(SHARED[scope], values.get(scope, "")) for scope in asked.scope],
        "query": request.META["QUERY_STRING"],
    }
    return render(request, "entrance/sharing/authorize.html", context)


@public
@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """Agree or not, and go back to the service with the answer."""
    person = _person(request)
    if person is None:
        return _to_proof(request, "entrance:signin.ask", wants_login=False)
    query, at = dict(request.GET.lists()), request.at  # type: ignore[attr-defined]
    asked = sharing.ask(query=query, person=person, at=at)
    if asked.address:
        return _leave(request, asked.address)
    if asked.wants_login:
        return _to_proof(request, "entrance:relogin.ask", wants_login=True)
    agrees = request.POST.get("agrees") == "yes"
    return _leave(request, sharing.answer(query=query, agrees=agrees, person=person, at=at))


@public
def logout(request: HttpRequest) -> HttpResponse:
    """A service has signed somebody out: ask whether the session here is to end too, and lead back."""
    values = request.POST if request.method == "POST" else request.GET
    goes_to = sharing.address_after_logout(
        hint=values.get("id_token_hint", ""), wanted=values.get("post_logout_redirect_uri", "")
    )
    if goes_to and values.get("state"):
        goes_to += f"{'&' if '?' in goes_to else '?'}{urlencode({'state': values['state']})}"
    session: LivingSession | None = getattr(request, "warifu_session", None)
    if request.method == "POST" and session is not None:
        sessions.end(
            session_id=session.id,
            organisation_id=session.organisation_id,
            only_of=session.member_id,
            by=session.actor,
            at=request.at,  # type: ignore[attr-defined]
        )
    if request.method == "POST" or session is None:
        response = _leave(request, goes_to) if goes_to else redirect("entrance:session.ended")
        visitor.forget_session(response)
        return response
    context = {"goes_to": goes_to, "given": values, "session": session}
    return render(request, "entrance/sharing/logout.html", context)


def _person(request: HttpRequest) -> Person | None:
    session: LivingSession | None = getattr(request, "warifu_session", None)
    return Person(actor=session.actor, session_id=session.id) if session else None


def _to_proof(request: HttpRequest, door: str, *, wants_login: bool) -> HttpResponse:
    """Ask for a proof of identity, then come back; a proof that a service wants fresh is then of this minute."""
    query = request.GET.copy()
    if wants_login:
        query.pop("prompt", None)
        query["max_age"] = _FRESH
    back = f"{reverse('entrance:sharing.authorize')}?{query.urlencode()}"
    return redirect(f"{reverse(door)}?{urlencode({'next': back})}")


def _leave(request: HttpRequest, address: str) -> HttpResponse:
    return render(request, "entrance/sharing/leave.html", {"address": address})


routes = [
    path("oidc/authorize", authorize, name="sharing.authorize"),
    path("oidc/authorize/decide", decide, name="sharing.decide"),
    path("oidc/logout", logout, name="sharing.logout"),
]
