"""What may be told to a sister service, and how (P-07, 000-18)."""

from __future__ import annotations

from uuid import UUID

import pytest

from warifu.credentials.rules import sharing
from warifu.foundation.actor import Role

SERVICE, OTHER, MEMBER = (UUID(int=n) for n in (1, 2, 3))


@pytest.mark.parametrize(
    ("asked", "shares_roles", "shared"),
    [
        ("openid", True, "openid"),
        ("roles email openid", True, "openid email roles"),
        ("openid roles", False, "openid"),
        ("openid numbers my_number phone address offline_access", True, "openid"),
        ("profile email", True, None),
        ("", True, None),
        (None, True, None),
    ],
)
@pytest.mark.shows("P-07", "000-18")
def test_a_service_gets_what_is_known_and_allowed(asked: str | None, shares_roles: bool, shared: str | None) -> None:
    assert sharing.shared_scope(asked=asked, shares_roles=shares_roles) == shared


def test_an_agreement_covers_less_and_not_more() -> None:
    assert sharing.covers(given="openid profile", asked="openid")
    assert not sharing.covers(given="openid", asked="openid email")


def test_a_subject_is_for_one_service_and_lasts() -> None:
    name = sharing.subject(service_id=SERVICE, member_id=MEMBER)
    assert name == sharing.subject(service_id=SERVICE, member_id=MEMBER)
    assert name != sharing.subject(service_id=OTHER, member_id=MEMBER)
    assert len(name) == 43


def test_factors_are_told_by_their_public_names() -> None:
    assert sharing.methods(["password"]) == ["pwd"]
    assert sharing.methods(["password", "authenticator"]) == ["otp", "pwd", "mfa"]
    assert sharing.methods(["access_key"]) == []
    assert sharing.role_codes(Role.EMPLOYEE | Role.HANDLER) == ["employee", "handler"]
    assert sharing.level_name(2) == "urn:warifu:level:2"
