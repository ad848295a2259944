"""サインインの履歴: what happened at one's own sign-in, from the trail: successes, failures, changes (A4, L-12)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from warifu.audit import queries
from warifu.audit.events import Credentials, Event, Organisations
from warifu.audit.queries import Line
from warifu.credentials.rules.sessions import browser_name
from warifu.foundation.days import JST
from warifu.organisations.rules import Permission
from warifu.web.shared import csv_files
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.words import LEVEL_WORDS, factor_words

PAGE = 30
EXPORT_PAGE = 1000

_GROUPS: dict[str, tuple[Event, ...]] = {
    "in": (Credentials.SIGNED_IN, Credentials.SIGNED_IN_AGAIN, Credentials.STEPPED_UP, Credentials.ACTIVATED),
    "failed": (Credentials.SIGN_IN_FAILED, Credentials.THROTTLED, Credentials.DEVICE_REFUSED),
    "out": (Credentials.SIGNED_OUT, Credentials.SESSION_TIMED_OUT),
    "changed": (
        Credentials.PASSWORD_CHANGED,
        Credentials.RESET_STARTED,
        Credentials.FACTOR_ADDED,
        Credentials.FACTOR_REVOKED,
        Credentials.FACTOR_REMOVED,
        Credentials.RECOVERY_CODES_MADE,
        Credentials.RECOVERY_CODE_USED,
        Credentials.CERTIFICATE_ISSUED,
        Credentials.CERTIFICATE_RENEWED,
        Credentials.CERTIFICATE_REVOKED,
        Credentials.ACCESS_KEY_ISSUED,
        Credentials.PHONE_CONFIRMED,
        Credentials.PHONE_REMOVED,
        Organisations.MEMBER_CHANGED,
        Organisations.ROLES_CHANGED,
    ),
}
_KEYS = {group: tuple(event.key for event in events) for group, events in _GROUPS.items()}
_ALL = tuple(key for keys in _KEYS.values() for key in keys)


class FilterForm(forms.Form):
    """What part of the history to look at."""

    kind = forms.ChoiceField(
        label=_("出来事"),
        required=False,
        choices=(
            ("", _("すべての出来事")),
            ("in", _("サインインできた")),
            ("failed", _("失敗した・断られた")),
            ("out", _("サインアウト")),
            ("changed", _("登録の変更")),
        ),
    )
    since = forms.DateField(label=_("この日から"), required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label=_("この日まで"), required=False, widget=forms.DateInput({"type": "date"}))
    before = forms.UUIDField(required=False, widget=forms.HiddenInput)


@dataclass(frozen=True, kw_only=True)
class Happening:
    """One line of the history, in words."""

    id: UUID
    at: datetime
    sentence: str
    factors: str
    strength: str
    address: str
    browser: str
    by: str
    is_failure: bool


@door(Permission.OWN_RECORD)
def page(request: Visit) -> HttpResponse:
    """One's own history, thirty lines a page, the newest first."""
    form = FilterForm(request.GET)
    found = _look(request, form)(limit=PAGE + 1)
    lines, more = found[:PAGE], len(found) > PAGE
    is_later = form.is_valid() and bool(form.cleaned_data["before"])
    context = {
        "form": form,
        "lines": lines,
        "older": _address(request.GET, before=str(lines[-1].id)) if more else "",
        "newest": _address(request.GET, before="") if is_later else "",
        "export": reverse("entrance:history.export") + _address(request.GET, before=""),
    }
    return render(request, "entrance/history/page.html", context)


@door(Permission.OWN_RECORD)
def export(request: Visit) -> StreamingHttpResponse:
    """The same lines as CSV, streamed, however many there are (V-06)."""
    name = f"sign-ins-{request.at.astimezone(JST):%Y%m%d-%H%M}.csv"
    header = ("日時", "出来事", "確かめ方", "強さ", "接続元", "ブラウザー", "操作した人")
    rows = _rows(_look(request, FilterForm(request.GET)))
    return csv_files.answer(file_name=name, header=header, rows=rows)


def happened(
    *,
    organisation_id: UUID,
    member_id: UUID,
    limit: int,
    kind: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    before: UUID | None = None,
) -> list[Happening]:
    """What happened to a member's sign-in, the newest first; one query."""
    lines = queries.timeline(
        organisation_id=organisation_id,
        subject_id=member_id,
        events=_KEYS.get(kind, _ALL),
        since=since,
        until=until,
        before=before,
        limit=limit,
    )
    return [_in_words(line, member_id) for line in lines]


def _in_words(line: Line, member_id: UUID) -> Happening:
    told = line.values
    shown = told.get("factors") or ([told["factor"]] if told.get("factor") else [])
    level = told.get("level")
    return Happening(
        id=line.id,
        at=line.at,
        sentence=gettext(line.sentence),
        factors=factor_words(shown),
        strength=gettext(LEVEL_WORDS[level]) if level in LEVEL_WORDS else "",
        address=told.get("address", ""),
        browser=browser_name(told.get("browser", "")),
        by=line.actor,
        is_failure=line.event in _KEYS["failed"],
    )


def _look(request: Visit, form: FilterForm) -> Any:
    """`happened` for this person and what the form asks."""
    form.is_valid()
    given = form.cleaned_data
    until: date | None = given.get("until")
    return partial(
        happened,
        organisation_id=request.organisation_id,
        member_id=request.member_id,
        kind=given.get("kind") or "",
        since=_midnight(given.get("since")),
        until=_midnight(until + timedelta(days=1)) if until else None,
        before=given.get("before"),
    )


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(0), JST) if day else None


def _address(asked: QueryDict, *, before: str) -> str:
    kept = {key: value for key, value in asked.items() if value and key != "before"}
    return "?" + urlencode(kept | ({"before": before} if before else {}))


def _rows(look: Any) -> Iterator[tuple[str, ...]]:
    while True:
        lines: list[Happening] = look(limit=EXPORT_PAGE)
        for line in lines:
            yield (
                line.at.astimezone(JST).isoformat(timespec="seconds"),
                line.sentence,
                line.factors,
                line.strength,
                line.address,
                line.browser,
                line.by,
            )
        if len(lines) < EXPORT_PAGE:
            return
        look = partial(look, before=lines[-1].id)


routes = [
    path("security/history/", page, name="history.page"),
    path("security/history/export/", export, name="history.export"),
]
