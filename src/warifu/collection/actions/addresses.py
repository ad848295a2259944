"""Verb of 宛先: whose mail address was changed by the office hears of it at the old one (L-12)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from warifu.collection.models import RosterEntry
from warifu.credentials.queries import activation as credentials
from warifu.foundation.actor import Actor
from warifu.notices import actions as notices
from warifu.notices.kinds import MailChanged
from warifu.organisations import queries as organisations


def tell_old(*, organisation_id: UUID, before: Mapping[UUID, str], by: Actor, at: datetime) -> int:
    """Write to the addresses that members had before, inside the transaction of the change; returns how many.

    Told are addresses that were theirs: of whoever was asked already or can sign in, and whose letters did not come
    back. An address that nobody ever wrote to may be a slip of the pen, and a stranger's. A few queries for any number.
    """
    old = {member_id: mail for member_id, mail in before.items() if mail}
    entries = RosterEntry.objects.filter(organisation_id=organisation_id, member_id__in=list(old))
    asked = set(entries.exclude(invited_at=None).values_list("member_id", flat=True))
    known = credentials.members_with_password(organisation_id=organisation_id, member_ids=set(old))
    came_back = set(entries.exclude(bounced_at=None).values_list("member_id", flat=True))
    told = (asked | set(known)) - came_back
    if not told:
        return 0
    organisation = organisations.organisation(organisation_id=organisation_id)
    people = organisations.known_members_by_id(organisation_id=organisation_id, member_ids=told)
    names = {
        member_id: " ".join(part for part in (one.family_name, one.given_name, one.middle_name) if part)
        for member_id, one in people.items()
    }
    return notices.post_many(
        letters=[
            notices.Addressed(
                letter=MailChanged(
                    organisation_name=organisation.name, name=name, changed_at=at, contact=organisation.contact
                ),
                member_id=member_id,
                to_mail=old[member_id],
                to_name=name,
                key=f"mail_changed:{member_id}:{at.isoformat()}",
            )
            for member_id, name in names.items()
        ],
        organisation_id=organisation_id,
        by=by,
        at=at,
    )
