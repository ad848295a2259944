"""使える端末: restrict IDs to registered devices, issue a key for each, see and stop them (003-13, 003-14, C-08)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from warifu.credentials.actions import access_keys, ids, resets
from warifu.credentials.queries import access_keys as queries
from warifu.credentials.queries import ids as id_queries
from warifu.credentials.queries.access_keys import Show
from warifu.credentials.rules.sessions import browser_name
from warifu.foundation.days import JST, jst_day
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission
from warifu.web.shared import csv_files, qr
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.forms import DayField, add_refusal
from warifu.web.shared.refusals import said
from warifu.web.shared.words import role_names

SHOWS = {
    Show.ALL: _("すべて"),
    Show.RESTRICTED: _("制限中"),
    Show.WAITING: _("制限中で、端末がまだない"),
    Show.FREE: _("制限なし"),
}


class NameForm(forms.Form):
    """What the device is called."""

    name = forms.CharField(
        label=_("端末の名前"),
        max_length=60,
        help_text=_("あとから見分けられる名前にしてください。例: 受付のパソコン(Edge)"),
        error_messages={"required": _("端末の名前を入れてください。")},
    )


class RestrictForm(forms.Form):
    """From when on."""

    from_day = DayField(label=_("いつから制限するか"))


@door(Permission.IDS_ISSUE)
@require_GET
def listing(request: Visit) -> HttpResponse:
    """The IDs, which of them are restricted, and how many devices each has."""
    ids.insist_office(organisation_id=request.organisation_id, by=request.actor)
    show, search = _asked(request.GET)
    page = queries.restrictions(
        organisation_id=request.organisation_id, show=show, search=search, cursor=request.GET.get("at", "")
    )
    counts = queries.counts(organisation_id=request.organisation_id)
    context = {
        "lines": page.lines,
        "tabs": [(option.value, name, counts[option], _query(option, search)) for option, name in SHOWS.items()],
        "show": show.value,
        "text": search,
        "total": counts[Show.ALL],
        "today": jst_day(request.at),
        "price": settings.WARIFU.access_key_price,
        "before": f"?{_query(show, search)}&at={page.before}" if page.before else "",
        "after": f"?{_query(show, search)}&at={page.after}" if page.after else "",
        "query": _query(show, search),
    }
    return render(request, "desk/access_keys/listing.html", context)


@door(Permission.IDS_ISSUE, recent=True)
@require_GET
def export(request: Visit) -> HttpResponseBase:
    """The list as a file."""
    ids.record_export(organisation_id=request.organisation_id, what="access_keys", by=request.actor, at=request.at)
    show, search = _asked(request.GET)
    header = (_("利用者ID"), _("種類"), _("氏名"), _("制限の開始日"), _("登録した端末の数"), _("最後に使った日時"))
    return csv_files.answer(
        file_name=f"warifu-devices-{jst_day(request.at):%Y%m%d}.csv",
        header=[str(name) for name in header],
        rows=(
            (
                line.id_line.text,
                gettext(line.id_line.kind_name),
                line.id_line.name,
                line.from_day,
                line.keys,
                _moment(line.used_at),
            )
            for line in queries.export(organisation_id=request.organisation_id, show=show, search=search)
        ),
    )


@door(Permission.IDS_ISSUE)
@require_GET
def page(request: Visit, member_id: UUID) -> HttpResponse:
    """One person's devices: the restriction, the keys, a new key."""
    return _page(request, member_id)


@door(Permission.IDS_ISSUE, recent=True)
@require_POST
def restrict(request: Visit, member_id: UUID) -> HttpResponse:
    """Let the ID in from registered devices only, from a day on."""
    form = RestrictForm(request.POST)
    if not form.is_valid():
        return _page(request, member_id, restrict_form=form)
    try:
        access_keys.restrict(
            organisation_id=request.organisation_id,
            member_id=member_id,
            from_day=form.cleaned_data["from_day"],
            by=request.actor,
            at=request.at,
        )
    except access_keys.LeaderLockedOut as refusal:
        add_refusal(form, refusal, "from_day")
        return _page(request, member_id, restrict_form=form)
    messages.success(
        request, gettext("使える端末を制限しました。登録していない端末のセッションは、始まる日に終わります。")
    )
    return redirect("desk:access_keys.page", member_id=member_id)


@door(Permission.IDS_ISSUE, recent=True)
@require_POST
def lift(request: Visit, member_id: UUID) -> HttpResponse:
    """Let the ID in from anywhere again."""
    access_keys.lift(organisation_id=request.organisation_id, member_id=member_id, by=request.actor, at=request.at)
    messages.success(request, gettext("端末の制限をやめました。どの端末からもサインインできます。"))
    return redirect("desk:access_keys.page", member_id=member_id)


@door(Permission.IDS_ISSUE, recent=True)
@require_POST
def strengthen(request: Visit, member_id: UUID) -> HttpResponse:
    """Want the passkey of a registered device (C-08)."""
    access_keys.strengthen(
        organisation_id=request.organisation_id, member_id=member_id, by=request.actor, at=request.at
    )
    messages.success(request, gettext("これからは、登録した端末のパスキーだけでサインインできます。"))
    return redirect("desk:access_keys.page", member_id=member_id)


@door(Permission.IDS_ISSUE, recent=True)
@require_POST
def soften(request: Visit, member_id: UUID) -> HttpResponse:
    """Let the access key do again."""
    access_keys.soften(organisation_id=request.organisation_id, member_id=member_id, by=request.actor, at=request.at)
    messages.success(request, gettext("端末のパスキーを求めるのをやめました。"))
    return redirect("desk:access_keys.page", member_id=member_id)


@door(Permission.IDS_ISSUE)
@require_POST
def issue(request: Visit, member_id: UUID) -> HttpResponse:
    """Issue a key; its link is on the answering page and nowhere else, ever."""
    form = NameForm(request.POST, prefix="key")
    if not form.is_valid():
        return _page(request, member_id, name_form=form)
    link = access_keys.issue(
        organisation_id=request.organisation_id,
        member_id=member_id,
        name=form.cleaned_data["name"],
        by=request.actor,
        at=request.at,
    )
    context = {"link": link, "code": qr.drawn(link.address), "member_id": member_id}
    return render(request, "desk/access_keys/issue.html", context)


@door(Permission.IDS_ISSUE)
@require_POST
def rename(request: Visit, key_id: UUID) -> HttpResponse:
    """Give a key another name."""
    member_id = request.POST.get("member", "")
    form = NameForm(request.POST)
    if form.is_valid():
        access_keys.rename(
            organisation_id=request.organisation_id,
            key_id=key_id,
            name=form.cleaned_data["name"],
            by=request.actor,
            at=request.at,
        )
        messages.success(request, gettext("端末の名前を変えました。"))
    else:
        messages.error(request, gettext("端末の名前を入れてください。"))
    return _back(member_id)


@door(Permission.IDS_ISSUE, recent=True)
@require_POST
def revoke(request: Visit, key_id: UUID) -> HttpResponse:
    """Stop a key; sessions that it opened end at once."""
    try:
        access_keys.revoke(organisation_id=request.organisation_id, key_id=key_id, by=request.actor, at=request.at)
    except access_keys.LeaderLockedOut as refusal:
        messages.error(request, said(refusal))
    else:
        messages.success(request, gettext("アクセスキーを止めました。その端末のセッションも終わりました。"))
    return _back(request.POST.get("member", ""))


def _page(
    request: Visit,
    member_id: UUID,
    *,
    restrict_form: RestrictForm | None = None,
    name_form: NameForm | None = None,
) -> HttpResponse:
    ids.insist_office(organisation_id=request.organisation_id, by=request.actor)
    member = organisations.member(organisation_id=request.organisation_id, member_id=member_id)
    today = jst_day(request.at)
    keys = queries.keys_of(organisation_id=request.organisation_id, member_id=member_id, at=request.at)
    context = {
        "member": member,
        "roles": "・".join(gettext(name) for name in role_names(member.roles)),
        "user_id": id_queries.living_text(member_id=member_id),
        "from_day": queries.restricted_from(member_id=member_id),
        "today": today,
        "wants_passkey": queries.wants_passkey(member_id=member_id),
        "has_bound": queries.bound_keys(member_id=member_id).exists(),
        "keys": [(line, browser_name(line.browser)) for line in keys],
        "restrict_form": restrict_form or RestrictForm(initial={"from_day": today}),
        "name_form": name_form or NameForm(prefix="key"),
        "may_touch": resets.may_start(by=request.actor, target=member) or member_id == request.member_id,
    }
    status = 422 if restrict_form or name_form else 200
    return render(request, "desk/access_keys/page.html", context, status=status)


def _back(member_id: str) -> HttpResponse:
    try:
        return redirect("desk:access_keys.page", member_id=UUID(member_id))
    except ValueError:
        return redirect("desk:access_keys.listing")


def _asked(values: QueryDict) -> tuple[Show, str]:
    try:
        show = Show(values.get("show"))
    except ValueError:
        show = Show.ALL
    return show, values.get("q", "").strip()[:100]


def _query(show: Show, search: str) -> str:
    query = QueryDict(mutable=True)
    query.update({name: value for name, value in (("show", show.value), ("q", search)) if value})
    return query.urlencode()


def _moment(at: datetime | None) -> Any:
    return f"{at.astimezone(JST):%Y-%m-%d %H:%M}" if at else ""


routes = [
    path("devices/", listing, name="access_keys.listing"),
    path("devices/export.csv", export, name="access_keys.export"),
    path("devices/<uuid:member_id>/", page, name="access_keys.page"),
    path("devices/<uuid:member_id>/restrict/", restrict, name="access_keys.restrict"),
    path("devices/<uuid:member_id>/lift/", lift, name="access_keys.lift"),
    path("devices/<uuid:member_id>/strengthen/", strengthen, name="access_keys.strengthen"),
    path("devices/<uuid:member_id>/soften/", soften, name="access_keys.soften"),
    path("devices/<uuid:member_id>/key/", issue, name="access_keys.issue"),
    path("devices/key/<uuid:key_id>/name/", rename, name="access_keys.rename"),
    path("devices/key/<uuid:key_id>/stop/", revoke, name="access_keys.revoke"),
]
