"""利用者ID: issue to many by ticking them, change, end, count (003-6, 003-11; offices only)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, TypeVar
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from warifu.credentials.actions import ids, resets, slips
from warifu.credentials.actions.ids import Order
from warifu.credentials.queries import ids as queries
from warifu.credentials.queries.ids import Show, Sort
from warifu.credentials.rules import ids as rules
from warifu.folders.queries import folders
from warifu.foundation.days import JST, jst_day
from warifu.foundation.refusals import Refused
from warifu.organisations import queries as organisations
from warifu.organisations.queries import MemberView
from warifu.organisations.rules import Permission
from warifu.web.shared import csv_files, qr
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.refusals import in_words
from warifu.web.shared.words import role_names

Kind = TypeVar("Kind", Show, Sort)

SHOWS = {
    Show.LIVING: _("使えるID"),
    Show.STAFF: _("職員ID"),
    Show.CUSTOMER: _("顧客ID"),
    Show.ENDED: _("終えたID"),
}
SORTS = {Sort.NEWEST: _("発行が新しい順"), Sort.NAME: _("フリガナ順"), Sort.TEXT: _("利用者IDの順")}
HOURS = [(hours, _("%(hours)s時間") % {"hours": hours}) for hours in rules.HOURS]
MAIL, SLIP = "mail", "slip"


class RowForm(forms.Form):
    """One line of the table: the ID, its log-out time, and how its person learns of it."""

    text = forms.CharField(
        max_length=rules.LONGEST + 1,
        required=False,
        widget=forms.TextInput(
            {"class": "input input-small code", "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    hours = forms.TypedChoiceField(
        coerce=int, choices=HOURS, initial=1, widget=forms.Select({"class": "input input-small"})
    )
    way = forms.ChoiceField(choices=[(MAIL, _("メールで送る")), (SLIP, _("紙で渡す"))])

    def __init__(
        self, data: QueryDict | None, *, member: MemberView, may_slip: bool, initial: dict[str, Any] | None = None
    ) -> None:
        super().__init__(data, prefix=str(member.id), initial=initial)
        ways = [(MAIL, _("メールで送る"))] if member.mail else []
        ways += [(SLIP, _("紙で渡す"))] if may_slip else []
        self.fields["way"].choices = ways  # type: ignore[attr-defined]
        self.fields["way"].widget.attrs["class"] = "input input-small"


@dataclass(frozen=True, kw_only=True)
class Line:
    """A person of the table, with their form and what is the matter with the ID in it."""

    member: MemberView
    form: RowForm
    fault: str = ""
    is_misread: bool = False


class TextForm(forms.Form):
    """Another ID."""

    text = forms.CharField(
        label=_("新しい利用者ID"),
        max_length=rules.LONGEST,
        help_text=_("半角の英字と数字、. _ - @ + が使えます。前に使われたIDは、だれのものでも使えません。"),
        widget=forms.TextInput({"class": "code", "autocomplete": "off", "autocapitalize": "none"}),
        error_messages={"required": _("利用者IDを入れてください。")},
    )


class HoursForm(forms.Form):
    """Another log-out time."""

    hours = forms.TypedChoiceField(
        label=_("何もしないとログアウトするまでの時間"),
        coerce=int,
        choices=HOURS,
        help_text=_("いま開いているセッションにも、すぐに効きます。"),
    )


@door(Permission.IDS_ISSUE)
@require_GET
def listing(request: Visit) -> HttpResponse:
    """The IDs of the office, one page of them."""
    ids.insist_office(organisation_id=request.organisation_id, by=request.actor)
    show, sort, search = _asked(request.GET)
    page = queries.ids(
        organisation_id=request.organisation_id,
        show=show,
        sort=sort,
        search=search,
        cursor=request.GET.get("at", ""),
    )
    counts = queries.counts(organisation_id=request.organisation_id)
    context = {
        "lines": [(line, _roles(line.roles)) for line in page.lines],
        "tabs": [(option.value, name, counts[option], _query(option, sort, search)) for option, name in SHOWS.items()],
        "show": show.value,
        "sort": sort,
        "sorts": SORTS.items(),
        "text": search,
        "total": counts[Show.LIVING] + counts[Show.ENDED],
        "before": f"?{_query(show, sort, search)}&at={page.before}" if page.before else "",
        "after": f"?{_query(show, sort, search)}&at={page.after}" if page.after else "",
        "query": _query(show, sort, search),
    }
    return render(request, "desk/ids/listing.html", context)


@door(Permission.IDS_ISSUE, recent=True)
@require_GET
def export(request: Visit) -> HttpResponseBase:
    """The list as a file."""
    ids.record_export(organisation_id=request.organisation_id, what="ids", by=request.actor, at=request.at)
    show, sort, search = _asked(request.GET)
    header = (
        _("利用者ID"),
        _("種類"),
        _("氏名"),
        _("フリガナ"),
        _("職員番号"),
        _("メールアドレス"),
        _("ログアウト(時間)"),
        _("発行日時"),
        _("終えた日時"),
    )
    rows = queries.export(organisation_id=request.organisation_id, show=show, sort=sort, search=search)
    return csv_files.answer(
        file_name=f"warifu-ids-{jst_day(request.at):%Y%m%d}.csv",
        header=[str(name) for name in header],
        rows=(
            (
                line.text,
                gettext(line.kind_name),
                line.name,
                line.kana,
                line.employee_code,
                line.mail,
                line.logout_hours,
                _moment(line.issued_at),
                _moment(line.ended_at),
            )
            for line in rows
        ),
    )


@door(Permission.IDS_ISSUE)
@require_GET
def months(request: Visit) -> HttpResponse:
    """How many IDs each month counts, and what the restricted ones cost (B3-6, 003-14)."""
    ids.insist_office(organisation_id=request.organisation_id, by=request.actor)
    price = settings.WARIFU.access_key_price
    lines = [(month, month.restricted * price, count) for month, count in _months(request)]
    return render(request, "desk/ids/months.html", {"lines": lines, "price": price})


@door(Permission.IDS_ISSUE, recent=True)
@require_GET
def months_export(request: Visit) -> HttpResponseBase:
    """The months as a file."""
    ids.record_export(organisation_id=request.organisation_id, what="months", by=request.actor, at=request.at)
    price = settings.WARIFU.access_key_price
    header = (
        _("年月"),
        _("職員ID"),
        _("顧客ID"),
        _("端末を制限したID"),
        _("アクセスキー"),
        _("単価(円、税別)"),
        _("金額(円、税別)"),
        _("フォルダ"),
    )
    return csv_files.answer(
        file_name=f"warifu-id-months-{jst_day(request.at):%Y%m%d}.csv",
        header=[str(name) for name in header],
        rows=(
            (
                f"{month.first_day:%Y-%m}",
                month.staff,
                month.customers,
                month.restricted,
                month.keys,
                price,
                month.restricted * price,
                count,
            )
            for month, count in _months(request)
        ),
    )


def _months(request: Visit) -> list[tuple[queries.Month, int]]:
    """The months with the folders that were in use in each (A5)."""
    found = queries.months(organisation_id=request.organisation_id, today=jst_day(request.at))
    firsts = [datetime.combine(month.first_day, time(), JST) for month in found]
    ends = [request.at, *firsts[:-1]]  # the newest month comes first and ends now
    counts = folders.alive_in(organisation_id=request.organisation_id, spans=list(zip(firsts, ends, strict=True)))
    return list(zip(found, counts, strict=True))


@door(Permission.IDS_ISSUE)
@require_http_methods(["GET", "POST"])
def issue(request: Visit) -> HttpResponse:
    """Step one: tick people who have no ID. Ticks travel with the form, so that they survive searching and paging."""
    ids.insist_office(organisation_id=request.organisation_id, by=request.actor)
    asked = request.POST if request.method == "POST" else request.GET
    is_staff = asked.get("kind") != "customer"
    search = asked.get("q", "").replace("\0", "").strip()[:100]
    departments = organisations.departments(organisation_id=request.organisation_id)
    department = next((one for one in departments if one == asked.get("department")), "")
    page = queries.candidates(
        organisation_id=request.organisation_id,
        is_staff=is_staff,
        search=search,
        department=department,
        cursor=asked.get("at", ""),
    )
    picked = set(_picked(asked))
    here = {member.id for member in page.members}
    context = {
        "members": [(member, _roles(member.roles), member.id in picked) for member in page.members],
        "elsewhere": sorted(picked - here),
        "is_staff": is_staff,
        "text": search,
        "department": department,
        "departments": departments,
        "before": page.before,
        "after": page.after,
        "hours": HOURS,
        "hours_chosen": _hours(asked),
        "most": rules.MOST,
    }
    return render(request, "desk/ids/issue.html", context)


@door(Permission.IDS_ISSUE)
@require_POST
def edit(request: Visit) -> HttpResponse:
    """Step two: the table, prefilled with the office's access name and code, or the mail address."""
    is_staff, members = _people(request)
    office = organisations.organisation(organisation_id=request.organisation_id)
    lines = []
    for member in members:
        proposed = rules.proposed(
            is_staff=is_staff, office_code=office.code, employee_code=member.employee_code, mail=member.mail
        )
        may_slip = resets.may_start(by=request.actor, target=member) or member.id == request.member_id
        first = {"text": proposed, "hours": _hours(request.POST), "way": MAIL if member.mail else SLIP}
        data = request.POST if f"{member.id}-text" in request.POST else None
        lines.append(Line(member=member, form=RowForm(data, member=member, may_slip=may_slip, initial=first)))
    return _table(request, is_staff, _with_faults(request, lines) if lines else lines)


@door(Permission.IDS_ISSUE)
@require_POST
def check(request: Visit) -> HttpResponse:
    """What is the matter with the ID of one line, while it is being typed."""
    ids.insist_office(organisation_id=request.organisation_id, by=request.actor)
    wishes = {
        member_id: rules.normal(request.POST.get(f"{member_id}-text", ""))[: rules.LONGEST + 1]
        for member_id in _picked(request.POST)[: rules.MOST]
    }
    code = organisations.organisation(organisation_id=request.organisation_id).code
    row = next(iter(_as_ids([request.POST.get("row", "")])), request.organisation_id)
    fault = queries.faults(organisation_id=request.organisation_id, wishes=wishes).get(row)
    context = {
        "fault": gettext(fault.value) if fault else "",
        "is_misread": rules.is_misread(wishes.get(row, ""), office_code=code),
    }
    return render(request, "desk/ids/_word.html", context)


@door(Permission.IDS_ISSUE)
@require_POST
def review(request: Visit) -> HttpResponse:
    """Step three: read once more who gets what; nothing is issued yet."""
    is_staff, members = _people(request)
    lines = _with_faults(request, _bound(request, members))
    if not lines or any(line.fault or not line.form.is_valid() for line in lines):
        return _table(request, is_staff, lines, status=422)
    rows = [(line, dict(HOURS)[line.form.cleaned_data["hours"]], rules.spoken(_text(line))) for line in lines]
    context = {
        "rows": [(line, _text(line), hours, spoken) for line, hours, spoken in rows],
        "is_staff": is_staff,
        "mails": sum(line.form.cleaned_data["way"] == MAIL for line in lines),
        "slips": sum(line.form.cleaned_data["way"] == SLIP for line in lines),
    }
    return render(request, "desk/ids/review.html", context)


@door(Permission.IDS_ISSUE)
@require_POST
def done(request: Visit) -> HttpResponse:
    """Issue: letters go out, and slips are on the answering page and nowhere else, ever (L-06)."""
    is_staff, members = _people(request)
    lines = _with_faults(request, _bound(request, members))
    if not all(line.form.is_valid() for line in lines):
        return _table(request, is_staff, lines, status=422)
    orders = [
        Order(
            member_id=line.member.id,
            text=_text(line),
            logout_hours=line.form.cleaned_data["hours"],
            by_slip=line.form.cleaned_data["way"] == SLIP,
        )
        for line in lines
    ]
    try:
        issued = ids.issue(
            organisation_id=request.organisation_id, is_staff=is_staff, orders=orders, by=request.actor, at=request.at
        )
    except ids.IdsNotGood as refusal:
        return _table(request, is_staff, lines, refusal=refusal, status=refusal.status)
    if issued.slips:
        return _slips(request, issued.slips, issued.mailed)
    messages.success(request, gettext("%(count)s人に利用者IDを発行し、メールで知らせます。") % {"count": issued.mailed})
    return redirect("desk:ids.listing")


@door(Permission.IDS_ISSUE)
@require_GET
def page(request: Visit, user_id: UUID) -> HttpResponse:
    """One ID: change it, its log-out time, hand out a slip, end it."""
    return _page(request, user_id)


@door(Permission.IDS_ISSUE, recent=True)
@require_POST
def change(request: Visit, user_id: UUID) -> HttpResponse:
    """Give the person another ID; the old one is retired for ever."""
    line = queries.user_id(organisation_id=request.organisation_id, user_id=user_id)
    form = TextForm(request.POST)
    if form.is_valid():
        text = rules.normal(form.cleaned_data["text"])
        found = queries.faults(organisation_id=request.organisation_id, wishes={line.member_id: text})
        if fault := found.get(line.member_id):
            form.add_error("text", gettext(fault.value))
        else:
            new = ids.change(
                organisation_id=request.organisation_id, user_id=user_id, text=text, by=request.actor, at=request.at
            )
            messages.success(request, gettext("利用者IDを変えました。前のIDでは、もうサインインできません。"))
            return redirect("desk:ids.page", user_id=new)
    return _page(request, user_id, text_form=form)


@door(Permission.IDS_ISSUE)
@require_POST
def logout(request: Visit, user_id: UUID) -> HttpResponse:
    """Change after how many idle hours the ID is logged out."""
    form = HoursForm(request.POST)
    if not form.is_valid():
        return _page(request, user_id, hours_form=form)
    ids.set_logout(
        organisation_id=request.organisation_id,
        user_id=user_id,
        hours=form.cleaned_data["hours"],
        by=request.actor,
        at=request.at,
    )
    messages.success(request, gettext("ログアウトまでの時間を変えました。いまのセッションにも効いています。"))
    return redirect("desk:ids.page", user_id=user_id)


@door(Permission.IDS_ISSUE, recent=True)
@require_POST
def slip(request: Visit, user_id: UUID) -> HttpResponse:
    """A new slip for the person of an ID; the one before is worthless."""
    line = queries.user_id(organisation_id=request.organisation_id, user_id=user_id)
    ids.insist_office(organisation_id=request.organisation_id, by=request.actor)
    made = slips.print_for(
        organisation_id=request.organisation_id, member_id=line.member_id, by=request.actor, at=request.at
    )
    return _slips(request, (made,), 0)


@door(Permission.IDS_ISSUE, recent=True)
@require_POST
def end(request: Visit, user_id: UUID) -> HttpResponse:
    """End an ID: the person is signed out everywhere and cannot sign in until a new one is issued."""
    ids.end(organisation_id=request.organisation_id, user_id=user_id, by=request.actor, at=request.at)
    messages.success(request, gettext("利用者IDの利用を終えました。この人はサインインできません。"))
    return redirect("desk:ids.listing")


def _page(
    request: Visit, user_id: UUID, *, text_form: TextForm | None = None, hours_form: HoursForm | None = None
) -> HttpResponse:
    ids.insist_office(organisation_id=request.organisation_id, by=request.actor)
    line = queries.user_id(organisation_id=request.organisation_id, user_id=user_id)
    member = organisations.member(organisation_id=request.organisation_id, member_id=line.member_id)
    may_start = resets.may_start(by=request.actor, target=member)
    context = {
        "line": line,
        "roles": _roles(line.roles),
        "spoken": rules.spoken(line.text),
        "text_form": text_form or TextForm(initial={"text": line.text}),
        "hours_form": hours_form or HoursForm(initial={"hours": line.logout_hours}),
        "may_touch": may_start or member.id == request.member_id,
        "may_slip": may_start,
    }
    return render(request, "desk/ids/page.html", context, status=422 if text_form or hours_form else 200)


def _table(
    request: Visit, is_staff: bool, lines: list[Line], *, refusal: Refused | None = None, status: int = 200
) -> HttpResponse:
    if not lines:
        refusal, status = ids.NobodyToIssue(), 422
    context = {
        "lines": lines,
        "is_staff": is_staff,
        "faults": sum(bool(line.fault) for line in lines),
        "is_told": status != 200,
        "refusal": in_words(refusal) if refusal else None,
        "hours_chosen": _hours(request.POST),
    }
    return render(request, "desk/ids/edit.html", context, status=status)


def _slips(request: Visit, made: tuple[slips.Slip, ...], mailed: int) -> HttpResponse:
    printed = [(slip, qr.drawn(slip.link) if slip.link else "") for slip in made]
    context = {"slips": printed, "mailed": mailed, "back": reverse("desk:ids.listing")}
    return render(request, "desk/ids/slip.html", context)


def _people(request: Visit) -> tuple[bool, list[MemberView]]:
    """Who was ticked: those who may still be given an ID of the kind; nobody when they are too many."""
    ids.insist_office(organisation_id=request.organisation_id, by=request.actor)
    is_staff = request.POST.get("kind") != "customer"
    picked = _picked(request.POST)
    if len(picked) > rules.MOST:
        return is_staff, []
    return is_staff, queries.without_id(organisation_id=request.organisation_id, is_staff=is_staff, member_ids=picked)


def _bound(request: Visit, members: list[MemberView]) -> list[Line]:
    return [
        Line(
            member=member,
            form=RowForm(
                request.POST,
                member=member,
                may_slip=resets.may_start(by=request.actor, target=member) or member.id == request.member_id,
            ),
        )
        for member in members
    ]


def _with_faults(request: Visit, lines: list[Line]) -> list[Line]:
    wishes = {line.member.id: _text(line) for line in lines}
    found = queries.faults(organisation_id=request.organisation_id, wishes=wishes)
    code = organisations.organisation(organisation_id=request.organisation_id).code
    return [
        Line(
            member=line.member,
            form=line.form,
            fault=gettext(found[line.member.id].value) if line.member.id in found else "",
            is_misread=rules.is_misread(wishes[line.member.id], office_code=code),
        )
        for line in lines
    ]


def _text(line: Line) -> str:
    """The ID in the line's field, in its normal form."""
    return rules.normal(str(line.form["text"].value() or ""))


def _picked(values: QueryDict) -> list[UUID]:
    return list(dict.fromkeys(_as_ids(values.getlist("pick"))))


def _as_ids(texts: list[str]) -> list[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _hours(values: QueryDict) -> int:
    """The log-out time that was chosen for all; one hour unless it is one of those offered."""
    chosen = values.get("hours", "1")
    return int(chosen) if chosen in {str(hours) for hours in rules.HOURS} else 1


def _asked(values: QueryDict) -> tuple[Show, Sort, str]:
    show = _choice(Show, values.get("show"), Show.LIVING)
    return show, _choice(Sort, values.get("sort"), Sort.NEWEST), values.get("q", "").strip()[:100]


def _choice(kind: type[Kind], value: str | None, otherwise: Kind) -> Kind:
    try:
        return kind(value)
    except ValueError:
        return otherwise


def _query(show: Show, sort: Sort, search: str) -> str:
    query = QueryDict(mutable=True)
    query.update({name: value for name, value in (("show", show.value), ("sort", sort.value), ("q", search)) if value})
    return query.urlencode()


def _roles(held: Any) -> str:
    return "・".join(gettext(name) for name in role_names(held))


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(JST):%Y-%m-%d %H:%M}" if at else ""


routes = [
    path("ids/", listing, name="ids.listing"),
    path("ids/export.csv", export, name="ids.export"),
    path("ids/months/", months, name="ids.months"),
    path("ids/months.csv", months_export, name="ids.months_export"),
    path("ids/issue/", issue, name="ids.issue"),
    path("ids/issue/table/", edit, name="ids.edit"),
    path("ids/issue/check/", check, name="ids.check"),
    path("ids/issue/review/", review, name="ids.review"),
    path("ids/issue/done/", done, name="ids.done"),
    path("ids/<uuid:user_id>/", page, name="ids.page"),
    path("ids/<uuid:user_id>/change/", change, name="ids.change"),
    path("ids/<uuid:user_id>/log-out/", logout, name="ids.logout"),
    path("ids/<uuid:user_id>/slip/", slip, name="ids.slip"),
    path("ids/<uuid:user_id>/end/", end, name="ids.end"),
]
