"""Verbs of 催促: ask again, by hand or by the round of the day; note who became overdue (001-22 … 001-28)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from django.db.models import F, Q, QuerySet

from warifu.audit import actions as audit
from warifu.audit.events import Collection as Events
from warifu.collection.actions import asking
from warifu.collection.models import RosterEntry
from warifu.collection.queries import policies
from warifu.collection.rules import overdue
from warifu.foundation.actor import SYSTEM, Actor
from warifu.foundation.days import JST, jst_day
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.foundation.standing import Standing
from warifu.organisations.rules import Permission, require


class NothingToRemind(Refused):
    """None of the people can be reminded by mail now."""

    code = "WF-C205"
    sentence = _("いま催促のメールを送れる人がいません。")
    remedy = _("きょう送った人、提出した人、メールが戻った人には送れません。一覧の「次の一手」をご覧ください。")


def preview(
    *, organisation_id: UUID, by: Actor, at: datetime, entry_ids: Sequence[UUID] | None = None
) -> asking.Preview:
    """What reminding would do, for some people or, without ids, all who are overdue. Changes nothing."""
    require(by=by, permission=Permission.INVITE, organisation_id=organisation_id)
    wanted = _to_remind(organisation_id, entry_ids, at)
    chosen = asking.chosen(organisation_id=organisation_id, entry_ids=entry_ids).filter(stage=RosterEntry.Stage.OPEN)
    if entry_ids is None:
        chosen = chosen.filter(due_on__lt=jst_day(at))
    unreachable = chosen.filter(Q(member__mail="") | Q(bounced_at__isnull=False)).order_by("id")
    return asking.preview_of(
        organisation_id=organisation_id,
        wanted=wanted,
        unreachable=unreachable,
        write=asking.Writer(organisation_id, at).reminder,
    )


def remind(*, organisation_id: UUID, entry_ids: Sequence[UUID], by: Actor, at: datetime) -> int:
    """Ask again by mail, at most once a day and person; returns how many letters were written (001-23).

    Left out are those who need no reminder or whom no mail reaches. Raises `NotPermitted`, `NothingToRemind`.
    """
    require(by=by, permission=Permission.INVITE, organisation_id=organisation_id)
    return _remind(organisation_id, entry_ids, by, at)


def remind_all_overdue(*, organisation_id: UUID, by: Actor, at: datetime) -> int:
    """Ask everybody again who is overdue, as `remind` does; raises the same."""
    require(by=by, permission=Permission.INVITE, organisation_id=organisation_id)
    return _remind(organisation_id, None, by, at)


def daily(*, at: datetime) -> int:
    """The round of the day for all organisations: notes who became overdue, and reminds where that was chosen.

    Safe to run twice, late, or beside itself. Reminders written in an organisation's quiet hours leave when they end.
    Costs next to nothing when nobody is due. Returns how many people it touched.
    """
    return _note_overdue(at) + _remind_by_itself(at)


def _to_remind(organisation_id: UUID, entry_ids: Sequence[UUID] | None, at: datetime) -> QuerySet[RosterEntry]:
    midnight = at.astimezone(JST).replace(hour=0, minute=0, second=0, microsecond=0)
    wanted = asking.chosen(organisation_id=organisation_id, entry_ids=entry_ids).filter(
        ~Q(state=RosterEntry.State.LISTED),
        ~Q(member__mail=""),
        Q(reminded_at=None) | Q(reminded_at__lt=midnight),
        stage=RosterEntry.Stage.OPEN,
        member__state="active",
        bounced_at=None,
    )
    return wanted if entry_ids is not None else wanted.filter(due_on__lt=jst_day(at))


def _remind(organisation_id: UUID, entry_ids: Sequence[UUID] | None, by: Actor, at: datetime) -> int:
    writer = asking.Writer(organisation_id, at)
    wanted = _to_remind(organisation_id, entry_ids, at).order_by("due_on", "id")
    sent = asking.in_batches(wanted=wanted, work=lambda batch: _remind_batch(batch, writer, by, at))
    if not sent:
        raise NothingToRemind
    return sent


def _remind_batch(batch: list[asking.Person], writer: asking.Writer, by: Actor, at: datetime) -> int:
    """Remind a batch of one organisation; `at` is now, the letters leave at the writer's moment."""
    asking.take(batch=batch, reminders=F("reminders") + 1, reminded_at=writer.at, next_reminder_on=None)
    asking.plan(batch=batch, day_of=writer.next_day)
    writer.post_reminders(batch, by=by)
    audit.record_many(
        event=Events.REMINDED,
        by=by,
        at=at,
        organisation_id=writer.organisation_id,
        subjects=[(person.member_id, {"reason": person.reason.code}) for person in batch],
    )
    return len(batch)


def _note_overdue(at: datetime) -> int:
    today = jst_day(at)
    late = _collecting().filter(stage=RosterEntry.Stage.OPEN, overdue_noted_on=None, due_on__lt=today)

    def note(batch: list[asking.Person]) -> int:
        asking.take(batch=batch, overdue_noted_on=today)
        for organisation_id, people in _by_organisation(batch):
            audit.record_many(
                event=Events.OVERDUE,
                by=SYSTEM,
                at=at,
                organisation_id=organisation_id,
                subjects=[
                    (person.member_id, {"due_on": person.due_on.isoformat(), "reason": person.reason.code})
                    for person in people
                    if person.member_state == "active"
                ],
            )
        return len(batch)

    return asking.in_batches(wanted=late.order_by("due_on", "id"), work=note)


def _remind_by_itself(at: datetime) -> int:
    planned = _collecting().filter(stage=RosterEntry.Stage.OPEN, next_reminder_on__lte=jst_day(at))
    writers: dict[UUID, asking.Writer] = {}

    def work(batch: list[asking.Person]) -> int:
        reminded = 0
        for organisation_id, people in _by_organisation(batch):
            writer = writers.get(organisation_id) or writers.setdefault(organisation_id, _loud(organisation_id, at))
            wanted = writer.policy.automatic_reminders
            reachable = [person for person in people if wanted and person.reason in overdue.LETTER_WORDS]
            kept = {person.entry_id for person in reachable}
            others = [person for person in people if person.entry_id not in kept]
            asking.take(batch=others, next_reminder_on=None)
            if reachable:
                reminded += _remind_batch(reachable, writer, SYSTEM, at)
        return reminded

    return asking.in_batches(wanted=planned.order_by("next_reminder_on", "id"), work=work)


def _collecting() -> QuerySet[RosterEntry]:
    """People of organisations whose licence still lets them ask."""
    return RosterEntry.objects.filter(organisation__standing=Standing.FULL.value)


def _loud(organisation_id: UUID, at: datetime) -> asking.Writer:
    policy = policies.current(organisation_id=organisation_id)
    moment = overdue.loud_moment(at=at, quiet_from=policy.quiet_from_hour, quiet_until=policy.quiet_until_hour)
    return asking.Writer(organisation_id, moment, policy)


def _by_organisation(batch: list[asking.Person]) -> Iterable[tuple[UUID, list[asking.Person]]]:
    ordered = sorted(batch, key=attrgetter("organisation_id"))
    return ((key, list(people)) for key, people in groupby(ordered, key=attrgetter("organisation_id")))
