"""Who the operator's side is."""

from __future__ import annotations

from uuid import UUID

from warifu.foundation.actor import Actor
from warifu.organisations import queries as organisations
from warifu.organisations.rules import NotPermitted, Permission, require


def insist_manager(*, by: Actor) -> UUID:
    """Raise `NotPermitted` for everybody but those who manage licences for the operator; its organisation's id.

    The operator at the terminal acts for the operator's organisation. Raises `NotFound` when there is none.
    """
    organisation_id = by.organisation_id or organisations.operator().id
    require(by=by, permission=Permission.LICENCES_MANAGE, organisation_id=organisation_id)
    if not organisations.organisation(organisation_id=organisation_id).is_operator:
        raise NotPermitted
    return organisation_id
