"""マイキーID: from the start to 予約完了, in the order of either phone, and what one does with it (cards.md 5)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from warifu.cards.actions import mykeys
from warifu.cards.queries import mykeys as queries
from warifu.cards.queries.bindings import are_cards_set_up
from warifu.cards.rules.mykey import AlreadyReserved, MyKeyRefused
from warifu.cards.rules.purposes import Order, What
from warifu.organisations.rules import Permission
from warifu.web.shared import cards as shared
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.forms import add_refusal

_AT = {"waiting": "wait", "called": "read", "read": "issue", "issued": "done"}
"""At which step of the procedure a ticket stands, by its state."""
_ENDED = {"superseded": "WF-K306", "lapsed": "WF-K307"}


class OrderForm(forms.Form):
    """Which way the person's phone or reader goes."""

    order = forms.ChoiceField(
        label=_("読み取りの順番"),
        choices=(
            (Order.CARD_FIRST.value, _("カードが先（Android や、置くだけのカードリーダー）")),
            (Order.PIN_FIRST.value, _("暗証番号が先（iPhone や、差し込むカードリーダー）")),
        ),
        widget=forms.RadioSelect,
        initial=Order.CARD_FIRST.value,
    )


class WishForm(forms.Form):
    """An ID of one's own choice."""

    wish = forms.CharField(
        label=_("決めたい8文字"),
        max_length=20,
        help_text=_("英字と数字で8文字。0とO、1とI、2とZは、見まちがえるため使えません。"),
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


@door(Permission.OWN_RECORD)
def page(request: Visit) -> HttpResponse:
    """One's own MyKey ID, or the start of the reservation; a stage that is not open says from when it is (004-3)."""
    form = OrderForm(request.POST or None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            ticket_id = mykeys.stand_in_line(
                order=Order(form.cleaned_data["order"]),
                session_id=request.session_id,
                by=request.actor,
                at=request.at,
            )
        except AlreadyReserved as refused:
            refusal = refused
        else:
            return redirect("mypage:mykey.ticket", ticket_id=ticket_id)
    stage = queries.stage()
    context = {
        "own": queries.own(member_id=request.member_id),
        "form": form,
        "stage": stage,
        "is_set_up": are_cards_set_up(),
        "may_reserve": stage.reserve_from is not None and stage.reserve_from <= request.at,
        "may_apply": stage.apply_from is not None and stage.apply_from <= request.at,
        "trouble": shared.trouble_of(refusal.code) if refusal else None,
        "secrets": shared.secrets_for(What.MYKEY),
    }
    return render(request, "mypage/mykey/page.html", context, status=refusal.status if refusal else 200)


@door(Permission.OWN_RECORD)
def ticket(request: Visit, ticket_id: UUID) -> HttpResponse:
    """One way through the reservation: wait, read the card, issue; every end of it with one next thing to do."""
    mykeys.look(ticket_id=ticket_id, by=request.actor, at=request.at)
    found = queries.ticket(ticket_id=ticket_id, member_id=request.member_id, at=request.at)
    if found.state == "issued":
        return redirect("mypage:mykey.page")
    if request.method == "POST" and found.state == "called":
        return shared.with_new_code(request, What.MYKEY, order=found.order, subject_id=ticket_id)
    context: dict[str, Any] = shared.pull_context(request, What.MYKEY) | {
        "ticket": found,
        "order": found.order,
        "step_key": _AT.get(found.state, "wait"),
    }
    if ended := _ENDED.get(found.state):
        context["trouble"] = shared.trouble_of(ended)
    return render(request, "mypage/mykey/ticket.html", context)


@door(Permission.OWN_RECORD)
@require_GET
def ticket_state(request: Visit, ticket_id: UUID) -> HttpResponse:
    """Whether the turn has come, for the script of the page: `waiting`, or `done` when the page has news."""
    mykeys.look(ticket_id=ticket_id, by=request.actor, at=request.at)
    found = queries.ticket(ticket_id=ticket_id, member_id=request.member_id, at=request.at)
    return JsonResponse({"state": "waiting" if found.state == "waiting" else "done", "code": ""})


@door(Permission.OWN_RECORD)
@require_POST
def issue(request: Visit, ticket_id: UUID) -> HttpResponse:
    """発行: the reservation is done."""
    try:
        mykeys.issue(ticket_id=ticket_id, by=request.actor, at=request.at)
    except MyKeyRefused as refusal:
        context = {"trouble": shared.trouble_of(refusal.code), "step_key": "issue"}
        return render(request, "mypage/mykey/ticket.html", context, status=refusal.status)
    messages.success(request, gettext("予約が完了しました。マイキーIDを発行しました。"))
    return redirect("mypage:mykey.page")


@door(Permission.OWN_RECORD, recent=True)
def change(request: Visit) -> HttpResponse:
    """Choose another ID, or have one generated."""
    own = queries.own(member_id=request.member_id)
    if own is None:
        return redirect("mypage:mykey.page")
    form = WishForm(None if "generate" in request.POST else request.POST or None)
    if request.method == "POST":
        try:
            if "generate" in request.POST:
                mykeys.generate(by=request.actor, at=request.at)
            elif form.is_valid():
                mykeys.choose(wish=form.cleaned_data["wish"], by=request.actor, at=request.at)
        except MyKeyRefused as refusal:
            add_refusal(form, refusal, "wish") if form.is_bound else messages.warning(request, _said(refusal))
        else:
            if "generate" in request.POST or form.is_valid():
                messages.success(request, gettext("マイキーIDを変えました。前のIDは使えません。"))
                return redirect("mypage:mykey.page")
    context = {"own": own, "form": form}
    return render(request, "mypage/mykey/change.html", context, status=422 if form.errors else 200)


@door(Permission.OWN_RECORD)
@require_POST
def apply(request: Visit) -> HttpResponse:
    """申込み, once it is open (004-3)."""
    mykeys.apply(by=request.actor, at=request.at)
    messages.success(request, gettext("申込みを受け付けました。"))
    return redirect("mypage:mykey.page")


@door(Permission.OWN_RECORD, recent=True)
def end(request: Visit) -> HttpResponse:
    """失効: say what it means, then end the ID."""
    own = queries.own(member_id=request.member_id)
    if own is None:
        return redirect("mypage:mykey.page")
    if request.method == "POST":
        mykeys.end(by=request.actor, at=request.at)
        messages.success(request, gettext("マイキーIDを失効させました。"))
        return redirect("mypage:mykey.page")
    return render(request, "mypage/mykey/end.html", {"own": own})


def _said(refusal: MyKeyRefused) -> str:
    return "".join(refusal.said(gettext))


routes = [
    path("mykey/", page, name="mykey.page"),
    path("mykey/tickets/<uuid:ticket_id>/", ticket, name="mykey.ticket"),
    path("mykey/tickets/<uuid:ticket_id>/state/", ticket_state, name="mykey.ticket_state"),
    path("mykey/tickets/<uuid:ticket_id>/issue/", issue, name="mykey.issue"),
    path("mykey/change/", change, name="mykey.change"),
    path("mykey/apply/", apply, name="mykey.apply"),
    path("mykey/end/", end, name="mykey.end"),
]
