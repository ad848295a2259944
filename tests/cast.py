"""The cast of every test: あおき, いのうえ, うえの, えとう, おかだ, and small builders.

Aoki is administrator of Aoba Trading, Eto its handler (事務取扱担当者), Okada its responsible person (責任者), Inoue an
employee; Ueno administers another organisation and must see nothing of Aoba's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import pytest

from warifu.foundation.actor import OPERATOR, SYSTEM, Actor, Role
from warifu.foundation.days import JST

MORNING = datetime(2026, 11, 24, 10, 0, tzinfo=JST)


def test_number(base: str) -> str:
    """A TEST MODE number from eleven digits: its check digit is off by five, so it can never be real (N-05)."""
    weights = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
    remainder = sum(int(digit) * weight for digit, weight in zip(base, weights, strict=True)) % 11
    true = 0 if remainder <= 1 else 11 - remainder
    return base + str((true + 5) % 10)


test_number.__test__ = False  # type: ignore[attr-defined]


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Ids and actors of the five; `aoki` and the others are actors who signed in at `MORNING`."""

    aoba: UUID
    ueda: UUID
    aoki: Actor
    inoue: Actor
    ueno: Actor
    eto: Actor
    okada: Actor


@pytest.fixture
def cast(db: None) -> Cast:
    """Two organisations and five people, with a complete handling plan at Aoba."""
    from warifu.foundation.purposes import Purpose
    from warifu.organisations import actions, queries

    def actor(organisation: UUID, member_id: UUID) -> Actor:
        found = queries.member(organisation_id=organisation, member_id=member_id)
        return queries.actor_of(member=found, level=2, authenticated_at=MORNING)

    def person(organisation: UUID, roles: Role, family: str, given: str, kana: tuple[str, str], code: str) -> Actor:
        member_id = actions.add_member(
            organisation_id=organisation,
            roles=roles,
            family_name=family,
            given_name=given,
            family_kana=kana[0],
            given_kana=kana[1],
            mail=f"{code}@example.jp",
            employee_code=code,
            department="総務課",
            born_on=date(1988, 4, 2),
            by=SYSTEM,
            at=MORNING,
        )
        return actor(organisation, member_id)

    aoba = actions.create(code="aoba", name="株式会社青葉商会", by=OPERATOR, at=MORNING)
    ueda = actions.create(code="ueda", name="上田物産株式会社", by=OPERATOR, at=MORNING)
    aoki = person(aoba, Role.ADMINISTRATOR | Role.EMPLOYEE, "青木", "葵", ("アオキ", "アオイ"), "a001")
    inoue = person(aoba, Role.EMPLOYEE, "井上", "郁", ("イノウエ", "イク"), "i002")
    eto = person(aoba, Role.HANDLER | Role.EMPLOYEE, "江藤", "栄", ("エトウ", "サカエ"), "e003")
    okada = person(aoba, Role.RESPONSIBLE | Role.EMPLOYEE, "岡田", "修", ("オカダ", "オサム"), "o004")
    ueno = person(ueda, Role.ADMINISTRATOR | Role.HANDLER, "上野", "海", ("ウエノ", "ウミ"), "u005")
    purposes = [
        Purpose.WITHHOLDING_SLIP,
        Purpose.DEPENDENTS_DECLARATION,
        Purpose.HEALTH_PENSION,
        Purpose.THIRD_CATEGORY,
    ]
    actions.write_plan(
        organisation_id=aoba,
        purposes=purposes,
        files="従業員等の特定個人情報ファイル",
        area="人事課執務室",
        report_route="発見者 → 責任者 岡田 → 代表取締役",
        responsible_id=okada.id,
        by=aoki,
        at=MORNING,
    )
    for handler in (eto, okada):
        assert handler.id is not None
        actions.appoint(
            organisation_id=aoba,
            member_id=handler.id,
            purposes=purposes,
            range_text="全従業員",
            by=aoki,
            at=MORNING,
        )
    actions.complete_plan(organisation_id=aoba, by=aoki, at=MORNING)
    return Cast(aoba=aoba, ueda=ueda, aoki=aoki, inoue=inoue, ueno=ueno, eto=eto, okada=okada)
