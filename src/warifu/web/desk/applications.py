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
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from warifu.applications.actions import deadlines, drafts
from warifu.applications.queries import applications as queries
from warifu.applications.queries import schemes
from warifu.applications.rules import allotment, industries
from warifu.applications.rules.form import MANAGER, PERSON
from warifu.applications.rules.form import lines_of as lines_of_form
from warifu.applications.rules.planner import earliest_start
from warifu.applications.rules.procedures import USER_CODES
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import Refused
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.forms import DayField
from warifu.web.shared.paging import count_or, id_or_none

OPERATIONS = {
    "add": _("利用者コードを追加する"),
    "change": _("利用者コードの内容を変える"),
    "delete": _("利用者コードを削除する"),
}
METHODS = {allotment.NET: _("netNACCS"), allotment.GENERAL: _("一般")}
SPARE_LINES = 2


class StartForm(forms.Form):
    """What is asked for, under which scheme."""

    scheme = forms.ChoiceField(label=_("申込先"))
    operation = forms.ChoiceField(label=_("申込みの種類"), choices=list(OPERATIONS.items()), widget=forms.RadioSelect)


class VersionedForm(forms.Form):
    """A step of the wizard: which version of the draft its page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class OperationForm(VersionedForm):
    """When and why (④)."""

    desired_start = DayField(label=_("利用開始希望日"), required=False)
    reason = forms.CharField(label=_("変更の理由"), required=False, max_length=500, widget=forms.Textarea({"rows": 3}))


class PersonForm(VersionedForm):
    """Who applies and who answers for it (⑤)."""

    person_name = forms.CharField(label=_("申込担当者の氏名"), required=False, max_length=100)
    person_kana = forms.CharField(label=_("フリガナ"), required=False, max_length=100)
    person_department = forms.CharField(label=_("部署"), required=False, max_length=100)
    person_phone = forms.CharField(label=_("電話番号"), required=False, max_length=20)
    person_mail = forms.CharField(
        label=_("申込担当者のメールアドレス"), required=False, max_length=254, widget=forms.EmailInput
    )
    manager_name = forms.CharField(label=_("責任者の氏名"), required=False, max_length=100)
    manager_mail = forms.CharField(
        label=_("責任者のメールアドレス"), required=False, max_length=254, widget=forms.EmailInput
    )


class LineForm(forms.Form):
    """One line: which code, which industries, how many numbers (⑥ ⑦)."""

    user_code = forms.ChoiceField(label=_("利用者コード"))
    industries = forms.MultipleChoiceField(
        label=_("業種"),
        required=False,
        choices=[(key, industry.name) for key, industry in industries.INDUSTRIES.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    shares_sign_on = forms.TypedChoiceField(
        label=_("シングルサインオン"),
        coerce=lambda value: value == "yes",
        choices=[("no", _("なし（業種ごとに識別番号を分ける）")), ("yes", _("あり（一つの識別番号でまとめる）"))],
        initial="no",
    )
    method = forms.ChoiceField(label=_("処理方式"), choices=list(METHODS.items()), initial=allotment.NET)
    count = forms.IntegerField(label=_("識別番号の数"), min_value=1, max_value=99, initial=1)


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
        "lines": [(line, OPERATIONS.get(line.operation, "")) for line in lines],
        "issued": schemes.issued(organisation_id=request.organisation_id),
        "text": text,
        "older": following,
        "procedure": USER_CODES,
    }
    return render(request, "desk/applications/listing.html", context)


@door(Permission.APPLY)
@require_http_methods(["GET", "POST"])
def start(request: Visit) -> HttpResponse:
    """What to prepare and the way to completion, then the kind of application (③ ④)."""
    form = StartForm(request.POST or None, initial={"operation": "add"})
    known = schemes.all_schemes()
    form.fields["scheme"].choices = [(str(key), name) for key, name in known]  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        application_id = drafts.start(
            organisation_id=request.organisation_id,
            scheme_id=UUID(form.cleaned_data["scheme"]),
            procedure=USER_CODES.key,
            operation=form.cleaned_data["operation"],
            by=request.actor,
            at=request.at,
        )
        return redirect("desk:applications.operation", application_id=application_id)
    earliest = earliest_start(
        decided_on=jst_day(request.at),
        exceptions=organisations.calendar_exceptions(organisation_id=request.organisation_id),
    )
    context = {"form": form, "procedure": USER_CODES, "has_schemes": bool(known), "earliest": earliest}
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
        values = {
            "desired_start": start_on.isoformat() if start_on else "",
            "reason": form.cleaned_data["reason"],
        }
        return _save(request, view, form, values, "desk:applications.person")
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
        return _save(request, view, form, values, "desk:applications.codes")
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
        kept = [each.cleaned_data for each in lines if each.cleaned_data["industries"]]
        following = "desk:applications.codes" if "more" in request.POST else "desk:applications.settings"
        return _save(request, view, version, {"lines": kept}, following)
    return _step(request, view, version, "codes", lines=lines, **_outlook(request, view))


@door(Permission.APPLY)
@require_http_methods(["GET", "POST"])
def settings(request: Visit, application_id: UUID) -> HttpResponse:
    """⑧ system settings by name and industry."""
    view = _own(request, application_id)
    tabs = _tabs(view)
    form = VersionedForm(request.POST or None, initial={"version": view.version})
    kept = view.form.get("settings", {})
    for code, keys in tabs.items():
        for tab, label in keys.items():
            form.fields[f"{code}:{tab}"] = forms.CharField(
                label=f"{code} {gettext(label)}",
                required=False,
                max_length=500,
                initial=kept.get(code, {}).get(tab, ""),
                widget=forms.Textarea({"rows": 2}),
            )
    if request.method == "POST" and form.is_valid():
        values = {code: {tab: form.cleaned_data[f"{code}:{tab}"] for tab in keys} for code, keys in tabs.items()}
        return _save(request, view, form, {"settings": values}, "desk:applications.review")
    return _step(request, view, form, "settings")


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
        "faults": [(fault, f"desk:applications.{fault.step}") for fault in found],
        "titles": {step.key: step.title for step in USER_CODES.steps},
        "lines": _described(view.form),
        **_frame("review"),
        **_outlook(request, view),
    }
    return render(request, "desk/applications/review.html", context, status=422 if request.method == "POST" else 200)


@door(Permission.APPLY)
@require_GET
def page(request: Visit, application_id: UUID) -> HttpResponse:
    """⑪ and after: receipt, state, questions, what was decided, which IDs, what comes next."""
    view = _own(request, application_id)
    context = {
        "view": view,
        "operation": OPERATIONS.get(view.line.operation, ""),
        "lines": _described(view.form),
        "may_change": view.line.state in ("draft", "sent_back"),
        "may_withdraw": view.line.state in ("draft", "submitted", "in_review", "sent_back", "on_hold"),
        "procedure": USER_CODES,
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
    request: Visit, view: queries.ApplicationView, form: forms.Form, values: Mapping[str, Any], following: str
) -> HttpResponse:
    drafts.save_step(
        organisation_id=request.organisation_id,
        application_id=view.line.id,
        version=form.cleaned_data["version"],
        values=values,
        by=request.actor,
        at=request.at,
    )
    if "later" in request.POST:
        messages.success(request, gettext("下書きを保存しました。"))
        return redirect("desk:applications.listing")
    return redirect(following, application_id=view.line.id)


def _step(request: Visit, view: queries.ApplicationView, form: forms.Form, step: str, **more: Any) -> HttpResponse:
    asked = [comment for comment in view.comments if not comment.is_settled]
    context = {"view": view, "form": form, "asked": asked, **_frame(step), **more}
    return render(request, f"desk/applications/{step}.html", context, status=422 if form.errors else 200)


def _frame(step: str) -> dict[str, Any]:
    place = USER_CODES.place(step)
    margins = [margin for margin in USER_CODES.margins if margin.step == step]
    before = USER_CODES.steps[place - 2] if place > 1 else None
    return {
        "steps": [gettext(title) for title in USER_CODES.step_titles()],
        "place": place,
        "step": USER_CODES.steps[place - 1],
        "margins": margins,
        "before": before,
    }


def _chosen_codes(request: Visit, view: queries.ApplicationView) -> HttpResponse:
    form = VersionedForm(request.POST or None, initial={"version": view.version})
    own = schemes.living_codes(organisation_id=request.organisation_id, scheme_id=view.scheme_id)
    form.fields["user_codes"] = forms.MultipleChoiceField(
        label=_("利用者コード"),
        required=False,
        choices=[(code, code) for code in own],
        initial=view.form.get("user_codes", []),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("変更または削除するものを選びます。"),
    )
    if request.method == "POST" and form.is_valid():
        return _save(request, view, form, {"user_codes": form.cleaned_data["user_codes"]}, "desk:applications.review")
    return _step(request, view, form, "codes", lines=[])


def _line_forms(request: Visit, view: queries.ApplicationView) -> list[LineForm]:
    kept = [line for line in view.form.get("lines", []) if isinstance(line, Mapping)]
    own = schemes.living_codes(organisation_id=request.organisation_id, scheme_id=view.scheme_id)
    count = len(kept) + SPARE_LINES
    if request.method == "POST":
        count = min(count_or(request.POST.get("lines", ""), count), 40)
    choices = [(f"追加{number}", f"追加{number}") for number in range(1, count + 1)] + [(code, code) for code in own]
    found = []
    for place in range(count):
        initial: dict[str, Any] = {"user_code": "追加1"}
        if place < len(kept):
            initial = {**kept[place], "shares_sign_on": "yes" if kept[place].get("shares_sign_on") else "no"}
        form = LineForm(request.POST or None, initial=initial, prefix=f"line{place}")
        form.fields["user_code"].choices = choices  # type: ignore[attr-defined]
        found.append(form)
    return found


def _tabs(view: queries.ApplicationView) -> dict[str, dict[str, str]]:
    tabs: dict[str, dict[str, str]] = {}
    for line in lines_of_form(view.form):
        mine = tabs.setdefault(line.user_code, {"name": gettext("名称")})
        for key in line.industries:
            industry = industries.INDUSTRIES.get(key)
            if industry is not None and industry.needs_settings:
                mine[key] = industry.name
    return tabs


def _outlook(request: Visit, view: queries.ApplicationView) -> dict[str, Any]:
    """The IDs that would come out now, why industries cannot share, free statistics, what a month costs."""
    lines = lines_of_form(view.form)
    if view.line.operation != "add" or not lines:
        return {"preview": None}
    try:
        found = drafts.preview(organisation_id=request.organisation_id, application_id=view.line.id)
    except Refused as refusal:
        return {"preview": None, "preview_refusal": gettext(refusal.sentence).format(**refusal.values)}
    everything = {key for line in lines for key in line.industries if key in industries.INDUSTRIES}
    blocked = [shared for line in lines if not (shared := _shared(line)).is_possible]
    return {
        "preview": found,
        "statistics": industries.statistics(industries=everything),
        "blocked": [
            (gettext(shared.reason), [gettext(industries.INDUSTRIES[key].name) for key in shared.remove])
            for shared in blocked
        ],
        "costs": {
            plan: industries.monthly_cost(plan=plan, paid=False, keeps=False, codes=len(found.codes)) for plan in "AB"
        },
        "paid": industries.PAID_STATISTICS,
    }


def _shared(line: allotment.Line) -> industries.Sharing:
    known = [key for key in line.industries if key in industries.INDUSTRIES]
    return industries.sharing(industries=known) if line.shares_sign_on else industries.Sharing(is_possible=True)


def _described(form: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "user_code": line.user_code,
            "industries": [
                gettext(industries.INDUSTRIES[key].name) for key in line.industries if key in industries.INDUSTRIES
            ],
            "shares": line.shares_sign_on,
            "method": METHODS.get(line.method, line.method),
            "count": line.count,
        }
        for line in lines_of_form(form)
    ]


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None


_AT = "applications/<uuid:application_id>/"
routes = [
    path("applications/", listing, name="applications.listing"),
    path("applications/start/", start, name="applications.start"),
    path(_AT, page, name="applications.page"),
    path(f"{_AT}operation/", operation, name="applications.operation"),
    path(f"{_AT}person/", person, name="applications.person"),
    path(f"{_AT}codes/", codes, name="applications.codes"),
    path(f"{_AT}settings/", settings, name="applications.settings"),
    path(f"{_AT}review/", review, name="applications.review"),
    path(f"{_AT}copy/", copy, name="applications.copy"),
    path(f"{_AT}withdraw/", withdraw, name="applications.withdraw"),
    path(f"{_AT}settle/", settle, name="applications.settle"),
]
