"""Leaving: what it means for everything that lets a member in (L-24, R-10)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from warifu.credentials.actions import access_keys, activation, certificates, ids, sessions
from warifu.foundation.actor import Actor
from warifu.organisations import actions as organisations


def record(*, organisation_id: UUID, member_id: UUID, left_on: date, by: Actor, at: datetime) -> None:
    """Record that a member has left, and end their sessions, links, ID, access keys and certificates at once.

    Raises `NotPermitted`, `NotFound`, `LastAdministrator`.
    """
    with transaction.atomic():
        organisations.record_leaving(
            organisation_id=organisation_id, member_id=member_id, left_on=left_on, by=by, at=at
        )
        sessions.end_all_of_member(organisation_id=organisation_id, member_id=member_id, reason="left", by=by, at=at)
        activation.end_links(organisation_id=organisation_id, member_id=member_id, at=at)
        ids.end_of_member(member_id=member_id, at=at)
        access_keys.end_of_member(member_id=member_id, at=at)
        certificates.revoke_all_of_member(
            organisation_id=organisation_id, member_id=member_id, reason="left", by=by, at=at
        )
