"""Verbs of the handling plan (P-15, S-02): purposes, files, responsible person, handlers."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Organisations as Events
from warifu.foundation.actor import Actor, Role
from warifu.foundation.days import jst_day
from warifu.foundation.purposes import CHOOSABLE, Purpose
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations.actions.shared import locked
from warifu.organisations.models import Appointment, HandlingPlan
from warifu.organisations.rules import Permission, require


class PlanIncomplete(Refused):
    """The handling plan lacks something that the law wants written down (P-15, S-02)."""

    code = "WF-O301"
    sentence = _("取扱いの定めに、まだ決まっていないところがあります: {missing}。")
    remedy = _("足りないところを決めてから、もう一度「この内容で定める」を押してください。")


class PurposeUnknown(Refused):
    """The purpose is not on the closed list (P-01)."""

    code = "WF-O302"
    sentence = _("選べない利用目的が含まれています。")
    remedy = _(
        "利用目的は、社会保障・税・災害対策の一覧からお選びください。法律で決まっているため、加えることはできません。"
    )


class NotAHandler(Refused):
    """Only a member who holds the role can be appointed or named."""

    code = "WF-O303"
    sentence = _("この人は、必要な役割（{role}）を持っていません。")
    remedy = _("先に「利用者と役割」で役割を付けてください。")


def write_plan(
    *,
    organisation_id: UUID,
    purposes: list[Purpose],
    files: str,
    area: str,
    report_route: str,
    responsible_id: UUID | None,
    by: Actor,
    at: datetime,
) -> None:
    """Write down the handling plan (P-15, S-02); it holds only after `complete_plan`.

    Raises `NotPermitted`, `PurposeUnknown`, `NotAHandler` when the responsible person lacks the role.
    """
    require(by=by, permission=Permission.HANDLING_MANAGE, organisation_id=organisation_id)
    if any(purpose not in CHOOSABLE for purpose in purposes):
        raise PurposeUnknown
    with transaction.atomic():
        plan = HandlingPlan.objects.select_for_update().get(organisation_id=organisation_id)
        if responsible_id is not None and not locked(organisation_id=organisation_id, member_id=responsible_id).holds(
            Role.RESPONSIBLE
        ):
            raise NotAHandler(role=_("責任者"))
        plan.purposes = [purpose.value for purpose in purposes]
        plan.files, plan.area, plan.report_route = files, area, report_route
        plan.responsible_id = responsible_id
        plan.version += 1
        plan.save()
        audit.record(
            event=Events.PLAN_CHANGED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            purposes=plan.purposes,
            responsible=str(responsible_id or ""),
        )


def appoint(
    *,
    organisation_id: UUID,
    member_id: UUID,
    purposes: list[Purpose],
    range_text: str,
    by: Actor,
    at: datetime,
) -> None:
    """Appoint a handler for purposes and a range of data; an appointment already running is replaced (P-15 step C)."""
    require(by=by, permission=Permission.HANDLING_MANAGE, organisation_id=organisation_id)
    if any(purpose not in CHOOSABLE for purpose in purposes):
        raise PurposeUnknown
    with transaction.atomic():
        member = locked(organisation_id=organisation_id, member_id=member_id)
        if not (member.holds(Role.HANDLER) or member.holds(Role.RESPONSIBLE)):
            raise NotAHandler(role=_("事務取扱担当者"))
        Appointment.objects.filter(member=member, until_day=None).update(until_day=jst_day(at))
        Appointment.objects.create(
            organisation_id=organisation_id,
            member=member,
            purposes=[purpose.value for purpose in purposes],
            range=range_text,
            from_day=jst_day(at),
        )
        audit.record(
            event=Events.HANDLER_APPOINTED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=member_id,
            purposes=[purpose.value for purpose in purposes],
            range=range_text,
        )


def dismiss(*, organisation_id: UUID, member_id: UUID, by: Actor, at: datetime) -> None:
    """End a handler's appointment; raises `NotFound` when none is running."""
    require(by=by, permission=Permission.HANDLING_MANAGE, organisation_id=organisation_id)
    with transaction.atomic():
        running = Appointment.objects.filter(organisation_id=organisation_id, member_id=member_id, until_day=None)
        if not running.update(until_day=jst_day(at)):
            raise NotFound
        audit.record(
            event=Events.HANDLER_DISMISSED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=member_id,
        )


def complete_plan(*, organisation_id: UUID, by: Actor, at: datetime) -> None:
    """Declare the plan complete, so that numbers can be collected. Raises `PlanIncomplete` naming what is missing."""
    require(by=by, permission=Permission.HANDLING_MANAGE, organisation_id=organisation_id)
    with transaction.atomic():
        plan = HandlingPlan.objects.select_for_update().get(organisation_id=organisation_id)
        appointed = Appointment.objects.filter(organisation_id=organisation_id, until_day=None).exists()
        wanted = {
            _("利用目的"): plan.purposes,
            _("扱うファイル"): plan.files,
            _("責任者"): plan.responsible_id,
            _("漏えいなどの報告経路"): plan.report_route,
            _("事務取扱担当者"): appointed,
        }
        missing = [name for name, value in wanted.items() if not value]
        if missing:
            raise PlanIncomplete(missing="、".join(missing))
        HandlingPlan.objects.filter(organisation_id=organisation_id).update(completed_at=at)
        audit.record(event=Events.PLAN_COMPLETED, by=by, at=at, organisation_id=organisation_id, version=plan.version)
