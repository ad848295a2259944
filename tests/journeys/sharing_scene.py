"""What the journeys of sharing prepare beside a server, in a process of its own; prints JSON.

`python -m tests.journeys.sharing_scene oya 親会社`: an organisation with an administrator, an employee and a handler.
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from typing import Any

import django

PASSWORD = "umibe no michi wo aruku"


def prepare(code: str, name: str) -> dict[str, Any]:
    """An organisation; its people's passwords are set; sessions of two factors and a token for SCIM are printed."""
    from django.core.management import call_command
    from django.utils import timezone

    from warifu.credentials.actions import activation, sessions, tokens
    from warifu.foundation.actor import OPERATOR, SYSTEM, Role
    from warifu.notices import links
    from warifu.organisations import actions, queries

    call_command("migrate", verbosity=0)
    at = timezone.now()
    organisation_id = actions.create(code=code, name=name, by=OPERATOR, at=at)
    people = {"aoki": Role.ADMINISTRATOR | Role.EMPLOYEE, "inoue": Role.EMPLOYEE, "kato": Role.EMPLOYEE}
    signed_in: dict[str, str] = {}
    for person, roles in people.items():
        member_id = actions.add_member(
            organisation_id=organisation_id,
            roles=roles,
            family_name={"aoki": "青木", "inoue": "井上", "kato": "加藤"}[person],
            given_name="葵",
            mail=f"{person}@{code}.example",
            employee_code=person,
            by=SYSTEM,
            at=at,
        )
        link = activation.issue(organisation_id=organisation_id, member_id=member_id, purpose="first", by=SYSTEM, at=at)
        token = links.resolve(link).rstrip("/").rsplit("/", 1)[-1]
        activation.use(token=token, password=PASSWORD, at=at, browser="b", address="192.0.2.1")
        signed_in[person] = sessions.start(member_id=member_id, level=2, browser="", address="", at=at)
        if person == "aoki":
            aoki = queries.actor_of(
                member=queries.member(organisation_id=organisation_id, member_id=member_id),
                level=2,
                authenticated_at=at,
            )
    scim = tokens.issue(
        organisation_id=organisation_id,
        name="人事システム",
        scopes=["scim:write"],
        valid_until=at + timedelta(days=1),
        by=aoki,
        at=at,
    )
    return {"sessions": signed_in, "scim": scim}


if __name__ == "__main__":
    django.setup()
    print(json.dumps(prepare(*sys.argv[1:])))  # noqa: T201
