"""顧問先の見渡し: what is missing, late and due at every client of the office, in one list (offices only)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from warifu.collection.queries import people
from warifu.collection.queries.people import Counts
from warifu.customers.actions import exports
from warifu.customers.actions.shared import insist_office
from warifu.customers.queries import entrustments
from warifu.customers.queries.entrustments import EntrustmentView
from warifu.customers.rules.entrusting import Task
from warifu.folders.queries import folders
from warifu.folders.queries.folders import Meter
from warifu.foundation.days import jst_day
from warifu.foundation.japanese import search_key
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission
from warifu.vault.queries import keepings
from warifu.vault.queries.keepings import KeepingCounts
from warifu.web.shared import csv_files
from warifu.web.shared.doors import Visit, door

FILTERS = {
    "all": _("すべて"),
    "late": _("期限を過ぎた人がいる"),
    "work": _("仕事が残っている"),
    "near": _("期限が近い"),
    "disposal": _("廃棄を待つ番号がある"),
    "ending": _("ライセンスが終わる"),
}
SOON_DAYS = 60
"""From how many days before its end a licence is pointed out."""

NEAR_DAYS = 14
"""From how many days before it a deadline is near."""


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """What has to be done at a client by a day."""

    day: date
    words: str
    is_near: bool


@dataclass(frozen=True, kw_only=True)
class Line:
    """One client, as far as its entrustment lets the office see."""

    entrustment: EntrustmentView
    counts: Counts | None
    works_until: date | None
    is_ending: bool
    meter: Meter | None
    disposals: KeepingCounts | None
    deadlines: tuple[Deadline, ...]

    @property
    def missing(self) -> int:
        """People who have not handed in, late or not."""
        return self.counts.overdue + self.counts.waiting if self.counts else 0

    @property
    def to_verify(self) -> int:
        """People whose papers wait for the client's handlers."""
        return self.counts.to_verify + self.counts.second if self.counts else 0


@door(Permission.CUSTOMERS_MANAGE)
@require_GET
def page(request: Visit) -> HttpResponse:
    """All clients, those with late people first."""
    insist_office(office_id=request.organisation_id, by=request.actor)
    chosen = request.GET.get("show", "all")
    text = request.GET.get("q", "")[:100]
    lines = _lines(request.organisation_id, jst_day(request.at))
    counts = {name: len(_kept(lines, name)) for name in FILTERS}
    shown = _kept(lines, chosen if chosen in FILTERS else "all")
    if key := search_key(text):
        shown = [line for line in shown if key in search_key(line.entrustment.client_name)]
    context = {
        "lines": shown,
        "total": len(lines),
        "year": jst_day(request.at).year,
        "tabs": [(name, words, counts[name], urlencode({"show": name, "q": text})) for name, words in FILTERS.items()],
        "show": chosen,
        "text": text,
        "late": sum(line.counts.overdue for line in lines if line.counts),
    }
    return render(request, "desk/cockpit/page.html", context)


@door(Permission.CUSTOMERS_MANAGE, recent=True)
@require_GET
def export(request: Visit) -> HttpResponseBase:
    """The list as a file."""
    exports.record(office_id=request.organisation_id, what="cockpit", by=request.actor, at=request.at)
    words = (
        _("顧問先"),
        _("対象者"),
        _("未提出"),
        _("期限切れ"),
        _("確認待ち"),
        _("確認済み"),
        _("次の期限"),
        _("次の期限の内容"),
        _("廃棄を待つ番号"),
        _("期限を過ぎた廃棄"),
        _("ライセンスの終わり"),
        _("フォルダの使用量(%)"),
    )
    return csv_files.answer(
        file_name="cockpit.csv",
        header=[str(word) for word in words],
        rows=(
            [
                line.entrustment.client_name,
                line.counts.all if line.counts else "",
                line.missing if line.counts else "",
                line.counts.overdue if line.counts else "",
                line.to_verify if line.counts else "",
                line.counts.done if line.counts else "",
                line.deadlines[0].day if line.deadlines else "",
                line.deadlines[0].words if line.deadlines else "",
                line.disposals.waiting if line.disposals else "",
                line.disposals.overdue if line.disposals else "",
                line.works_until or "",
                line.meter.fill if line.meter else "",
            ]
            for line in _lines(request.organisation_id, jst_day(request.at))
        ),
    )


def _lines(office_id: UUID, today: date) -> list[Line]:
    """Six queries, however many clients there are; numbers of people only where the task was entrusted."""
    running = entrustments.agreed(office_id=office_id)
    client_ids = [line.client_id for line in running if Task.PROGRESS in line.tasks]
    counts = people.counts_of(organisation_ids=client_ids, today=today)
    due = people.next_due_of(organisation_ids=client_ids, today=today)
    disposals = keepings.counts_of(organisation_ids=client_ids, today=today)
    ends = organisations.works_until_of(organisation_ids=[line.client_id for line in running])
    meters = folders.meters(organisation_id=office_id, customer_ids={line.customer_id for line in running})
    lines = []
    for line in running:
        is_seen = Task.PROGRESS in line.tasks
        disposal = disposals.get(line.client_id, KeepingCounts()) if is_seen else None
        end = ends.get(line.client_id)
        days = (
            (due.get(line.client_id), gettext("番号の提出")),
            (disposal.due_on if disposal else None, gettext("番号の廃棄")),
            (end, gettext("ライセンスの終わり")),
        )
        lines.append(
            Line(
                entrustment=line,
                counts=counts.get(line.client_id, Counts()) if is_seen else None,
                works_until=end,
                is_ending=end is not None and (end - today).days <= SOON_DAYS,
                meter=meters.get(line.customer_id),
                disposals=disposal,
                deadlines=tuple(
                    Deadline(day=day, words=words, is_near=(day - today).days <= NEAR_DAYS)
                    for day, words in sorted((day, words) for day, words in days if day is not None)
                ),
            )
        )
    return sorted(
        lines,
        key=lambda line: (-(line.counts.overdue if line.counts else 0), -line.missing, line.entrustment.client_name),
    )


def _kept(lines: list[Line], name: str) -> list[Line]:
    tests: dict[str, Callable[[Line], bool]] = {
        "late": lambda line: bool(line.counts and line.counts.overdue),
        "work": lambda line: bool(line.missing or line.to_verify),
        "near": lambda line: any(deadline.is_near for deadline in line.deadlines),
        "disposal": lambda line: bool(line.disposals and line.disposals.waiting),
        "ending": lambda line: line.is_ending,
    }
    test = tests.get(name)
    return [line for line in lines if test is None or test(line)]


routes = [
    path("cockpit/", page, name="cockpit.page"),
    path("cockpit/export/", export, name="cockpit.export"),
]
