"""The part of the demo that applies for user codes: one application waits, one is decided."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from warifu.applications.actions import drafts, schemes
from warifu.foundation.actor import OPERATOR, Actor
from warifu.foundation.days import jst_day
from warifu.organisations.rules import add_business_days


def act(*, applicant: Actor, at: datetime) -> None:
    """Define the operator's scheme and send one application, which waits for a reviewer; a second one is a draft."""
    scheme_id = schemes.make(
        code="naccs",
        name="輸出入・港湾関連の利用者コード（練習用）",
        code_pattern="1LLLL",
        net_pattern="LDL",
        general_pattern="DDL",
        first_code="1ANAC",
        by=OPERATOR,
        at=at,
    )
    waiting = _draft(scheme_id, applicant, at, _form(at))
    assert applicant.organisation_id is not None  # noqa: S101
    drafts.submit(organisation_id=applicant.organisation_id, application_id=waiting, version=2, by=applicant, at=at)
    _draft(scheme_id, applicant, at, {"reason": "保税蔵置場を始めるため"})


def _draft(scheme_id: UUID, by: Actor, at: datetime, values: dict[str, Any]) -> UUID:
    assert by.organisation_id is not None  # noqa: S101
    application_id = drafts.start(
        organisation_id=by.organisation_id,
        scheme_id=scheme_id,
        procedure="user_codes",
        operation="add",
        by=by,
        at=at,
    )
    drafts.save_step(
        organisation_id=by.organisation_id, application_id=application_id, version=1, values=values, by=by, at=at
    )
    return application_id


def _form(at: datetime) -> dict[str, Any]:
    industries = ("customs", "consolidation")
    return {
        "desired_start": add_business_days(day=jst_day(at), count=20).isoformat(),
        "reason": "通関業と混載業を始めるため",
        "person": {"name": "青木 葵", "kana": "アオキ アオイ", "department": "人事課", "mail": "aoki@aoba.example"},
        "manager": {"name": "小林 誠", "mail": "kobayashi@aoba.example"},
        "lines": [
            {"user_code": "追加1", "industries": [key], "shares_sign_on": False, "method": "net", "count": 1}
            for key in industries
        ],
        "settings": {"追加1": {"name": "株式会社 青葉商会", **dict.fromkeys(industries, "標準")}},
    }
