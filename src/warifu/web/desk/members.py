"""利用者と役割: who belongs here, what they may do, how they get in."""

from __future__ import annotations

from datetime import date
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

from warifu.collection.actions import joining, leaving
from warifu.credentials.actions import activation
from warifu.credentials.queries import activation as credentials
from warifu.credentials.queries.sessions import sessions_of
from warifu.foundation.actor import Role
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import Refused
from warifu.organisations import actions as organisations
from warifu.organisations import queries
from warifu.organisations.rules import Permission, roles_for
from warifu.vault.actions.keepings import NeedDayWrong
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.forms import DayField, add_refusal
from warifu.web.shared.words import ROLE_NAMES, role_names

_ROLE_NOTES: dict[Role, Any] = {
    Role.ADMINISTRATOR: _("利用者と設定を扱います。番号と画像は見られません。"),
    Role.RESPONSIBLE: _("取扱いの責任者。本人確認を最後に確かめます。"),
    Role.HANDLER: _("番号を集め、本人を確かめ、書類に使います。"),
    Role.RECEIVER: _("書類の不足を確かめて渡します。番号は手もとに残しません。"),
    Role.EMPLOYEE: _("自分の番号を提出し、自分の記録を見ます。"),
    Role.HEAD: _("事務所の責任者。利用者と設定を扱い、だれの再設定も始められます。"),
    Role.IT: _("IDと使える端末を扱います。所長と給与計算担当者のパスワードには触れられません。"),
    Role.PAYROLL: _("事務所の給与を計算します。"),
    Role.STAFF: _("顧客を受け持ち、顧客の再設定を始められます。"),
    Role.CUSTOMER: _("事務所の顧客として、自分のページを使います。"),
    Role.REVIEWER: _("ほかの組織の申込みを審査します。"),
}


def _choices(given: Role) -> list[tuple[str, Any]]:
    return [(str(int(role)), _(name)) for role, name in ROLE_NAMES.items() if role in given]


class RolesField(forms.TypedMultipleChoiceField):
    """Several roles, as one `Role`."""

    def __init__(self) -> None:
        super().__init__(
            label=_("役割"),
            choices=_choices(Role(sum(Role))),
            coerce=int,
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": _("少なくとも一つの役割を選んでください。")},
        )

    def clean(self, value: Any) -> Any:
        """The chosen roles together."""
        return Role(sum(super().clean(value)))


class RolesForm(forms.Form):
    """What a member may do."""

    roles = RolesField()

    def __init__(self, *args: Any, given: Role, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roles"].choices = _choices(given)  # type: ignore[attr-defined]


class MemberForm(RolesForm):
    """One new member."""

    family_name = forms.CharField(label=_("姓"), max_length=100, error_messages={"required": _("姓を入れてください。")})
    given_name = forms.CharField(label=_("名"), max_length=100, required=False)
    family_kana = forms.CharField(label=_("セイ"), max_length=100, required=False)
    given_kana = forms.CharField(label=_("メイ"), max_length=100, required=False)
    mail = forms.EmailField(
        label=_("メールアドレス"),
        required=False,
        help_text=_("はじめての設定のリンクを送る先です。"),
        error_messages={"invalid": _("メールアドレスの形を確かめてください。例: hanako@example.jp")},
    )
    employee_code = forms.CharField(label=_("社員番号"), max_length=40, required=False)
    department = forms.CharField(label=_("部署"), max_length=100, required=False)
    sends_link = forms.BooleanField(label=_("はじめての設定のリンクをすぐに送る"), required=False, initial=True)
    field_order = (
        "family_name", "given_name", "family_kana", "given_kana", "mail", "employee_code", "department",
        "roles", "sends_link",
    )  # fmt: skip


class LeavingForm(forms.Form):
    """When somebody left."""

    left_on = DayField(label=_("退職・退出の日"))


@door(Permission.MEMBERS_MANAGE)
def listing(request: Visit) -> HttpResponse:
    """The people with a role in the office, or whoever is searched for."""
    text = request.GET.get("q", "").strip()
    if text:
        found = queries.find_members(organisation_id=request.organisation_id, text=text)
    else:
        found = queries.office_members(organisation_id=request.organisation_id)
    ids = {member.id for member in found}
    active = credentials.members_with_password(organisation_id=request.organisation_id, member_ids=ids)
    invited = credentials.members_with_link(organisation_id=request.organisation_id, member_ids=ids, at=request.at)
    lines = [(member, _role_words(member.roles), member.id in active, member.id in invited) for member in found]
    is_alone = queries.count_leaders(organisation_id=request.organisation_id) == 1
    context = {"lines": lines, "text": text, "is_alone": is_alone}
    return render(request, "desk/members/listing.html", context)


@door(Permission.MEMBERS_MANAGE)
def add(request: Visit) -> HttpResponse:
    """Add one member by hand."""
    form = MemberForm(request.POST or None, initial={"roles": [int(Role.EMPLOYEE)]}, given=_given(request))
    if request.method == "POST" and form.is_valid():
        try:
            member_id = joining.welcome(
                organisation_id=request.organisation_id, by=request.actor, at=request.at, **form.cleaned_data
            )
        except Refused as refusal:
            add_refusal(form, refusal, None)
        else:
            messages.success(request, gettext("利用者を加えました。"))
            return redirect("desk:members.page", member_id=member_id)
    return render(request, "desk/members/add.html", {"form": form}, status=422 if form.errors else 200)


@door(Permission.MEMBERS_MANAGE)
def page(request: Visit, member_id: UUID) -> HttpResponse:
    """One member: particulars, roles, the ways in, and leaving."""
    return _page(request, member_id)


@door(Permission.MEMBERS_MANAGE, recent=True)
@require_POST
def roles(request: Visit, member_id: UUID) -> HttpResponse:
    """Give a member other roles; they hold from the next click on (V-01 8.3.2)."""
    form = RolesForm(request.POST, given=_given(request))
    if form.is_valid():
        try:
            organisations.change_roles(
                organisation_id=request.organisation_id,
                member_id=member_id,
                roles=form.cleaned_data["roles"],
                by=request.actor,
                at=request.at,
            )
        except (organisations.LastAdministrator, organisations.RolesNeeded) as refusal:
            add_refusal(form, refusal, "roles")
        else:
            messages.success(request, gettext("役割を変えました。いまから有効です。"))
            return redirect("desk:members.page", member_id=member_id)
    return _page(request, member_id, roles_form=form)


@door(Permission.MEMBERS_MANAGE)
@require_POST
def link(request: Visit, member_id: UUID) -> HttpResponse:
    """Mail a link: to begin, or to choose a new password. Nobody here learns either (L-08)."""
    reason = activation.send(
        organisation_id=request.organisation_id, member_id=member_id, by=request.actor, at=request.at
    )
    sent = {
        "first": gettext("はじめての設定のリンクを送ります。"),
        "reset": gettext("パスワードを決め直すリンクを送ります。"),
    }
    messages.success(request, sent[reason])
    return redirect("desk:members.page", member_id=member_id)


@door(Permission.MEMBERS_MANAGE, recent=True)
@require_POST
def leave(request: Visit, member_id: UUID) -> HttpResponse:
    """Record that a member has left; sessions, links and asking end at once (L-24, R-10)."""
    form = LeavingForm(request.POST, prefix="leaving")
    if form.is_valid():
        try:
            leaving.record(
                organisation_id=request.organisation_id,
                member_id=member_id,
                left_on=form.cleaned_data["left_on"],
                by=request.actor,
                at=request.at,
            )
        except (organisations.LastAdministrator, NeedDayWrong) as refusal:
            add_refusal(form, refusal, "left_on")
        else:
            messages.success(request, gettext("退職・退出を記録しました。サインインとリンクは、もう使えません。"))
            return redirect("desk:members.page", member_id=member_id)
    return _page(request, member_id, leaving_form=form)


def _page(
    request: Visit,
    member_id: UUID,
    *,
    roles_form: RolesForm | None = None,
    leaving_form: LeavingForm | None = None,
) -> HttpResponse:
    member = queries.member(organisation_id=request.organisation_id, member_id=member_id)
    ids = {member_id}
    today: date = jst_day(request.at)
    context = {
        "member": member,
        "roles": _role_words(member.roles),
        "notes": [(_(ROLE_NAMES[role]), note) for role, note in _ROLE_NOTES.items() if role in _given(request)],
        "has_password": bool(
            credentials.members_with_password(organisation_id=request.organisation_id, member_ids=ids)
        ),
        "has_link": bool(
            credentials.members_with_link(organisation_id=request.organisation_id, member_ids=ids, at=request.at)
        ),
        "sessions": sessions_of(organisation_id=request.organisation_id, member_id=member_id, at=request.at),
        "roles_form": roles_form
        or RolesForm(
            initial={"roles": [str(int(role)) for role in Role if role in member.roles]}, given=_given(request)
        ),
        "leaving_form": leaving_form or LeavingForm(prefix="leaving", initial={"left_on": today}),
    }
    return render(request, "desk/members/page.html", context, status=422 if roles_form or leaving_form else 200)


def _given(request: Visit) -> Role:
    """The roles that this organisation's members may have."""
    organisation = queries.organisation(organisation_id=request.organisation_id)
    return roles_for(is_office=organisation.is_office, is_operator=organisation.is_operator)


def _role_words(held: Role) -> str:
    return "・".join(gettext(name) for name in role_names(held))


routes = [
    path("members/", listing, name="members.listing"),
    path("members/add/", add, name="members.add"),
    path("members/<uuid:member_id>/", page, name="members.page"),
    path("members/<uuid:member_id>/roles/", roles, name="members.roles"),
    path("members/<uuid:member_id>/link/", link, name="members.link"),
    path("members/<uuid:member_id>/leave/", leave, name="members.leave"),
]
