"""A member's ways of signing in and devices, for administrators: end sessions, stop what was lost; no secrets (A4)."""

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

from warifu.credentials.actions import lost_factors, sessions
from warifu.credentials.queries.certificates import certificates_of
from warifu.credentials.queries.factors import FactorList, factors_of
from warifu.credentials.queries.sessions import sessions_of
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission
from warifu.web.shared.devices import devices_of
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.forms import add_refusal
from warifu.web.shared.words import FACTOR_WORDS


class LostFactorForm(forms.Form):
    """What was lost, how it is known who asks, and why it is stopped."""

    factor = forms.ChoiceField(
        label=_("なくした・こわれたもの"),
        widget=forms.RadioSelect,
        error_messages={"required": _("止めるものを選んでください。")},
    )
    way = forms.ChoiceField(
        label=_("本人を確かめた方法"),
        choices=list(lost_factors.WAYS.items()),
        widget=forms.RadioSelect,
        help_text=_("メールや、かかってきた電話だけでは、本人かどうか分かりません。"),
        error_messages={"required": _("本人を確かめた方法を選んでください。")},
    )
    identified = forms.CharField(
        label=_("だれが、いつ、何で確かめたか"),
        max_length=300,
        help_text=_("例: 11月24日、総務課の窓口で、運転免許証を見て確かめた。番号は書かないでください。"),
        widget=forms.Textarea({"rows": 2}),
        error_messages={"required": _("だれが、いつ、何で確かめたかを書いてください。")},
    )
    reason = forms.CharField(
        label=_("止めるわけ"),
        max_length=300,
        help_text=_("例: スマートフォンを電車に置き忘れた。"),
        error_messages={"required": _("止めるわけを書いてください。")},
    )

    def __init__(self, data: Any, *, held: FactorList) -> None:
        super().__init__(data)
        self.fields["factor"].choices = [  # type: ignore[attr-defined]
            *((f"{line.kind}:{line.id}", f"{gettext(FACTOR_WORDS[line.kind])} {line.name}") for line in held.living),
            *([("recovery_code:", gettext("予備コード(すべて)"))] if held.codes_left else []),
        ]
        self.fields["way"].choices = [  # type: ignore[attr-defined]
            (way, gettext(words)) for way, words in lost_factors.WAYS.items()
        ]


@door(Permission.MEMBERS_MANAGE)
def page(request: Visit, member_id: UUID) -> HttpResponse:
    """Where a member is signed in and with what; never a secret."""
    mine = {"organisation_id": request.organisation_id, "member_id": member_id}
    context = {
        "member": organisations.member(**mine),
        "devices": devices_of(sessions_of(at=request.at, **mine)),
        "factors": factors_of(**mine),
        "certificates": [(line, line.state(request.at)) for line in certificates_of(**mine)],
        "is_me": member_id == request.member_id,
    }
    return render(request, "desk/member_security/page.html", context)


@door(Permission.MEMBERS_MANAGE)
@require_POST
def end_session(request: Visit, member_id: UUID, session_id: UUID) -> HttpResponse:
    """End one session of a member (L-24)."""
    sessions.end(
        session_id=session_id,
        organisation_id=request.organisation_id,
        only_of=member_id,
        by=request.actor,
        at=request.at,
    )
    messages.success(request, gettext("その端末をサインアウトさせました。"))
    return redirect("desk:member_security.page", member_id=member_id)


@door(Permission.MEMBERS_MANAGE)
@require_POST
def end_sessions(request: Visit, member_id: UUID) -> HttpResponse:
    """End every session of a member (L-24)."""
    ended = sessions.end_all_of_member(
        organisation_id=request.organisation_id,
        member_id=organisations.member(organisation_id=request.organisation_id, member_id=member_id).id,
        reason="administrator",
        by=request.actor,
        at=request.at,
    )
    messages.success(request, gettext("%(count)s台をサインアウトさせました。") % {"count": ended})
    return redirect("desk:member_security.page", member_id=member_id)


@door(Permission.MEMBERS_MANAGE, recent=True)
def lost_factor(request: Visit, member_id: UUID) -> HttpResponse:
    """Stop what a member has lost, after identifying them as strongly as when it was set up (L-09)."""
    member = organisations.member(organisation_id=request.organisation_id, member_id=member_id)
    held = factors_of(organisation_id=request.organisation_id, member_id=member_id)
    form = LostFactorForm(request.POST or None, held=held)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        kind, _colon, row_id = given["factor"].partition(":")
        try:
            lost_factors.remove(
                organisation_id=request.organisation_id,
                member_id=member_id,
                factor=kind,
                factor_id=UUID(row_id) if row_id else None,
                way=given["way"],
                identified=given["identified"],
                reason=given["reason"],
                by=request.actor,
                at=request.at,
            )
        except lost_factors.NotIdentified as refusal:
            add_refusal(form, refusal, "identified")
        else:
            messages.success(
                request, gettext("止めました。本人にメールで知らせ、すべての端末をサインアウトさせました。")
            )
            return redirect("desk:member_security.page", member_id=member_id)
    context = {"form": form, "member": member, "has_any": bool(held.living or held.codes_left)}
    return render(request, "desk/member_security/lost_factor.html", context, status=422 if form.errors else 200)


routes = [
    path("members/<uuid:member_id>/security/", page, name="member_security.page"),
    path("members/<uuid:member_id>/sessions/end/", end_sessions, name="member_security.end_sessions"),
    path("members/<uuid:member_id>/sessions/<uuid:session_id>/end/", end_session, name="member_security.end_session"),
    path("members/<uuid:member_id>/lost-factor/", lost_factor, name="member_security.lost_factor"),
]
