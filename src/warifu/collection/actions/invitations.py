"""Verbs of 依頼: ask people to hand in, in two phases (001-11); reminders and bounced letters have their own files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from warifu.audit import actions as audit
from warifu.audit.events import Collection as Events
from warifu.collection.actions import asking
from warifu.collection.actions.bounces import note_bounces, readdress
from warifu.collection.actions.reminders import daily, remind, remind_all_overdue
from warifu.collection.models import RosterEntry
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, require

__all__ = ["daily", "note_bounces", "note_opened", "preview", "readdress", "remind", "remind_all_overdue", "send"]


class NotReady(Refused):
    """Nobody may be asked before the handling plan is complete (P-15, S-02)."""

    code = "WF-C203"
    sentence = _("取扱いの定めが整うまで、依頼を送れません。")
    remedy = _("「取扱いの定め」で利用目的、責任者、事務取扱担当者などを決めてから、もう一度お進みください。")


class NothingToSend(Refused):
    """Nobody is waiting for an invitation who could get one by mail."""

    code = "WF-C204"
    sentence = _("依頼のメールを送る人がいません。")
    remedy = _("全員に送り終えたか、残りの人にメールアドレスがありません。アドレスがない人には、紙で案内してください。")


def preview(
    *, organisation_id: UUID, by: Actor, at: datetime, entry_ids: Sequence[UUID] | None = None
) -> asking.Preview:
    """The first of two phases (001-11): look before sending. Changes nothing; raises `NotPermitted`. Five queries."""
    require(by=by, permission=Permission.INVITE, organisation_id=organisation_id)
    listed = asking.chosen(organisation_id=organisation_id, entry_ids=entry_ids).filter(
        state=RosterEntry.State.LISTED, member__state="active"
    )
    reachable = listed.exclude(member__mail="")
    without = listed.filter(member__mail="").order_by("id")
    writer = asking.Writer(organisation_id, at)
    return asking.preview_of(
        organisation_id=organisation_id, wanted=reachable, unreachable=without, write=writer.invitation
    )


def send(*, organisation_id: UUID, by: Actor, at: datetime, entry_ids: Sequence[UUID] | None = None) -> int:
    """The second phase (001-11): invite everybody listed, or those of them in `entry_ids`; returns how many.

    Entries become INVITED, each person gets a letter with a link for 14 days, each history an entry. People without
    mail stay listed. Repeated, it asks nobody twice. Raises `NotPermitted`, `NotReady` (P-15), `NothingToSend`.
    """
    require(by=by, permission=Permission.INVITE, organisation_id=organisation_id)
    if organisations.handling_plan(organisation_id=organisation_id).completed_at is None:
        raise NotReady
    writer = asking.Writer(organisation_id, at)
    wanted = asking.chosen(organisation_id=organisation_id, entry_ids=entry_ids).filter(
        state=RosterEntry.State.LISTED, member__state="active"
    )
    sent = asking.in_batches(
        wanted=wanted.exclude(member__mail="").order_by("id"), work=lambda batch: _invite(batch, writer, by, at)
    )
    if not sent:
        raise NothingToSend
    return sent


def note_opened(*, organisation_id: UUID, member_id: UUID, at: datetime) -> None:
    """Note that a person opened the link of their letter; the first time counts."""
    unopened = RosterEntry.objects.filter(organisation_id=organisation_id, member_id=member_id, opened_at=None)
    unopened.update(opened_at=at)


def _invite(batch: list[asking.Person], writer: asking.Writer, by: Actor, at: datetime) -> int:
    asking.take(batch=batch, state=RosterEntry.State.INVITED, invited_at=at)
    asking.plan(batch=batch, day_of=lambda person: writer.next_day(person, first=True))
    writer.post_invitations(batch, by=by)
    audit.record_many(
        event=Events.INVITED,
        by=by,
        at=at,
        organisation_id=writer.organisation_id,
        subjects=[(person.member_id, {"due_on": writer.told_day(person).isoformat()}) for person in batch],
    )
    return len(batch)
