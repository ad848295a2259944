"""電子証明書: everybody's certificates, what each says, and stopping one at once (B3, C-05)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from warifu.credentials.actions import certificates
from warifu.credentials.queries import certificate_list as queries
from warifu.credentials.queries.certificate_list import Sort, Tab, Wanted
from warifu.foundation.days import JST, jst_day
from warifu.organisations.rules import Permission
from warifu.web.shared import csv_files
from warifu.web.shared.certificate_words import RevokeForm, shown
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.words import WAY_NAMES

TABS: dict[Tab, Any] = {
    Tab.LIVE: _("使えるもの"),
    Tab.ENDING: _("まもなく期限"),
    Tab.UNUSED: _("使われていない"),
    Tab.OVER: _("期限切れ"),
    Tab.REVOKED: _("失効"),
    Tab.ALL: _("すべて"),
}
SORTS: dict[Sort, Any] = {
    Sort.NEWEST: _("発行が新しい順"),
    Sort.ENDING: _("期限が近い順"),
    Sort.NAME: _("フリガナ順"),
}
EMPTY: dict[Tab, tuple[Any, Any]] = {
    Tab.LIVE: (
        _("使える電子証明書は、まだありません"),
        _("利用者が電子証明書を取ると、端末の名前とともにここに並びます。"),
    ),
    Tab.ENDING: (
        _("期限の近い電子証明書はありません"),
        _("期限の60日前から、ここに並びます。本人にはメールでお知らせします。"),
    ),
    Tab.UNUSED: (_("使われていない電子証明書はありません"), _("発行から2か月使われないものが、ここに並びます。")),
    Tab.OVER: (_("期限の切れた電子証明書はありません"), _("期限が切れたものが、ここに並びます。")),
    Tab.REVOKED: (_("失効させた電子証明書はありません"), _("失効させたものが、理由とともにここに並びます。")),
    Tab.ALL: (_("電子証明書は、まだありません"), _("利用者が電子証明書を取ると、ここに並びます。")),
}


@door(Permission.SECURITY_MANAGE)
@require_safe
def listing(request: Visit) -> HttpResponse:
    """All certificates of the organisation, one page of them."""
    wanted = _wanted(request.GET)
    page = queries.page(
        organisation_id=request.organisation_id, wanted=wanted, at=request.at, cursor=request.GET.get("at", "")
    )
    counts = queries.counts(organisation_id=request.organisation_id, at=request.at)
    context = {
        "lines": [shown(line, request.at) for line in page.lines],
        "tabs": [(tab.value, name, counts[tab], _query(wanted, tab=tab.value)) for tab, name in TABS.items()],
        "counts_all": counts[Tab.ALL],
        "total": counts[wanted.tab],
        "wanted": wanted,
        "sorts": SORTS.items(),
        "query": _query(wanted),
        "before": f"?{_query(wanted)}&at={page.before}" if page.before else "",
        "after": f"?{_query(wanted)}&at={page.after}" if page.after else "",
        "empty": EMPTY[wanted.tab],
    }
    return render(request, "desk/certificates/listing.html", context)


@door(Permission.SECURITY_MANAGE, recent=True)
@require_safe
def export(request: Visit) -> HttpResponseBase:
    """The list as a file."""
    wanted = _wanted(request.GET)
    certificates.record_export(
        organisation_id=request.organisation_id, tab=wanted.tab.value, by=request.actor, at=request.at
    )
    header = (
        "利用者", "端末の名前", "発行先", "取り方", "シリアル番号", "状態", "発行", "期限", "最後に使った時", "失効",
        "失効の理由",
    )  # fmt: skip
    return csv_files.answer(
        file_name=f"warifu-certificates-{jst_day(request.at):%Y%m%d}.csv",
        header=[gettext(name) for name in header],
        rows=(
            (
                line.member_name,
                line.device_name,
                line.issued_to,
                gettext(WAY_NAMES[line.way]),
                line.serial,
                shown(line, request.at).look.word,
                _moment(line.issued_at),
                _moment(line.valid_until),
                _moment(line.used_at),
                _moment(line.revoked_at),
                gettext(line.reason_label()) if line.reason else "",
            )
            for line in queries.export(organisation_id=request.organisation_id, wanted=wanted, at=request.at)
        ),
    )


@door(Permission.SECURITY_MANAGE)
@require_safe
def page(request: Visit, certificate_id: UUID) -> HttpResponse:
    """One certificate: whose, where, what it says of itself, and the way to stop it."""
    return _page(request, certificate_id, RevokeForm())


@door(Permission.SECURITY_MANAGE, recent=True)
@require_POST
def revoke(request: Visit, certificate_id: UUID) -> HttpResponse:
    """Stop a certificate at once, with a reason (C-05)."""
    form = RevokeForm(request.POST)
    if not form.is_valid():
        return _page(request, certificate_id, form, status=422)
    certificates.revoke(
        organisation_id=request.organisation_id,
        certificate_id=certificate_id,
        reason=form.cleaned_data["reason"],
        by=request.actor,
        at=request.at,
    )
    messages.success(request, gettext("電子証明書を失効させました。この電子証明書では、もうサインインできません。"))
    return redirect("desk:certificates.page", certificate_id=certificate_id)


def _page(request: Visit, certificate_id: UUID, form: RevokeForm, *, status: int = 200) -> HttpResponse:
    found = queries.details(organisation_id=request.organisation_id, certificate_id=certificate_id)
    context = {
        "found": found,
        "shown": shown(found.line, request.at),
        "way": WAY_NAMES[found.line.way],
        "form": form,
    }
    return render(request, "desk/certificates/page.html", context, status=status)


def _wanted(query: QueryDict) -> Wanted:
    return Wanted(
        tab=next((tab for tab in Tab if tab.value == query.get("tab")), Tab.LIVE),
        search=query.get("q", "").strip()[:100],
        sort=next((sort for sort in Sort if sort.value == query.get("sort")), Sort.NEWEST),
    )


def _query(wanted: Wanted, **changed: str) -> str:
    values = {"tab": wanted.tab.value, "q": wanted.search, "sort": wanted.sort.value} | changed
    usual = {"tab": Tab.LIVE.value, "sort": Sort.NEWEST.value}
    query = QueryDict(mutable=True)
    query.update({name: value for name, value in values.items() if value and value != usual.get(name)})
    return query.urlencode()


def _moment(at: Any) -> str:
    return f"{at.astimezone(JST):%Y-%m-%d %H:%M}" if at else ""


routes = [
    path("certificates/", listing, name="certificates.listing"),
    path("certificates/export.csv", export, name="certificates.export"),
    path("certificates/<uuid:certificate_id>/", page, name="certificates.page"),
    path("certificates/<uuid:certificate_id>/revoke/", revoke, name="certificates.revoke"),
]
