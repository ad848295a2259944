"""Verbs of organisations: make one, change its settings."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from warifu.audit import actions as audit
from warifu.audit.events import Organisations as Events
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.foundation.standing import Standing
from warifu.organisations.actions.shared import changes
from warifu.organisations.models import HandlingPlan, Organisation
from warifu.organisations.rules import Permission, is_corporate_number, require


class CodeTaken(Refused):
    """Another organisation already has this code."""

    code = "WF-O201"
    sentence = _("組織コード「{organisation_code}」はすでに使われています。")
    remedy = _("別の組織コードを選んでください。英小文字、数字、ハイフンが使えます。")


class CorporateNumberWrong(Refused):
    """The 法人番号 does not fit its check digit (N-03)."""

    code = "WF-O208"
    sentence = _("法人番号が正しくありません。")
    remedy = _("13桁の数字を、国税庁の法人番号公表サイトなどで確かめてください。分からないときは空けておけます。")


def create(
    *,
    code: str,
    name: str,
    by: Actor,
    at: datetime,
    corporate_number: str = "",
    contact: str = "",
    is_office: bool = False,
    is_operator: bool = False,
) -> UUID:
    """Make an organisation and its empty handling plan; returns its id. Only the operator and the house may.

    Raises `NotFound` for members of other organisations, `CorporateNumberWrong` and `CodeTaken`.
    """
    if by.organisation_id is not None:
        raise NotFound
    if corporate_number and not is_corporate_number(corporate_number):
        raise CorporateNumberWrong
    try:
        with transaction.atomic():
            organisation = Organisation.objects.create(
                code=code,
                name=name,
                corporate_number=corporate_number,
                contact=contact,
                is_office=is_office,
                is_operator=is_operator,
                created_at=at,
            )
            HandlingPlan.objects.create(organisation=organisation)
            audit.record(
                event=Events.CREATED,
                by=by,
                at=at,
                organisation_id=organisation.id,
                subject_id=organisation.id,
                name=name,
            )
    except IntegrityError:
        raise CodeTaken(organisation_code=code) from None
    return organisation.id


def change_settings(
    *, organisation_id: UUID, name: str, auto_logout_hours: int, contact: str, by: Actor, at: datetime
) -> None:
    """Change the organisation's name, contact and automatic log-out (1 to 8 hours; 003-6)."""
    require(by=by, permission=Permission.SETTINGS_MANAGE, organisation_id=organisation_id)
    values = {"name": name, "auto_logout_hours": auto_logout_hours, "contact": contact}
    with transaction.atomic():
        organisation = Organisation.objects.select_for_update().get(id=organisation_id)
        before = {key: getattr(organisation, key) for key in values}
        Organisation.objects.filter(id=organisation_id).update(**values)
        audit.record(
            event=Events.CHANGED, by=by, at=at, organisation_id=organisation_id, **changes(before=before, after=values)
        )


def set_sign_in_policy(*, organisation_id: UUID, policy: dict[str, dict[str, bool]], by: Actor, at: datetime) -> None:
    """Keep what 資格 demands of each role when signing in; that room checks and explains it.

    Raises `NotPermitted`, `LevelTooLow`.
    """
    require(by=by, permission=Permission.SECURITY_MANAGE, organisation_id=organisation_id)
    with transaction.atomic():
        organisation = Organisation.objects.select_for_update().get(id=organisation_id)
        before = organisation.sign_in_policy
        Organisation.objects.filter(id=organisation_id).update(sign_in_policy=policy)
        audit.record(
            event=Events.SIGN_IN_POLICY_CHANGED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            before=before,
            after=policy,
        )


def set_standing(
    *,
    organisation_id: UUID,
    standing: Standing,
    licensed_until: date | None,
    works_until: date | None,
    by: Actor,
    at: datetime,
) -> bool:
    """Keep how far an organisation may work by its licence; returns whether its standing changed.

    The room ライセンス decides, every door and action asks through `rules.refusal`. Raises `NotFound` for members.
    """
    if by.organisation_id is not None:
        raise NotFound
    values = {"licensed_until": licensed_until, "works_until": works_until, "standing": standing.value}
    with transaction.atomic():
        before = Organisation.objects.select_for_update().get(id=organisation_id)
        if all(getattr(before, key) == value for key, value in values.items()):
            return False
        Organisation.objects.filter(id=organisation_id).update(**values)
        audit.record(
            event=Events.STANDING_CHANGED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            before=before.standing,
            after=standing.value,
            licensed_until=licensed_until.isoformat() if licensed_until else "",
            works_until=works_until.isoformat() if works_until else "",
        )
    return before.standing != standing.value
