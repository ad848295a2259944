"""ご家族: add, change and remove family members in the draft (001-18)."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from warifu.collection.actions import dependents, drafts
from warifu.collection.queries import purpose_notices
from warifu.collection.queries.submissions import DraftView, RelativeView
from warifu.collection.rules.submission import Step
from warifu.foundation.purposes import Purpose
from warifu.foundation.refusals import NotFound
from warifu.organisations.rules import Permission
from warifu.web.mypage.submission import drafted, frame, here, own_draft
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.submission_forms import RelativeForm, words_of


@door(Permission.OWN_RECORD)
@drafted
def add(request: Visit, draft: DraftView) -> HttpResponse:
    """Add a family member."""
    form = _form(request, initial={"family_name": draft.fields["family_name"]})
    if request.method == "POST" and form.is_valid():
        try:
            dependents.add(**form.values(), **here(request, draft.submission_id))
        except drafts.NumberTwice as refusal:
            form.add_error("number", words_of(refusal))
        else:
            return redirect("mypage:submission.number")
    return _page(request, form, None)


@door(Permission.OWN_RECORD)
def change(request: Visit, dependent_id: UUID) -> HttpResponse:
    """Change a family member; a number given before stays unless another is typed."""
    draft = own_draft(request)
    relative = _relative(draft, dependent_id)
    initial: dict[str, object] = {
        **relative.fields,
        "born_on": relative.born_on,
        "is_checked": relative.is_checked,
        "is_third_category": relative.is_third_category,
    }
    form = _form(request, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            dependents.change(dependent_id=dependent_id, **form.values(), **here(request, draft.submission_id))
        except drafts.NumberTwice as refusal:
            form.add_error("number", words_of(refusal))
        else:
            return redirect("mypage:submission.number")
    return _page(request, form, relative)


@require_POST
@door(Permission.OWN_RECORD)
def remove(request: Visit, dependent_id: UUID) -> HttpResponse:
    """Take a family member out; number and pictures are destroyed."""
    draft = own_draft(request)
    dependents.remove(dependent_id=dependent_id, **here(request, draft.submission_id))
    return redirect("mypage:submission.number")


def _form(request: Visit, initial: dict[str, object]) -> RelativeForm:
    notice = purpose_notices.current(organisation_id=request.organisation_id)
    asks = notice is not None and Purpose.THIRD_CATEGORY in notice.purposes
    return RelativeForm(request.POST or None, initial=initial, at=request.at, asks_third_category=asks)


def _relative(draft: DraftView, dependent_id: UUID) -> RelativeView:
    found = next((view for view in draft.relatives if view.id == dependent_id), None)
    if found is None:
        raise NotFound
    return found


def _page(request: Visit, form: RelativeForm, relative: RelativeView | None) -> HttpResponse:
    context = frame(Step.NUMBER) | {"form": form, "relative": relative}
    return render(request, "mypage/family/form.html", context, status=422 if form.errors else 200)


routes = [
    path("submission/family/add", add, name="family.add"),
    path("submission/family/<uuid:dependent_id>", change, name="family.change"),
    path("submission/family/<uuid:dependent_id>/remove", remove, name="family.remove"),
]
