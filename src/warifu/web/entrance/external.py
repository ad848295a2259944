"""Through an organisation's own identity provider: sign in, bind one's identity, prove oneself again (L-26, 000-18)."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from warifu.credentials.actions import external, identity_providers, signin
from warifu.credentials.actions.external import Here, Leaving, Purpose
from warifu.credentials.queries import identity_providers as queries
from warifu.credentials.queries.sessions import LivingSession
from warifu.foundation.refusals import NotFound
from warifu.organisations.rules import Permission
from warifu.web.entrance.signin import home_of, let_in, to_stage
from warifu.web.shared import visitor
from warifu.web.shared.doors import Visit, door, public

STATE_COOKIE = f"{settings.SESSION_COOKIE}_external"


class OrganisationForm(forms.Form):
    """Whose providers are wanted."""

    o = forms.CharField(
        label=_("組織コード"),
        max_length=40,
        required=False,
        help_text=_("会社から届いたメールに書いてあります。"),
        widget=forms.TextInput({"autocapitalize": "none", "spellcheck": "false", "autocomplete": "organization"}),
    )


@public
@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """The providers of the organisation that is named or remembered; the same page when there are none (L-10)."""
    code = request.GET.get("o", "") or request.COOKIES.get(visitor.ORGANISATION_COOKIE, "")
    context = {
        "form": OrganisationForm(initial={"o": code}),
        "code": code,
        "providers": queries.offered(organisation_code=code) if code else [],
        "next": visitor.path_within(request, request.GET.get("next", "")),
    }
    return render(request, "entrance/external/choose.html", context)


@public
@require_POST
def start(request: HttpRequest, provider_id: UUID) -> HttpResponse:
    """Leave for the provider to sign in."""
    leaving = external.start(
        provider_id=provider_id,
        purpose="sign_in",
        back=visitor.path_within(request, request.POST.get("next", "")),
        visitor=visitor.of(request),
        at=request.at,  # type: ignore[attr-defined]
    )
    return _leave(request, leaving)


@public
@require_GET
def back(request: HttpRequest, provider_id: UUID) -> HttpResponse:
    """Back from the provider: the state in this browser's cookie is what makes it this browser's way (login CSRF)."""
    session: LivingSession | None = getattr(request, "warifu_session", None)
    at, who = request.at, visitor.of(request)  # type: ignore[attr-defined]
    done = external.finish(
        provider_id=provider_id,
        answer={name: request.GET[name] for name in ("state", "code", "iss", "error") if name in request.GET},
        kept_state=request.COOKIES.get(STATE_COOKIE, ""),
        here=Here(session_id=session.id, actor=session.actor) if session else None,
        visitor=who,
        at=at,
    )
    if done.purpose == "sign_in":
        outcome = signin.proceed(token=done.process, visitor=who, at=at)
        if isinstance(outcome, signin.SignedIn):
            response = let_in(outcome, done.goes_to)
        else:
            response = to_stage(done.process, outcome, done.goes_to)
    else:
        roles = cast(LivingSession, session).actor.roles
        response = redirect(done.goes_to or home_of(roles))
        if done.session_token:
            visitor.keep_session(response, done.session_token)
        if done.purpose == "bind":
            messages.success(request, gettext("外部のIDを結び付けました。次から、それでサインインできます。"))
    response.delete_cookie(STATE_COOKIE, samesite="Lax")
    return response


@door(Permission.OWN_RECORD)
@require_GET
def listing(request: Visit) -> HttpResponse:
    """One's own identities at the organisation's providers, and those that can be bound."""
    identities = queries.identities_of(organisation_id=request.organisation_id, member_id=request.member_id)
    bound = {identity.provider_id for identity in identities}
    providers = queries.providers_of(organisation_id=request.organisation_id)
    context = {
        "identities": identities,
        "open": [one for one in providers if one.ended_at is None and one.id not in bound],
    }
    return render(request, "entrance/external/listing.html", context)


@door(Permission.OWN_RECORD, recent=True)
@require_POST
def bind(request: Visit, provider_id: UUID) -> HttpResponse:
    """Leave for the provider to bind the identity that is proven there, freshly."""
    return _leave(request, _start(request, provider_id, "bind", reverse("entrance:external.listing")))


@door(Permission.OWN_RECORD)
@require_POST
def again(request: Visit, provider_id: UUID) -> HttpResponse:
    """Leave for the provider to prove oneself again, where the password would be asked (L-25)."""
    wanted = visitor.path_within(request, request.POST.get("next", ""))
    return _leave(request, _start(request, provider_id, "again", wanted))


@door(Permission.OWN_RECORD, recent=True)
@require_POST
def unbind(request: Visit, identity_id: UUID) -> HttpResponse:
    """Untie one's own identity."""
    own = queries.identities_of(organisation_id=request.organisation_id, member_id=request.member_id)
    if identity_id not in {one.id for one in own}:
        raise NotFound
    identity_providers.unbind(
        organisation_id=request.organisation_id,
        identity_id=identity_id,
        by=request.actor,
        at=request.at,
    )
    messages.success(request, gettext("外部のIDとの結び付きを外しました。"))
    return redirect("entrance:external.listing")


def _start(request: Visit, provider_id: UUID, purpose: Purpose, wanted: str) -> Leaving:
    return external.start(
        provider_id=provider_id,
        purpose=purpose,
        back=wanted,
        visitor=visitor.of(request),
        by=request.actor,
        at=request.at,
    )


def _leave(request: HttpRequest, leaving: Leaving) -> HttpResponse:
    """A page that leads on by itself: a form may not be redirected to another host (form-action of the policy)."""
    response = render(request, "entrance/external/leave.html", {"address": leaving.address})
    response.set_cookie(
        STATE_COOKIE,
        leaving.state,
        max_age=int(external.LASTS.total_seconds()),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


routes = [
    path("signin/external/", choose, name="external.choose"),
    path("signin/external/<uuid:provider_id>/", start, name="external.start"),
    path("signin/external/<uuid:provider_id>/back/", back, name="external.back"),
    path("security/external/", listing, name="external.listing"),
    path("security/external/<uuid:provider_id>/bind/", bind, name="external.bind"),
    path("security/external/<uuid:provider_id>/again/", again, name="external.again"),
    path("security/external/<uuid:identity_id>/unbind/", unbind, name="external.unbind"),
]
