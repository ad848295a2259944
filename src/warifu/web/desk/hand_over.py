"""管理者の引継ぎ: from one administrator to another, step by step (000-26, 000-38, 000-40)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from warifu.credentials.actions import hand_over
from warifu.credentials.queries import hand_over as queries
from warifu.credentials.queries.hand_over import HandOverView
from warifu.credentials.rules.hand_over import Step
from warifu.foundation.refusals import NotFound
from warifu.organisations import queries as organisations
from warifu.organisations.queries import MemberView
from warifu.organisations.rules import Permission
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.forms import add_refusal
from warifu.web.shared.refusals import said
from warifu.web.shared.words import role_names

STEP_NAMES = {
    Step.SIGNED_IN: _("新しい管理者が、二つの確認でサインインする"),
    Step.ROLES: _("役割を移す"),
    Step.CERTIFICATES: _("電子証明書を始末する"),
    Step.DEVICES: _("端末とサインインを終わらせる"),
    Step.CONTACTS: _("問合せ先を直す"),
    Step.TOKENS: _("連携トークンを見直す"),
}
ADDRESSES = (
    ("entrance:signin.ask", _("サインイン"), _("毎回の入口です。お気に入りに入れてください。")),
    ("entrance:certificates.enrol", _("電子証明書"), _("電子証明書を受け取り、更新するところです。")),
    ("entrance:security.page", _("サインインと安全"), _("パスキー、認証アプリ、予備コードを登録するところです。")),
    ("desk:home.page", _("きょうの仕事"), _("管理の画面です。")),
    ("entrance:self_reset.ask", _("サインインでお困りの方"), _("所長がパスワードを忘れたときの入口です。")),
    ("entrance:slips.use", _("再開のための割符"), _("管理者がだれもサインインできなくなったときの入口です。")),
    ("helpcentre:start.page", _("ヘルプ"), _("手順と、番号(WF-…)の意味を調べるところです。")),
)
"""What a new administrator needs to find again; no address here lets anybody in by itself."""


class StartForm(forms.Form):
    """From whom, to whom."""

    giver = forms.ChoiceField(
        label=_("引き継ぐ人(いまの管理者)"), help_text=_("不在の人の代わりに始めることもできます。")
    )
    taker = forms.ChoiceField(
        label=_("引き受ける人(新しい管理者)"),
        help_text=_("役割を持つ人が並びます。いないときは、先に「利用者と役割」で加えるか、役割を付けてください。"),
        error_messages={"required": _("引き受ける人を選んでください。")},
    )

    def __init__(self, *args: Any, office: list[MemberView], me: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        givers = [member for member in office if member.roles & hand_over.LEADING]
        self.fields["giver"].choices = [(str(member.id), _line(member)) for member in givers]  # type: ignore[attr-defined]
        self.fields["giver"].initial = str(me)
        takers = [("", gettext("選んでください")), *((str(member.id), _line(member)) for member in office)]
        self.fields["taker"].choices = takers  # type: ignore[attr-defined]


class ContactForm(forms.Form):
    """What letters give as the contact."""

    contact = forms.CharField(label=_("新しい問合せ先"), max_length=200, required=False)


@door(Permission.SECURITY_MANAGE)
def page(request: Visit) -> HttpResponse:
    """The hand-over that runs with its steps, or how to begin one; and those that are over."""
    return _page(request)


@door(Permission.SECURITY_MANAGE, recent=True)
@require_POST
def start(request: Visit) -> HttpResponse:
    """Begin."""
    form = StartForm(request.POST, office=_office(request), me=request.member_id)
    if form.is_valid():
        try:
            hand_over.start(
                organisation_id=request.organisation_id,
                from_id=UUID(form.cleaned_data["giver"]),
                to_id=UUID(form.cleaned_data["taker"]),
                by=request.actor,
                at=request.at,
            )
        except (hand_over.CannotTakeOver, hand_over.NothingToHandOver) as refusal:
            add_refusal(form, refusal, "taker")
        else:
            messages.success(request, gettext("引継ぎを始めました。二人とほかの管理者に、メールでお知らせします。"))
            return redirect("desk:hand_over.page")
    return _page(request, start_form=form)


@door(Permission.SECURITY_MANAGE, recent=True)
@require_POST
def step(request: Visit, hand_over_id: UUID, step: str) -> HttpResponse:
    """Do one step; who moved their own rights away comes back to a door that is closed now."""
    which = next((found for found in Step if found.value == step), None)
    if which is None:
        raise NotFound
    mine = {
        "organisation_id": request.organisation_id,
        "hand_over_id": hand_over_id,
        "by": request.actor,
        "at": request.at,
    }
    try:
        _do(which, request, mine)
    except hand_over.NotSignedInStrongly as refusal:
        messages.warning(request, said(refusal))
    else:
        messages.success(request, gettext("済みました: %(step)s") % {"step": STEP_NAMES[which]})
    view = queries.one(organisation_id=request.organisation_id, hand_over_id=hand_over_id)
    if which is Step.ROLES and view.from_id == request.member_id:
        return redirect("desk:home.page")
    return redirect("desk:hand_over.page")


@door(Permission.SECURITY_MANAGE, recent=True)
@require_POST
def finish(request: Visit, hand_over_id: UUID) -> HttpResponse:
    """The end."""
    hand_over.finish(
        organisation_id=request.organisation_id, hand_over_id=hand_over_id, by=request.actor, at=request.at
    )
    messages.success(request, gettext("引継ぎを終えました。二人とほかの管理者に、メールでお知らせします。"))
    return redirect("desk:hand_over.page")


@door(Permission.SECURITY_MANAGE)
@require_POST
def stop(request: Visit, hand_over_id: UUID) -> HttpResponse:
    """Give it up."""
    hand_over.stop(organisation_id=request.organisation_id, hand_over_id=hand_over_id, by=request.actor, at=request.at)
    messages.success(request, gettext("引継ぎをやめました。済んだ手順は、そのまま残ります。"))
    return redirect("desk:hand_over.page")


@door(Permission.SECURITY_MANAGE)
def paper(request: Visit) -> HttpResponse:
    """Every address that the new administrator needs, to be printed; no secrets."""
    organisation = organisations.organisation(organisation_id=request.organisation_id)
    lines = [(name, note, address) for view, name, note in ADDRESSES if (address := _address(view))]
    return render(request, "desk/hand_over/paper.html", {"lines": lines, "organisation": organisation})


def _do(which: Step, request: Visit, mine: dict[str, Any]) -> None:
    chosen = [UUID(value) for value in request.POST.getlist("revoked") if _is_uuid(value)]
    if which is Step.SIGNED_IN:
        hand_over.confirm_signed_in(**mine)
    elif which is Step.ROLES:
        hand_over.move_roles(**mine)
    elif which is Step.CERTIFICATES:
        hand_over.settle_certificates(revoked=chosen, **mine)
    elif which is Step.DEVICES:
        hand_over.end_devices(**mine)
    elif which is Step.CONTACTS:
        form = ContactForm(request.POST)
        contact = form.cleaned_data["contact"] if form.is_valid() else ""
        hand_over.settle_contacts(contact=contact, **mine)
    else:
        hand_over.review_tokens(revoked=chosen, **mine)


def _page(request: Visit, *, start_form: StartForm | None = None) -> HttpResponse:
    running = queries.running(organisation_id=request.organisation_id)
    context: dict[str, Any] = {
        "running": running,
        "past": queries.past(organisation_id=request.organisation_id),
        "start_form": start_form or StartForm(office=_office(request), me=request.member_id),
    }
    if running is not None:
        context |= _running(request, running)
    return render(request, "desk/hand_over/page.html", context, status=422 if start_form else 200)


def _running(request: Visit, running: HandOverView) -> dict[str, Any]:
    organisation = organisations.organisation(organisation_id=request.organisation_id)
    plan = organisations.handling_plan(organisation_id=request.organisation_id)
    giver = organisations.member(organisation_id=request.organisation_id, member_id=running.from_id)
    return {
        "left": queries.left_behind(organisation_id=request.organisation_id, hand_over=running, at=request.at),
        "lines": [
            (found, name, found in running.done, found in running.open_steps) for found, name in STEP_NAMES.items()
        ],
        "organisation": organisation,
        "giver": giver,
        "moved": [gettext(name) for name in role_names(giver.roles & hand_over.LEADING)],
        "kept": [gettext(name) for name in role_names(giver.roles & ~hand_over.LEADING)],
        "is_responsible": plan.responsible_id == giver.id,
        "points_to_giver": any(word and word in organisation.contact for word in (giver.mail, giver.family_name)),
        "contact_form": ContactForm(initial={"contact": organisation.contact}),
    }


def _office(request: Visit) -> list[MemberView]:
    return organisations.office_members(organisation_id=request.organisation_id)


def _line(member: MemberView) -> str:
    return f"{member.full_name}({'・'.join(gettext(name) for name in role_names(member.roles))})"


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _address(view: str) -> str:
    try:
        return f"{settings.WARIFU.site_url}{reverse(view)}"
    except NoReverseMatch:
        return ""


routes = [
    path("hand-over/", page, name="hand_over.page"),
    path("hand-over/start/", start, name="hand_over.start"),
    path("hand-over/paper/", paper, name="hand_over.paper"),
    path("hand-over/<uuid:hand_over_id>/finish/", finish, name="hand_over.finish"),
    path("hand-over/<uuid:hand_over_id>/stop/", stop, name="hand_over.stop"),
    path("hand-over/<uuid:hand_over_id>/<str:step>/", step, name="hand_over.step"),
]
