"""業務の流れ: each role's tasks from the organisation's own state (000-41)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from warifu.foundation.actor import Role
from warifu.help.rules.flow import ROLES, Facts, Urgency, for_role, tasks

TODAY = date(2026, 11, 24)


def urgency(key: str, **facts: Any) -> Urgency | None:
    found = [task for task in tasks(Facts(**facts), today=TODAY) if task.key == key]
    return found[0].urgency if found else None


@pytest.mark.shows("000-41")
def test_offices_and_the_operator_alone_have_their_own_tasks() -> None:
    def roles(**facts: Any) -> set[Role]:
        return {task.role for task in tasks(Facts(**facts), today=TODAY)}

    company = {Role.ADMINISTRATOR, Role.HANDLER, Role.RESPONSIBLE, Role.EMPLOYEE}
    assert roles() == company
    assert roles(is_office=True) == company | {Role.HEAD, Role.STAFF}
    assert roles(is_operator=True) == company | {Role.REVIEWER}
    assert roles(is_office=True, is_operator=True) == set(ROLES)


@pytest.mark.shows("000-41")
@pytest.mark.parametrize(
    ("key", "facts", "wanted"),
    [
        ("clients", {"is_office": True}, Urgency.NOW),
        ("clients", {"is_office": True, "clients": 2}, Urgency.DONE),
        ("offers", {"is_office": True, "offers": 1}, Urgency.SOON),
        ("clients_late", {"is_office": True, "clients_late": 5}, Urgency.LATE),
        ("requests", {"is_office": True, "requests": 1}, Urgency.NOW),
        ("papers", {"is_office": True, "papers": 3}, Urgency.NOW),
        ("papers", {"papers": 3}, None),
        ("to_review", {"is_operator": True, "to_review": 1}, Urgency.NOW),
        ("offered", {}, None),
        ("offered", {"offered": 1}, Urgency.NOW),
        ("approve_disposals", {"to_approve": 2}, Urgency.NOW),
        ("approve_disposals", {"to_approve": 2, "disposals_overdue": 1}, Urgency.LATE),
        ("confirm_disposals", {"to_dispose": 2, "disposals_overdue": 1}, Urgency.LATE),
        ("confirm_disposals", {"disposals_overdue": 1}, Urgency.DONE),
    ],
)
def test_how_pressing_it_is(key: str, facts: dict[str, Any], wanted: Urgency | None) -> None:
    assert urgency(key, **facts) is wanted


def test_the_pressing_ones_come_first() -> None:
    listed = tasks(Facts(is_office=True, clients_late=1, papers=1, clients=1), today=TODAY)
    assert [task.key for task in for_role(listed, Role.STAFF)] == ["clients_late", "papers", "requests"]
