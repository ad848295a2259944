"""代行入力: a handler enters on a person's behalf, with a reason and the way the data came (001-7, 001-20, 001-21).

The pages ask for a recent proof of identity; saving one section does not, so that nothing typed is lost on the way.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from warifu.collection.actions import dependents, documents, drafts, purpose_notices, submissions
from warifu.collection.queries import postal
from warifu.collection.queries import purpose_notices as notice_queries
from warifu.collection.queries import submissions as queries
from warifu.collection.queries.submissions import DraftView, RelativeView
from warifu.collection.rules import papers
from warifu.foundation.days import jst_day
from warifu.foundation.masking import twelve_digit_runs
from warifu.foundation.purposes import Purpose
from warifu.foundation.refusals import NotFound, Refused
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.forms import DayField
from warifu.web.shared.submission_forms import (
    NumberForm,
    PapersForm,
    PersonForm,
    RelativeForm,
    papers_initial,
    words_of,
)

CHANNELS = (
    ("paper", _("書面で受け取った")),
    ("in_person", _("対面で受け取った")),
    ("postal", _("郵送で受け取った")),
    ("telephone", _("電話で聞いた（本人確認は、あとで書類を受け取ってから）")),
)


class BeginForm(forms.Form):
    """Why, and how the data came; and that the person was told the purposes before (P-03)."""

    channel = forms.ChoiceField(label=_("受け取り方"), choices=CHANNELS, widget=forms.RadioSelect)
    received_on = DayField(label=_("受け取った日"))
    reason = forms.CharField(
        label=_("代わりに入力する理由"),
        max_length=300,
        help_text=_("本人へのお知らせにも載ります。例: スマートフォンを持っていないため"),
    )
    notice_given = forms.BooleanField(label=_("使い道のお知らせを、本人に渡したか読み上げました"))

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on = jst_day(at)

    def clean_received_on(self) -> Any:
        """The day, not one to come."""
        day = self.cleaned_data["received_on"]
        if day > self.on:
            raise forms.ValidationError(gettext("まだ来ていない日です。"))
        return day

    def clean_reason(self) -> str:
        """The reason, without a number in it."""
        words: str = self.cleaned_data["reason"]
        if twelve_digit_runs(words):
            raise forms.ValidationError(gettext("12桁の数字が入っています。個人番号は、番号の欄にだけ入れてください。"))
        return words


@door(Permission.ENTER_FOR, recent=True)
def begin(request: Visit, entry_id: UUID) -> HttpResponse:
    """Say why and how before the first field opens; going on takes the entry over and logs it.

    Whoever has begun already goes on where they were.
    """
    member_id = queries.member_of(organisation_id=request.organisation_id, entry_id=entry_id)
    own = queries.own(organisation_id=request.organisation_id, member_id=member_id, at=request.at)
    if own and own.entered_by == request.member_id and own.submission_state == "draft":
        return redirect("desk:proxy_entry.edit", entry_id)
    notice = notice_queries.current(organisation_id=request.organisation_id)
    form = BeginForm(request.POST or None, at=request.at, initial={"received_on": jst_day(request.at)})
    if request.method == "POST" and form.is_valid():
        version = purpose_notices.ensure(organisation_id=request.organisation_id, at=request.at)
        submissions.enter_for(
            organisation_id=request.organisation_id,
            member_id=member_id,
            channel=form.cleaned_data["channel"],
            reason=form.cleaned_data["reason"],
            received_on=form.cleaned_data["received_on"],
            notice_version=version,
            by=request.actor,
            at=request.at,
        )
        return redirect("desk:proxy_entry.edit", entry_id)
    plan = organisations.handling_plan(organisation_id=request.organisation_id)
    context = {
        "form": form,
        "person": organisations.member(organisation_id=request.organisation_id, member_id=member_id),
        "own": own,
        "purposes": notice.purposes if notice else plan.purposes,
    }
    return render(request, "desk/proxy_entry/begin.html", context, status=422 if form.errors else 200)


@door(Permission.ENTER_FOR, recent=True)
def edit(request: Visit, entry_id: UUID) -> HttpResponse:
    """All fields on one desk page, each section saved on its own, and what is still missing."""
    return _page(request, entry_id, _draft(request, entry_id))


@require_POST
@door(Permission.ENTER_FOR)
def person(request: Visit, entry_id: UUID) -> HttpResponse:
    """Save name, birth date and address; with the postal button, fill blank fields instead."""
    draft = _draft(request, entry_id)
    form = PersonForm(request.POST, at=request.at)
    is_fine = form.is_valid()
    fields, born_on = form.half()
    drafts.save_person(fields=fields, born_on=born_on or draft.born_on, **_here(request, draft))
    if request.POST.get("go") == "postal":
        _fill_town(request, draft, fields.get("postal_code", ""))
    elif not is_fine:
        return _page(request, entry_id, draft, person_form=form)
    return _back(entry_id, "person")


@require_POST
@door(Permission.ENTER_FOR, recent=True)
def number(request: Visit, entry_id: UUID) -> HttpResponse:
    """Seal the number; it is not shown again, to the handler either."""
    draft = _draft(request, entry_id)
    form = NumberForm(request.POST)
    if form.is_valid():
        try:
            drafts.save_number(number=form.cleaned_data["number"], **_here(request, draft))
        except drafts.NumberTwice as refusal:
            form.add_error("number", words_of(refusal))
        else:
            return _back(entry_id, "number")
    return _page(request, entry_id, draft, number_form=form)


@require_POST
@door(Permission.ENTER_FOR)
def no_family(request: Visit, entry_id: UUID) -> HttpResponse:
    """Note that the family list is as it should be."""
    draft = _draft(request, entry_id)
    drafts.answer_family(**_here(request, draft))
    return _back(entry_id, "family")


@door(Permission.ENTER_FOR, recent=True)
def add_relative(request: Visit, entry_id: UUID) -> HttpResponse:
    """Add a family member."""
    return _relative_page(request, entry_id, _draft(request, entry_id), None)


@door(Permission.ENTER_FOR, recent=True)
def relative(request: Visit, entry_id: UUID, dependent_id: UUID) -> HttpResponse:
    """Change a family member."""
    draft = _draft(request, entry_id)
    return _relative_page(request, entry_id, draft, _relative(draft, dependent_id))


@require_POST
@door(Permission.ENTER_FOR)
def remove_relative(request: Visit, entry_id: UUID, dependent_id: UUID) -> HttpResponse:
    """Take a family member out; number and pictures are destroyed."""
    draft = _draft(request, entry_id)
    dependents.remove(dependent_id=dependent_id, **_here(request, draft))
    return _back(entry_id, "family")


@require_POST
@door(Permission.ENTER_FOR)
def choose(request: Visit, entry_id: UUID) -> HttpResponse:
    """Choose the papers that the person handed over."""
    draft = _draft(request, entry_id)
    form = _papers_form(request, draft, request.POST)
    if form.is_valid():
        try:
            drafts.choose_papers(**form.values(), **_here(request, draft))
        except drafts.ChoiceInsufficient as refusal:
            form.add_error(None, words_of(refusal))
        else:
            return _back(entry_id, "pictures")
    return _page(request, entry_id, draft, papers_form=form)


@require_POST
@door(Permission.ENTER_FOR)
def picture(request: Visit, entry_id: UUID) -> HttpResponse:
    """Take in a picture or scan for one place."""
    draft = _draft(request, entry_id)
    file = request.FILES.get("picture")
    of = request.POST.get("of", "")
    chosen = next(
        (
            view
            for view in draft.slots
            if (view.slot.slot, str(view.dependent_id or "")) == (request.POST.get("slot"), of)
        ),
        None,
    )
    if chosen is None:
        raise NotFound
    try:
        documents.receive(
            entry_member_id=draft.member_id,
            slot=chosen.slot.slot,
            dependent_id=chosen.dependent_id,
            content=file.read() if file else b"",
            is_masked=request.POST.get("is_masked") == "on",
            **_here(request, draft),
        )
    except Refused as refusal:
        if refusal.status not in (413, 415, 422, 429):
            raise
        return _page(request, entry_id, draft, problem=words_of(refusal))
    return _back(entry_id, "pictures")


@require_POST
@door(Permission.ENTER_FOR, recent=True)
def submit(request: Visit, entry_id: UUID) -> HttpResponse:
    """Hand in for the person, who is told by letter."""
    draft = _draft(request, entry_id)
    try:
        submissions.submit(**_here(request, draft))
    except submissions.SomethingMissing:
        return _back(entry_id, "send")
    messages.success(request, gettext("代わりに提出しました。本人に、お知らせをお送りします。"))
    return redirect("desk:people.page", entry_id)


def _draft(request: Visit, entry_id: UUID) -> DraftView:
    """The draft that this handler entered; raises `NotFound` without one, `HeldByOther` when it is another's."""
    member_id = queries.member_of(organisation_id=request.organisation_id, entry_id=entry_id)
    submission_id = queries.draft_id(organisation_id=request.organisation_id, member_id=member_id)
    if submission_id is None:
        raise NotFound
    draft = queries.draft(organisation_id=request.organisation_id, submission_id=submission_id, on=jst_day(request.at))
    if draft.entered_by != request.member_id:
        raise drafts.HeldByOther
    return draft


def _here(request: Visit, draft: DraftView) -> dict[str, Any]:
    return {
        "organisation_id": request.organisation_id,
        "submission_id": draft.submission_id,
        "by": request.actor,
        "at": request.at,
    }


def _back(entry_id: UUID, section: str) -> HttpResponse:
    return redirect(f"{reverse('desk:proxy_entry.edit', args=[entry_id])}#{section}")


def _page(
    request: Visit,
    entry_id: UUID,
    draft: DraftView,
    *,
    person_form: PersonForm | None = None,
    number_form: NumberForm | None = None,
    papers_form: PapersForm | None = None,
    problem: str = "",
) -> HttpResponse:
    is_wrong = bool(person_form or number_form or papers_form or problem)
    context = {
        "entry_id": entry_id,
        "draft": draft,
        "person": organisations.member(organisation_id=request.organisation_id, member_id=draft.member_id),
        "person_form": person_form or PersonForm(initial=draft.fields | {"born_on": draft.born_on}, at=request.at),
        "number_form": number_form or NumberForm(),
        "papers_form": papers_form or _papers_form(request, draft, None),
        "choice": gettext(papers.METHODS.get(draft.method, "")),
        "problem": problem,
        "channel": dict(CHANNELS).get(draft.channel, ""),
    }
    return render(request, "desk/proxy_entry/edit.html", context, status=422 if is_wrong else 200)


def _papers_form(request: Visit, draft: DraftView, data: Any) -> PapersForm:
    notice = notice_queries.current(organisation_id=request.organisation_id)
    office = papers.office_of(notice.purposes if notice else ())
    return PapersForm(
        data,
        offer=papers.offered(jst_day(request.at), office=office),
        has_verified_account=draft.has_verified_account,
        initial=papers_initial(
            method=draft.method,
            number_paper=draft.number_paper,
            identity_papers=draft.identity_papers,
            one_file=draft.one_file,
        ),
    )


def _relative_page(request: Visit, entry_id: UUID, draft: DraftView, found: RelativeView | None) -> HttpResponse:
    form = _relative_form(request, draft, found)
    if request.method == "POST" and form.is_valid():
        try:
            if found:
                dependents.change(dependent_id=found.id, **form.values(), **_here(request, draft))
            else:
                dependents.add(**form.values(), **_here(request, draft))
        except drafts.NumberTwice as refusal:
            form.add_error("number", words_of(refusal))
        else:
            return _back(entry_id, "family")
    context = {"form": form, "relative": found, "draft": draft, "entry_id": entry_id}
    return render(request, "desk/proxy_entry/relative.html", context, status=422 if form.errors else 200)


def _relative_form(request: Visit, draft: DraftView, found: RelativeView | None) -> RelativeForm:
    notice = notice_queries.current(organisation_id=request.organisation_id)
    asks = notice is not None and Purpose.THIRD_CATEGORY in notice.purposes
    initial: dict[str, Any] = {"family_name": draft.fields["family_name"]}
    if found:
        initial = found.fields | {
            "born_on": found.born_on,
            "is_checked": found.is_checked,
            "is_third_category": found.is_third_category,
        }
    return RelativeForm(request.POST or None, initial=initial, at=request.at, asks_third_category=asks)


def _relative(draft: DraftView, dependent_id: UUID) -> RelativeView:
    found = next((view for view in draft.relatives if view.id == dependent_id), None)
    if found is None:
        raise NotFound
    return found


def _fill_town(request: Visit, draft: DraftView, code: str) -> None:
    found = postal.towns(code=code)
    if len(found) != 1:
        messages.info(request, gettext("町が一つに決まりませんでした。住所をそのまま入れてください。"))
        return
    typed = {name: request.POST.get(name, "").strip() for name in ("prefecture", "city", "street")}
    filled = {"prefecture": found[0].prefecture, "city": found[0].city, "street": found[0].town}
    blanks = {name: text for name, text in filled.items() if not typed[name]}
    drafts.save_person(fields=blanks, born_on=draft.born_on, **_here(request, draft))


_AT = "proxy-entry/<uuid:entry_id>"
routes = [
    path(f"{_AT}/", begin, name="proxy_entry.begin"),
    path(f"{_AT}/edit", edit, name="proxy_entry.edit"),
    path(f"{_AT}/person", person, name="proxy_entry.person"),
    path(f"{_AT}/number", number, name="proxy_entry.number"),
    path(f"{_AT}/no-family", no_family, name="proxy_entry.no_family"),
    path(f"{_AT}/family", add_relative, name="proxy_entry.add_relative"),
    path(f"{_AT}/family/<uuid:dependent_id>", relative, name="proxy_entry.relative"),
    path(f"{_AT}/family/<uuid:dependent_id>/remove", remove_relative, name="proxy_entry.remove_relative"),
    path(f"{_AT}/papers", choose, name="proxy_entry.choose"),
    path(f"{_AT}/picture", picture, name="proxy_entry.picture"),
    path(f"{_AT}/submit", submit, name="proxy_entry.submit"),
]
