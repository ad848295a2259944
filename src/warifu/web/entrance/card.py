"""マイナンバーカード: sign in with it, show it as a second factor, register and stop it (004-5; cards.md 4.3)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from warifu.cards.queries import pulls
from warifu.cards.queries.bindings import BindingLine, are_cards_set_up, bindings_of
from warifu.cards.rules.purposes import What
from warifu.cards.rules.refusals import (
    CardNotAccepted,
    CardsNotSetUp,
    ChallengeOver,
    StatusUnavailable,
    WhichOrganisation,
)
from warifu.credentials.actions import attempts, cards, signin, stepup
from warifu.credentials.queries.factors import factors_of
from warifu.foundation.refusals import NotFound
from warifu.organisations.rules import Permission, require_level_two
from warifu.web.entrance.factors import factor_door, to_changed, wanted_of
from warifu.web.entrance.signin import home_of, let_in, to_stage
from warifu.web.shared import cards as shared
from warifu.web.shared import visitor
from warifu.web.shared.doors import Visit, door, public, to_step_up
from warifu.web.shared.refusals import in_words, said

REFUSALS = (
    CardNotAccepted,
    CardsNotSetUp,
    ChallengeOver,
    StatusUnavailable,
    WhichOrganisation,
    attempts.TooManyAttempts,
)


@public
@sensitive_post_parameters("token")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Say what to prepare, and sign in with a card alone: no name and no password."""
    wanted = visitor.path_within(request, request.POST.get("next", "") or request.GET.get("next", ""))
    refusal = None
    if request.method == "POST":
        try:
            token, outcome = signin.by_card(
                answer=shared.answer_in(request),
                organisation_code=_organisation(request),
                visitor=visitor.of(request),
                at=request.at,  # type: ignore[attr-defined]
            )
        except REFUSALS as refused:
            refusal = refused
        else:
            return let_in(outcome, wanted) if isinstance(outcome, signin.SignedIn) else to_stage(token, outcome, wanted)
    context = {
        "next": wanted,
        "organisation": _organisation(request),
        "asks_organisation": isinstance(refusal, WhichOrganisation),
        "refusal": in_words(refusal) if refusal else None,
        "secrets": shared.secrets_for(What.LOGIN),
        "is_set_up": are_cards_set_up(),
    }
    return render(request, "entrance/card/sign_in.html", context, status=refusal.status if refusal else 200)


@public
@require_POST
def challenge(request: HttpRequest) -> HttpResponse:
    """The question to which any registered card is the answer; the same for everybody (L-10)."""
    return shared.question(request)


@door(Permission.OWN_RECORD)
@require_POST
@sensitive_post_parameters("token")
def step_up(request: Visit) -> HttpResponse:
    """Prove oneself inside the session with one's registered card; the session gets a new token (L-22)."""
    wanted = wanted_of(request)
    try:
        token = stepup.by_card(
            organisation_id=request.organisation_id,
            session_id=request.session_id,
            answer=shared.answer_in(request),
            address=visitor.address_of(request),
            browser=visitor.of(request).browser,
            by=request.actor,
            at=request.at,
        )
    except REFUSALS as refusal:
        messages.warning(request, said(refusal))
        return redirect(f"{reverse('entrance:stepup.ask')}?{urlencode({'next': wanted})}")
    response = redirect(wanted or home_of(request.actor.roles))
    visitor.keep_session(response, token)
    return response


@factor_door
def add(request: Visit) -> HttpResponse:
    """Register a card: a code for the tool, and how it goes on. Wants two factors, so that no card binds itself."""
    if request.actor.level < 2:
        return to_step_up(request)
    require_level_two(by=request.actor)
    replaces = _replaced(request)
    if request.method == "POST":
        return shared.with_new_code(request, What.ENROL, subject_id=replaces.id if replaces else None)
    context = shared.pull_context(request, What.ENROL)
    if context["is_done"]:
        return to_changed(request, gettext("マイナンバーカードを登録しました。次からサインインに使えます。"))
    context |= {"replaces": replaces, "next": wanted_of(request)}
    return render(request, "entrance/card/add.html", context)


@door(Permission.OWN_RECORD)
@require_GET
def state(request: Visit, pull_id: UUID) -> HttpResponse:
    """How far a reading of this session has come, for the script of the page."""
    return shared.state_json(pulls.state_of(pull_id=pull_id, session_id=request.session_id, at=request.at))


@factor_door
def revoke(request: Visit, binding_id: UUID) -> HttpResponse:
    """Say what stopping means, then stop it."""
    line = next((one for one in _living(request) if one.id == binding_id), None)
    if line is None:
        raise NotFound
    if request.method == "POST":
        cards.revoke(organisation_id=request.organisation_id, binding_id=binding_id, by=request.actor, at=request.at)
        return to_changed(request, gettext("マイナンバーカードの登録を止めました。"))
    mine = factors_of(organisation_id=request.organisation_id, member_id=request.member_id)
    context = {"line": line, "next": wanted_of(request), "is_last": not mine.living and len(_living(request)) == 1}
    return render(request, "entrance/card/revoke.html", context)


def _living(request: Visit) -> list[BindingLine]:
    lines = bindings_of(organisation_id=request.organisation_id, member_id=request.member_id)
    return [line for line in lines if line.revoked_at is None]


def _replaced(request: Visit) -> BindingLine | None:
    """The registered card that is renewed, as the address says."""
    wanted = request.GET.get("renew", "")
    return next((line for line in _living(request) if str(line.id) == wanted), None)


def _organisation(request: HttpRequest) -> str:
    return request.POST.get("organisation", "") or request.COOKIES.get(visitor.ORGANISATION_COOKIE, "")


routes = [
    path("signin/card/", sign_in, name="card.sign_in"),
    path("signin/card/challenge/", challenge, name="card.challenge"),
    path("stepup/card/", step_up, name="card.step_up"),
    path("security/cards/add/", add, name="card.add"),
    path("security/cards/pulls/<uuid:pull_id>/state/", state, name="card.state"),
    path("security/cards/<uuid:binding_id>/revoke/", revoke, name="card.revoke"),
]
