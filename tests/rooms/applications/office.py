"""An operator with two reviewers, a scheme whose next code is 1ANAC, and an application of Aoba's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tests.cast import MORNING, Cast
from warifu.applications.actions import drafts, schemes
from warifu.foundation.actor import OPERATOR, SYSTEM, Actor, Role
from warifu.organisations import actions as organisations
from warifu.organisations import queries


@dataclass(frozen=True, kw_only=True)
class Office:
    """The operator's side."""

    scheme: UUID
    kato: Actor
    kimura: Actor


def open_office(at: datetime = MORNING) -> Office:
    """Open the operator's office."""
    operator = organisations.create(code="nss", name="利用申込センター", is_operator=True, by=OPERATOR, at=at)
    scheme = schemes.make(
        code="naccs",
        name="NACCS",
        code_pattern="1LLLL",
        net_pattern="LDL",
        general_pattern="DDL",
        first_code="1ANAC",
        by=OPERATOR,
        at=at,
    )
    return Office(scheme=scheme, kato=_reviewer(operator, "加藤"), kimura=_reviewer(operator, "木村"))


def _reviewer(operator: UUID, name: str) -> Actor:
    member_id = organisations.add_member(
        organisation_id=operator,
        roles=Role.REVIEWER,
        family_name=name,
        mail=f"{name}@example.jp".encode("idna").decode() if name.isascii() else f"r{ord(name[0])}@example.jp",
        by=SYSTEM,
        at=MORNING,
    )
    member = queries.member(organisation_id=operator, member_id=member_id)
    return queries.actor_of(member=member, level=2, authenticated_at=MORNING)


def form(**more: Any) -> dict[str, Any]:
    """A complete form: pattern 1 of the seed."""
    return {
        "desired_start": "2026-12-10",
        "reason": "通関業を始めるため",
        "person": {"name": "青木 葵", "kana": "アオキ アオイ", "department": "通関部", "phone": "03-1234-5678",
                   "mail": "a001@example.jp"},
        "manager": {"name": "岡田 修", "mail": "o004@example.jp"},
        "lines": [
            {"user_code": "追加1", "industries": [industry], "shares_sign_on": False, "method": "net", "count": 1}
            for industry in ("customs", "consolidation")
        ],
        "settings": {"追加1": {"name": "青葉商会", "customs": "標準", "consolidation": "標準"}},
        **more,
    }  # fmt: skip


def draft(
    cast: Cast, office: Office, *, at: datetime = MORNING, procedure: str = "", operation: str = "add", **more: Any
) -> UUID:
    """A draft of Aoki's with a complete form."""
    application_id = drafts.start(
        organisation_id=cast.aoba,
        scheme_id=office.scheme,
        procedure=procedure or ("user_codes" if operation == "add" else "code_changes"),
        operation=operation,
        by=cast.aoki,
        at=at,
    )
    drafts.save_step(
        organisation_id=cast.aoba, application_id=application_id, version=1, values=form(**more), by=cast.aoki, at=at
    )
    return application_id


def submitted(cast: Cast, office: Office, *, at: datetime = MORNING, **more: Any) -> UUID:
    """An application that waits for review."""
    application_id = draft(cast, office, at=at, **more)
    drafts.submit(organisation_id=cast.aoba, application_id=application_id, version=2, by=cast.aoki, at=at)
    return application_id
