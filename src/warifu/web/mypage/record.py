"""わたしの記録: who looked at or used the number, when and for what; and what lies with the company (E6, P-13)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from warifu.collection.queries import subjects
from warifu.collection.queries import submissions as queries
from warifu.foundation.days import jst_day
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission
from warifu.vault.queries import UseLine, keepings
from warifu.web.shared.doors import Visit, door

LOOKS = ("reveal", "open_image")

ACTS = {
    "seal": _("番号を預かりました"),
    "seal_image": _("写真を預かりました"),
    "reveal": _("番号を見ました"),
    "use": _("番号を書類に使いました"),
    "open_image": _("写真を見ました"),
    "destroy": _("番号を消しました"),
    "destroy_image": _("写真を消しました"),
}
"""What each use is called in the person's own record."""


@door(Permission.OWN_RECORD)
def page(request: Visit) -> HttpResponse:
    """The uses of the person's numbers and pictures, the timeline in words, and what the company holds."""
    own = queries.own(organisation_id=request.organisation_id, member_id=request.member_id, at=request.at)
    context: dict[str, Any] = {
        "own": own,
        "organisation": organisations.organisation(organisation_id=request.organisation_id),
    }
    if own is not None:
        record = queries.record(organisation_id=request.organisation_id, member_id=request.member_id)
        family = subjects.family(organisation_id=request.organisation_id, member_id=request.member_id)
        names = subjects.named(organisation_id=request.organisation_id, subject_ids=family)
        kept = keepings.of_subjects(
            organisation_id=request.organisation_id, subject_ids=family, today=jst_day(request.at)
        )
        context["kept"] = [(row, names[row.subject_id].name) for row in kept if row.subject_id in names]
        context |= {"record": record, "uses": _lines(record.uses, request)} | _sums(record.uses, request)
    return render(request, "mypage/record/page.html", context)


def _lines(uses: tuple[UseLine, ...], request: Visit) -> list[dict[str, object]]:
    return [
        {
            "line": line,
            "words": ACTS.get(line.act, line.act),
            "purpose": gettext(line.purpose.label) if line.purpose else "",
            "is_look": line.act in LOOKS,
        }
        for line in _by_others(uses, request)
    ]


def _by_others(uses: tuple[UseLine, ...], request: Visit) -> list[UseLine]:
    return [line for line in uses if line.actor_id != request.member_id]


def _sums(uses: tuple[UseLine, ...], request: Visit) -> dict[str, int]:
    others = _by_others(uses, request)
    return {
        "used": sum(line.allowed for line in others),
        "seen": sum(line.allowed and line.act in LOOKS for line in others),
        "denied": sum(not line.allowed for line in others),
    }


routes = [path("record", page, name="record.page")]
