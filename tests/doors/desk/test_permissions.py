"""The page that says who may do what, made from the rules themselves."""

from __future__ import annotations

import pytest

from tests.cast import Cast
from tests.doors.conftest import SignIn
from warifu.organisations.rules import PERMISSIONS
from warifu.web.shared.words import PERMISSION_WORDS

pytestmark = pytest.mark.django_db


def test_the_page_repeats_the_table(cast: Cast, sign_in: SignIn) -> None:
    answer = sign_in(cast.aoki).get("/desk/permissions/")

    text = answer.content.decode()
    assert answer.status_code == 200
    assert all(str(PERMISSION_WORDS[permission]) in text for permission in PERMISSIONS)
    assert text.count("できる</span>") == sum(bin(roles).count("1") for roles in PERMISSIONS.values())


def test_the_page_names_the_screens_of_each_permission(cast: Cast, sign_in: SignIn) -> None:
    lines = sign_in(cast.eto).get("/desk/permissions/").context["lines"]

    screens = {line.scope: line.screens for line in lines}
    assert "/desk/verification/<uuid:entry_id>/" in screens["verification:write"]
    assert "/desk/verification/<uuid:entry_id>/reveal/" in screens["numbers:reveal"]
    assert "/desk/permissions/" in screens["desk:enter"]


@pytest.mark.shows("S-09")
def test_an_administrator_is_told_that_numbers_are_not_theirs(cast: Cast, sign_in: SignIn) -> None:
    lines = sign_in(cast.aoki).get("/desk/permissions/").context["lines"]

    mine = {line.scope for line in lines if line.is_mine}
    assert "members:write" in mine
    assert not mine & {"verification:write", "numbers:reveal", "submissions:enter"}


def test_employees_do_not_enter_the_desk(cast: Cast, sign_in: SignIn) -> None:
    assert sign_in(cast.inoue).get("/desk/permissions/").status_code == 403
