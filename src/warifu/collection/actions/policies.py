"""Verbs of 収集の設定: what an organisation chose for collecting."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Collection as Events
from warifu.collection.models import Policy, RosterEntry
from warifu.collection.rules import overdue
from warifu.foundation.actor import Actor
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations.rules import Permission, require

FIELDS = (
    "overdue_days",
    "automatic_reminders",
    "reminder_every_days",
    "quiet_from_hour",
    "quiet_until_hour",
    "second_check",
    "second_check_off_reason",
    "image_keep_days",
)


class PolicyOutOfRange(Refused):
    """A setting of collecting lies outside its range."""

    code = "WF-C201"
    sentence = _("収集の設定に、選べない値があります: {what}。")
    remedy = _("{what}は{least}から{most}までの数でお選びください。")


class SecondCheckReasonNeeded(Refused):
    """Switching the second pair of eyes off needs a written reason (I-18)."""

    code = "WF-C202"
    sentence = _("二人目の確認をやめる理由が書かれていません。")
    remedy = _("一人で確認しても間違いを見つけられる手順を、理由の欄に書いてください。")


_RANGES = {
    "overdue_days": (_("期限までの日数"), 1, 90),
    "reminder_every_days": (_("催促の間隔"), 1, 30),
    "quiet_from_hour": (_("送らない時間の始まり"), 0, 23),
    "quiet_until_hour": (_("送らない時間の終わり"), 0, 23),
    "image_keep_days": (_("画像を残す日数"), 0, 30),
}


def ensure(*, organisation_id: UUID) -> Policy:
    """The organisation's settings of collecting; made with their defaults when there are none yet."""
    return Policy.objects.get_or_create(organisation_id=organisation_id)[0]


def change(
    *,
    organisation_id: UUID,
    overdue_days: int,
    automatic_reminders: bool,
    reminder_every_days: int,
    quiet_from_hour: int,
    quiet_until_hour: int,
    second_check: bool,
    second_check_off_reason: str,
    image_keep_days: int,
    by: Actor,
    at: datetime,
) -> None:
    """Change how an organisation collects (001-22, I-18, I-20).

    Other days until overdue move the due days of all who have still to hand in; they are counted from registration
    as before. Switching automatic reminders on plans them, switching them off plans none.
    Raises `NotPermitted`, `PolicyOutOfRange`, `SecondCheckReasonNeeded`.
    """
    require(by=by, permission=Permission.SETTINGS_MANAGE, organisation_id=organisation_id)
    wanted: dict[str, Any] = {
        "overdue_days": overdue_days,
        "automatic_reminders": automatic_reminders,
        "reminder_every_days": reminder_every_days,
        "quiet_from_hour": quiet_from_hour,
        "quiet_until_hour": quiet_until_hour,
        "second_check": second_check,
        "second_check_off_reason": "" if second_check else second_check_off_reason.strip(),
        "image_keep_days": image_keep_days,
    }
    _insist_in_range(wanted)
    with transaction.atomic():
        ensure(organisation_id=organisation_id)
        policy = Policy.objects.select_for_update().get(organisation_id=organisation_id)
        before = {field: getattr(policy, field) for field in FIELDS}
        changed = [field for field in FIELDS if before[field] != wanted[field]]
        if not changed:
            return
        Policy.objects.filter(organisation_id=organisation_id).update(**wanted)
        if "overdue_days" in changed:
            _move_due_days(organisation_id, overdue_days, jst_day(at))
        if "overdue_days" in changed or "automatic_reminders" in changed:
            _plan_reminders(organisation_id, jst_day(at), wanted=automatic_reminders)
        audit.record(
            event=Events.POLICY_CHANGED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            before={field: before[field] for field in changed},
            after={field: wanted[field] for field in changed},
        )


def _insist_in_range(wanted: dict[str, Any]) -> None:
    for field, (what, least, most) in _RANGES.items():
        if not least <= wanted[field] <= most:
            raise PolicyOutOfRange(what=what, least=least, most=most)
    if not wanted["second_check"] and not wanted["second_check_off_reason"]:
        raise SecondCheckReasonNeeded


def _move_due_days(organisation_id: UUID, overdue_days: int, today: date) -> None:
    entries = RosterEntry.objects.filter(organisation_id=organisation_id, stage=RosterEntry.Stage.OPEN)
    for registered_on in list(entries.order_by("registered_on").values_list("registered_on", flat=True).distinct()):
        due_on = overdue.due_day(registered_on=registered_on, overdue_days=overdue_days)
        entries.filter(registered_on=registered_on).update(due_on=due_on)
    entries.filter(due_on__gte=today).exclude(overdue_noted_on=None).update(overdue_noted_on=None)


def _plan_reminders(organisation_id: UUID, today: date, *, wanted: bool) -> None:
    entries = RosterEntry.objects.filter(organisation_id=organisation_id, stage=RosterEntry.Stage.OPEN)
    if not wanted:
        entries.exclude(next_reminder_on=None).update(next_reminder_on=None)
        return
    invited = entries.exclude(state=RosterEntry.State.LISTED)
    for due_on in list(invited.order_by("due_on").values_list("due_on", flat=True).distinct()):
        first = overdue.next_reminder_day(due_on=due_on, today=today, reminded_at=None, every_days=1)
        invited.filter(due_on=due_on).update(next_reminder_on=first)
