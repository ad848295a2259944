"""だれが何をできるか: the one table of permissions as a page, with the screens that each one opens (B1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, get_resolver, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from warifu.organisations.rules import PERMISSIONS, Permission
from warifu.web.shared.doors import Rule, Visit, door
from warifu.web.shared.words import ROLE_NAMES

SENTENCES = {
    Permission.OWN_RECORD: _("自分の番号と書類を出し、自分の記録を見る"),
    Permission.DESK_ENTER: _("担当者の画面に入る"),
    Permission.PEOPLE_VIEW: _("だれが出したかを見る（番号と写真は見えません）"),
    Permission.ROSTER_LOAD: _("従業員名簿を取り込む、取り消す"),
    Permission.INVITE: _("入力の依頼と催促のメールを送る"),
    Permission.ENTER_FOR: _("本人に代わって入力する"),
    Permission.DOCUMENTS_CHECK: _("書類の不足だけを確かめる（番号は手元に残しません）"),
    Permission.VERIFY: _("書類の写真を開き、本人かどうかを確かめる"),
    Permission.NUMBER_REVEAL: _("番号を見る（任命され、5分以内にサインインしたときだけ）"),
    Permission.SECOND_CONFIRM: _("二人目として確かめる（責任者が最後）"),
    Permission.MEMBERS_MANAGE: _("利用者を加え、役割を変える"),
    Permission.SETTINGS_MANAGE: _("設定とメールの文面を変える"),
    Permission.HANDLING_MANAGE: _("利用目的、担当者、責任者を定める"),
    Permission.TRAIL_VIEW: _("監査証跡を見る"),
    Permission.TOKENS_MANAGE: _("プログラムのためのAPIトークンを発行する、止める"),
    Permission.SECURITY_MANAGE: _("だれが何を示してサインインするかを決める、電子証明書を扱う、管理を引き継ぐ"),
    Permission.IDS_ISSUE: _("職員と顧客のIDを発行する、使える端末を決める"),
    Permission.RESETS_START: _("パスワードの再設定を始める（相手によって制限があります）"),
}
"""Each permission as a sentence; the table in organisations.rules decides, this only says it."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One permission: the sentence, a mark for each role, and the addresses that demand it."""

    sentence: str
    scope: str
    marks: tuple[bool, ...]
    screens: tuple[str, ...]
    is_mine: bool


@door(Permission.DESK_ENTER)
@require_GET
def page(request: Visit) -> HttpResponse:
    """The table of permissions, made from the rules and from what the screens demand."""
    screens = _screens()
    lines = [
        Line(
            sentence=str(SENTENCES[permission]),
            scope=permission.value,
            marks=tuple(role in roles for role in ROLE_NAMES),
            screens=tuple(sorted(screens.get(permission, ()))),
            is_mine=bool(roles & request.actor.roles),
        )
        for permission, roles in PERMISSIONS.items()
    ]
    roles = [(gettext(name), role in request.actor.roles) for role, name in ROLE_NAMES.items()]
    return render(request, "desk/permissions/page.html", {"lines": lines, "roles": roles})


def _screens() -> dict[Permission, set[str]]:
    """The addresses of all screens by the permission that their door demands."""
    found: dict[Permission, set[str]] = {}
    for address, view in _views(get_resolver().url_patterns, "/"):
        rule = getattr(view, "rule", None)
        if isinstance(rule, Rule) and rule.permission is not None:
            found.setdefault(rule.permission, set()).add(address)
    return found


def _views(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[tuple[str, object]]:
    for pattern in patterns:
        address = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _views(pattern.url_patterns, address)
        else:
            yield address, pattern.callback


routes = [path("permissions/", page, name="permissions.page")]
