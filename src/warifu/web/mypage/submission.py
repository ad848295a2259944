"""提出: the steps of a submission on the person's phone, each a form that saves the draft (E1)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from warifu.cards.queries.bindings import are_cards_set_up
from warifu.collection.actions import drafts, purpose_notices, submissions
from warifu.collection.queries import postal
from warifu.collection.queries import purpose_notices as notice_queries
from warifu.collection.queries import submissions as queries
from warifu.collection.queries.submissions import DraftView, ReceiptView
from warifu.collection.rules.submission import Step, cut
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import NotFound
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, require
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.submission_forms import NumberForm, PersonForm, words_of

VIEWS = {
    Step.PURPOSE: "mypage:submission.purpose",
    Step.PERSON: "mypage:submission.person",
    Step.NUMBER: "mypage:submission.number",
    Step.PICTURES: "mypage:pictures.listing",
    Step.REVIEW: "mypage:submission.review",
}


def own_draft(request: Visit) -> DraftView:
    """The person's draft; raises `NotFound` without one."""
    submission_id = queries.draft_id(organisation_id=request.organisation_id, member_id=request.member_id)
    if submission_id is None:
        raise NotFound
    return queries.draft(organisation_id=request.organisation_id, submission_id=submission_id, on=jst_day(request.at))


def drafted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page of the person's draft, which it gets as second argument.

    Whoever opens it by its address is led to where they stand: without a draft to the first page, before they were
    shown the purposes to those (P-03). Whatever is sent without a draft raises `NotFound`; where the organisation's
    licence does not let people hand in, `StandingOver` or `NotInEdition` is raised.
    """

    @wraps(view)
    def entered(request: Visit, *args: Any, **kwargs: Any) -> HttpResponse:
        require(by=request.actor, permission=Permission.HAND_IN, organisation_id=request.organisation_id)
        is_read = request.method in ("GET", "HEAD")
        try:
            draft = own_draft(request)
        except NotFound:
            if not is_read:
                raise
            return redirect("mypage:home.page")
        if is_read and draft.next_step is Step.PURPOSE:
            return redirect(VIEWS[Step.PURPOSE])
        return view(request, draft, *args, **kwargs)

    return entered


def here(request: Visit, submission_id: UUID) -> dict[str, Any]:
    """The arguments that every action on the draft takes."""
    return {
        "organisation_id": request.organisation_id,
        "submission_id": submission_id,
        "by": request.actor,
        "at": request.at,
    }


def frame(step: Step) -> dict[str, Any]:
    """What the row of steps needs."""
    return {"step_key": step.value}


@require_POST
@door(Permission.OWN_RECORD)
def start(request: Visit) -> HttpResponse:
    """Start, or go on where the person was."""
    submission_id = submissions.start(
        organisation_id=request.organisation_id, member_id=request.member_id, by=request.actor, at=request.at
    )
    draft = queries.draft(organisation_id=request.organisation_id, submission_id=submission_id, on=jst_day(request.at))
    return redirect(VIEWS[draft.next_step])


@door(Permission.OWN_RECORD)
def purpose(request: Visit) -> HttpResponse:
    """The purpose notice: shown before anything is asked; going on records that it was shown (P-03, P-04)."""
    notice = notice_queries.current(organisation_id=request.organisation_id)
    if notice is None:
        return redirect("mypage:home.page")
    has_draft = queries.draft_id(organisation_id=request.organisation_id, member_id=request.member_id) is not None
    if request.method == "POST":
        purpose_notices.note_shown(
            organisation_id=request.organisation_id,
            member_id=request.member_id,
            version=_whole(request.POST.get("version", "")),
            by=request.actor,
            at=request.at,
        )
        return redirect("mypage:submission.person" if has_draft else "mypage:home.page")
    plan = organisations.handling_plan(organisation_id=request.organisation_id)
    context = frame(Step.PURPOSE) | {
        "notice": notice,
        "name": request.actor.label,
        "handlers": plan.appointments,
        "organisation": organisations.organisation(organisation_id=request.organisation_id),
        "has_draft": has_draft,
    }
    return render(request, "mypage/submission/purpose.html", context)


@door(Permission.OWN_RECORD)
@drafted
def person(request: Visit, draft: DraftView) -> HttpResponse:
    """わたしのこと: name, birth date, address. Half-typed fields are kept as one goes (A-06)."""
    form = PersonForm(request.POST or None, at=request.at, initial=draft.fields | {"born_on": draft.born_on})
    if request.method == "POST":
        is_fine = form.is_valid()
        fields, born_on = form.half()
        if is_fine or not _is_postal(request):
            drafts.save_person(fields=fields, born_on=born_on or draft.born_on, **here(request, draft.submission_id))
        if request.headers.get("X-Autosave"):
            return HttpResponse(status=204)
        if _is_postal(request):
            form = PersonForm(initial=_with_town(request), at=request.at)
        elif is_fine:
            return redirect("mypage:submission.number")
    found = postal.towns(code=request.POST.get("postal_code", "")) if _is_postal(request) else ()
    context = frame(Step.PERSON) | {"form": form, "towns": found, "asked_postal": _is_postal(request)}
    return render(request, "mypage/submission/person.html", context, status=422 if form.errors else 200)


@door(Permission.OWN_RECORD)
def towns(request: Visit) -> HttpResponse:
    """The towns of a postal code, as a part of the page; the script fills blank fields only (J-09)."""
    return render(
        request,
        "shared/parts/towns.html",
        {"towns": postal.towns(code=request.GET.get("postal_code", "")), "asked_postal": True},
    )


@door(Permission.OWN_RECORD)
@drafted
def number(request: Visit, draft: DraftView) -> HttpResponse:
    """番号・家族: the number goes to the vault at once and is never shown back; the family stands below."""
    typed = bool(request.POST.get("number", "").strip())
    form = NumberForm(request.POST if typed or not draft.has_number else None)
    if request.method == "POST":
        if not draft.has_number or typed:
            _save_number(request, draft, form)
        if not form.errors:
            if request.POST.get("go") == "family":
                return redirect("mypage:family.add")
            drafts.answer_family(**here(request, draft.submission_id))
            return redirect("mypage:pictures.listing")
    elif not typed:
        form = NumberForm()
    context = frame(Step.NUMBER) | {
        "form": form,
        "draft": draft,
        "changes": "change" in request.GET or bool(form.errors),
        "takes_cards": are_cards_set_up(),
    }
    return render(request, "mypage/submission/number.html", context, status=422 if form.errors else 200)


def _save_number(request: Visit, draft: DraftView, form: NumberForm) -> None:
    if not form.is_valid():
        return
    try:
        drafts.save_number(number=form.cleaned_data["number"], **here(request, draft.submission_id))
    except drafts.NumberTwice as refusal:
        form.add_error("number", words_of(refusal))


@door(Permission.OWN_RECORD)
@drafted
def review(request: Visit, draft: DraftView) -> HttpResponse:
    """見直し: everything that will be sent, what is still missing, and the one button that sends it (A-07)."""
    own = queries.own(organisation_id=request.organisation_id, member_id=request.member_id, at=request.at)
    notice = notice_queries.current(organisation_id=request.organisation_id)
    context = frame(Step.REVIEW) | {
        "draft": draft,
        "own": own,
        "notice": notice,
        "missing": [(item.words, reverse(VIEWS[item.step])) for item in draft.missing],
    }
    return render(request, "mypage/submission/review.html", context)


@require_POST
@door(Permission.OWN_RECORD)
@drafted
def submit(request: Visit, draft: DraftView) -> HttpResponse:
    """Hand in, and go to the receipt; with something missing, back to the review, which says what."""
    try:
        submissions.submit(**here(request, draft.submission_id))
    except submissions.SomethingMissing:
        return redirect("mypage:submission.review")
    return redirect("mypage:submission.receipt")


@door(Permission.OWN_RECORD)
def receipt(request: Visit) -> HttpResponse:
    """控え: the person's half of the tally; its cut is drawn from its own code (E5)."""
    found = queries.receipt(organisation_id=request.organisation_id, member_id=request.member_id)
    own = queries.own(organisation_id=request.organisation_id, member_id=request.member_id, at=request.at)
    upper, lower = cut_paths(found)
    context = {"receipt": found, "own": own, "upper": upper, "lower": lower}
    return render(request, "mypage/submission/receipt.html", context)


def cut_paths(found: ReceiptView) -> tuple[str, str]:
    """The two outlines of a receipt's cut, as SVG paths in a box of 320 by 56; the same code gives the same cut."""
    heights = cut(found.receipt)
    step = 320 / max(len(heights), 1)
    points = [(round(320 - step * index - step / 2), 12 + height) for index, height in enumerate(heights)]
    edge = [(320, 30), *points, (0, 30)]
    upper = "M0 0H320" + "".join(f"L{x} {y}" for x, y in edge) + "Z"
    lower = "M0 56H320" + "".join(f"L{x} {y + 8}" for x, y in edge) + "Z"
    return upper, lower


@require_POST
@door(Permission.OWN_RECORD)
def withdraw(request: Visit) -> HttpResponse:
    """Take back what was handed in, to mend it."""
    submissions.withdraw(
        organisation_id=request.organisation_id, member_id=request.member_id, by=request.actor, at=request.at
    )
    messages.success(request, gettext("提出を取り下げました。直してから、もう一度送れます。"))
    return redirect("mypage:home.page")


@door(Permission.OWN_RECORD)
def not_provided(request: Visit) -> HttpResponse:
    """番号を出さない: plain words about what follows, and one button; no reason is asked (P-12)."""
    if request.method == "POST":
        submissions.not_provided(
            organisation_id=request.organisation_id,
            member_id=request.member_id,
            by=request.actor,
            at=request.at,
        )
        messages.success(request, gettext("番号を出さないことを、会社に伝えました。"))
        return redirect("mypage:home.page")
    organisation = organisations.organisation(organisation_id=request.organisation_id)
    return render(request, "mypage/submission/not_provided.html", {"organisation": organisation})


@door(Permission.OWN_RECORD)
def on_paper(request: Visit) -> HttpResponse:
    """紙で出す: the other way in, for those who cannot or do not want to use the screen (J-15)."""
    organisation = organisations.organisation(organisation_id=request.organisation_id)
    return render(request, "mypage/submission/on_paper.html", {"organisation": organisation})


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


def _is_postal(request: Visit) -> bool:
    return request.method == "POST" and request.POST.get("go") == "postal"


def _with_town(request: Visit) -> dict[str, Any]:
    """What was typed, with the blank address fields filled from a postal code that means one town (no script)."""
    typed: dict[str, Any] = {name: request.POST.get(name, "") for name in PersonForm.base_fields if name != "born_on"}
    typed["born_on"] = [request.POST.get(f"born_on_{part}", "") for part in ("year", "month", "day")]
    found = postal.towns(code=typed["postal_code"])
    if len(found) == 1:
        filled = {"prefecture": found[0].prefecture, "city": found[0].city, "street": found[0].town}
        typed |= {name: text for name, text in filled.items() if not typed[name]}
    return typed


routes = [
    path("submission/start", start, name="submission.start"),
    path("submission/purpose", purpose, name="submission.purpose"),
    path("submission/person", person, name="submission.person"),
    path("submission/towns", towns, name="submission.towns"),
    path("submission/number", number, name="submission.number"),
    path("submission/review", review, name="submission.review"),
    path("submission/submit", submit, name="submission.submit"),
    path("submission/receipt", receipt, name="submission.receipt"),
    path("submission/withdraw", withdraw, name="submission.withdraw"),
    path("submission/not-provided", not_provided, name="submission.not_provided"),
    path("submission/on-paper", on_paper, name="submission.on_paper"),
]
