"""Who answers for what is done to an application: a person, also where a program does it for them."""

from __future__ import annotations

from uuid import UUID

from warifu.credentials.queries import tokens
from warifu.foundation.actor import Actor, ActorKind
from warifu.organisations import queries as organisations
from warifu.organisations.rules import PERMISSIONS, NotPermitted, Permission


def answering(*, by: Actor, permission: Permission) -> UUID:
    """The member who answers: the actor, or whoever issued the program's token, as long as they are there and hold a
    role that may do it. Raises `NotPermitted`."""
    if by.organisation_id is None or by.id is None:
        raise NotPermitted
    if by.kind is ActorKind.MEMBER:
        return by.id
    issuer = tokens.issuer_of(organisation_id=by.organisation_id, token_id=by.id)
    if issuer is None:
        raise NotPermitted
    member = organisations.members_by_id(organisation_id=by.organisation_id, member_ids=[issuer]).get(issuer)
    if member is None or not PERMISSIONS[permission] & member.roles:
        raise NotPermitted
    return issuer
