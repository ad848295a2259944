"""取扱いの定め: purposes, files, handlers, responsible person and report route, before anything is collected."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.cast import MORNING, Cast
from warifu.foundation.purposes import CHOOSABLE, Purpose
from warifu.organisations import actions, queries
from warifu.organisations.models import HandlingPlan

pytestmark = pytest.mark.django_db


def write(cast: Cast, organisation_id: Any, by: Any, **values: Any) -> None:
    plan = {
        "purposes": [Purpose.WITHHOLDING_SLIP],
        "files": "従業員ファイル",
        "area": "人事課",
        "report_route": "責任者へ",
        "responsible_id": None,
    }
    actions.write_plan(organisation_id=organisation_id, by=by, at=MORNING, **{**plan, **values})


@pytest.mark.shows("P-15", "S-02")
def test_a_plan_with_gaps_cannot_be_completed(cast: Cast) -> None:
    write(cast, cast.ueda, cast.ueno)
    with pytest.raises(actions.PlanIncomplete) as refused:
        actions.complete_plan(organisation_id=cast.ueda, by=cast.ueno, at=MORNING)
    assert refused.value.values["missing"] == "責任者、事務取扱担当者"
    assert queries.handling_plan(organisation_id=cast.ueda).completed_at is None


@pytest.mark.shows("P-15")
def test_a_whole_plan_is_completed(cast: Cast) -> None:
    plan = queries.handling_plan(organisation_id=cast.aoba)
    assert plan.completed_at == MORNING
    assert plan.responsible_name == "岡田 修"
    assert [line.name for line in plan.appointments] == ["江藤 栄", "岡田 修"]


@pytest.mark.shows("P-01")
@pytest.mark.parametrize("purpose", [Purpose.IDENTITY_VERIFICATION, Purpose.DELETION])
def test_purposes_of_handling_itself_are_not_chosen(cast: Cast, purpose: Purpose) -> None:
    before = list(HandlingPlan.objects.values())
    with pytest.raises(actions.PurposeUnknown):
        write(cast, cast.aoba, cast.aoki, purposes=[purpose])
    assert list(HandlingPlan.objects.values()) == before


@pytest.mark.shows("P-02")
def test_the_list_of_purposes_covers_the_work_with_numbers() -> None:
    assert len(CHOOSABLE) == 10
    assert all(purpose.label for purpose in Purpose)


def test_only_a_responsible_person_is_named_responsible(cast: Cast) -> None:
    with pytest.raises(actions.NotAHandler):
        write(cast, cast.aoba, cast.aoki, responsible_id=cast.inoue.id)


def test_only_a_handler_is_appointed(cast: Cast) -> None:
    with pytest.raises(actions.NotAHandler):
        actions.appoint(
            organisation_id=cast.aoba,
            member_id=cast.inoue.id,
            purposes=[Purpose.WITHHOLDING_SLIP],
            range_text="総務課",
            by=cast.aoki,
            at=MORNING,
        )


@pytest.mark.shows("S-02")
def test_an_appointment_covers_its_purposes_from_its_day(cast: Cast) -> None:
    def covers(purpose: Purpose, on: date) -> bool:
        return purpose in queries.appointed_purposes(organisation_id=cast.aoba, member_id=cast.eto.id, on=on)

    assert covers(Purpose.WITHHOLDING_SLIP, date(2026, 11, 24))
    assert not covers(Purpose.WITHHOLDING_SLIP, date(2026, 11, 23))
    assert not covers(Purpose.RENT_PAYMENT_RECORD, date(2026, 11, 24))


def test_a_new_appointment_replaces_the_old(cast: Cast) -> None:
    actions.appoint(
        organisation_id=cast.aoba,
        member_id=cast.eto.id,
        purposes=[Purpose.WITHHOLDING_SLIP],
        range_text="営業課",
        by=cast.aoki,
        at=MORNING,
    )
    running = [line for line in queries.handling_plan(organisation_id=cast.aoba).appointments if line.name == "江藤 栄"]
    assert [line.range for line in running] == ["営業課"]


def test_dismissing_ends_the_appointment(cast: Cast) -> None:
    actions.dismiss(organisation_id=cast.aoba, member_id=cast.eto.id, by=cast.aoki, at=MORNING)
    assert [line.name for line in queries.handling_plan(organisation_id=cast.aoba).appointments] == ["岡田 修"]
