"""封緘通知: issue first passwords that open in a window, and see who opened them (002-29 … 002-36, L-07)."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from warifu.credentials.actions import sealed_notices
from warifu.credentials.queries import sealed_notices as queries
from warifu.credentials.rules.sessions import browser_name
from warifu.credentials.rules.windows import viewing_window
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import Refused
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.forms import DayField
from warifu.web.shared.paging import id_or_none


class IssueForm(forms.Form):
    """Whose first password it is, who may see it, and when use starts."""

    lets_in = forms.ChoiceField(
        label=_("初期パスワードで入る人"),
        help_text=_("まだパスワードを決めていない人だけが選べます。"),
        error_messages={"required": _("だれのパスワードかを選んでください。")},
    )
    opener = forms.ChoiceField(
        label=_("封緘通知を開く人"),
        help_text=_("サインインでき、初期パスワードを本人に確かに渡せる人です。"),
        error_messages={"required": _("開く人を選んでください。")},
    )
    subject = forms.CharField(
        label=_("件名"),
        max_length=100,
        help_text=_("開く人への見出しです。例: 職員ID hinoki0412 の初期パスワード"),
        error_messages={"required": _("件名を入れてください。")},
    )
    starts_on = DayField(
        label=_("利用開始日"),
        help_text=_("この日の2営業日後まで開けます。土日、祝日、年末年始は数えません。"),
        error_messages={"required": _("利用開始日を入れてください。")},
    )


@door(Permission.IDS_ISSUE)
@require_GET
def listing(request: Visit) -> HttpResponse:
    """All notices, with what became of each."""
    text = request.GET.get("q", "").strip()
    before = id_or_none(request.GET.get("before", ""))
    lines, older = queries.page(organisation_id=request.organisation_id, text=text, before=before, at=request.at)
    next_page = (
        f"{reverse('desk:sealed_notices.listing')}?{urlencode({'q': text, 'before': str(older)})}" if older else ""
    )
    context = {"lines": lines, "text": text, "older": next_page}
    return render(request, "desk/sealed_notices/listing.html", context)


@door(Permission.IDS_ISSUE, recent=True)
def issue(request: Visit) -> HttpResponse:
    """Issue a notice: the letter says that it is there, never what is in it."""
    form = IssueForm(request.POST or None, initial={"starts_on": jst_day(request.at)})
    people = organisations.find_members(organisation_id=request.organisation_id, text=request.GET.get("q", ""))
    office = organisations.office_members(organisation_id=request.organisation_id)
    choices = {member.id: member.full_name for member in [*people, *office] if member.is_active}
    for name in ("lets_in", "opener"):
        form.fields[name].choices = [("", "—"), *choices.items()]  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        try:
            sealed_notices.issue(
                organisation_id=request.organisation_id,
                member_id=UUID(form.cleaned_data["opener"]),
                lets_in=UUID(form.cleaned_data["lets_in"]),
                subject=form.cleaned_data["subject"],
                starts_on=form.cleaned_data["starts_on"],
                by=request.actor,
                at=request.at,
            )
        except Refused as refusal:
            form.add_error(None, gettext(refusal.sentence).format(**refusal.values))
        else:
            messages.success(request, gettext("封緘通知を出しました。開く人にメールで知らせます。"))
            return redirect("desk:sealed_notices.listing")
    example = viewing_window(
        decided_on=jst_day(request.at),
        starts_on=jst_day(request.at),
        exceptions=organisations.calendar_exceptions(organisation_id=request.organisation_id),
    )
    context = {"form": form, "text": request.GET.get("q", ""), "example": example}
    return render(request, "desk/sealed_notices/issue.html", context, status=422 if form.errors else 200)


@door(Permission.IDS_ISSUE)
@require_GET
def page(request: Visit, notice_id: UUID) -> HttpResponse:
    """One notice and every look at it."""
    line, looks = queries.notice(organisation_id=request.organisation_id, notice_id=notice_id, at=request.at)
    seen = [(look, browser_name(look.browser)) for look in looks]
    return render(request, "desk/sealed_notices/page.html", {"line": line, "looks": seen})


routes = [
    path("sealed-notices/", listing, name="sealed_notices.listing"),
    path("sealed-notices/issue/", issue, name="sealed_notices.issue"),
    path("sealed-notices/<uuid:notice_id>/", page, name="sealed_notices.page"),
]
