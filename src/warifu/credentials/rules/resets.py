"""Who may start whose reset: one table (003-7, 003-12, L-08).

A person with several roles is protected by the strongest of them: every role of theirs must stand in the row of one of
the roles of whoever wants to help.
"""

from __future__ import annotations

from functools import cache

from warifu.foundation.actor import NO_ROLE, Role

_EVERYBODY = Role(sum(Role))

TABLE: dict[Role, Role] = {
    Role.HEAD: _EVERYBODY,
    Role.ADMINISTRATOR: _EVERYBODY,
    Role.IT: Role.STAFF | Role.CUSTOMER | Role.EMPLOYEE,
    Role.STAFF: Role.CUSTOMER,
    Role.PAYROLL: NO_ROLE,
    Role.REVIEWER: NO_ROLE,
    Role.CUSTOMER: NO_ROLE,
}
"""Each role, and the roles of those whose reset it may start; a role that is not named may start nobody's."""


def may_start(*, starter: Role, target: Role, is_self: bool) -> bool:
    """Whether somebody with the roles `starter` may start the reset of somebody with the roles `target`.

    The head does not start their own: that is the self-reset with three proofs (003-5, L-09).
    """
    if is_self and Role.HEAD in target:
        return False
    return any(int(target) | row == row for row in _rows(starter))


@cache
def _rows(starter: Role) -> frozenset[int]:
    return frozenset(int(TABLE.get(role, NO_ROLE)) for role in Role if role in starter)


def helpers(*, target: Role) -> Role:
    """The roles that may each start the reset of somebody with these roles."""
    return Role(sum(role for role in Role if may_start(starter=role, target=target, is_self=False)))
