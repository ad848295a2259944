"""製品登録番号カードの束: make, print, mail, revoke (A1, 000-4, 000-5)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from warifu.foundation.days import jst_day
from warifu.licences.actions import cards
from warifu.licences.queries import cards as queries
from warifu.licences.queries.connections import products
from warifu.notices import papers
from warifu.notices.actions.letters import AddressUnusable
from warifu.organisations.rules import Permission
from warifu.web.shared import csv_files
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.forms import DayField, add_refusal
from warifu.web.shared.paging import id_or_none

CHANNELS = {"mail": _("電子納品メール"), "box": _("同梱のカード")}
TABS = {"": _("すべて"), "issued": _("未登録"), "registered": _("登録済み"), "revoked": _("取消")}


class BatchForm(forms.Form):
    """How many cards of what."""

    product = forms.ChoiceField(label=_("製品"))
    name = forms.CharField(label=_("束の名前"), max_length=60)
    channel = forms.ChoiceField(label=_("届け方"), choices=list(CHANNELS.items()), widget=forms.RadioSelect)
    count = forms.IntegerField(label=_("枚数"), min_value=1, max_value=cards.MOST)
    register_until = DayField(label=_("登録の期限"))

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["product"].choices = [(str(each.id), each.name) for each in products()]  # type: ignore[attr-defined]


class SendForm(forms.Form):
    """To whom a card is mailed."""

    to_name = forms.CharField(label=_("宛名"), max_length=100)
    to_mail = forms.EmailField(label=_("メールアドレス"))


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("理由"), max_length=200)


@door(Permission.LICENCES_MANAGE)
@require_GET
def listing(request: Visit) -> HttpResponse:
    """Batches, the newest first."""
    text = request.GET.get("q", "").strip()
    lines, older = queries.batches_page(by=request.actor, text=text, before=id_or_none(request.GET.get("before", "")))
    address = reverse("review:card_batches.listing")
    context = {
        "lines": lines,
        "text": text,
        "older": f"{address}?{urlencode({'q': text, 'before': str(older)})}" if older else "",
    }
    return render(request, "review/card_batches/listing.html", context)


@door(Permission.LICENCES_MANAGE, recent=True)
def make(request: Visit) -> HttpResponse:
    """Make a batch."""
    form = BatchForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        batch_id = cards.make_batch(product_id=UUID(given.pop("product")), **given, by=request.actor, at=request.at)
        messages.success(request, gettext("カードを{count}枚作りました。").format(count=given["count"]))
        return redirect("review:card_batches.page", batch_id=batch_id)
    return render(request, "review/card_batches/make.html", {"form": form}, status=422 if form.errors else 200)


@door(Permission.LICENCES_MANAGE)
@require_GET
def page(request: Visit, batch_id: UUID) -> HttpResponse:
    """The cards of a batch."""
    state, text = _asked(request)
    lines, older = queries.cards_page(
        by=request.actor, batch_id=batch_id, state=state, text=text, before=id_or_none(request.GET.get("before", ""))
    )
    address = reverse("review:card_batches.page", kwargs={"batch_id": batch_id})
    context = {
        "batch": queries.batch(by=request.actor, batch_id=batch_id),
        "lines": lines,
        "tabs": TABS.items(),
        "state": state,
        "text": text,
        "asked": urlencode({"state": state, "q": text}),
        "older": f"{address}?{urlencode({'state': state, 'q': text, 'before': str(older)})}" if older else "",
    }
    return render(request, "review/card_batches/page.html", context)


@door(Permission.LICENCES_MANAGE, recent=True)
@require_GET
def export(request: Visit, batch_id: UUID) -> HttpResponseBase:
    """The list as a file, without confirmation numbers."""
    cards.record_export(batch_id=batch_id, by=request.actor, at=request.at)
    state, text = _asked(request)
    header = (_("製品登録番号"), _("状態"), _("送り先"), _("登録日時"), _("理由"))
    rows = queries.all_cards(by=request.actor, batch_id=batch_id, state=state, text=text)
    return csv_files.answer(
        file_name=f"warifu-cards-{jst_day(request.at):%Y%m%d}.csv",
        header=[str(name) for name in header],
        rows=((line.number, gettext(line.state_label), line.sent_to, line.registered_at, line.reason) for line in rows),
    )


@door(Permission.LICENCES_MANAGE, recent=True)
@require_POST
def sheet(request: Visit, batch_id: UUID) -> HttpResponse:
    """The cards with their confirmation numbers, for paper."""
    context = {
        "batch": queries.batch(by=request.actor, batch_id=batch_id),
        "cards": cards.print_batch(batch_id=batch_id, by=request.actor, at=request.at),
        "address": settings.WARIFU.site_url + reverse("entrance:registration.begin"),
    }
    return render(request, "review/card_batches/sheet.html", context)


@door(Permission.LICENCES_MANAGE, recent=True)
@require_POST
def paper(request: Visit, batch_id: UUID) -> HttpResponse:
    """The same cards as a PDF, eight on a sheet to cut apart, each with a QR code to the page of registration."""
    batch = queries.batch(by=request.actor, batch_id=batch_id)
    page = settings.WARIFU.site_url + reverse("entrance:registration.begin")
    printed = cards.print_batch(batch_id=batch_id, by=request.actor, at=request.at)
    drawn = [(card, papers.qr(f"{page}?{urlencode({'number': card.number})}")) for card in printed]
    made = papers.pdf(
        "review/card_batches/paper.html",
        {"batch": batch, "cards": drawn, "address": page},
        title=gettext("製品登録番号カード"),
    )
    name = f"warifu-cards-{jst_day(request.at):%Y%m%d}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(made, content_type="application/pdf", headers=headers)


@door(Permission.LICENCES_MANAGE, recent=True)
def send(request: Visit, batch_id: UUID, card_id: UUID) -> HttpResponse:
    """Mail one card (000-5)."""
    form = SendForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            cards.send(card_id=card_id, **form.cleaned_data, by=request.actor, at=request.at)
        except (cards.CardNotIssued, AddressUnusable) as refusal:
            add_refusal(form, refusal, "to_mail")
        else:
            messages.success(request, gettext("カードをメールで送ります。"))
            return redirect("review:card_batches.page", batch_id=batch_id)
    context = {"form": form, "batch_id": batch_id}
    return render(request, "review/card_batches/send.html", context, status=422 if form.errors else 200)


@door(Permission.LICENCES_MANAGE, recent=True)
def revoke(request: Visit, batch_id: UUID, card_id: UUID) -> HttpResponse:
    """Make one card worthless."""
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            cards.revoke(card_id=card_id, reason=form.cleaned_data["reason"], by=request.actor, at=request.at)
        except cards.CardNotIssued as refusal:
            add_refusal(form, refusal, "reason")
        else:
            messages.success(request, gettext("カードを取り消しました。"))
            return redirect("review:card_batches.page", batch_id=batch_id)
    context = {"form": form, "batch_id": batch_id}
    return render(request, "review/card_batches/revoke.html", context, status=422 if form.errors else 200)


def _asked(request: Visit) -> tuple[str, str]:
    state = request.GET.get("state", "")
    return state if state in TABS else "", request.GET.get("q", "").strip()


_AT = "cards/<uuid:batch_id>/"
routes = [
    path("cards/", listing, name="card_batches.listing"),
    path("cards/make/", make, name="card_batches.make"),
    path(_AT, page, name="card_batches.page"),
    path(f"{_AT}export.csv", export, name="card_batches.export"),
    path(f"{_AT}sheet/", sheet, name="card_batches.sheet"),
    path(f"{_AT}sheet.pdf", paper, name="card_batches.paper"),
    path(f"{_AT}<uuid:card_id>/send/", send, name="card_batches.send"),
    path(f"{_AT}<uuid:card_id>/revoke/", revoke, name="card_batches.revoke"),
]
