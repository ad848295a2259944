"""連携トークン: keys for programs that use the API."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from warifu.credentials.actions import tokens
from warifu.credentials.queries import tokens as credentials
from warifu.foundation.days import JST
from warifu.foundation.refusals import Refused
from warifu.organisations.rules import Permission, may
from warifu.web.shared.doors import Visit, door

_SCOPE_NAMES = {
    Permission.PEOPLE_VIEW: _("対象者と提出の状況を読む"),
    Permission.ROSTER_LOAD: _("名簿を送り、取り込む"),
    Permission.INVITE: _("入力を依頼し、催促する"),
    Permission.PROVISION: _("人事システムから利用者を加え、変え、退職を記録する（SCIM）"),
    Permission.APPLY: _("利用者コードを申し込み、製品を登録し、利用を開始する"),
    Permission.REVIEW: _("申込みを審査する（運営者）"),
    Permission.LICENCES_MANAGE: _("製品、カード、ライセンスを扱う（運営者）"),
    Permission.FOLDERS_FILE: _("電子取引のファイルを入れる"),
    Permission.FOLDERS_READ: _("電子取引データを検索し、受け取る"),
}


class TokenForm(forms.Form):
    """What the new token is for."""

    name = forms.CharField(
        label=_("使い道"),
        max_length=100,
        help_text=_("どの仕組みが使うのか、あとからわかる名前にしてください。例: 人事システムとの連携"),
        error_messages={"required": _("使い道を入れてください。")},
    )
    scopes = forms.MultipleChoiceField(
        label=_("できること"),
        choices=[(scope.value, _SCOPE_NAMES[scope]) for scope in tokens.SCOPES],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("できることを、少なくとも一つ選んでください。")},
    )
    days = forms.TypedChoiceField(
        label=_("期限"),
        coerce=int,
        choices=[(30, _("30日")), (90, _("90日")), (180, _("180日")), (365, _("1年"))],
        initial=90,
        help_text=_("期限の日の終わりに使えなくなります。"),
    )


@door(Permission.TOKENS_MANAGE)
def listing(request: Visit) -> HttpResponse:
    """All tokens, without their secrets."""
    lines = [
        (line, [name for scope, name in _SCOPE_NAMES.items() if scope.value in line.scopes], _state(line, request.at))
        for line in credentials.tokens_of(organisation_id=request.organisation_id)
    ]
    return render(request, "desk/tokens/listing.html", {"lines": lines})


@door(Permission.TOKENS_MANAGE, recent=True)
def issue(request: Visit) -> HttpResponse:
    """Issue a token; its value is on the answering page and nowhere else, ever."""
    form = TokenForm(request.POST or None)
    form.fields["scopes"].choices = [  # type: ignore[attr-defined]
        (scope.value, _SCOPE_NAMES[scope])
        for scope in tokens.SCOPES
        if may(by=request.actor, permission=scope, organisation_id=request.organisation_id)
    ]
    if request.method == "POST" and form.is_valid():
        try:
            token = tokens.issue(
                organisation_id=request.organisation_id,
                name=form.cleaned_data["name"],
                scopes=form.cleaned_data["scopes"],
                valid_until=_end_of_day(request.at, form.cleaned_data["days"]),
                by=request.actor,
                at=request.at,
            )
        except Refused as refusal:
            form.add_error(None, gettext(refusal.sentence).format(**refusal.values))
        else:
            return render(request, "desk/tokens/issued.html", {"token": token, "name": form.cleaned_data["name"]})
    return render(request, "desk/tokens/issue.html", {"form": form}, status=422 if form.errors else 200)


@door(Permission.TOKENS_MANAGE)
@require_POST
def revoke(request: Visit, token_id: UUID) -> HttpResponse:
    """Stop a token at once."""
    tokens.revoke(organisation_id=request.organisation_id, token_id=token_id, by=request.actor, at=request.at)
    messages.success(request, gettext("トークンを止めました。"))
    return redirect("desk:tokens.listing")


def _end_of_day(at: datetime, days: int) -> datetime:
    return datetime.combine((at + timedelta(days=days)).astimezone(JST).date(), time(23, 59, 59), JST)


def _state(line: credentials.TokenLine, at: datetime) -> str:
    if line.revoked_at:
        return "revoked"
    return "running" if at < line.valid_until else "over"


routes = [
    path("tokens/", listing, name="tokens.listing"),
    path("tokens/issue/", issue, name="tokens.issue"),
    path("tokens/<uuid:token_id>/revoke/", revoke, name="tokens.revoke"),
]
