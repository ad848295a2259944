"""The letters about licences; they come from the operator (000-14, 000-23)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

from warifu.credentials.queries import ids
from warifu.foundation.actor import SYSTEM, Role
from warifu.foundation.refusals import translatable as _
from warifu.foundation.standing import Standing
from warifu.licences.models import Licence, Registration, StartOfUse
from warifu.licences.queries.connections import addresses_of
from warifu.licences.rules import codes
from warifu.licences.rules.procedures import REGISTRATION, RENEWAL, START_OF_USE
from warifu.notices import actions as notices
from warifu.notices import kinds
from warifu.notices.links import LateLink
from warifu.organisations import queries as organisations

STOPS = {
    Standing.ENDED: _("ライセンスの期限から30日が過ぎました"),
    Standing.REVOKED: _("ライセンスが取り消されました"),
}
"""Why new work stops, as the letter says it."""


def key_issued(*, registration: Registration, licence: Licence, at: datetime) -> None:
    """The licence key and the support ID, to the registered address."""
    _post(
        registration,
        kinds.LicenceKeyIssued(
            **_head(registration),
            product=licence.product.name,
            card_number=codes.shown(registration.card.number),
            licence_key=LateLink(kind="licence_key", reference=str(licence.id)),
            support_id=codes.shown(registration.support_id or ""),
            last_day=licence.until_day,
            link=LateLink(kind="page", reference="/use/"),
            what_next=REGISTRATION.what_next("licence_key_issued"),
        ),
        f"licence_key:{licence.id}",
        at,
    )


def support_renewed(*, registration: Registration, last_day: date, card_id: UUID, at: datetime) -> None:
    """Until when the contract lasts now."""
    _post(
        registration,
        kinds.SupportRenewed(
            **_head(registration),
            product=registration.card.batch.product.name,
            support_id=codes.shown(registration.support_id or ""),
            last_day=last_day,
            what_next=RENEWAL.what_next("support_renewed"),
        ),
        f"support_renewed:{card_id}",
        at,
    )


def ending(*, licence: Licence, days: int, at: datetime) -> None:
    """The licence ends soon; how to renew it."""
    registration = licence.registration
    _post(
        registration,
        kinds.LicenceEnding(
            **_head(registration),
            product=licence.product.name,
            card_number=codes.shown(registration.card.number),
            ends_on=licence.until_day,
            link=LateLink(kind="page", reference="/register/"),
        ),
        f"licence_ending:{licence.id}:{licence.until_day}:{days}",
        at,
    )


def ended(*, start: StartOfUse, ends_on: date, stops_on: date, stage: str, at: datetime) -> None:
    """The licence is over; until when new work goes on. To everybody who leads the organisation."""
    _post_to_leaders(
        start,
        lambda name: kinds.LicenceEnded(
            organisation_name=organisations.operator().name,
            name=name,
            product=start.licence.product.name,
            ends_on=ends_on,
            stops_on=stops_on,
            link=LateLink(kind="page", reference="/register/"),
        ),
        f"licence_ended:{stops_on}:{stage}",
        at,
    )


def work_stopped(*, start: StartOfUse, standing: Standing, at: datetime) -> None:
    """Nothing new may be begun from now on, and why. To everybody who leads the organisation."""
    _post_to_leaders(
        start,
        lambda name: kinds.WorkStopped(
            organisation_name=organisations.operator().name,
            name=name,
            product=start.licence.product.name,
            reason=STOPS[standing],
            link=LateLink(kind="page", reference="/register/"),
        ),
        f"work_stopped:{standing.value}:{at.isoformat()}",
        at,
    )


def use_started(*, start: StartOfUse, product: str, link: LateLink, at: datetime) -> None:
    """Addresses, user ID and activation link, to the administrator; no password (000-23, 000-24, L-06)."""
    organisation = organisations.organisation(organisation_id=start.organisation_id)
    member = organisations.member(organisation_id=organisation.id, member_id=start.administrator_id)
    places = addresses_of(organisation_code=organisation.code)
    notices.post(
        letter=kinds.UseStarted(
            organisation_name=organisations.operator().name,
            name=member.full_name,
            product=product,
            administrator_address=places.administrator,
            certificate_address=places.certificate,
            organisation_code=organisation.code,
            user_id=ids.living_text(member_id=member.id) or member.mail,
            issued_to=start.issued_to,
            link=link,
            what_next=START_OF_USE.what_next("use_started"),
        ),
        organisation_id=organisation.id,
        member_id=member.id,
        to_mail=member.mail,
        to_name=member.full_name,
        key=f"use_started:{start.licence_id}",
        by=SYSTEM,
        at=at,
    )


def _post_to_leaders(start: StartOfUse, letter: Callable[[str], kinds.Letter], key: str, at: datetime) -> None:
    leaders = [
        member
        for member in organisations.office_members(organisation_id=start.organisation_id)
        if member.mail and member.roles & (Role.ADMINISTRATOR | Role.HEAD)
    ]
    notices.post_many(
        letters=(
            notices.Addressed(
                letter=letter(member.full_name),
                member_id=member.id,
                to_mail=member.mail,
                to_name=member.full_name,
                key=f"{key}:{member.id}",
            )
            for member in leaders
        ),
        organisation_id=start.organisation_id,
        by=SYSTEM,
        at=at,
    )


def _head(registration: Registration) -> dict[str, str]:
    return {"organisation_name": organisations.operator().name, "name": registration.company["person"]}


def _post(registration: Registration, letter: kinds.Letter, key: str, at: datetime) -> None:
    notices.post(
        letter=letter,
        organisation_id=organisations.operator().id,
        member_id=None,
        to_mail=registration.company["mail"],
        to_name=registration.company["person"],
        key=key,
        by=SYSTEM,
        at=at,
    )
