"""Who must show what to get where: each role's demands, which an organisation may change (L-14, L-19, 000-28)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import reduce
from typing import Any

from warifu.foundation.actor import NO_ROLE, Role

FACTOR_LEVELS: dict[str, int] = {
    "password": 1,
    "mail_code": 1,
    "mail_link": 1,
    "external": 1,
    "access_key": 1,
    "authenticator": 2,
    "recovery_code": 2,
    "passkey": 2,
    "device_passkey": 2,
    "certificate": 2,
    "card": 2,
    "external_strong": 2,
}
"""How strong a session is after a factor: a mailed code proves a mailbox and no more (L-13, L-14)."""


@dataclass(frozen=True, kw_only=True)
class Demands:
    """What is asked of a role. `mail_code`: a code by mail at each sign-in in which no stronger factor was shown.
    `second_factor`: the desk opens only after two factors. `certificate`: it opens only to a browser that presents the
    person's electronic certificate (B5)."""

    mail_code: bool = False
    second_factor: bool = False
    certificate: bool = False

    def __or__(self, other: Demands) -> Demands:
        pairs = zip(asdict(self).values(), asdict(other).values(), strict=True)
        return Demands(**{field.name: a or b for field, (a, b) in zip(fields(self), pairs, strict=True)})


_OFFICE = Demands(mail_code=True, second_factor=True)
DEFAULTS: dict[Role, Demands] = {
    Role.EMPLOYEE: Demands(),
    Role.CUSTOMER: Demands(mail_code=True),
    **{role: _OFFICE for role in Role if role not in (Role.EMPLOYEE, Role.CUSTOMER)},
}
"""What holds until an organisation decides otherwise: two factors for all who work with others' data (L-19)."""


def of_role(*, policy: Mapping[str, Any], role: Role) -> Demands:
    """The demands of one role under an organisation's policy (`{"handler": {"mail_code": true, …}}`)."""
    chosen = policy.get(str(role.name).lower())
    if not isinstance(chosen, Mapping):
        return DEFAULTS[role]
    known = {field.name for field in fields(Demands)}
    return Demands(**{name: bool(value) for name, value in chosen.items() if name in known})


def of_roles(*, policy: Mapping[str, Any], roles: Role) -> Demands:
    """The demands of everybody who holds these roles: whatever one of them demands."""
    return reduce(Demands.__or__, (of_role(policy=policy, role=role) for role in roles), Demands())


def of_desk(*, policy: Mapping[str, Any], roles: Role) -> Demands:
    """The demands of a person's work at the desk; being an employee besides neither adds nor takes away."""
    work = roles & ~(Role.EMPLOYEE | Role.CUSTOMER)
    return of_roles(policy=policy, roles=work) if work != NO_ROLE else Demands()


def as_kept(chosen: Mapping[Role, Demands]) -> dict[str, dict[str, bool]]:
    """What an organisation keeps of its choice: the roles that differ from the defaults."""
    return {str(role.name).lower(): asdict(demands) for role, demands in chosen.items() if demands != DEFAULTS[role]}


def lowered(chosen: Mapping[Role, Demands]) -> dict[Role, frozenset[str]]:
    """The roles that would have to show less than the defaults say, and what they would not show any more."""
    found = {
        role: frozenset(
            name for name, is_wanted in asdict(DEFAULTS[role]).items() if is_wanted and not getattr(demands, name)
        )
        for role, demands in chosen.items()
    }
    return {role: names for role, names in found.items() if names}


def level_of(factors: list[str]) -> int:
    """How strong a session is that was opened with these factors (L-28)."""
    return max((FACTOR_LEVELS[factor] for factor in factors), default=1)
