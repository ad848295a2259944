"""Nobody becomes somebody else by redirecting their mail: links that let people in go there."""

from __future__ import annotations

import pytest

from tests.cast import MORNING, Cast
from warifu.foundation.actor import Actor
from warifu.organisations import actions, queries
from warifu.organisations.actions import NewMember, OfficeMail

pytestmark = pytest.mark.django_db


def mail_of(cast: Cast, actor: Actor) -> str:
    assert actor.id is not None
    return queries.member(organisation_id=cast.aoba, member_id=actor.id).mail


def test_a_handler_corrects_the_mail_of_employees_only(cast: Cast) -> None:
    assert cast.inoue.id is not None
    assert cast.aoki.id is not None
    change = {"organisation_id": cast.aoba, "mail": "eto+other@example.jp", "by": cast.eto, "at": MORNING}
    with pytest.raises(OfficeMail):
        actions.change_mail(member_id=cast.aoki.id, **change)  # type: ignore[arg-type]
    assert mail_of(cast, cast.aoki) == "a001@example.jp"
    actions.change_mail(member_id=cast.inoue.id, **change)  # type: ignore[arg-type]
    assert mail_of(cast, cast.inoue) == "eto+other@example.jp"


def test_an_administrator_corrects_anybodys_mail(cast: Cast) -> None:
    assert cast.eto.id is not None
    actions.change_mail(organisation_id=cast.aoba, member_id=cast.eto.id, mail="e@example.jp", by=cast.aoki, at=MORNING)
    assert mail_of(cast, cast.eto) == "e@example.jp"


def test_a_handlers_list_cannot_redirect_the_mail_of_office_people(cast: Cast) -> None:
    assert cast.aoki.id is not None
    redirected = NewMember(family_name="青木", given_name="葵", mail="eto+other@example.jp", employee_code="a001")
    same = NewMember(family_name="青木", given_name="葵", mail="a001@example.jp", employee_code="a001")
    for person, refusal in ((redirected, OfficeMail), (same, None)):
        people = [(cast.aoki.id, person)]
        if refusal:
            with pytest.raises(refusal):
                actions.change_members(organisation_id=cast.aoba, people=people, by=cast.eto, at=MORNING)
        else:
            actions.change_members(organisation_id=cast.aoba, people=people, by=cast.eto, at=MORNING)
    assert mail_of(cast, cast.aoki) == "a001@example.jp"
