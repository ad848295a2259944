"""監査証跡: what happened, in words, the newest first; and the same as a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from warifu.audit import actions, events, queries
from warifu.audit.queries import Line
from warifu.credentials.actions import lost_factors
from warifu.credentials.rules.sessions import browser_name
from warifu.foundation.days import JST
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission
from warifu.web.shared import csv_files
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.words import factor_words

PAGE = 50
EXPORT_PAGE = 1000

_ROOMS = {
    "organisations.": _("組織・利用者・役割"),
    "credentials.": _("サインインとトークン"),
    "notices.": _("メール"),
    "vault.": _("番号と画像の利用"),
    "collection.": _("名簿・依頼・提出・確認"),
    "audit.": _("監査証跡"),
}
_VALUE_NAMES = {
    "address": _("接続元"),
    "after": _("変更後"),
    "before": _("変更前"),
    "browser": _("ブラウザー"),
    "channel": _("受け取り方"),
    "count": _("件数"),
    "document": _("書類"),
    "factor": _("確かめ方"),
    "factors": _("確かめ方"),
    "from_day": _("開始日"),
    "identified": _("本人を確かめたようす"),
    "identified_by": _("本人を確かめた方法"),
    "kind": _("種類"),
    "left_on": _("退職日"),
    "name": _("名前"),
    "permission": _("必要な権限"),
    "purpose": _("目的"),
    "purposes": _("利用目的"),
    "range": _("範囲"),
    "reason": _("理由"),
    "roles": _("役割"),
    "rows": _("行数"),
    "scopes": _("できること"),
    "seconds": _("待ち時間(秒)"),
    "version": _("版"),
    "view": _("画面"),
}
_LOOKS = {
    event.key
    for event in (events.Vault.REVEALED, events.Vault.USED, events.Vault.IMAGE_OPENED, events.Collection.LOOKED_AT)
}
_REFUSALS = {
    event.key for event in (events.Vault.DENIED, events.Credentials.ACCESS_DENIED, events.Credentials.SIGN_IN_FAILED)
}
_COLUMNS = ("id", "日時", "出来事", "説明", "操作した人", "対象", "値")


class FilterForm(forms.Form):
    """What part of the trail to look at."""

    actor = forms.TypedChoiceField(label=_("操作した人"), coerce=UUID, required=False, empty_value=None)
    subject = forms.UUIDField(required=False, widget=forms.HiddenInput)
    event = forms.ChoiceField(label=_("出来事"), required=False)
    since = forms.DateField(label=_("この日から"), required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label=_("この日まで"), required=False, widget=forms.DateInput({"type": "date"}))
    before = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict, *, organisation_id: UUID) -> None:
        super().__init__(data)
        people = organisations.office_members(organisation_id=organisation_id)
        self.fields["actor"].choices = [  # type: ignore[attr-defined]
            ("", _("すべての人")),
            *((str(person.id), person.full_name) for person in people),
        ]
        self.fields["event"].choices = [  # type: ignore[attr-defined]
            ("", _("すべての出来事")),
            *((room, name) for room, name in _ROOMS.items()),
            *(
                (event.key, f"　{gettext(event.sentence)}")
                for catalogue in events.Event.__subclasses__()
                for event in catalogue
            ),
        ]


@dataclass(frozen=True, kw_only=True)
class Query:
    """One look at the trail: the arguments of `audit.queries.timeline`."""

    organisation_id: UUID
    actor_id: UUID | None
    subject_id: UUID | None
    event_prefix: str
    since: datetime | None
    until: datetime | None
    before: UUID | None

    def lines(self, limit: int) -> list[Line]:
        """The lines of this look."""
        return queries.timeline(limit=limit, **self.__dict__)


@door(Permission.TRAIL_VIEW)
def page(request: Visit) -> HttpResponse:
    """The timeline, fifty lines a page."""
    form = FilterForm(request.GET, organisation_id=request.organisation_id)
    asked = _query(form, request.organisation_id)
    found = asked.lines(PAGE + 1)
    lines, more = found[:PAGE], len(found) > PAGE
    names = organisations.names_of(
        organisation_id=request.organisation_id,
        member_ids={line.subject_id for line in lines if line.subject_id is not None},
    )
    context = {
        "form": form,
        "lines": [
            (line, gettext(line.sentence), names.get(line.subject_id or request.organisation_id, ""), _facts(line))
            for line in lines
        ],
        "looks": _LOOKS,
        "refusals": _REFUSALS,
        "older": _address(request.GET, before=str(lines[-1].id)) if more else "",
        "newest": _address(request.GET, before="") if asked.before else "",
        "export": reverse("desk:trail.export") + "?" + _address(request.GET, before="").lstrip("?"),
    }
    return render(request, "desk/trail/page.html", context)


@door(Permission.TRAIL_VIEW, recent=True)
def export(request: Visit) -> StreamingHttpResponse:
    """The same lines as CSV, streamed, however many there are (V-06)."""
    asked = _query(FilterForm(request.GET, organisation_id=request.organisation_id), request.organisation_id)
    actions.record_export(
        organisation_id=request.organisation_id, by=request.actor, at=request.at, event_filter=asked.event_prefix
    )
    name = f"trail-{request.at.astimezone(JST):%Y%m%d-%H%M}.csv"
    return csv_files.answer(file_name=name, header=_COLUMNS, rows=_rows(asked))


def _query(form: FilterForm, organisation_id: UUID) -> Query:
    form.is_valid()
    given = form.cleaned_data
    until: date | None = given.get("until")
    return Query(
        organisation_id=organisation_id,
        actor_id=given.get("actor"),
        subject_id=given.get("subject"),
        event_prefix=given.get("event") or "",
        since=_midnight(given.get("since")),
        until=_midnight(until + timedelta(days=1)) if until else None,
        before=given.get("before"),
    )


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(0), JST) if day else None


def _address(asked: QueryDict, *, before: str) -> str:
    kept = {key: value for key, value in asked.items() if value and key != "before"}
    return "?" + urlencode(kept | ({"before": before} if before else {}))


_CODES: dict[str, dict[str, Any]] = {
    "channel": {"mail": _("メール"), "slip": _("紙")},
    "kind": {
        "staff": _("職員ID"),
        "customer": _("顧客ID"),
        "first": _("はじめての設定"),
        "reset": _("パスワードの再設定"),
        "ids": _("利用者IDの一覧"),
        "months": _("月ごとのIDの数"),
        "access_keys": _("使える端末"),
    },
    "reason": {
        "password": _("パスワードを変えたため"),
        "left": _("退職・退出したため"),
        "administrator": _("管理者が終わらせたため"),
        "restricted": _("端末の制限が始まったため"),
        "access_key": _("アクセスキーを止めたため"),
        "id_ended": _("利用者IDの利用を終えたため"),
    },
}
"""What some values of an entry mean in words."""


def _facts(line: Line) -> list[tuple[str, str]]:
    return [
        (str(_VALUE_NAMES.get(name, name)), _value(name, value))
        for name, value in line.values.items()
        if name != "level" and value not in ("", None, [], {})
    ]


def _value(name: str, value: Any) -> str:
    if name == "browser":
        return browser_name(value) or value
    if name == "identified_by":
        return gettext(lost_factors.WAYS.get(value, value))
    if name in ("factor", "factors"):
        return factor_words([value] if isinstance(value, str) else value)
    if isinstance(value, list):
        return "、".join(str(item) for item in value)
    if isinstance(value, dict):
        return "、".join(f"{name}: {item}" for name, item in value.items())
    return str(_CODES.get(name, {}).get(value, value))


def _rows(asked: Query) -> Iterator[tuple[str, ...]]:
    while True:
        lines = asked.lines(EXPORT_PAGE)
        for line in lines:
            yield (
                str(line.id),
                line.at.astimezone(JST).isoformat(),
                line.event,
                line.sentence,
                line.actor,
                str(line.subject_id or ""),
                json.dumps(line.values, ensure_ascii=False, sort_keys=True),
            )
        if len(lines) < EXPORT_PAGE:
            return
        asked = replace(asked, before=lines[-1].id)


routes = [
    path("trail/", page, name="trail.page"),
    path("trail/export/", export, name="trail.export"),
]
