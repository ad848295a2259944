"""利用者コードの申込み: the applicant's wizard, list and result (002-7 … 002-35)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from warifu.applications.actions import deadlines, drafts
from warifu.applications.queries import applications as queries
from warifu.applications.queries import billing, schemes
from warifu.applications.rules import industries
from warifu.applications.rules.allotment import Line
from warifu.applications.rules.billing import BASE, STATISTICS, PriceLine, month_after, month_of
from warifu.applications.rules.form import MANAGER, MOST_LINES, PERSON, chosen_of, lines_of, tabs_of
from warifu.applications.rules.planner import earliest_start
from warifu.applications.rules.procedures import ALL, IDENTIFICATIONS, USER_CODES, declared, steps_of
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import NotFound, Refused
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission
from warifu.web.shared.application_forms import (
    LineForm,
    OperationForm,
    PersonForm,
    StartForm,
    TypedField,
    VersionedForm,
    chosen_field,
    described,
    field_name,
    operation_name,
    said,
    tab_name,
)
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.paging import count_or, id_or_none

SPARE_LINES = 2
SHOWN_IDS = 50


@door(Permission.APPLY)
@require_GET
def listing(request: Visit) -> HttpResponse:
    """The organisation's applications and the IDs that it has."""
    text = request.GET.get("q", "").strip()
    lines, older = queries.own_page(
        organisation_id=request.organisation_id, text=text, before=id_or_none(request.GET.get("before", ""))
    )
    following = (
        f"{reverse('desk:applications.listing')}?{urlencode({'q': text, 'before': str(older)})}" if older else ""
    )
    context = {
        "lines": [(line, operation_name(line.procedure, line.operation)) for line in lines],
        "issued": schemes.issued(organisation_id=request.organisation_id, limit=SHOWN_IDS),
        "text": text,
        "older": following,
        "procedures": [one for one in ALL if one is not USER_CODES],
    }
    return render(request, "desk/applications/listing.html", context)


@door(Permission.APPLY)
@require_http_methods(["GET", "POST"])
def start(request: Visit, procedure: str = USER_CODES.key) -> HttpResponse:
    """What to prepare and the way to completion, then the kind of application (③ ④); each procedure has its entrance
    (002-1)."""
    declaration = next((one for one in ALL if one.key == procedure), None)
    if declaration is None:
        raise NotFound
    known = [(str(key), name) for key, name in schemes.all_schemes()]
    form = StartForm(request.POST or None, procedure=declaration, schemes=known)
    if request.method == "POST" and form.is_valid():
        application_id = drafts.start(
            organisation_id=request.organisation_id,
            scheme_id=UUID(form.cleaned_data["scheme"]),
            procedure=declaration.key,
            operation=form.cleaned_data["operation"],
            by=request.actor,
            at=request.at,
        )
        return redirect("desk:applications.operation", application_id=application_id)
    earliest = earliest_start(
        decided_on=jst_day(request.at),
        exceptions=organisations.calendar_exceptions(organisation_id=request.organisation_id),
    )
    context = {
        "form": form,
        "procedure": declaration,
        "others": [one for one in ALL if one is not declaration],
        "has_schemes": bool(known),
        "has_codes": declaration is USER_CODES or schemes.has_codes(organisation_id=request.organisation_id),
        "earliest": earliest,
    }
    return render(request, "desk/applications/start.html", context, status=422 if form.errors else 200)


@door(Permission.APPLY)
@require_http_methods(["GET", "POST"])
def operation(request: Visit, application_id: UUID) -> HttpResponse:
    """④ when and why."""
    view = _own(request, application_id)
    form = OperationForm(
        request.POST or None,
        initial={
            "version": view.version,
            "desired_start": _day(view.form.get("desired_start")),
            "reason": view.form.get("reason", ""),
        },
    )
    if request.method == "POST" and form.is_valid():
        start_on = form.cleaned_data["desired_start"]
        refusal = start_on and drafts.start_trouble(
            organisation_id=request.organisation_id, application_id=application_id, start=start_on, at=request.at
        )
        if refusal and "later" not in request.POST:
            form.add_error("desired_start", said(refusal))
            return _step(request, view, form, "operation")
        values = {
            "desired_start": start_on.isoformat() if start_on else "",
            "reason": form.cleaned_data["reason"],
        }
        return _save(request, view, form, values, "desk:applications.person", step="operation")
    return _step(request, view, form, "operation")


@door(Permission.APPLY)
@require_http_methods(["GET", "POST"])
def person(request: Visit, application_id: UUID) -> HttpResponse:
    """⑤ who applies, who answers for it."""
    view = _own(request, application_id)
    fields = [("person", name) for name in PERSON] + [("manager", name) for name in MANAGER]
    initial = {f"{role}_{name}": view.form.get(role, {}).get(name, "") for role, name in fields}
    if "person" not in view.form:
        member = organisations.member(organisation_id=request.organisation_id, member_id=request.member_id)
        initial |= {
            "person_name": member.full_name,
            "person_kana": member.full_kana,
            "person_department": member.department,
            "person_mail": member.mail,
        }
    form = PersonForm(request.POST or None, initial={"version": view.version, **initial})
    if request.method == "POST" and form.is_valid():
        values: dict[str, dict[str, str]] = {"person": {}, "manager": {}}
        for role, name in fields:
            values[role][name] = form.cleaned_data[f"{role}_{name}"]
        return _save(request, view, form, values, "desk:applications.codes", step="person")
    return _step(request, view, form, "person")


@door(Permission.APPLY)
@require_http_methods(["GET", "POST"])
def codes(request: Visit, application_id: UUID) -> HttpResponse:
    """⑥ ⑦ lines with placeholders, or the codes that are changed or ended."""
    view = _own(request, application_id)
    if view.line.operation != "add":
        return _chosen_codes(request, view)
    version = VersionedForm(request.POST or None, initial={"version": view.version})
    lines = _line_forms(request, view)
    if request.method == "POST" and version.is_valid() and all(each.is_valid() for each in lines):
        following = "desk:applications.codes" if "more" in request.POST else "desk:applications.settings"
        return _save(request, view, version, {"lines": _filled(lines)}, following, step="codes", lines=lines)
    return _step(request, view, version, "codes", lines=lines, **_outlook(request, view, view.form))


@door(Permission.APPLY)
@require_POST
def outlook(request: Visit, application_id: UUID) -> HttpResponse:
    """What would come out of the lines as they stand on the screen, while they are ticked; nothing is saved."""
    view = _own(request, application_id)
    lines = _line_forms(request, view)
    typed = {"lines": _filled([each for each in lines if each.is_valid()])}
    return render(request, "desk/applications/outlook.html", {"view": view, **_outlook(request, view, typed)})


@door(Permission.APPLY)
@require_http_methods(["GET", "POST"])
def settings(request: Visit, application_id: UUID) -> HttpResponse:
    """⑧ system settings by name and industry."""
    view = _own(request, application_id)
    tabs = _tabs(request, view)
    form = VersionedForm(request.POST or None, initial={"version": view.version})
    kept = view.form.get("settings", {})
    for code, keys in tabs.items():
        for tab in keys:
            form.fields[f"{code}:{tab}"] = TypedField(
                "setting",
                is_needed=view.line.operation == "add",
                label=tab_name(tab),
                initial=kept.get(code, {}).get(tab, ""),
                widget=forms.Textarea({"rows": 2}),
            )
    if request.method == "POST" and form.is_valid():
        values = {code: {tab: form.cleaned_data[f"{code}:{tab}"] for tab in keys} for code, keys in tabs.items()}
        return _save(request, view, form, {"settings": values}, "desk:applications.review", step="settings")
    groups = [(code, [form[f"{code}:{tab}"] for tab in keys]) for code, keys in tabs.items()]
    return _step(request, view, form, "settings", groups=groups)


@door(Permission.APPLY)
@require_http_methods(["GET", "POST"])
def review(request: Visit, application_id: UUID) -> HttpResponse:
    """⑨ ⑩ everything once more, what is the matter, which IDs would come out; then send."""
    view = _own(request, application_id)
    if request.method == "POST":
        try:
            drafts.submit(
                organisation_id=request.organisation_id,
                application_id=application_id,
                version=count_or(request.POST.get("version", ""), 0),
                by=request.actor,
                at=request.at,
            )
        except drafts.FormIncomplete:
            pass
        else:
            return redirect("desk:applications.page", application_id=application_id)
    found = drafts.faults(organisation_id=request.organisation_id, application_id=application_id, at=request.at)
    context = {
        "view": view,
        "faults": [
            (field_name(fault.field), said(fault.refusal), f"desk:applications.{fault.step}") for fault in found
        ],
        "lines": described(view.form),
        "settings": _settings_told(view),
        **_frame(view, "review"),
        **_outlook(request, view, view.form),
    }
    return render(request, "desk/applications/review.html", context, status=422 if request.method == "POST" else 200)


@door(Permission.APPLY)
@require_GET
def page(request: Visit, application_id: UUID) -> HttpResponse:
    """⑪ and after: receipt, state, questions, what was decided, which IDs, what comes next."""
    view = _own(request, application_id)
    context = {
        "view": view,
        "operation": operation_name(view.line.procedure, view.line.operation),
        "lines": described(view.form),
        "settings": _settings_told(view),
        "may_change": view.line.state in ("draft", "sent_back"),
        "may_withdraw": view.line.state in ("draft", "submitted", "in_review", "sent_back", "on_hold"),
        "procedure": declared(subject=view.line.procedure, operation=view.line.operation),
        "asked": [(field_name(comment.field), comment) for comment in view.comments],
    }
    return render(request, "desk/applications/page.html", context)


@door(Permission.APPLY)
@require_POST
def copy(request: Visit, application_id: UUID) -> HttpResponse:
    """Begin anew with what this one says."""
    new = drafts.copy(
        organisation_id=request.organisation_id, application_id=application_id, by=request.actor, at=request.at
    )
    messages.success(request, gettext("写しを作りました。開始希望日を入れてください。"))
    return redirect("desk:applications.operation", application_id=new)


@door(Permission.APPLY)
@require_POST
def withdraw(request: Visit, application_id: UUID) -> HttpResponse:
    """Take it back."""
    drafts.withdraw(
        organisation_id=request.organisation_id, application_id=application_id, by=request.actor, at=request.at
    )
    messages.success(request, gettext("申込みを取り下げました。"))
    return redirect("desk:applications.page", application_id=application_id)


@door(Permission.APPLY)
@require_POST
def settle(request: Visit, application_id: UUID) -> HttpResponse:
    """Note that the system settings were applied for."""
    deadlines.settle(
        organisation_id=request.organisation_id, application_id=application_id, by=request.actor, at=request.at
    )
    messages.success(request, gettext("システム設定の申込みを記録しました。"))
    return redirect("desk:applications.page", application_id=application_id)


def _own(request: Visit, application_id: UUID) -> queries.ApplicationView:
    return queries.own(organisation_id=request.organisation_id, application_id=application_id)


def _save(
    request: Visit,
    view: queries.ApplicationView,
    form: forms.Form,
    values: Mapping[str, Any],
    following: str,
    *,
    step: str,
    **more: Any,
) -> HttpResponse:
    """Keep a step and go on. When another tab has saved meanwhile, what was typed here stays on the screen unsaved."""
    try:
        drafts.save_step(
            organisation_id=request.organisation_id,
            application_id=view.line.id,
            version=form.cleaned_data["version"],
            values=values,
            by=request.actor,
            at=request.at,
        )
    except drafts.ChangedMeanwhile as refusal:
        typed = request.POST.copy()
        typed["version"] = str(_own(request, view.line.id).version)
        form.data = typed
        answer = _step(request, view, form, step, overtaken=refusal, **more)
        answer.status_code = refusal.status
        return answer
    if "later" in request.POST:
        messages.success(request, gettext("下書きを保存しました。"))
        return redirect("desk:applications.listing")
    return redirect(following, application_id=view.line.id)


def _step(request: Visit, view: queries.ApplicationView, form: forms.Form, step: str, **more: Any) -> HttpResponse:
    asked = [(field_name(comment.field), comment) for comment in view.comments if not comment.is_settled]
    context = {"view": view, "form": form, "asked": asked, **_frame(view, step), **more}
    has_errors = form.errors or any(each.errors for each in more.get("lines", ()))
    return render(request, f"desk/applications/{step}.html", context, status=422 if has_errors else 200)


def _frame(view: queries.ApplicationView, step: str) -> dict[str, Any]:
    procedure = declared(subject=view.line.procedure, operation=view.line.operation)
    steps = steps_of(procedure=procedure, operation=view.line.operation)
    place = next(number for number, one in enumerate(steps, start=1) if one.key == step)
    return {
        "procedure": procedure,
        "operation": operation_name(view.line.procedure, view.line.operation),
        "steps": [gettext(one.title) for one in steps],
        "place": place,
        "step": steps[place - 1],
        "margins": [margin for margin in procedure.margins if margin.step == step],
        "before": steps[place - 2] if place > 1 else None,
    }


def _chosen_codes(request: Visit, view: queries.ApplicationView) -> HttpResponse:
    form = VersionedForm(request.POST or None, initial={"version": view.version})
    subject = view.line.procedure
    own = schemes.living_numbers(organisation_id=request.organisation_id, scheme_id=view.scheme_id)
    choices = [(code, code) for code in own]
    name, following = "user_codes", "desk:applications.settings"
    if subject == IDENTIFICATIONS.key:
        name = "user_ids"
        choices = [(code + number, code + number) for code, numbers in own.items() for number in numbers]
    if view.line.operation == "delete":
        following = "desk:applications.review"
    form.fields[name] = chosen_field(subject=subject, choices=choices, chosen=chosen_of(view.form, subject))
    if request.method == "POST" and form.is_valid():
        return _save(request, view, form, {name: form.cleaned_data[name]}, following, step="codes")
    return _step(request, view, form, "codes")


def _line_forms(request: Visit, view: queries.ApplicationView) -> list[LineForm]:
    kept = [line for line in view.form.get("lines", []) if isinstance(line, Mapping)]
    own = schemes.living_numbers(organisation_id=request.organisation_id, scheme_id=view.scheme_id)
    count = len(kept) + (SPARE_LINES if not kept else 1)
    if request.method == "POST":
        count = min(count_or(request.POST.get("lines", ""), count), MOST_LINES)
    codes = [(code, code) for code in own]
    if view.line.procedure != IDENTIFICATIONS.key:
        codes = [(f"追加{number}", f"追加{number}") for number in range(1, count + 1)] + codes
    found = []
    for place in range(count):
        initial: dict[str, Any] = {"user_code": codes[0][0] if codes else ""}
        if place < len(kept):
            initial = {**kept[place], "shares_sign_on": "yes" if kept[place].get("shares_sign_on") else "no"}
        found.append(LineForm(request.POST or None, initial=initial, prefix=f"line{place}", codes=codes))
    return found


def _filled(lines: list[LineForm]) -> list[dict[str, Any]]:
    return [each.cleaned_data for each in lines if each.cleaned_data["industries"]]


def _tabs(request: Visit, view: queries.ApplicationView) -> dict[str, list[str]]:
    if view.line.operation == "add":
        return tabs_of(view.form)
    chosen = chosen_of(view.form, view.line.procedure)
    month = month_of(jst_day(request.at))
    own = billing.code_views(organisation_id=request.organisation_id, month=month)
    return {
        code.text: ["name", *(key for key in code.industries if industries.INDUSTRIES[key].needs_settings)]
        for code in own
        if code.text in chosen
    }


def _settings_told(view: queries.ApplicationView) -> list[tuple[str, list[tuple[str, str]]]]:
    kept = view.form.get("settings", {})
    return [
        (code, [(tab_name(tab), text) for tab, text in tabs.items() if text])
        for code, tabs in kept.items()
        if any(tabs.values())
    ]


def _outlook(request: Visit, view: queries.ApplicationView, form: Mapping[str, Any]) -> dict[str, Any]:
    """The IDs that would come out now, why industries cannot share, free statistics, what a month costs."""
    lines = lines_of(form)
    if view.line.operation != "add" or not lines:
        return {"preview": None}
    blocked = [shared for line in lines if not (shared := _shared(line)).is_possible]
    context: dict[str, Any] = {
        "blocked": [
            (gettext(shared.reason), [gettext(industries.INDUSTRIES[key].name) for key in shared.remove])
            for shared in blocked
        ],
    }
    try:
        found = schemes.would_allot(scheme_id=view.scheme_id, organisation_id=request.organisation_id, lines=lines)
    except Refused as refusal:
        return {**context, "preview": None, "preview_refusal": said(refusal)}
    everything = {key for line in lines for key in line.industries if key in industries.INDUSTRIES}
    month = month_after(month_of(jst_day(request.at)))
    plan = billing.plan_of(organisation_id=request.organisation_id, scheme_id=view.scheme_id, month=month)
    prices = billing.current_prices(scheme_id=view.scheme_id, month=month)
    return {
        **context,
        "preview": found,
        "outlook": [
            (one, [gettext(industries.INDUSTRIES[key].name) for key in one.industries if key in industries.INDUSTRIES])
            for one in found.identifications
        ],
        "statistics": industries.statistics(industries=everything),
        "paid": _yen(prices[plan].get(STATISTICS)),
        "base": {each: _yen(table.get(BASE)) for each, table in prices.items()},
        "plan": plan,
    }


def _yen(price: PriceLine | None) -> str:
    return "—" if price is None else f"{price.amount:,}"


def _shared(line: Line) -> industries.Sharing:
    known = [key for key in line.industries if key in industries.INDUSTRIES]
    return industries.sharing(industries=known) if line.shares_sign_on else industries.Sharing(is_possible=True)


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None


_AT = "applications/<uuid:application_id>/"
routes = [
    path("applications/", listing, name="applications.listing"),
    path("applications/start/", start, name="applications.start"),
    path("applications/start/<slug:procedure>/", start, name="applications.start"),
    path(_AT, page, name="applications.page"),
    path(f"{_AT}operation/", operation, name="applications.operation"),
    path(f"{_AT}person/", person, name="applications.person"),
    path(f"{_AT}codes/", codes, name="applications.codes"),
    path(f"{_AT}outlook/", outlook, name="applications.outlook"),
    path(f"{_AT}settings/", settings, name="applications.settings"),
    path(f"{_AT}review/", review, name="applications.review"),
    path(f"{_AT}copy/", copy, name="applications.copy"),
    path(f"{_AT}withdraw/", withdraw, name="applications.withdraw"),
    path(f"{_AT}settle/", settle, name="applications.settle"),
]
