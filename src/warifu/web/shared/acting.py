"""代わりの仕事: a session of an office's member that works at a client's desk, as long as the entrustment runs (S-14).

Everything behind the doors sees an ordinary actor of the client's organisation who holds no role there, only the
scopes of the entrusted tasks, and whose label names the office: so the client's trail says who it was.
"""

from __future__ import annotations

from dataclasses import replace

from warifu.credentials.queries.sessions import LivingSession
from warifu.customers.queries import entrustments
from warifu.foundation.actor import NO_ROLE
from warifu.foundation.standing import Standing
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, may


def as_client(session: LivingSession) -> LivingSession:
    """The session as the doors shall see it: at the client's desk while it acts by an entrustment that still runs.

    A person who may no longer serve customers, and an entrustment that has ended, leave it at its own desk.
    """
    if session.acting_by is None:
        return session
    office = session.organisation_id
    if not may(by=session.actor, permission=Permission.CUSTOMERS_MANAGE, organisation_id=office):
        return session
    found = entrustments.acting(office_id=office, entrustment_id=session.acting_by)
    if found is None:
        return session
    client = organisations.organisation(organisation_id=found.client_id)
    return replace(
        session,
        organisation_id=client.id,
        organisation_name=client.name,
        organisation_code=client.code,
        is_office=False,
        licensed_until=client.licensed_until,
        works_until=client.works_until,
        actor=replace(
            session.actor,
            label=f"{session.actor.label}({session.organisation_name})",
            organisation_id=client.id,
            roles=NO_ROLE,
            scopes=found.scopes,
            standing=Standing(client.standing),
        ),
    )
