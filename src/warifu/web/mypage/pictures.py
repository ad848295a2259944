"""写真: choose the papers, then one picture a page, with the coach and the masking tool beside it (E2, E3)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from warifu.cards.queries.bindings import are_cards_set_up
from warifu.collection.actions import documents, drafts
from warifu.collection.queries import purpose_notices
from warifu.collection.queries.submissions import DraftView, SlotView
from warifu.collection.rules import papers
from warifu.collection.rules.submission import Step
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import NotFound, Refused
from warifu.organisations.rules import Permission
from warifu.web.mypage.submission import drafted, frame, here, own_draft
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.submission_forms import PapersForm, papers_initial, words_of


@door(Permission.OWN_RECORD)
@drafted
def listing(request: Visit, draft: DraftView) -> HttpResponse:
    """The pictures that the choice needs, which are there, and the next one to take."""
    if not draft.is_choice_made:
        return redirect("mypage:pictures.choose")
    context = frame(Step.PICTURES) | {
        "draft": draft,
        "slots": [(view, address_of(view)) for view in draft.slots],
        "next": next_address(draft),
        "choice": gettext(papers.METHODS.get(draft.method, "")),
    }
    return render(request, "mypage/pictures/listing.html", context)


@door(Permission.OWN_RECORD)
@drafted
def choose(request: Visit, draft: DraftView) -> HttpResponse:
    """Which papers the person uses; only what the choice needs is asked for afterwards."""
    notice = purpose_notices.current(organisation_id=request.organisation_id)
    office = papers.office_of(notice.purposes if notice else ())
    form = PapersForm(
        request.POST or None,
        offer=papers.offered(jst_day(request.at), office=office),
        has_verified_account=draft.has_verified_account,
        initial=papers_initial(
            method=draft.method,
            number_paper=draft.number_paper,
            identity_papers=draft.identity_papers,
            one_file=draft.one_file,
        ),
    )
    if request.method == "POST" and form.is_valid():
        try:
            drafts.choose_papers(**form.values(), **here(request, draft.submission_id))
        except drafts.ChoiceInsufficient as refusal:
            form.add_error(None, words_of(refusal))
        else:
            return redirect("mypage:pictures.listing")
    context = frame(Step.PICTURES) | {"form": form, "draft": draft, "takes_cards": are_cards_set_up()}
    return render(request, "mypage/pictures/choose.html", context, status=422 if form.errors else 200)


@door(Permission.OWN_RECORD)
@drafted
def picture(request: Visit, draft: DraftView) -> HttpResponse:
    """One picture: by camera or from a file, looked over by the coach, sealed on arrival and never shown back."""
    view = _slot(draft, request.GET.get("slot", ""), request.GET.get("of", ""))
    refusal: Refused | None = None
    if request.method == "POST":
        try:
            _receive(request, draft, view)
        except Refused as refused:
            if refused.status not in (413, 415, 422, 429):
                raise
            refusal = refused
        else:
            return _received(request)
    if refusal is not None and _wants_json(request):
        return JsonResponse({"words": words_of(refusal)}, status=refusal.status)
    number = [address_of(one) for one in draft.slots].index(address_of(view)) + 1
    context = frame(Step.PICTURES) | {
        "view": view,
        "number": number,
        "count": len(draft.slots),
        "problem": words_of(refusal) if refusal else "",
    }
    return render(request, "mypage/pictures/picture.html", context, status=refusal.status if refusal else 200)


def _receive(request: Visit, draft: DraftView, view: SlotView) -> None:
    file = request.FILES.get("picture") or request.FILES.get("stored")
    documents.receive(
        entry_member_id=request.member_id,
        slot=view.slot.slot,
        dependent_id=view.dependent_id,
        content=file.read() if file else b"",
        is_masked=request.POST.get("is_masked") == "on",
        **here(request, draft.submission_id),
    )


def _received(request: Visit) -> HttpResponse:
    address = next_address(own_draft(request)) or reverse("mypage:pictures.listing")
    messages.success(request, gettext("写真を受け取りました。"))
    if _wants_json(request):
        return JsonResponse({"next": address})
    return redirect(address)


def address_of(view: SlotView) -> str:
    """The page of one picture."""
    place: dict[str, Any] = {"slot": view.slot.slot}
    if view.dependent_id is not None:
        place["of"] = view.dependent_id
    return f"{reverse('mypage:pictures.picture')}?{urlencode(place)}"


def next_address(draft: DraftView) -> str:
    """The page of the next required picture that is not there yet, or nothing."""
    lacking = (
        view
        for view in draft.slots
        if view.slot.required and (view.picture is None or view.picture.state == "unreadable")
    )
    found = next(lacking, None)
    return address_of(found) if found else ""


def _slot(draft: DraftView, slot: str, of: str) -> SlotView:
    try:
        dependent_id = UUID(of) if of else None
    except ValueError:
        raise NotFound from None
    found = next((view for view in draft.slots if (view.slot.slot, view.dependent_id) == (slot, dependent_id)), None)
    if found is None:
        raise NotFound
    return found


def _wants_json(request: Visit) -> bool:
    return request.headers.get("Accept") == "application/json"


routes = [
    path("submission/pictures", listing, name="pictures.listing"),
    path("submission/papers", choose, name="pictures.choose"),
    path("submission/picture", picture, name="pictures.picture"),
]
