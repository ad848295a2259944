"""本人確認: the checker's page, one picture, one number for a minute, 済 or 差戻し (001-25 … 001-27, S-07, A-09)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from warifu.collection.actions import verification
from warifu.collection.actions.verification import Outcome
from warifu.collection.queries import verification as queries
from warifu.collection.queries.verification import Page, Picture, Sheet
from warifu.collection.rules import papers
from warifu.collection.rules import send_back as send_back_rules
from warifu.collection.rules.checklist import Group, Item, Kind
from warifu.collection.rules.identity import Evident, Relation
from warifu.foundation.days import NotADay, jst_day, parse_day
from warifu.foundation.refusals import Refused
from warifu.organisations.rules import Permission
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.forms import DayField
from warifu.web.shared.refusals import in_words
from warifu.web.templatetags.warifu import translated

SHOWN_SECONDS = 60
"""How long a number stays on the screen (S-07)."""

USES = {
    "number": _("番号の確認"),
    "identity": _("身元の確認"),
    "authority": _("代理・委託の確認"),
    "card": _("カードの読み取り"),
}

BLOCKED = {
    "settled": (_("この提出は、いまは確認を待っていません。"), _("「次の人」へお進みください。")),
    "own": (_("あなた自身の提出です。"), _("自分の番号は、ほかの事務取扱担当者が確かめます。")),
    "entered": (_("あなたが代わりに入力した提出です。"), _("ほかの事務取扱担当者が確かめます。")),
    "checked": (_("一人目の確認は、あなたが済ませました。"), _("二人目は、ほかの人（責任者）が確かめます。")),
    "responsible_last": (
        _("責任者が最後に確かめる決まりです。"),
        _("一人目は事務取扱担当者が、二人目は責任者が確かめます。"),
    ),
}
"""Why somebody cannot confirm, whatever they tick, and who can."""


class ConfirmForm(forms.Form):
    """済: the day, and for those known without an identity paper the witness and the event (I-10)."""

    submission = forms.UUIDField(widget=forms.HiddenInput)
    confirmed_on = DayField(label=_("確認日"), help_text=_("きょう確かめたときは、このままで。"))
    witness = forms.CharField(
        label=_("確かめた人"), max_length=100, required=False, widget=forms.TextInput({"form": "confirm"})
    )
    event = forms.CharField(
        label=_("いつ、どのように"),
        max_length=200,
        required=False,
        widget=forms.TextInput({"form": "confirm"}),
        help_text=_("例: 2024年4月の入社の日に、運転免許証で"),
    )

    def evident(self) -> Evident | None:
        """The witness and the event, or None when neither is given."""
        witness, event = self.cleaned_data["witness"], self.cleaned_data["event"]
        return Evident(witness=witness, event=event) if witness or event else None


class SendBackForm(forms.Form):
    """差戻し: reasons of the list, the pictures meant, and own words."""

    submission = forms.UUIDField(widget=forms.HiddenInput)
    reasons = forms.MultipleChoiceField(label=_("理由"), widget=forms.CheckboxSelectMultiple)
    documents = forms.MultipleChoiceField(
        label=_("どの写真ですか"), widget=forms.CheckboxSelectMultiple, required=False
    )
    words = forms.CharField(
        label=_("本人へのことば"),
        required=False,
        max_length=send_back_rules.LONGEST_WORDS,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("メールで本人に届きます。番号は書かないでください。"),
    )

    def __init__(self, *args: Any, page: Page, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reasons = [(reason.code, gettext(reason.label)) for reason in send_back_rules.offered(on)]
        pictures = [
            (str(picture.id), f"{sheet.name} {translated(picture.label)}")
            for sheet in page.sheets
            for picture in sheet.pictures
        ]
        self.fields["reasons"].choices = reasons  # type: ignore[attr-defined]
        self.fields["documents"].choices = pictures  # type: ignore[attr-defined]


class RevealForm(forms.Form):
    """Whose number is wanted: a family member's, or the person's own."""

    submission = forms.UUIDField()
    dependent = forms.UUIDField(required=False)


@dataclass(frozen=True, kw_only=True)
class ItemLine:
    """One item of the checklist as it is drawn; `key` is its digit for Alt, empty from the tenth on."""

    item: Item
    value: str
    key: str
    is_wrong: bool

    @property
    def is_day(self) -> bool:
        """Whether a day is asked for instead of a tick."""
        return self.item.kind is Kind.DAY


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One proof and what is declared under it."""

    use: str
    title: str
    paper: str
    pictures: list[Picture]
    lines: list[ItemLine]


@dataclass(frozen=True, kw_only=True)
class Person:
    """One person of the page as it is drawn."""

    sheet: Sheet
    panels: list[Panel]
    others: list[Picture]
    is_tax_dependent: bool
    has_number_panel: bool


@door(Permission.VERIFY)
@require_GET
def queue(request: Visit) -> HttpResponse:
    """Go to whoever has waited longest; when nobody waits, say so."""
    found = queries.first_waiting(
        organisation_id=request.organisation_id, member_id=request.member_id, roles=request.actor.roles
    )
    if found is not None:
        return redirect("desk:verification.page", entry_id=found)
    return render(request, "desk/verification/queue.html")


@door(Permission.VERIFY)
@require_GET
def page(request: Visit, entry_id: UUID) -> HttpResponse:
    """One person: pictures and declared values side by side, and what to check (001-26)."""
    return _draw(request, _page(request, entry_id))


@door(Permission.VERIFY)
@require_GET
def picture(request: Visit, submission_id: UUID, document_id: UUID) -> HttpResponse:
    """The bytes of one attachment. Opening it is written down; nothing keeps a copy (V-04, S-03)."""
    opened = verification.look(
        organisation_id=request.organisation_id,
        submission_id=submission_id,
        document_id=document_id,
        by=request.actor,
        at=request.at,
    )
    response = HttpResponse(opened.content, content_type=opened.media_type)
    response["Cache-Control"] = "no-store"
    response["Content-Disposition"] = "inline"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@door(Permission.NUMBER_REVEAL, recent=True)
@require_POST
def reveal(request: Visit, entry_id: UUID) -> HttpResponse:
    """One number for a minute (S-07): a piece of the page for htmx, else the whole page, which leaves by itself."""
    form = RevealForm(request.POST)
    if not form.is_valid():
        return redirect("desk:verification.page", entry_id=entry_id)
    dependent_id = form.cleaned_data["dependent"]
    shown: dict[str, Any] = {"dependent_id": dependent_id, "seconds": SHOWN_SECONDS}
    status = 200
    try:
        number = verification.reveal(
            organisation_id=request.organisation_id,
            submission_id=form.cleaned_data["submission"],
            dependent_id=dependent_id,
            by=request.actor,
            at=request.at,
        )
        shown["groups"] = number.groups().split()
    except Refused as refusal:
        if not request.headers.get("HX-Request"):
            raise
        shown["refusal"], status = in_words(refusal), refusal.status
    if request.headers.get("HX-Request"):
        context = {"shown": shown, "viewer": request.actor.label, "now": request.at}
        return render(request, "desk/verification/_number.html", context, status=status)
    response = _draw(request, _page(request, entry_id), shown=shown)
    response["Refresh"] = f"{SHOWN_SECONDS}; url={reverse('desk:verification.page', args=[entry_id])}"
    return response


@door(Permission.VERIFY)
@require_POST
def confirm(request: Visit, entry_id: UUID) -> HttpResponse:
    """済, and on to the next person; when something stands against it, the page says what (001-27)."""
    found = _page(request, entry_id)
    form = ConfirmForm(request.POST)
    answers, wrong = _answers(found, request.POST)
    if not form.is_valid() or wrong:
        return _answer(request, found, form, wrong=wrong, status=422)
    place = _place(request, entry_id)
    try:
        outcome = verification.confirm(
            organisation_id=request.organisation_id,
            submission_id=form.cleaned_data["submission"],
            checklist=answers,
            confirmed_on=form.cleaned_data["confirmed_on"],
            employment_evident=form.evident(),
            by=request.actor,
            at=request.at,
        )
    except Refused as refusal:
        return _answer(request, found, form, refusal=refusal, status=refusal.status)
    done = {
        Outcome.CONFIRMED: _("{name}さんを済にしました。"),
        Outcome.CHECKED: _("{name}さんの一人目の確認を記録しました。二人目に回りました。"),
    }
    messages.success(request, str(done[outcome]).format(name=found.member_name))
    onwards = _onwards(place)
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": onwards["Location"]})
    return onwards


@door(Permission.VERIFY)
@require_http_methods(["GET", "POST"])
def send_back(request: Visit, entry_id: UUID) -> HttpResponse:
    """差戻す: the reasons, and on to the next person."""
    found = _page(request, entry_id)
    on = jst_day(request.at)
    form = SendBackForm(request.POST or None, page=found, on=on, initial={"submission": found.submission_id})
    refused = None
    if request.method == "POST" and form.is_valid():
        place = _place(request, entry_id)
        try:
            verification.send_back(
                organisation_id=request.organisation_id,
                submission_id=form.cleaned_data["submission"],
                reasons=form.cleaned_data["reasons"],
                words=form.cleaned_data["words"],
                document_ids=[UUID(one) for one in form.cleaned_data["documents"]],
                by=request.actor,
                at=request.at,
            )
        except Refused as refusal:
            refused = refusal
        else:
            sent = gettext("{name}さんに差戻しました。理由はメールで届きます。")
            messages.success(request, sent.format(name=found.member_name))
            return _onwards(place)
    context = {"page": found, "form": form, "refusal": in_words(refused) if refused else None}
    status = refused.status if refused else 422 if form.is_bound else 200
    return render(request, "desk/verification/send_back.html", context, status=status)


def _page(request: Visit, entry_id: UUID) -> Page:
    return queries.page(
        organisation_id=request.organisation_id,
        entry_id=entry_id,
        member_id=request.member_id,
        roles=request.actor.roles,
    )


def _place(request: Visit, entry_id: UUID) -> queries.Place:
    return queries.place(
        organisation_id=request.organisation_id,
        entry_id=entry_id,
        member_id=request.member_id,
        roles=request.actor.roles,
    )


def _onwards(place: queries.Place) -> HttpResponse:
    if place.next_id is not None:
        return redirect("desk:verification.page", entry_id=place.next_id)
    return redirect("desk:verification.queue")


def _draw(
    request: Visit,
    found: Page,
    *,
    form: ConfirmForm | None = None,
    answers: Mapping[str, str] | None = None,
    wrong: frozenset[str] = frozenset(),
    refusal: Refused | None = None,
    shown: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    today = jst_day(request.at)
    initial = {"submission": found.submission_id, "confirmed_on": today}
    context = {
        "page": found,
        "people": _people(found, answers or {}, wrong),
        "place": _place(request, found.entry_id),
        "counted": queries.COUNTED,
        "form": form or ConfirmForm(initial=initial),
        "send_back": SendBackForm(page=found, on=today, initial=initial),
        "blocked": BLOCKED.get(found.blocked),
        "refusal": in_words(refusal) if refusal else None,
        "wrong_days": _labels(found, wrong),
        "shown": shown,
        "viewer": request.actor.label,
        "now": request.at,
    }
    return render(request, "desk/verification/page.html", context, status=status)


def _answer(
    request: Visit,
    found: Page,
    form: ConfirmForm,
    *,
    status: int,
    wrong: frozenset[str] = frozenset(),
    refusal: Refused | None = None,
) -> HttpResponse:
    """What stands against a confirmation: for htmx the words alone, so that opened pictures stay open."""
    if not request.headers.get("HX-Request"):
        return _draw(request, found, form=form, answers=request.POST, wrong=wrong, refusal=refusal, status=status)
    wrong_days = _labels(found, wrong)
    if "confirmed_on" in form.errors:
        wrong_days.append(str(form.fields["confirmed_on"].label))
    context = {"refusal": in_words(refusal) if refusal else None, "wrong_days": wrong_days}
    return render(request, "desk/verification/_refusal.html", context, status=status)


def _labels(found: Page, codes: frozenset[str]) -> list[str]:
    items = (item for sheet in found.sheets for group in sheet.groups for item in group.items)
    return [gettext(item.label) for item in items if item.code in codes]


def _answers(found: Page, given: Mapping[str, str]) -> tuple[dict[str, str], frozenset[str]]:
    """The answers of the page's items, days as ISO days, and the codes of days that cannot be read."""
    answers: dict[str, str] = {}
    wrong = set()
    for item in (item for sheet in found.sheets for group in sheet.groups for item in group.items):
        text = given.get(item.code, "").strip()
        if item.kind is Kind.TICK or not text:
            answers[item.code] = text
            continue
        try:
            answers[item.code] = parse_day(text).isoformat()
        except NotADay:
            wrong.add(item.code)
    return answers, frozenset(wrong)


def _people(found: Page, answers: Mapping[str, str], wrong: frozenset[str]) -> list[Person]:
    keys = iter("123456789")

    def panel(sheet: Sheet, group: Group) -> Panel:
        return Panel(
            use=group.use,
            title=str(USES[group.use]),
            paper=papers.PAPERS[group.paper].label,
            pictures=sheet.pictures_of(group),
            lines=[
                ItemLine(
                    item=item,
                    value=answers.get(item.code, ""),
                    key=next(keys, ""),
                    is_wrong=item.code in wrong,
                )
                for item in group.items
            ],
        )

    people = []
    for sheet in found.sheets:
        panels = [panel(sheet, group) for group in sheet.groups]
        drawn = {one.id for each in panels for one in each.pictures}
        people.append(
            Person(
                sheet=sheet,
                panels=panels,
                others=[one for one in sheet.pictures if one.id not in drawn],
                is_tax_dependent=sheet.relation is Relation.TAX_DEPENDENT,
                has_number_panel=any(each.use == "number" for each in panels),
            )
        )
    return people


routes = [
    path("verification/", queue, name="verification.queue"),
    path("verification/<uuid:entry_id>/", page, name="verification.page"),
    path("verification/<uuid:entry_id>/reveal/", reveal, name="verification.reveal"),
    path("verification/<uuid:entry_id>/confirm/", confirm, name="verification.confirm"),
    path("verification/<uuid:entry_id>/send-back/", send_back, name="verification.send_back"),
    path(
        "verification/pictures/<uuid:submission_id>/<uuid:document_id>/",
        picture,
        name="verification.picture",
    ),
]
