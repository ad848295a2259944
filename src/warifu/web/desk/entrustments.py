"""委託: the office offers and works, the client agrees, either ends it with one switch (S-14)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from warifu.audit import queries as trail
from warifu.credentials.actions import sessions
from warifu.customers.actions import acting, entrustments
from warifu.customers.queries import entrustments as queries
from warifu.customers.rules.entrusting import DESIRABLE, Clause, Task
from warifu.folders.actions import keepers
from warifu.foundation.days import JST, jst_day
from warifu.foundation.refusals import NotFound, Refused
from warifu.notices import papers
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission
from warifu.vault.queries import keepings
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.refusals import said
from warifu.web.shared.words import CLAUSES, TASKS


class OfferForm(forms.Form):
    """What the office offers to do for a client, and what their contract says."""

    code = forms.CharField(
        label=_("顧問先の組織コード"),
        max_length=40,
        help_text=_("顧問先の管理者の「設定」の画面に出ています。"),
        widget=forms.TextInput({"class": "code", "autocomplete": "off", "autocapitalize": "none"}),
        error_messages={"required": _("組織コードを入れてください。")},
    )
    tasks = forms.MultipleChoiceField(
        label=_("代わりに行う仕事"),
        choices=[(task.value, TASKS[task]) for task in Task],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    clauses = forms.MultipleChoiceField(
        label=_("契約書にある条項"),
        choices=[
            (
                clause.value,
                CLAUSES[clause]
                if clause not in DESIRABLE
                else format_lazy(_("{clause}(望ましい)"), clause=CLAUSES[clause]),
            )
            for clause in Clause
        ],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("結んだ契約書を見ながら、書かれている条項に印を付けてください。"),
    )


@door(Permission.CUSTOMERS_MANAGE, level_two=True)
@require_POST
def offer(request: Visit, customer_id: UUID) -> HttpResponse:
    """Offer a client to do tasks in its place."""
    form = OfferForm(request.POST)
    if form.is_valid():
        try:
            entrustments.offer(
                office_id=request.organisation_id,
                customer_id=customer_id,
                client_code=form.cleaned_data["code"],
                tasks=[Task(text) for text in form.cleaned_data["tasks"]],
                clauses=[Clause(text) for text in form.cleaned_data["clauses"]],
                by=request.actor,
                at=request.at,
            )
        except Refused as refusal:
            if refusal.status != 409:
                raise
            messages.error(request, said(refusal))
        else:
            messages.success(request, gettext("申し出ました。顧問先の管理者が「委託」の画面で同意すると、始まります。"))
    else:
        messages.error(request, gettext("組織コードと、仕事、条項を確かめてください。"))
    return redirect("desk:customers.page", customer_id=customer_id)


@door(Permission.CUSTOMERS_MANAGE)
@require_POST
def withdraw(request: Visit, entrustment_id: UUID) -> HttpResponse:
    """Take an offer back."""
    view = queries.entrustment(office_id=request.organisation_id, entrustment_id=entrustment_id)
    entrustments.withdraw(
        office_id=request.organisation_id, entrustment_id=entrustment_id, by=request.actor, at=request.at
    )
    messages.success(request, gettext("申し出を取り下げました。"))
    return redirect("desk:customers.page", customer_id=view.customer_id)


@door(Permission.CUSTOMERS_MANAGE)
@require_POST
def stop_serving(request: Visit, entrustment_id: UUID) -> HttpResponse:
    """End an entrustment from the office's side."""
    view = queries.entrustment(office_id=request.organisation_id, entrustment_id=entrustment_id)
    entrustments.give_up(
        office_id=request.organisation_id, entrustment_id=entrustment_id, by=request.actor, at=request.at
    )
    messages.success(request, gettext("委託を終えました。この時から、顧問先の画面は開けません。"))
    return redirect("desk:customers.page", customer_id=view.customer_id)


@door(Permission.CUSTOMERS_MANAGE, level_two=True)
@require_POST
def act(request: Visit, entrustment_id: UUID) -> HttpResponse:
    """Open the client's desk, as far as the entrustment goes."""
    acting.begin(office_id=request.organisation_id, entrustment_id=entrustment_id, by=request.actor, at=request.at)
    sessions.act_by(session_id=request.session_id, entrustment_id=entrustment_id)
    return redirect("desk:home.page")


@door(Permission.OWN_RECORD)
@require_POST
def stop(request: Visit) -> HttpResponse:
    """Go back to the office's own desk."""
    sessions.act_by(session_id=request.session_id, entrustment_id=None)
    return redirect("desk:home.page")


@door(Permission.HANDLING_MANAGE)
@require_GET
def listing(request: Visit) -> HttpResponse:
    """The client's side: offers to answer, entrustments that run, those that are over."""
    lines = [
        (line, [TASKS[task] for task in line.tasks], [CLAUSES[clause] for clause in line.clauses])
        for line in queries.of_client(client_id=request.organisation_id)
    ]
    context = {"lines": lines, "year": request.at.astimezone(JST).year}
    return render(request, "desk/entrustments/listing.html", context)


@door(Permission.HANDLING_MANAGE, recent=True)
@require_POST
def agree(request: Visit, entrustment_id: UUID) -> HttpResponse:
    """Agree to an offer; the folders that the office keeps for this client have it as their keeper from now on."""
    entrustments.agree(
        client_id=request.organisation_id, entrustment_id=entrustment_id, by=request.actor, at=request.at
    )
    view = queries.of_either(organisation_id=request.organisation_id, entrustment_id=entrustment_id)
    keepers.name_keeper(
        office_id=view.office_id,
        customer_id=view.customer_id,
        keeper_id=request.organisation_id,
        by=request.actor,
        at=request.at,
    )
    messages.success(request, gettext("委託に同意しました。いつでも、この画面で終えられます。"))
    return redirect("desk:entrustments.listing")


@door(Permission.HANDLING_MANAGE)
@require_POST
def decline(request: Visit, entrustment_id: UUID) -> HttpResponse:
    """Say no to an offer."""
    entrustments.decline(
        client_id=request.organisation_id, entrustment_id=entrustment_id, by=request.actor, at=request.at
    )
    messages.success(request, gettext("申し出を断りました。"))
    return redirect("desk:entrustments.listing")


@door(Permission.HANDLING_MANAGE)
@require_POST
def end(request: Visit, entrustment_id: UUID) -> HttpResponse:
    """End an entrustment from the client's side."""
    entrustments.end(client_id=request.organisation_id, entrustment_id=entrustment_id, by=request.actor, at=request.at)
    messages.success(request, gettext("委託を終えました。この時から、事務所はこの組織の画面を開けません。"))
    return redirect("desk:entrustments.listing")


@door(Permission.HANDLING_MANAGE, recent=True)
@require_GET
def report(request: Visit, entrustment_id: UUID, year: int) -> HttpResponse:
    """委託先の監督の記録, for the client."""
    return _report(request, entrustment_id, year)


@door(Permission.CUSTOMERS_MANAGE, recent=True)
@require_GET
def office_report(request: Visit, entrustment_id: UUID, year: int) -> HttpResponse:
    """委託先の監督の記録, for the office."""
    return _report(request, entrustment_id, year)


def _report(request: Visit, entrustment_id: UUID, year: int) -> HttpResponse:
    """What was agreed and what the office did in a year, as a paper (S-14)."""
    view = queries.of_either(organisation_id=request.organisation_id, entrustment_id=entrustment_id)
    if not view.offered_at.astimezone(JST).year <= year <= request.at.astimezone(JST).year:
        raise NotFound
    names = organisations.office_names(organisation_id=view.office_id)
    done = trail.tally(
        organisation_id=view.client_id,
        actor_ids=names.keys(),
        since=datetime(year, 1, 1, tzinfo=JST),
        until=datetime(year + 1, 1, 1, tzinfo=JST),
    )
    title = f"委託先の監督の記録 {year}年"
    paper = papers.pdf(
        "desk/entrustments/report.html",
        {
            "entrustment": view,
            "year": year,
            "made_on": jst_day(request.at),
            "tasks": [TASKS[task] for task in view.tasks],
            "clauses": [(CLAUSES[clause], clause in view.clauses) for clause in Clause],
            "disposed": keepings.disposed_between(
                organisation_id=view.client_id,
                since=datetime(year, 1, 1, tzinfo=JST),
                until=datetime(year + 1, 1, 1, tzinfo=JST),
            ),
            "done": [(names[actor_id], gettext(sentence), times) for actor_id, sentence, times in done],
        },
        title=title,
    )
    acting.record_report(entrustment_id=entrustment_id, by=request.actor, year=year, at=request.at)
    answer = HttpResponse(paper, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="supervision-{year}.pdf"'
    return answer


routes = [
    path("customers/<uuid:customer_id>/offer/", offer, name="entrustments.offer"),
    path("entrustments/", listing, name="entrustments.listing"),
    path("entrustments/stop/", stop, name="entrustments.stop"),
    path("entrustments/<uuid:entrustment_id>/withdraw/", withdraw, name="entrustments.withdraw"),
    path("entrustments/<uuid:entrustment_id>/stop-serving/", stop_serving, name="entrustments.stop_serving"),
    path("entrustments/<uuid:entrustment_id>/act/", act, name="entrustments.act"),
    path("entrustments/<uuid:entrustment_id>/agree/", agree, name="entrustments.agree"),
    path("entrustments/<uuid:entrustment_id>/decline/", decline, name="entrustments.decline"),
    path("entrustments/<uuid:entrustment_id>/end/", end, name="entrustments.end"),
    path("entrustments/<uuid:entrustment_id>/report/<int:year>.pdf", report, name="entrustments.report"),
    path(
        "entrustments/<uuid:entrustment_id>/office-report/<int:year>.pdf",
        office_report,
        name="entrustments.office_report",
    ),
]
