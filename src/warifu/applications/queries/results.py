"""Reads of what came out of an application: IDs, their notices, papers, and what is still to be done (C3, C4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from warifu.applications.models import Application, Identification, Paper, Tick
from warifu.applications.rules import after, industries
from warifu.applications.rules.after import Facts, Point
from warifu.credentials.queries import first_use
from warifu.credentials.queries.first_use import FirstUse
from warifu.credentials.queries.sealed_notices import NoticeLine
from warifu.credentials.rules.policy import of_roles
from warifu.credentials.rules.windows import viewing_window
from warifu.foundation.actor import Role
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import NotFound
from warifu.organisations import queries as organisations


@dataclass(frozen=True, kw_only=True)
class IdLine:
    """One user ID that came out, with the sealed notice of its first password."""

    user_code: str
    number: str
    user_id: str
    method: str
    industries: tuple[str, ...]
    ended_on: date | None
    notice: NoticeLine | None


@dataclass(frozen=True, kw_only=True)
class PaperLine:
    """A paper that was given out."""

    number: str
    title: str
    kind: str
    issued_at: datetime


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came out of an approved application, for its applicant."""

    application_id: UUID
    receipt: str
    operation: str
    decided_on: date
    starts_on: date
    desired_start: date | None
    settings_deadline: date | None
    settings_done_at: datetime | None
    last_day: date
    closes_at: datetime
    state: str
    is_started: bool
    ids: tuple[IdLine, ...]
    papers: tuple[PaperLine, ...]
    points: tuple[Point, ...]

    @property
    def done_count(self) -> int:
        """How many points of the checklist are done."""
        return sum(point.is_done for point in self.points)


def result(*, organisation_id: UUID, application_id: UUID, at: datetime) -> Result:
    """The result of one of an organisation's approved applications; `NotFound` before that, and for anybody else's.

    Ten queries, however many IDs came out.
    """
    row = Application.objects.filter(
        organisation_id=organisation_id, id=application_id, state=Application.State.APPROVED
    ).first()
    if row is None or row.decided_on is None or row.confirmed_start is None:
        raise NotFound
    numbers = list(Identification.objects.filter(application=row).select_related("user_code").order_by("id"))
    members = {number.member_id for number in numbers if number.member_id is not None}
    ways = first_use.of(organisation_id=organisation_id, member_ids=members, at=at)
    papers = list(Paper.objects.filter(application=row, copies__isnull=False).distinct().order_by("id"))
    window = viewing_window(
        decided_on=row.decided_on,
        starts_on=row.confirmed_start,
        exceptions=organisations.calendar_exceptions(organisation_id=organisation_id),
    )
    today = jst_day(at)
    facts = _facts(row, numbers, ways, {paper.kind for paper in papers}, today)
    return Result(
        application_id=row.id,
        receipt=row.receipt or "",
        operation=row.operation,
        decided_on=row.decided_on,
        starts_on=row.confirmed_start,
        desired_start=_day(row.form.get("desired_start")),
        settings_deadline=row.settings_deadline,
        settings_done_at=row.settings_done_at,
        last_day=window.last_day,
        closes_at=window.closes_at(),
        state=window.state(at).value,
        is_started=today >= row.confirmed_start,
        ids=tuple(_id_line(number, ways) for number in numbers),
        papers=tuple(
            PaperLine(
                number=paper.number, title=Paper.Kind(paper.kind).label, kind=paper.kind, issued_at=paper.issued_at
            )
            for paper in papers
        ),
        points=after.checklist(
            facts=facts, ticked=set(Tick.objects.filter(application=row).values_list("item", flat=True))
        ),
    )


def _facts(
    row: Application, numbers: list[Identification], ways: dict[UUID, FirstUse], kinds: set[str], today: date
) -> Facts:
    assert row.confirmed_start is not None  # noqa: S101
    organisation = organisations.organisation(organisation_id=row.organisation_id)
    found = {
        number.user_code.text + number.text: ways.get(number.member_id) if number.member_id else None
        for number in numbers
    }
    known = {user_id: way for user_id, way in found.items() if way is not None}
    return Facts(
        user_ids=tuple(found),
        opened={key for key, way in known.items() if way.notice and (way.notice.looks or way.notice.state == "used")},
        with_password={key for key, way in known.items() if way.has_password},
        signed_in={key for key, way in known.items() if way.has_signed_in},
        with_certificate={key for key, way in known.items() if way.has_certificate},
        wants_certificate=of_roles(policy=organisation.sign_in_policy, roles=Role.EMPLOYEE).certificate,
        settled=row.settings_done_at is not None,
        has_notice=Paper.Kind.APPROVAL in kinds,
        has_form=Paper.Kind.FORM in kinds,
        starts_on=row.confirmed_start,
        today=today,
    )


def _id_line(number: Identification, ways: dict[UUID, FirstUse]) -> IdLine:
    way = ways.get(number.member_id) if number.member_id else None
    return IdLine(
        user_code=number.user_code.text,
        number=number.text,
        user_id=number.user_code.text + number.text,
        method=Identification.Method(number.method).label,
        industries=tuple(industries.INDUSTRIES[key].name for key in number.industries if key in industries.INDUSTRIES),
        ended_on=number.ended_on,
        notice=way.notice if way else None,
    )


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None
