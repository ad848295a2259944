"""Verb of 迎える: one person joins by hand, is listed for collecting, and gets a link."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from warifu.collection.actions import entries
from warifu.credentials.actions import activation
from warifu.foundation.actor import Actor, Role
from warifu.organisations import actions as organisations
from warifu.organisations.rules import WITHHELD, Permission


def welcome(
    *,
    organisation_id: UUID,
    roles: Role,
    family_name: str,
    sends_link: bool,
    by: Actor,
    at: datetime,
    **particulars: Any,
) -> UUID:
    """Add a member, list an employee for collecting, and mail the activation link if wanted, all or nothing.

    Where the licence does not let the organisation ask, nobody is listed.

    `particulars` are the other values of `organisations.actions.add_member`, whose refusals are raised, as are
    `NoMailAddress` and `NotPermitted`. Returns the member's id.
    """
    with transaction.atomic():
        member_id = organisations.add_member(
            organisation_id=organisation_id, roles=roles, family_name=family_name, by=by, at=at, **particulars
        )
        if Role.EMPLOYEE in roles and Permission.INVITE not in WITHHELD[by.standing]:
            entries.add(organisation_id=organisation_id, member_id=member_id, by=by, at=at)
        if sends_link:
            activation.send(organisation_id=organisation_id, member_id=member_id, by=by, at=at)
    return member_id
