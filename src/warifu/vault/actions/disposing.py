"""Verbs of 廃棄: a handler approves, the responsible person confirms, and the number is gone (R-05 … R-09).

Each works on many people in a constant number of statements. A step that finds a row changed since it was shown does
nothing at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from warifu.audit import actions as audit
from warifu.audit.events import Vault as Events
from warifu.foundation.actor import SYSTEM, Actor
from warifu.foundation.days import jst_day
from warifu.foundation.ids import new_id
from warifu.foundation.purposes import Purpose
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, require
from warifu.vault.actions import files, uses
from warifu.vault.actions.keepings import UNAPPROVED, ChangedMeanwhile, insist_reason
from warifu.vault.models import Keeping, LegalHold, SealedNumber
from warifu.vault.queries import keepings as queries
from warifu.vault.rules import NotAppointed, SignInNotRecent, is_recent

State = Keeping.State
BATCH = 500
"""How many rows one step takes, and how many a person may approve or confirm at once."""


class NothingChosen(Refused):
    """No row was chosen."""

    code = "WF-V311"
    sentence = _("一つも選ばれていません。")
    remedy = _("一覧で、対象に印を付けてから、もう一度押してください。")


class TooManyChosen(Refused):
    """More rows than one step takes."""

    code = "WF-V302"
    sentence = _("一度に進められるのは{most}件までです。")
    remedy = _("{most}件までに分けて、続けてください。")


class UnderHold(Refused):
    """A legal hold covers a chosen row (R-09)."""

    code = "WF-V304"
    sentence = _("保全中(税務調査や訴訟など)のものが含まれているため、廃棄できません。")
    remedy = _("保全の理由と終わりの日は「保全」の画面で確かめられます。終わってから進めてください。")


class SamePerson(Refused):
    """Who approved may not confirm (R-05)."""

    code = "WF-V305"
    sentence = _("自分が承認した廃棄は、自分では確認できません。")
    remedy = _("もう一人の責任者に依頼してください。責任者だけで決める小さな会社のときは、廃棄の設定で選べます。")


@dataclass(frozen=True, kw_only=True)
class Disposed:
    """What a confirmation destroyed: the persons without a number left, and the act's id for the certificate."""

    batch: UUID
    count: int
    subject_ids: frozenset[UUID]


def approve(*, organisation_id: UUID, keeping_ids: Collection[UUID], by: Actor, at: datetime) -> int:
    """Approve the disposal of candidates, as a handler (R-05); all or none. Returns how many.

    Raises `NotPermitted`, `LevelTooLow`, `NotAppointed`, `NothingChosen`, `TooManyChosen`, `UnderHold`,
    `ChangedMeanwhile`.
    """
    require(by=by, permission=Permission.DISPOSALS_APPROVE, organisation_id=organisation_id)
    _insist_appointed(organisation_id, by, at)
    ids = _chosen(keeping_ids)
    with transaction.atomic():
        rows = _locked(organisation_id, ids, State.PROPOSED)
        _insist_free(organisation_id, rows, jst_day(at))
        Keeping.objects.filter(id__in=ids).update(
            state=State.APPROVED, approved_by=by.id, approved_label=by.label[:310], approved_at=at
        )
        _note(Events.APPROVED, rows, by, at)
    return len(rows)


def send_back(*, organisation_id: UUID, keeping_ids: Collection[UUID], reason: str, by: Actor, at: datetime) -> int:
    """Undo approvals, as the responsible person, with a reason; all or none. Returns how many.

    Raises as `approve` does, and `ReasonMissing`.
    """
    require(by=by, permission=Permission.DISPOSALS_CONFIRM, organisation_id=organisation_id)
    said = insist_reason(text=reason)
    ids = _chosen(keeping_ids)
    with transaction.atomic():
        rows = _locked(organisation_id, ids, State.APPROVED)
        Keeping.objects.filter(id__in=ids).update(state=State.PROPOSED, **UNAPPROVED)
        _note(Events.APPROVAL_REFUSED, rows, by, at, reason=said)
    return len(rows)


def confirm(*, organisation_id: UUID, keeping_ids: Collection[UUID], by: Actor, at: datetime) -> Disposed:
    """Confirm disposals as the responsible person, and carry them out: all or none (R-05 … R-08).

    A purpose that is disposed of is taken from the person's numbers; a number that no purpose is left for is destroyed
    with its key, cipher text and tag, and the person's pictures with it. The rest of the person's data stays. Where
    the organisation is small, candidates need no approval before. Joins the caller's transaction. Raises
    `NotPermitted`, `LevelTooLow`, `SignInNotRecent`, `NothingChosen`, `TooManyChosen`, `ChangedMeanwhile`,
    `UnderHold`, `SamePerson`.
    """
    require(by=by, permission=Permission.DISPOSALS_CONFIRM, organisation_id=organisation_id)
    if not is_recent(by, at):
        raise SignInNotRecent
    ids = _chosen(keeping_ids)
    with transaction.atomic():
        is_small = queries.policy(organisation_id=organisation_id).is_small
        rows = _locked(organisation_id, ids, *((State.PROPOSED, State.APPROVED) if is_small else (State.APPROVED,)))
        _insist_free(organisation_id, rows, jst_day(at))
        if not is_small and any(row.approved_by == by.id for row in rows):
            raise SamePerson
        batch = new_id()
        gone = _take_purposes(organisation_id, rows, by, at)
        for row in rows:
            row.state, row.batch, row.done_at = State.DONE, batch, at
            row.confirmed_by, row.confirmed_label = by.id, by.label[:310]
            row.backups_until = jst_day(at) + timedelta(days=settings.WARIFU.backup_days)
            row.numbers, row.pictures = gone.pop(row.subject_id, (0, 0))
        Keeping.objects.bulk_update(rows, _DONE_FIELDS, batch_size=BATCH)
        _note(Events.DISPOSED, rows, by, at, batch=str(batch))
        destroyed = frozenset(row.subject_id for row in rows if row.numbers)
    return Disposed(batch=batch, count=len(rows), subject_ids=destroyed)


def record_export(*, organisation_id: UUID, by: Actor, at: datetime) -> None:
    """Write down that the ledger was written out (S-03). Raises `NotPermitted`."""
    require(by=by, permission=Permission.DISPOSALS_READ, organisation_id=organisation_id)
    with transaction.atomic():
        audit.record(event=Events.DISPOSALS_EXPORTED, by=by, at=at, organisation_id=organisation_id)


def record_certificate(*, organisation_id: UUID, batch: UUID, by: Actor, at: datetime) -> None:
    """Write down that a certificate was made of what one confirmation destroyed. Raises `NotPermitted`."""
    require(by=by, permission=Permission.DISPOSALS_READ, organisation_id=organisation_id)
    with transaction.atomic():
        audit.record(event=Events.CERTIFIED, by=by, at=at, organisation_id=organisation_id, batch=str(batch))


def replay(*, refs: Iterable[UUID], at: datetime) -> int:
    """Destroy again what was destroyed before a backup was restored; returns how many lived again (R-07).

    `refs` are the references of destroyed numbers as `queries.keepings.destroyed_refs` wrote them out. For the
    operator's restore, outside any organisation's permissions; writes one trail entry for each organisation.
    """
    count = 0
    for some in _batches(refs):
        with transaction.atomic():
            rows = SealedNumber.objects.select_for_update().filter(ref__in=some, destroyed_at=None)
            found = list(rows.values_list("ref", "organisation_id", "subject_id"))
            SealedNumber.objects.filter(ref__in=[ref for ref, *_ in found]).update(**_NO_KEY, destroyed_at=at)
            by_organisation: dict[UUID, list[tuple[UUID | None, UUID | None]]] = {}
            for ref, organisation_id, subject_id in found:
                by_organisation.setdefault(organisation_id, []).append((ref, subject_id))
            for organisation_id, pairs in by_organisation.items():
                use = uses.Use(
                    act="destroy", organisation_id=organisation_id, by=SYSTEM, at=at, purpose=Purpose.DELETION
                )
                uses.write(use=use, of=pairs)
                audit.record(event=Events.REPLAYED, by=SYSTEM, at=at, organisation_id=organisation_id, count=len(pairs))
            count += len(found)
    return count


_NO_KEY: dict[str, object] = {"key_id": None, "wrapped_key": None, "sealed": None, "tag": None}
_DONE_FIELDS = (
    "state",
    "batch",
    "done_at",
    "confirmed_by",
    "confirmed_label",
    "backups_until",
    "numbers",
    "pictures",
)


def _insist_appointed(organisation_id: UUID, by: Actor, at: datetime) -> None:
    if by.id is None or not organisations.appointed_purposes(
        organisation_id=organisation_id, member_id=by.id, on=jst_day(at)
    ):
        raise NotAppointed


def _chosen(keeping_ids: Collection[UUID]) -> list[UUID]:
    ids = list(dict.fromkeys(keeping_ids))
    if not ids:
        raise NothingChosen
    if len(ids) > BATCH:
        raise TooManyChosen(most=BATCH)
    return ids


def _locked(organisation_id: UUID, ids: list[UUID], *states: str) -> list[Keeping]:
    """The chosen rows under lock, in the states the step begins from; raises `ChangedMeanwhile` unless all are."""
    mine = Keeping.objects.select_for_update().filter(organisation_id=organisation_id, id__in=ids, state__in=states)
    rows = list(mine.order_by("id"))
    if len(rows) != len(ids):
        raise ChangedMeanwhile
    return rows


def _insist_free(organisation_id: UUID, rows: list[Keeping], today: date) -> None:
    holds = LegalHold.objects.filter(organisation_id=organisation_id, lifted_at=None, until__gte=today)
    if holds.filter(Q(subject_id=None) | Q(subject_id__in=[row.subject_id for row in rows])).exists():
        raise UnderHold


def _take_purposes(organisation_id: UUID, rows: list[Keeping], by: Actor, at: datetime) -> dict[UUID, tuple[int, int]]:
    """Take disposed purposes off the numbers; returns how many numbers and pictures went, by person."""
    ended: dict[UUID, set[str]] = {}
    for row in rows:
        ended.setdefault(row.subject_id, set()).add(row.purpose)
    living = list(
        SealedNumber.objects.select_for_update().filter(
            organisation_id=organisation_id, subject_id__in=ended, destroyed_at=None
        )
    )
    for number in living:
        number.purposes = [code for code in number.purposes if code not in ended[number.subject_id]]
    SealedNumber.objects.bulk_update(living, ["purposes"], batch_size=BATCH)
    dying = [number for number in living if not number.purposes]
    SealedNumber.objects.filter(ref__in=[number.ref for number in dying]).update(**_NO_KEY, destroyed_at=at)
    use = uses.Use(act="destroy", organisation_id=organisation_id, by=by, at=at, purpose=Purpose.DELETION)
    uses.write(use=use, of=[(number.ref, number.subject_id) for number in dying])
    alive = {number.subject_id for number in living if number.purposes}
    dead = {number.subject_id for number in dying} - alive
    pictures = files.destroy_pictures_of(organisation_id=organisation_id, subject_ids=dead, by=by, at=at)
    counted = Counter(number.subject_id for number in dying)
    return {subject_id: (counted[subject_id], pictures.get(subject_id, 0)) for subject_id in dead}


def _note(event: Events, rows: list[Keeping], by: Actor, at: datetime, **values: str) -> None:
    audit.record_many(
        event=event,
        by=by,
        at=at,
        organisation_id=rows[0].organisation_id,
        subjects=[
            (row.subject_id, {"purpose": row.purpose, "kept_until": row.kept_until.isoformat(), **values})
            for row in rows
        ],
    )


def _batches(refs: Iterable[UUID]) -> Iterable[list[UUID]]:
    some: list[UUID] = []
    for ref in refs:
        some.append(ref)
        if len(some) == BATCH:
            yield some
            some = []
    if some:
        yield some
