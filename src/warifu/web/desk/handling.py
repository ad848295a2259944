"""取扱いの定め: the first-run wizard, and the same screens for every later change (P-15, S-02)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from warifu.collection.actions import purpose_notices
from warifu.foundation.actor import Role
from warifu.foundation.purposes import CHOOSABLE, Purpose
from warifu.foundation.refusals import Refused
from warifu.organisations import actions, queries
from warifu.organisations.queries import PlanView
from warifu.organisations.rules import Permission
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.refusals import in_words

_PURPOSES = [(purpose.value, _(purpose.label)) for purpose in CHOOSABLE]


class PurposesField(forms.TypedMultipleChoiceField):
    """Some of the closed list of purposes (P-01)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=_PURPOSES, coerce=Purpose, widget=forms.CheckboxSelectMultiple, **kwargs)


class PurposesForm(forms.Form):
    """Step 1: what the numbers are for."""

    purposes = PurposesField(
        label=_("個人番号の使い道"),
        help_text=_(
            "法律で決まった一覧から選びます。いま必要なものと、近いうちに必要になるものを、まとめて選んでください。"
        ),
        error_messages={"required": _("少なくとも一つの使い道を選んでください。")},
    )


class PlacesForm(forms.Form):
    """Step 2: the files, the area, and whom a sign of a leak is reported to (S-02, S-07)."""

    file_names = forms.CharField(
        label=_("扱うファイル"),
        widget=forms.Textarea({"rows": 3}),
        help_text=_("個人番号が入るファイルの名前です。例: 従業員等の特定個人情報ファイル"),
        error_messages={"required": _("扱うファイルを書いてください。")},
    )
    area = forms.CharField(
        label=_("取扱区域"),
        widget=forms.Textarea({"rows": 2}),
        help_text=_("個人番号を扱う場所です。例: 人事課の執務室(関係者以外は入れません)"),
        error_messages={"required": _("取扱区域を書いてください。")},
    )
    report_route = forms.CharField(
        label=_("漏えいなどの報告経路"),
        widget=forms.Textarea({"rows": 3}),
        help_text=_("おかしいと気づいた人が、だれに、どの順で知らせるかです。例: 気づいた人 → 責任者 → 代表取締役"),
        error_messages={"required": _("漏えいなどの報告経路を書いてください。")},
    )


class ResponsibleForm(forms.Form):
    """Step 3, first half: the responsible person."""

    responsible = forms.TypedChoiceField(
        label=_("責任者"),
        coerce=UUID,
        error_messages={"required": _("責任者を選んでください。")},
    )

    def __init__(self, *args: Any, people: list[queries.MemberView], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        able = [person for person in people if Role.RESPONSIBLE in person.roles]
        choices = [("", _("選んでください")), *((str(person.id), person.full_name) for person in able)]
        self.fields["responsible"].choices = choices  # type: ignore[attr-defined]


class AppointForm(forms.Form):
    """Step 3, second half: one handler with purposes and range (P-15 step C)."""

    member = forms.TypedChoiceField(
        label=_("事務取扱担当者"), coerce=UUID, error_messages={"required": _("担当者を選んでください。")}
    )
    purposes = PurposesField(
        label=_("担当する使い道"), error_messages={"required": _("担当する使い道を、少なくとも一つ選んでください。")}
    )
    range = forms.CharField(
        label=_("担当する範囲"),
        max_length=300,
        help_text=_("だれの番号を扱うかです。例: 全従業員、東京本社の従業員と扶養親族"),
        error_messages={"required": _("担当する範囲を書いてください。")},
    )

    def __init__(self, *args: Any, people: list[queries.MemberView], plan: PlanView, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        able = [person for person in people if person.roles & (Role.HANDLER | Role.RESPONSIBLE)]
        choices = [("", _("選んでください")), *((str(person.id), person.full_name) for person in able)]
        self.fields["member"].choices = choices  # type: ignore[attr-defined]
        offered = [(purpose.value, _(purpose.label)) for purpose in plan.purposes]
        self.fields["purposes"].choices = offered or _PURPOSES  # type: ignore[attr-defined]
        self.fields["purposes"].initial = [purpose.value for purpose in plan.purposes]


@door(Permission.HANDLING_MANAGE)
def page(request: Visit) -> HttpResponse:
    """The plan as it stands, and the way to change it."""
    plan = queries.handling_plan(organisation_id=request.organisation_id)
    return render(request, "desk/handling/page.html", {"plan": plan, "purposes": _labels(plan)})


@door(Permission.HANDLING_MANAGE)
def purposes(request: Visit) -> HttpResponse:
    """Step 1: the purposes."""
    plan = queries.handling_plan(organisation_id=request.organisation_id)
    form = PurposesForm(request.POST or None, initial={"purposes": [purpose.value for purpose in plan.purposes]})
    if request.method == "POST" and form.is_valid():
        _write(request, plan, purposes=form.cleaned_data["purposes"])
        return redirect("desk:handling.places")
    return _step(request, "purposes", form)


@door(Permission.HANDLING_MANAGE)
def places(request: Visit) -> HttpResponse:
    """Step 2: files, area, report route."""
    plan = queries.handling_plan(organisation_id=request.organisation_id)
    initial = {"file_names": plan.files, "area": plan.area, "report_route": plan.report_route}
    form = PlacesForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        _write(request, plan, files=given["file_names"], area=given["area"], report_route=given["report_route"])
        return redirect("desk:handling.people")
    return _step(request, "places", form)


@door(Permission.HANDLING_MANAGE)
def people(request: Visit) -> HttpResponse:
    """Step 3: who is responsible and who handles."""
    return _people(request)


@door(Permission.HANDLING_MANAGE, recent=True)
@require_POST
def responsible(request: Visit) -> HttpResponse:
    """Name the responsible person."""
    members = queries.office_members(organisation_id=request.organisation_id)
    form = ResponsibleForm(request.POST, people=members)
    if not form.is_valid():
        return _people(request, responsible_form=form)
    plan = queries.handling_plan(organisation_id=request.organisation_id)
    _write(request, plan, responsible_id=form.cleaned_data["responsible"])
    messages.success(request, gettext("責任者を決めました。"))
    return redirect("desk:handling.people")


@door(Permission.HANDLING_MANAGE, recent=True)
@require_POST
def appoint(request: Visit) -> HttpResponse:
    """Appoint a handler; a running appointment of the same person is replaced."""
    plan = queries.handling_plan(organisation_id=request.organisation_id)
    form = AppointForm(request.POST, people=queries.office_members(organisation_id=request.organisation_id), plan=plan)
    if not form.is_valid():
        return _people(request, appoint_form=form)
    actions.appoint(
        organisation_id=request.organisation_id,
        member_id=form.cleaned_data["member"],
        purposes=form.cleaned_data["purposes"],
        range_text=form.cleaned_data["range"],
        by=request.actor,
        at=request.at,
    )
    messages.success(request, gettext("担当者を任命しました。"))
    return redirect("desk:handling.people")


@door(Permission.HANDLING_MANAGE, recent=True)
@require_POST
def dismiss(request: Visit, member_id: UUID) -> HttpResponse:
    """End a handler's appointment."""
    actions.dismiss(organisation_id=request.organisation_id, member_id=member_id, by=request.actor, at=request.at)
    messages.success(request, gettext("任を解きました。"))
    return redirect("desk:handling.people")


@door(Permission.HANDLING_MANAGE)
def review(request: Visit) -> HttpResponse:
    """Step 4: look it over, then make it hold; the purposes are announced with it (P-03)."""
    refusal: Refused | None = None
    if request.method == "POST":
        try:
            actions.complete_plan(organisation_id=request.organisation_id, by=request.actor, at=request.at)
        except actions.PlanIncomplete as incomplete:
            refusal = incomplete
        else:
            purpose_notices.publish(organisation_id=request.organisation_id, by=request.actor, at=request.at)
            messages.success(request, gettext("取扱いの定めを整えました。個人番号の提出を頼めます。"))
            return redirect("desk:handling.page")
    plan = queries.handling_plan(organisation_id=request.organisation_id)
    context = {
        "plan": plan,
        "purposes": _labels(plan),
        "refusal": refusal and in_words(refusal),
    }
    return render(request, "desk/handling/review.html", context, status=refusal.status if refusal else 200)


def _write(request: Visit, plan: PlanView, **changed: Any) -> None:
    values = {
        "purposes": list(plan.purposes),
        "files": plan.files,
        "area": plan.area,
        "report_route": plan.report_route,
        "responsible_id": plan.responsible_id,
    }
    actions.write_plan(organisation_id=request.organisation_id, by=request.actor, at=request.at, **(values | changed))


def _step(request: Visit, name: str, form: forms.Form) -> HttpResponse:
    return render(request, f"desk/handling/{name}.html", {"form": form}, status=422 if form.errors else 200)


def _people(
    request: Visit, *, responsible_form: ResponsibleForm | None = None, appoint_form: AppointForm | None = None
) -> HttpResponse:
    plan = queries.handling_plan(organisation_id=request.organisation_id)
    members = queries.office_members(organisation_id=request.organisation_id)
    chosen = {"responsible": str(plan.responsible_id or "")}
    context = {
        "plan": plan,
        "responsible_form": responsible_form or ResponsibleForm(initial=chosen, people=members),
        "appoint_form": appoint_form or AppointForm(people=members, plan=plan),
        "appointments": [(line, [gettext(purpose.label) for purpose in line.purposes]) for line in plan.appointments],
        "lacks_responsible": not any(Role.RESPONSIBLE in member.roles for member in members),
        "lacks_handler": not any(Role.HANDLER in member.roles for member in members),
    }
    status = 422 if responsible_form or appoint_form else 200
    return render(request, "desk/handling/people.html", context, status=status)


def _labels(plan: PlanView) -> list[str]:
    return [gettext(purpose.label) for purpose in plan.purposes]


routes = [
    path("handling/", page, name="handling.page"),
    path("handling/purposes/", purposes, name="handling.purposes"),
    path("handling/places/", places, name="handling.places"),
    path("handling/people/", people, name="handling.people"),
    path("handling/responsible/", responsible, name="handling.responsible"),
    path("handling/appoint/", appoint, name="handling.appoint"),
    path("handling/dismiss/<uuid:member_id>/", dismiss, name="handling.dismiss"),
    path("handling/review/", review, name="handling.review"),
]
