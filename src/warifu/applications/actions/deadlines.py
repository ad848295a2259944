"""What happens by itself: void when settings are late, a letter before a window closes (seeds.md B2.3, C2)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from warifu.applications.actions import letters
from warifu.applications.actions.states import move, owned
from warifu.applications.models import Application, Identification, UserCode
from warifu.applications.rules.states import Verb
from warifu.audit import actions as audit
from warifu.audit.events import Applications as Events
from warifu.credentials.actions import departures
from warifu.credentials.queries import first_use
from warifu.credentials.rules.windows import viewing_window
from warifu.foundation.actor import SYSTEM, Actor
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, add_business_days, require

BATCH = 200
DAYS_BEFORE_CLOSING = 1
"""Business days before a window closes on which its letter goes out."""
LOOK_BACK = timedelta(days=60)
"""How long ago use may have started for a window still to be open: far more than two business days ever last."""


class SettingsLate(Refused):
    """The deadline for the settings is over."""

    code = "WF-U501"
    sentence = _("システム設定の申込みの期限 {deadline} を過ぎています。")
    remedy = _("この申込みを写して、新しく申し込んでください。")


def settle(*, organisation_id: UUID, application_id: UUID, by: Actor, at: datetime) -> None:
    """Note that the system settings were applied for in time. Raises `NotPermitted`, `NotFound`, `NotInThisState`,
    `SettingsLate`."""
    require(by=by, permission=Permission.APPLY, organisation_id=organisation_id)
    row = owned(organisation_id=organisation_id, application_id=application_id)
    if row.settings_deadline is not None and jst_day(at) > row.settings_deadline:
        raise SettingsLate(deadline=row.settings_deadline.isoformat())
    with transaction.atomic():
        move(application=row, verb=Verb.SETTLE, at=at, settings_done_at=at)
        audit.record(event=Events.SETTLED, by=by, at=at, organisation_id=organisation_id, subject_id=row.id)


def void_due(*, at: datetime) -> int:
    """Make applications void whose settings are late; for the daily round. Returns how many."""
    late = Application.objects.filter(
        state=Application.State.APPROVED,
        operation="add",
        settings_done_at=None,
        settings_deadline__lt=jst_day(at),
    )
    done = 0
    for row in late.order_by("settings_deadline")[:BATCH]:
        with transaction.atomic():
            move(application=row, verb=Verb.VOID, at=at, must_have={"settings_done_at": None})
            _end_ids_of(row, on=jst_day(at))
            audit.record(event=Events.VOIDED, by=SYSTEM, at=at, organisation_id=row.organisation_id, subject_id=row.id)
            letters.void(application=row, by=SYSTEM, at=at)
        done += 1
    return done


def shut_ended(*, at: datetime) -> int:
    """Let out the members who sign in with user IDs that have ended; for the daily round. Returns how many (B5)."""
    due = Identification.objects.filter(shut_at=None, ended_on__lte=jst_day(at)).select_related("user_code", "member")
    done = 0
    for row in due.order_by("ended_on")[:BATCH]:
        assert row.ended_on is not None  # noqa: S101
        organisation_id = row.user_code.organisation_id
        with transaction.atomic():
            if Identification.objects.filter(id=row.id, shut_at=None).update(shut_at=at) != 1:
                continue
            if row.member is not None and row.member.left_on is None:
                departures.record(
                    organisation_id=organisation_id, member_id=row.member.id, left_on=row.ended_on, by=SYSTEM, at=at
                )
            audit.record(
                event=Events.SHUT,
                by=SYSTEM,
                at=at,
                organisation_id=organisation_id,
                subject_id=row.id,
                user_id=row.user_code.text + row.text,
            )
        done += 1
    return done


def tell_closing(*, at: datetime) -> int:
    """Write once to applicants whose window closes soon while a notice is unopened; for the daily round.

    Returns how many applications were due.
    """
    today = jst_day(at)
    open_ones = Application.objects.filter(
        state=Application.State.APPROVED,
        operation="add",
        window_letter_at=None,
        confirmed_start__range=(today - LOOK_BACK, today),
    )
    calendar_of = cache(lambda house: organisations.calendar_exceptions(organisation_id=house))
    done = 0
    for row in open_ones.order_by("id").iterator(chunk_size=BATCH):
        assert row.confirmed_start is not None  # noqa: S101
        assert row.decided_on is not None  # noqa: S101
        exceptions = calendar_of(row.organisation_id)
        window = viewing_window(decided_on=row.decided_on, starts_on=row.confirmed_start, exceptions=exceptions)
        first_day = add_business_days(day=window.last_day, count=-DAYS_BEFORE_CLOSING, exceptions=exceptions)
        if not first_day <= today <= window.last_day or not _has_unopened(row):
            continue
        with transaction.atomic():
            if Application.objects.filter(id=row.id, window_letter_at=None).update(window_letter_at=at) == 1:
                letters.window_closing(application=row, last_day=window.last_day, by=SYSTEM, at=at)
                done += 1
    return done


def _has_unopened(row: Application) -> bool:
    members = Identification.objects.filter(application=row, member__isnull=False).values_list("member_id", flat=True)
    return first_use.unopened(organisation_id=row.organisation_id, member_ids=set(members))


def _end_ids_of(row: Application, *, on: date) -> None:
    """End what a void application was given; a code ends with its last number. None is ever given again."""
    own = Identification.objects.filter(application=row, ended_on=None)
    codes = list(own.values_list("user_code_id", flat=True))
    own.update(ended_on=on)
    living = Identification.objects.filter(user_code=OuterRef("pk"), ended_on=None)
    UserCode.objects.filter(~Exists(living), id__in=codes, ended_on=None).update(ended_on=on)
