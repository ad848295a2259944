"""Verbs of 保存: a need ends, what is kept longer, and what the night proposes for disposal (R-02 … R-05)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from warifu.audit import actions as audit
from warifu.audit.events import Vault as Events
from warifu.foundation.actor import SYSTEM, Actor
from warifu.foundation.days import jst_day
from warifu.foundation.purposes import CHOOSABLE, OWN_WORK, Purpose
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations.rules import NotPermitted, Permission, may, require
from warifu.vault.models import DisposalPolicy, Keeping, SealedNumber
from warifu.vault.queries import keepings as queries
from warifu.vault.rules import keeping

State = Keeping.State
BATCH = 500
"""How many rows one statement takes."""

_SHORTEST_REASON = 2


class ChangedMeanwhile(Refused):
    """A chosen row is not any more what the screen showed."""

    code = "WF-V303"
    sentence = _("選んだものの中に、ほかの人がすでに進めたものがあります。何も変えていません。")
    remedy = _("一覧を開き直して、いまの状態を確かめてから、選び直してください。")


class ReasonMissing(Refused):
    """A decision of one's own needs its reason."""

    code = "WF-V306"
    sentence = _("理由が書かれていません。")
    remedy = _("あとから読む人にわかるように、理由を書いてください。")


class DayWrong(Refused):
    """The new end of keeping is not later than the present one, or too far away."""

    code = "WF-V307"
    sentence = _("保存期限は、いまの期限 {day} より後で、今日から{years}年以内の日にしてください。")
    remedy = _("保存期限は、延ばすことだけができます。早めることはできません。")


class NeedDayWrong(Refused):
    """The need cannot have ended on that day."""

    code = "WF-V308"
    sentence = _("必要が終わった日として、使えない日です。")
    remedy = _("2016年1月1日から、今日の1年後までの日を入れてください。")


class NotSmall(Refused):
    """The relief for small firms is not for this organisation (S-15)."""

    code = "WF-V309"
    sentence = _("「責任者だけで決める」は、この組織では選べません。")
    remedy = _("従業員が{most}人以下で、ほかから番号の仕事を引き受けていない組織だけが選べます(ガイドライン別添1)。")


def end_need(
    *, organisation_id: UUID, subject_ids: Collection[UUID], ended_on: date, by: Actor, at: datetime
) -> dict[UUID, date]:
    """Plan the disposal of persons' numbers, whose need ended on a day; returns the last day of keeping of each.

    Every purpose that a living number was collected for is kept by its own rule (R-02, R-03); persons without a number
    and purposes planned already are passed over. Joins the caller's transaction. Raises `NotPermitted` unless the
    actor manages members or approves disposals, and `NeedDayWrong`.
    """
    if not any(
        may(by=by, permission=one, organisation_id=organisation_id)
        for one in (Permission.MEMBERS_MANAGE, Permission.DISPOSALS_APPROVE)
    ):
        raise NotPermitted
    with transaction.atomic():
        wanted = _living_purposes(organisation_id, subject_ids)
        if wanted and not date(2016, 1, 1) <= ended_on <= jst_day(at) + timedelta(days=366):
            raise NeedDayWrong
        planned = set(_open(organisation_id).filter(subject_id__in=wanted).values_list("subject_id", "purpose"))
        rows = [
            _plan(organisation_id, subject_id, purpose, ended_on, at)
            for subject_id, purposes in wanted.items()
            for purpose in sorted(purposes, key=CHOOSABLE.index)
            if (subject_id, purpose.value) not in planned
        ]
        Keeping.objects.bulk_create(rows, batch_size=BATCH)
        ends: dict[UUID, date] = {}
        for row in rows:
            ends[row.subject_id] = max(row.kept_until, ends.get(row.subject_id, row.kept_until))
        audit.record_many(
            event=Events.NEED_ENDED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subjects=[
                (subject_id, {"ended_on": ended_on.isoformat(), "kept_until": end.isoformat()})
                for subject_id, end in ends.items()
            ],
        )
    return ends


def prolong(*, organisation_id: UUID, keeping_id: UUID, until: date, reason: str, by: Actor, at: datetime) -> None:
    """Keep a number longer for one purpose than the table says, never shorter (R-02); an approval is undone.

    Raises `NotPermitted`, `LevelTooLow`, `ReasonMissing`, `NotFound`, `ChangedMeanwhile` once it is destroyed, and
    `DayWrong`.
    """
    require(by=by, permission=Permission.DISPOSALS_APPROVE, organisation_id=organisation_id)
    said = insist_reason(text=reason)
    today = jst_day(at)
    with transaction.atomic():
        row = Keeping.objects.select_for_update().filter(organisation_id=organisation_id, id=keeping_id).first()
        if row is None:
            raise NotFound
        if row.state == State.DONE:
            raise ChangedMeanwhile
        if not max(row.kept_until, today) < until <= today + timedelta(days=366 * keeping.LONGEST_YEARS):
            raise DayWrong(day=row.kept_until.isoformat(), years=keeping.LONGEST_YEARS)
        Keeping.objects.filter(id=row.id).update(
            state=State.PLANNED, kept_until=until, prolonged=said, due_on=None, **UNAPPROVED
        )
        audit.record(
            event=Events.PROLONGED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=row.subject_id,
            purpose=row.purpose,
            before=row.kept_until.isoformat(),
            after=until.isoformat(),
            reason=said,
        )


def propose_due(*, at: datetime) -> int:
    """Make candidates for disposal of what was to be kept until yesterday; returns how many (R-04, R-05). Nightly."""
    today = jst_day(at)
    count = 0
    while rows := list(
        Keeping.objects.filter(state=State.PLANNED, kept_until__lt=today)
        .order_by("kept_until", "id")
        .values_list("id", "organisation_id")[:BATCH]
    ):
        by_organisation: dict[UUID, list[UUID]] = {}
        for row_id, organisation_id in rows:
            by_organisation.setdefault(organisation_id, []).append(row_id)
        for organisation_id, ids in by_organisation.items():
            count += _propose(organisation_id, ids, today, at)
    return count


def change_policy(*, organisation_id: UUID, every_months: int, is_small: bool, by: Actor, at: datetime) -> None:
    """Say on which days disposals are carried out, and whether the responsible person decides alone (R-05, S-15).

    Raises `NotPermitted`, `LevelTooLow`, `NotFound` for a number of months that is not offered, `NotSmall`.
    """
    require(by=by, permission=Permission.DISPOSALS_CONFIRM, organisation_id=organisation_id)
    if every_months not in keeping.BATCH_MONTHS:
        raise NotFound
    if is_small and not queries.is_small_firm(organisation_id=organisation_id):
        raise NotSmall(most=keeping.SMALL_FIRM)
    with transaction.atomic():
        before = queries.policy(organisation_id=organisation_id)
        if (before.every_months, before.is_small) == (every_months, is_small):
            return
        DisposalPolicy.objects.update_or_create(
            organisation_id=organisation_id, defaults={"every_months": every_months, "is_small": is_small}
        )
        audit.record(
            event=Events.DISPOSAL_POLICY,
            by=by,
            at=at,
            organisation_id=organisation_id,
            before={"every_months": before.every_months, "is_small": before.is_small},
            after={"every_months": every_months, "is_small": is_small},
        )


UNAPPROVED: dict[str, object] = {"approved_by": None, "approved_label": "", "approved_at": None}


def _living_purposes(organisation_id: UUID, subject_ids: Collection[UUID]) -> dict[UUID, set[Purpose]]:
    wanted: dict[UUID, set[Purpose]] = {}
    living = SealedNumber.objects.filter(organisation_id=organisation_id, subject_id__in=subject_ids, destroyed_at=None)
    for subject_id, codes in living.values_list("subject_id", "purposes"):
        wanted.setdefault(subject_id, set()).update({Purpose(code) for code in codes} - OWN_WORK)
    return wanted


def _plan(organisation_id: UUID, subject_id: UUID, purpose: Purpose, ended_on: date, at: datetime) -> Keeping:
    rule = keeping.rule_for(purpose=purpose, ended_on=ended_on)
    return Keeping(
        organisation_id=organisation_id,
        subject_id=subject_id,
        purpose=purpose.value,
        ended_on=ended_on,
        basis=rule.basis,
        kept_until=keeping.kept_until(rule=rule, ended_on=ended_on),
        created_at=at,
    )


def _open(organisation_id: UUID) -> QuerySet[Keeping]:
    return Keeping.objects.filter(organisation_id=organisation_id).exclude(state=State.DONE)


def _propose(organisation_id: UUID, ids: list[UUID], today: date, at: datetime) -> int:
    due_on = keeping.batch_day(day=today, every_months=queries.policy(organisation_id=organisation_id).every_months)
    with transaction.atomic():
        changed = Keeping.objects.filter(id__in=ids, state=State.PLANNED).update(state=State.PROPOSED, due_on=due_on)
        if changed:
            audit.record(
                event=Events.PROPOSED,
                by=SYSTEM,
                at=at,
                organisation_id=organisation_id,
                count=changed,
                due_on=due_on.isoformat(),
            )
    return changed


def insist_reason(*, text: str) -> str:
    """A reason as it is kept. Raises `ReasonMissing`."""
    said = " ".join(text.split())[:300]
    if len(said) < _SHORTEST_REASON:
        raise ReasonMissing
    return said
