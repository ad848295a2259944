"""カードから読み取る: the number and four attributes by card, so that neither typing nor pictures are needed (004)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from warifu.cards.queries import pulls
from warifu.cards.queries.bindings import are_cards_set_up
from warifu.cards.rules.purposes import What
from warifu.collection.queries.submissions import DraftView
from warifu.collection.rules.submission import Step
from warifu.organisations.rules import Permission
from warifu.web.mypage.submission import drafted, frame
from warifu.web.shared import cards as shared
from warifu.web.shared.doors import Visit, door


@door(Permission.OWN_RECORD)
@drafted
def hand_in(request: Visit, draft: DraftView) -> HttpResponse:
    """Number and attributes from the card: the number goes to the vault and is never shown (I-13, P-06)."""
    return _page(request, What.HAND_IN, Step.NUMBER, "mypage/card/hand_in.html")


@door(Permission.OWN_RECORD)
@drafted
def verify(request: Visit, draft: DraftView) -> HttpResponse:
    """The card as proof of the person; the number is typed, and its paper photographed (I-12)."""
    return _page(request, What.VERIFY, Step.PICTURES, "mypage/card/verify.html")


@door(Permission.OWN_RECORD)
@require_GET
def state(request: Visit, pull_id: UUID) -> HttpResponse:
    """How far a reading of this session has come, for the script of the page."""
    return shared.state_json(pulls.state_of(pull_id=pull_id, session_id=request.session_id, at=request.at))


def _page(request: Visit, what: What, step: Step, template: str) -> HttpResponse:
    if request.method == "POST":
        return shared.with_new_code(request, what, order=_order(request))
    context = shared.pull_context(request, what)
    if context["is_done"]:
        messages.success(request, gettext("カードから読み取りました。写真は要りません。"))
        return redirect("mypage:submission.number" if what is What.HAND_IN else "mypage:pictures.listing")
    context |= frame(step) | {"is_set_up": are_cards_set_up(), "order": _order(request)}
    return render(request, template, context)


def _order(request: Visit) -> str:
    """Which way the person goes: PIN first, or card first and held (004-5, 004-11)."""
    return "pin-first" if request.GET.get("order") == "pin-first" else "card-first"


routes = [
    path("card/number/", hand_in, name="card.hand_in"),
    path("card/identity/", verify, name="card.verify"),
    path("card/pulls/<uuid:pull_id>/state/", state, name="card.state"),
]
