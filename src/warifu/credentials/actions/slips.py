"""渡す紙: what an administrator prints for a person without mail: the ID and a one-time link, shown once (L-06)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.credentials.actions import activation, resets
from warifu.credentials.actions.activation import Reason
from warifu.credentials.models import Password
from warifu.credentials.queries import ids
from warifu.credentials.rules.ids import spoken
from warifu.foundation.actor import Actor
from warifu.organisations import queries as organisations
from warifu.organisations.queries import MemberView

DAYS = {"first": 14, "reset": 3}
"""How long the link on a slip works."""


@dataclass(frozen=True, kw_only=True)
class Slip:
    """One slip. `link` is empty for somebody who has a password already and needs only to know the new ID.

    Without a mail address no code can be mailed at the next sign-in, so that another factor is to be enrolled first.
    """

    member_id: UUID
    name: str
    organisation_name: str
    organisation_code: str
    identifier: str
    spoken: str
    reason: Reason
    link: str
    has_mail: bool
    valid_until: datetime


def print_for(*, organisation_id: UUID, member_id: UUID, by: Actor, at: datetime) -> Slip:
    """A new slip for one person, to begin or to choose a new password; older links are dead from now on.

    Raises what `resets.insist_may_start` refuses.
    """
    member = resets.insist_may_start(organisation_id=organisation_id, member_id=member_id, by=by)
    has_password = Password.objects.filter(member_id=member_id).exists()
    reason: Reason = "reset" if has_password else "first"
    with transaction.atomic():
        if has_password:
            audit.record(
                event=Events.RESET_STARTED, by=by, at=at, organisation_id=organisation_id, subject_id=member_id
            )
        return make(member=member, reason=reason, needs_link=True, by=by, at=at)


def make(*, member: MemberView, reason: Reason, needs_link: bool, by: Actor, at: datetime) -> Slip:
    """A slip of somebody whom the caller may help, inside the caller's transaction; that it was shown is recorded."""
    link = ""
    if needs_link:
        links = activation.make_links(
            organisation_id=member.organisation_id,
            member_ids=[member.id],
            purpose=reason,
            at=at,
            days=DAYS[reason],
        )
        link = activation.address_of(reference=links[member.id].reference)
    audit.record(
        event=Events.SLIP_SHOWN,
        by=by,
        at=at,
        organisation_id=member.organisation_id,
        subject_id=member.id,
        kind=reason,
    )
    organisation = organisations.organisation(organisation_id=member.organisation_id)
    identifier = ids.living_text(member_id=member.id) or member.mail or member.employee_code
    return Slip(
        member_id=member.id,
        name=member.full_name,
        organisation_name=organisation.name,
        organisation_code=organisation.code,
        identifier=identifier,
        spoken=spoken(identifier),
        reason=reason,
        link=link,
        has_mail=bool(member.mail),
        valid_until=at + timedelta(days=DAYS[reason]),
    )
