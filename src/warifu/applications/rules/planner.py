"""The days of an application, known before it is sent (002-30 … 002-36, seeds.md B2.3, C-1 … C-3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from warifu.credentials.rules.windows import viewing_window
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations.rules import add_business_days

SETTINGS_BEFORE_START = 4
"""Business days before the start by which system settings must be applied for; later the application is void."""


LONGEST_AHEAD = timedelta(days=366)
"""How long after the earliest day a start may lie."""


class StartTooEarly(Refused):
    """The start leaves no time to apply for the system settings, or lies before the decision."""

    code = "WF-U101"
    sentence = _(
        "利用開始日 {starts_on} は早すぎます。審査が {decided_on} に終わると、いちばん早い開始日は {earliest} です。"
    )
    remedy = _(
        "利用開始日を {earliest} 以後にしてください。システム設定の申込みに、開始日の4営業日前までの時間がいります。"
    )
    status = 422


class StartTooFar(Refused):
    """The start lies further ahead than anybody can plan."""

    code = "WF-P323"
    sentence = _("利用開始日が先すぎます。")
    remedy = _("{latest} までの日にしてください。")
    status = 422


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The days that follow from a decision and a start.

    `settings_deadline` is the last day for the settings; secrets can be opened from `secret_visible_from` to
    `secret_visible_until`, both included; the approval notice can be had from `approval_pdf_from` on.
    """

    earliest_start: date
    settings_deadline: date
    secret_visible_from: date
    secret_visible_until: date
    approval_pdf_from: date


def earliest_start(*, decided_on: date, exceptions: Mapping[date, bool] = MappingProxyType({})) -> date:
    """The first day on which use may start: it leaves the day of the decision for the settings."""
    return add_business_days(day=decided_on, count=SETTINGS_BEFORE_START, exceptions=exceptions)


def plan(*, decided_on: date, starts_on: date, exceptions: Mapping[date, bool] = MappingProxyType({})) -> Plan:
    """The days of an application whose review ends on `decided_on` and whose use starts on `starts_on`.

    `exceptions` are the operator's own days, as `add_business_days` takes them. Raises `StartTooEarly`, `StartTooFar`.
    """
    earliest = earliest_start(decided_on=decided_on, exceptions=exceptions)
    if starts_on < earliest:
        raise StartTooEarly(
            starts_on=starts_on.isoformat(), decided_on=decided_on.isoformat(), earliest=earliest.isoformat()
        )
    if starts_on > earliest + LONGEST_AHEAD:
        raise StartTooFar(latest=(earliest + LONGEST_AHEAD).isoformat())
    window = viewing_window(decided_on=decided_on, starts_on=starts_on, exceptions=exceptions)
    return Plan(
        earliest_start=earliest,
        settings_deadline=add_business_days(day=starts_on, count=-SETTINGS_BEFORE_START, exceptions=exceptions),
        secret_visible_from=window.first_day,
        secret_visible_until=window.last_day,
        approval_pdf_from=starts_on,
    )
