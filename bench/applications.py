"""申込み: reviews a CPU second from queue to allotted code, and list pages at 1,000 to 1,000,000 applications.

`review` takes, approves and allots 10,000 applications one after another, with the letters and the trail; its limit is
the allotment alone, the same rows without permission, trail and letters. What a new user ID's member and sealed notice
cost is left out: a password's hash is slow on purpose and measured in `signin`. List pages are asked in process through
the door; their ratio is the page at n beside the page at 1,000, so that 1 is flat.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from unittest import mock
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from bench import crowd
from warifu.applications.actions import review, schemes
from warifu.applications.models import Application, Identification, Scheme, UserCode
from warifu.applications.queries import schemes as scheme_queries
from warifu.applications.rules import form as forms
from warifu.applications.rules.planner import earliest_start
from warifu.credentials.actions import sessions
from warifu.foundation.actor import OPERATOR, SYSTEM, Actor, Role
from warifu.foundation.days import jst_day
from warifu.organisations import actions as organisations
from warifu.organisations import queries

REVIEWS = 10_000
SIZES = (1_000, 10_000, 100_000, 1_000_000)
SECONDS = 2.0
BATCH = 5_000


def workloads() -> Iterator[dict[str, Any]]:
    """Review 10,000 applications, then turn the pages of ever longer lists."""
    at = timezone.now()
    house, applicant = crowd.organisation(at)
    reviewer = _reviewer(at)
    scheme = schemes.make(
        code="bench", name="測定", code_pattern="1LLLL", net_pattern="LDL", general_pattern="DDL", by=OPERATOR, at=at
    )
    given: dict[str, Any] = {"house": house, "applicant": applicant, "scheme": scheme, "reviewer": reviewer, "at": at}
    yield from _reviews(**given)
    yield from _pages(**given)


def _reviews(*, house: UUID, applicant: UUID, scheme: UUID, reviewer: Actor, at: datetime) -> Iterator[dict[str, Any]]:
    starts_on = earliest_start(decided_on=jst_day(at))
    limit = _bare_allotments(house, applicant, scheme, at, 1_000)
    ids = _fill(house, applicant, scheme, REVIEWS, at, state="submitted")
    first, took = 0.0, 0.0
    with mock.patch.object(review, "_let_in", return_value=None):
        started = time.process_time()
        for place, application_id in enumerate(ids, start=1):
            review.take(application_id=application_id, by=reviewer, at=at)
            review.approve(application_id=application_id, confirmed_start=starts_on, by=reviewer, at=at)
            if place == REVIEWS // 10:
                first = place / (time.process_time() - started)
        took = time.process_time() - started
    if Identification.objects.filter(application_id__in=ids[-500:]).count() != len(ids[-500:]):
        raise RuntimeError("not every application was allotted")
    yield _line(
        "reviewed and allotted",
        REVIEWS,
        REVIEWS / took,
        limit,
        "applications per CPU second",
        "beside the allotment alone",
    )
    yield _line(
        "reviewed, all beside the first tenth",
        REVIEWS,
        REVIEWS / took,
        first,
        "applications per CPU second",
        "1 is flat",
    )


def _pages(*, house: UUID, applicant: UUID, scheme: UUID, reviewer: Actor, at: datetime) -> Iterator[dict[str, Any]]:
    mine, theirs = _at_the_browser(applicant, at), _at_the_browser(reviewer.id, at)
    Application.objects.exclude(identifications__isnull=False).delete()
    wanted: dict[str, Callable[[], str]] = {
        "queue, first page": lambda: _turn(theirs, "/review/applications/"),
        "queue, a page in the middle": lambda: _turn(theirs, f"/review/applications/?before={_middle()}"),
        "queue of one state": lambda: _turn(theirs, "/review/applications/?state=on_hold"),
        "queue, found by receipt": lambda: _turn(theirs, f"/review/applications/?q={_receipt()}"),
        "own list, first page": lambda: _turn(mine, "/desk/applications/"),
        "own list, a page in the middle": lambda: _turn(mine, f"/desk/applications/?before={_middle()}"),
    }
    at_first: dict[str, float] = {}
    for n in SIZES:
        _fill(house, applicant, scheme, n - Application.objects.count(), at, state="approved", holds=True)
        for name, work in wanted.items():
            queries_asked = _count_queries(work)
            rate = _rate(work)
            at_first.setdefault(name, rate)
            line = _line(f"applications, {name}", n, rate, at_first[name], "pages per CPU second", "1 is flat")
            yield {**line, "queries": queries_asked}


def _count_queries(work: Callable[[], Any]) -> int:
    asked = 0

    def count(execute: Any, *given: Any) -> Any:
        nonlocal asked
        asked += 1
        return execute(*given)

    with connection.execute_wrapper(count):
        work()
    return asked


def _bare_allotments(house: UUID, applicant: UUID, scheme: UUID, at: datetime, count: int) -> float:
    rows = Application.objects.in_bulk(_fill(house, applicant, scheme, count, at, state="approved"))
    started = time.process_time()
    for row in rows.values():
        with transaction.atomic():
            locked = Scheme.objects.select_for_update().get(id=scheme)
            found = scheme_queries.allotment_for(scheme=locked, organisation_id=house, lines=forms.lines_of(row.form))
            Scheme.objects.filter(id=scheme).update(next_code=found.next_code)
            for one in found.identifications:
                code = UserCode.objects.create(
                    scheme=locked, organisation_id=house, text=one.user_code, allotted_at=at, from_day=jst_day(at)
                )
                Identification.objects.create(
                    user_code=code, text=one.number, method=one.method, application=row, from_day=jst_day(at)
                )
    return count / (time.process_time() - started)


def _fill(
    house: UUID, applicant: UUID, scheme: UUID, count: int, at: datetime, *, state: str, holds: bool = False
) -> list[UUID]:
    """Applications as rows, one line each; a tenth of them on hold when wanted."""
    line = {"user_code": "追加1", "industries": ["customs"], "shares_sign_on": False, "method": "net", "count": 1}
    people = {"person": {"name": "青木", "mail": "a@example.jp"}, "manager": {"name": "岡田", "mail": "o@example.jp"}}
    form = {"desired_start": "", "reason": "測定", "lines": [line], **people}
    start, ids = Application.objects.count(), []
    for first in range(0, max(count, 0), BATCH):
        rows = [
            Application(
                organisation_id=house,
                scheme_id=scheme,
                procedure="user_codes",
                operation="add",
                state="on_hold" if holds and place % 10 == 0 else state,
                form=form,
                receipt=f"{start + place:07d}A",
                made_by_id=applicant,
                made_at=at,
                changed_at=at,
                submitted_at=at + timedelta(milliseconds=place),
            )
            for place in range(first, min(first + BATCH, count))
        ]
        ids += [row.id for row in Application.objects.bulk_create(rows, batch_size=1_000)]
    return ids


def _reviewer(at: datetime) -> Actor:
    operator = organisations.create(code="operator", name="運営者", is_operator=True, by=OPERATOR, at=at)
    member_id = organisations.add_member(
        organisation_id=operator, roles=Role.REVIEWER, family_name="加藤", mail="kato@example.jp", by=SYSTEM, at=at
    )
    member = queries.member(organisation_id=operator, member_id=member_id)
    return queries.actor_of(member=member, level=2, authenticated_at=at)


def _at_the_browser(member_id: UUID | None, at: datetime) -> Client:
    assert member_id is not None  # noqa: S101
    client = Client()
    client.cookies[settings.SESSION_COOKIE] = sessions.start(
        member_id=member_id, level=2, browser="", address="", at=at
    )
    return client


def _middle() -> UUID:
    low, high = (Application.objects.order_by(key).values_list("id", flat=True)[0] for key in ("id", "-id"))
    return UUID(int=(low.int + high.int) // 2)


def _receipt() -> str:
    return str(Application.objects.order_by("id").values_list("receipt", flat=True)[0])


def _turn(client: Client, address: str) -> str:
    answer = client.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    return address


def _rate(work: Callable[[], Any]) -> float:
    for _ in range(2):
        work()
    started, count = time.process_time(), 0
    while time.process_time() - started < SECONDS:
        work()
        count += 1
    return count / (time.process_time() - started)


def _line(name: str, n: int, ours: float, limit: float, unit: str, beside: str) -> dict[str, Any]:
    return {
        "name": name,
        "n": n,
        "ours": round(ours, 1),
        "peer": None,
        "limit": round(limit, 1),
        "ratio": round(ours / limit, 2),
        "unit": f"{unit} ({beside})",
    }
