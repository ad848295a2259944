"""提出の状況: who has handed in, who is late and why, and the next step (001-22 … 001-28, G1)."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.cache import cache
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from warifu.audit import queries as trail
from warifu.collection.actions import entries, invitations, submissions
from warifu.collection.queries import people, subjects
from warifu.collection.queries.people import Counts, Sort, Tab, Wanted
from warifu.collection.rules.overdue import STILL
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import Refused
from warifu.notices import queries as letters
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, may
from warifu.vault.queries import keepings
from warifu.web.desk import rows
from warifu.web.shared import csv_files
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.forms import DayField, add_refusal

Kind = TypeVar("Kind", Tab, Sort)

MANY = 20_000
"""People from which on counting them takes longer than drawing the page."""

COUNTS_KEPT = 5
"""Seconds for which the counts of that many people are kept."""

TABS: dict[Tab, tuple[Any, str]] = {
    Tab.ALL: (_("すべて"), ""),
    Tab.OVERDUE: (_("期限超過"), "alert"),
    Tab.TO_VERIFY: (_("確認待ち"), ""),
    Tab.SECOND: (_("二人目待ち"), ""),
    Tab.WAITING: (_("提出待ち"), ""),
    Tab.DONE: (_("済"), ""),
    Tab.NOT_PROVIDED: (_("提出なし"), ""),
}

SORTS: dict[Sort, Any] = {
    Sort.WORK: _("急ぐ順"),
    Sort.REGISTERED: _("登録が古い順"),
    Sort.NEWEST: _("登録が新しい順"),
    Sort.NAME: _("フリガナ順"),
    Sort.SUBMITTED: _("提出が新しい順(提出した人だけ)"),
}

EMPTY: dict[Tab, tuple[Any, Any]] = {
    Tab.ALL: (_("まだ、だれもいません"), _("名簿を取り込むか、一人ずつ加えると、ここに並びます。")),
    Tab.OVERDUE: (_("期限を過ぎた人はいません"), _("期限を過ぎると、理由と次の一手を添えてここに並びます。")),
    Tab.TO_VERIFY: (_("確認を待つ人はいません"), _("提出が届くと、ここに並びます。")),
    Tab.SECOND: (_("二人目の確認を待つ人はいません"), _("一人目が確かめると、ここに並びます。")),
    Tab.WAITING: (_("期限内で提出を待つ人はいません"), _("依頼を送った人が、期限までここに並びます。")),
    Tab.DONE: (_("まだ、終わった人はいません"), _("本人確認を終えると、ここに並びます。")),
    Tab.NOT_PROVIDED: (_("提出なしの人はいません"), _("出さないと申し出た人を記録すると、ここに並びます。")),
}


class NewPerson(forms.Form):
    """One person added by hand."""

    family_name = forms.CharField(label=_("姓"), max_length=100)
    given_name = forms.CharField(label=_("名"), max_length=100, required=False)
    family_kana = forms.CharField(label=_("セイ"), max_length=100, required=False)
    given_kana = forms.CharField(label=_("メイ"), max_length=100, required=False)
    mail = forms.EmailField(
        label=_("メールアドレス"),
        max_length=254,
        required=False,
        help_text=_("ない人は空けておきます。紙で案内できます。"),
    )
    employee_code = forms.CharField(label=_("社員番号"), max_length=40, required=False)
    department = forms.CharField(label=_("所属"), max_length=100, required=False)


class Address(forms.Form):
    """Where a person's letters go."""

    mail = forms.EmailField(label=_("新しいメールアドレス"), max_length=254)


class Declined(forms.Form):
    """When a person said that they will not hand in."""

    said_on = DayField(label=_("申し出のあった日"))


@door(Permission.PEOPLE_VIEW)
@require_GET
def listing(request: Visit) -> HttpResponse:
    """The list, one page of it."""
    today = jst_day(request.at)
    wanted = _wanted(request.GET)
    page = people.people(
        organisation_id=request.organisation_id, today=today, wanted=wanted, cursor=request.GET.get("at", "")
    )
    counts = _counts(request.organisation_id, today)
    rights = _rights(request)
    context = {
        "rows": rows.drawn(
            page.rows,
            markup=render_to_string("desk/people/row.html", rights),
            may_invite=rights["may_invite"],
            may_verify=rights["may_verify"],
        ),
        "counts": counts,
        "tabs": [
            (tab.value, name, icon, getattr(counts, tab.value), _query(wanted, tab=tab.value))
            for tab, (name, icon) in TABS.items()
        ],
        "wanted": wanted,
        "total": getattr(counts, wanted.tab.value),
        "is_narrowed": bool(wanted.search or wanted.department or wanted.reason),
        "departments": organisations.departments(organisation_id=request.organisation_id),
        "reasons": STILL,
        "sorts": SORTS.items(),
        "before": f"?{_query(wanted)}&at={page.before}" if page.before else "",
        "after": f"?{_query(wanted)}&at={page.after}" if page.after else "",
        "last": f"?{_query(wanted)}&at={people.LAST}" if page.after else "",
        "query": _query(wanted),
        "empty": EMPTY[wanted.tab],
    }
    return render(request, "desk/people/listing.html", context | rights)


@door(Permission.PEOPLE_VIEW, recent=True)
@require_GET
def export(request: Visit) -> HttpResponseBase:
    """The list as a file: states only."""
    wanted = _wanted(request.GET)
    entries.record_export(
        organisation_id=request.organisation_id, tab=wanted.tab.value, by=request.actor, at=request.at
    )
    today = jst_day(request.at)
    everybody = people.export(organisation_id=request.organisation_id, today=today, wanted=wanted)
    header = (
        "社員番号",
        "氏名",
        "フリガナ",
        "所属",
        "メールアドレス",
        "状態",
        "期限超過",
        "登録日",
        "期限",
        "提出日",
        "確認日",
        "扶養親族等",
        "理由",
    )
    return csv_files.answer(
        file_name=f"warifu-people-{today:%Y%m%d}.csv",
        header=[gettext(name) for name in header],
        rows=(
            (
                row.employee_code,
                row.name,
                row.kana,
                row.department,
                row.mail,
                gettext(str(row.state.label)),
                gettext("期限超過") if row.is_late else "",
                row.registered_on,
                row.due_on,
                row.submitted_on,
                row.confirmed_on,
                row.dependents,
                gettext(row.reason.sentence),
            )
            for row in everybody
        ),
    )


@door(Permission.PEOPLE_VIEW)
@require_GET
def page(request: Visit, entry_id: UUID) -> HttpResponse:
    """One person: where they stand and why, their letters, what happened."""
    return _page(request, entry_id, Declined(initial={"said_on": jst_day(request.at)}))


@door(Permission.MEMBERS_MANAGE)
@require_http_methods(["GET", "POST"])
def add(request: Visit) -> HttpResponse:
    """Add a person by hand."""
    form = NewPerson(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            entry_id = entries.add_person(
                organisation_id=request.organisation_id, **form.cleaned_data, by=request.actor, at=request.at
            )
        except Refused as refusal:
            add_refusal(form, refusal, None)
        else:
            messages.success(request, gettext("一人加えました。依頼のメールは、まだ送っていません。"))
            return redirect("desk:people.page", entry_id)
    return render(request, "desk/people/add.html", {"form": form})


@door(Permission.INVITE)
@require_http_methods(["GET", "POST"])
def readdress(request: Visit, entry_id: UUID) -> HttpResponse:
    """Correct a person's mail address, and send the letter anew."""
    row = people.person(organisation_id=request.organisation_id, entry_id=entry_id, today=jst_day(request.at))
    form = Address(request.POST or None, initial={"mail": row.mail})
    if request.method == "POST" and form.is_valid():
        try:
            invitations.readdress(
                organisation_id=request.organisation_id,
                entry_id=entry_id,
                mail=form.cleaned_data["mail"],
                by=request.actor,
                at=request.at,
            )
        except Refused as refusal:
            add_refusal(form, refusal, "mail")
        else:
            messages.success(request, gettext("メールアドレスを直しました。"))
            return redirect("desk:people.page", entry_id)
    return render(request, "desk/people/readdress.html", {"form": form, "row": row})


@door(Permission.ENTER_FOR)
@require_POST
def not_provided(request: Visit, entry_id: UUID) -> HttpResponse:
    """Record that a person said they will not hand in (P-12)."""
    row = people.person(organisation_id=request.organisation_id, entry_id=entry_id, today=jst_day(request.at))
    form = Declined(request.POST)
    if not form.is_valid():
        return _page(request, entry_id, form)
    submissions.record_not_provided(
        organisation_id=request.organisation_id,
        member_id=row.member_id,
        said_on=form.cleaned_data["said_on"],
        by=request.actor,
        at=request.at,
    )
    messages.success(request, gettext("出さないという申し出を記録しました。書類は番号の欄を空けて作れます。"))
    return redirect("desk:people.page", entry_id)


def _page(request: Visit, entry_id: UUID, declined: Declined) -> HttpResponse:
    organisation_id = request.organisation_id
    row = people.person(organisation_id=organisation_id, entry_id=entry_id, today=jst_day(request.at))
    rights = _rights(request)
    context = {
        "line": rows.line(row, may_invite=rights["may_invite"], may_verify=rights["may_verify"]),
        "row": row,
        "declined": declined,
        "kept": keepings.of_subjects(
            organisation_id=organisation_id,
            subject_ids=subjects.family(organisation_id=organisation_id, member_id=row.member_id),
            today=jst_day(request.at),
        )
        if rights["may_see_disposals"]
        else [],
        "letters": letters.letters_of(organisation_id=organisation_id, member_id=row.member_id, limit=20)
        if rights["may_invite"]
        else None,
        "timeline": trail.timeline(
            organisation_id=organisation_id,
            subject_id=row.member_id,
            event_prefix="" if rights["may_see_trail"] else "collection.",
            limit=30,
        ),
    }
    return render(request, "desk/people/page.html", context | rights)


def _counts(organisation_id: UUID, today: date) -> Counts:
    """The counts of the tabs; counting many people is kept for a few seconds, since each page shows them."""
    key = f"people-counts:{organisation_id}:{today}"
    kept: Counts | None = cache.get(key)
    if kept is None:
        kept = people.counts(organisation_id=organisation_id, today=today)
        if kept.all >= MANY:
            cache.set(key, kept, timeout=COUNTS_KEPT)
    return kept


def _rights(request: Visit) -> dict[str, bool]:
    wanted = {
        "may_invite": Permission.INVITE,
        "may_verify": Permission.VERIFY,
        "may_load": Permission.ROSTER_LOAD,
        "may_add": Permission.MEMBERS_MANAGE,
        "may_enter_for": Permission.ENTER_FOR,
        "may_end_need": Permission.DISPOSALS_APPROVE,
        "may_see_disposals": Permission.DISPOSALS_READ,
        "may_see_trail": Permission.TRAIL_VIEW,
    }
    return {
        name: may(by=request.actor, permission=permission, organisation_id=request.organisation_id)
        for name, permission in wanted.items()
    }


def _wanted(asked: QueryDict) -> Wanted:
    """What the address asks for; values that nobody offers count as not given."""
    return Wanted(
        tab=_choice(Tab, asked.get("tab"), Tab.ALL),
        sort=_choice(Sort, asked.get("sort"), Sort.WORK),
        search=asked.get("q", "").strip()[:100],
        department=asked.get("department", "")[:100],
        reason=next((reason for reason in STILL if reason.code == asked.get("reason")), None),
    )


def _choice(kind: type[Kind], value: str | None, otherwise: Kind) -> Kind:
    try:
        return kind(value)
    except ValueError:
        return otherwise


def _query(wanted: Wanted, **changed: str) -> str:
    values = {
        "tab": wanted.tab.value,
        "sort": wanted.sort.value,
        "q": wanted.search,
        "department": wanted.department,
        "reason": wanted.reason.code if wanted.reason else "",
    } | changed
    query = QueryDict(mutable=True)
    defaults = {"tab": Tab.ALL.value, "sort": Sort.WORK.value}
    query.update({name: value for name, value in values.items() if value and value != defaults.get(name)})
    return query.urlencode()


routes = [
    path("people/", listing, name="people.listing"),
    path("people/export.csv", export, name="people.export"),
    path("people/add/", add, name="people.add"),
    path("people/<uuid:entry_id>/", page, name="people.page"),
    path("people/<uuid:entry_id>/mail/", readdress, name="people.readdress"),
    path("people/<uuid:entry_id>/not-provided/", not_provided, name="people.not_provided"),
]
