"""営業日の例外: days on which an organisation works, or does not, against the calendar of public offices (J-12)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Organisations as Events
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations.models import CalendarDay
from warifu.organisations.rules import Permission, is_business_day, require


class DayNeedless(Refused):
    """The calendar says the same without the exception."""

    code = "WF-O401"
    sentence = _("{day}は、書き加えなくても同じ扱いの日です。")
    remedy = _("暦と違う扱いにする日だけを書き加えてください。")
    status = 422


def set_day(*, organisation_id: UUID, day: date, is_open: bool, name: str, by: Actor, at: datetime) -> None:
    """Work on a day although the calendar says no, or the other way round; windows opened later count by it.

    Raises `NotPermitted`, `DayNeedless`.
    """
    require(by=by, permission=Permission.SETTINGS_MANAGE, organisation_id=organisation_id)
    if is_business_day(day=day) is is_open:
        raise DayNeedless(day=day.isoformat())
    with transaction.atomic():
        CalendarDay.objects.update_or_create(
            organisation_id=organisation_id, day=day, defaults={"is_open": is_open, "name": name[:60]}
        )
        audit.record(
            event=Events.CALENDAR_CHANGED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            day=day.isoformat(),
            is_open=is_open,
            name=name[:60],
        )


def forget_day(*, organisation_id: UUID, day: date, by: Actor, at: datetime) -> None:
    """Let a day be what the calendar says. Raises `NotPermitted`, `NotFound`."""
    require(by=by, permission=Permission.SETTINGS_MANAGE, organisation_id=organisation_id)
    with transaction.atomic():
        if not CalendarDay.objects.filter(organisation_id=organisation_id, day=day).delete()[0]:
            raise NotFound
        audit.record(
            event=Events.CALENDAR_CHANGED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            day=day.isoformat(),
            is_open=None,
        )
