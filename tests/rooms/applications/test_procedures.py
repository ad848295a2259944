"""Numbers added to a code that is there, codes changed or ended, sign-ins that end with them (002-1, 002-10, B5)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.cast import MORNING, Cast
from tests.rooms.applications.office import Office, draft, open_office, submitted
from warifu.applications.actions import deadlines, drafts, review
from warifu.applications.models import Application, Identification, UserCode
from warifu.applications.queries import schemes
from warifu.applications.rules.allotment import CodeGone
from warifu.foundation.refusals import NotFound

pytestmark = pytest.mark.django_db
STARTS_ON = date(2026, 12, 10)
NUMBERS = [{"user_code": "1ANAC", "industries": ["customs"], "shares_sign_on": False, "method": "net", "count": 2}]


@pytest.fixture
def office(cast: Cast) -> Office:
    """The operator's office; Aoba has the code 1ANAC with two numbers."""
    office = open_office()
    decide(submitted(cast, office), office)
    return office


def decide(application_id: UUID, office: Office) -> list[str]:
    review.take(application_id=application_id, by=office.kato, at=MORNING)
    found = review.approve(application_id=application_id, confirmed_start=STARTS_ON, by=office.kato, at=MORNING)
    return [each.user_id for each in found.identifications] if found else []


def faults(cast: Cast, application_id: UUID) -> dict[str, str]:
    found = drafts.faults(organisation_id=cast.aoba, application_id=application_id, at=MORNING)
    return {fault.field: fault.refusal.code for fault in found}


@pytest.mark.shows("002-1")
def test_numbers_are_added_to_a_code_that_is_there(cast: Cast, office: Office) -> None:
    adding = submitted(
        cast, office, procedure="identifications", lines=NUMBERS, settings={"1ANAC": {"customs": "標準"}}
    )
    assert decide(adding, office) == ["1ANACA0C", "1ANACA0D"]
    assert UserCode.objects.count() == 1


@pytest.mark.parametrize("code", ["追加1", "1ZZZZ", "", "<b>"])
def test_only_an_own_living_code_gets_numbers(code: str, cast: Cast, office: Office) -> None:
    lines = [{**NUMBERS[0], "user_code": code}]
    application_id = draft(cast, office, procedure="identifications", lines=lines, settings={})
    assert faults(cast, application_id)["lines.0"] == "WF-P334"


@pytest.mark.shows("002-10")
def test_a_number_is_ended_alone_and_never_given_again(cast: Cast, office: Office) -> None:
    ending = submitted(cast, office, procedure="identifications", operation="delete", user_ids=["1ANACA0B"])
    decide(ending, office)
    assert Identification.objects.get(text="A0B").ended_on == STARTS_ON
    assert UserCode.objects.get().ended_on is None
    adding = submitted(
        cast, office, procedure="identifications", lines=NUMBERS, settings={"1ANAC": {"customs": "標準"}}
    )
    assert decide(adding, office) == ["1ANACA0C", "1ANACA0D"]


@pytest.mark.parametrize(
    ("operation", "procedure", "values", "code"),
    [
        ("delete", "identifications", {"user_ids": []}, "WF-P339"),
        ("delete", "identifications", {"user_ids": ["1ANACA0Z"]}, "WF-P334"),
        ("delete", "identifications", {"user_ids": "1ANACA0A"}, "WF-P339"),
        ("delete", "code_changes", {"user_codes": ["1ZZZZ"]}, "WF-P334"),
        ("change", "code_changes", {"user_codes": []}, "WF-P339"),
        ("change", "code_changes", {"user_codes": ["1ANAC"], "settings": {}}, "WF-P341"),
        ("change", "code_changes", {"user_codes": ["1ANAC"], "settings": {"1ANAC": {"name": "😀"}}}, "WF-P312"),
    ],
)
def test_what_is_wrong_with_a_choice_is_said(
    operation: str, procedure: str, values: dict[str, Any], code: str, cast: Cast, office: Office
) -> None:
    application_id = draft(cast, office, procedure=procedure, operation=operation, **values)
    assert code in faults(cast, application_id).values()


@pytest.mark.shows("002-10")
def test_a_change_is_decided_and_gives_nothing_out(cast: Cast, office: Office) -> None:
    changing = submitted(cast, office, operation="change", user_codes=["1ANAC"], settings={"1ANAC": {"name": "新青葉"}})
    assert decide(changing, office) == []
    assert Identification.objects.count() == 2
    assert deadlines.void_due(at=MORNING + timedelta(days=40)) == 1  # the first one only: a change has no settings due


def test_a_code_that_ended_meanwhile_gets_no_numbers(cast: Cast, office: Office) -> None:
    adding = submitted(
        cast, office, procedure="identifications", lines=NUMBERS, settings={"1ANAC": {"customs": "標準"}}
    )
    decide(submitted(cast, office, operation="delete", user_codes=["1ANAC"]), office)
    with pytest.raises(CodeGone):
        decide(adding, office)
    assert Application.objects.get(id=adding).state == "in_review"
    assert Identification.objects.count() == 2


def test_whoever_signs_in_with_an_ended_id_is_let_out_on_its_day(cast: Cast, office: Office) -> None:
    decide(submitted(cast, office, operation="delete", user_codes=["1ANAC"]), office)
    assert deadlines.shut_ended(at=MORNING) == 0
    day = MORNING.replace(month=12, day=10)
    assert (deadlines.shut_ended(at=day), deadlines.shut_ended(at=day)) == (2, 0)
    members = {row.member for row in Identification.objects.select_related("member")}
    assert {member and member.left_on for member in members} == {STARTS_ON}


def test_what_a_void_application_was_given_ends_with_it(cast: Cast, office: Office) -> None:
    late = MORNING + timedelta(days=40)
    assert deadlines.void_due(at=late) == 1
    assert {line.ended_on for line in schemes.issued(organisation_id=cast.aoba)} == {late.date()}
    assert UserCode.objects.get().ended_on == late.date()
    assert deadlines.shut_ended(at=late) == 2
    assert decide(submitted(cast, office), office)[0].startswith("1ANAD")


@pytest.mark.parametrize(
    ("procedure", "operation"), [("identifications", "change"), ("user_codes", "delete"), ("nothing", "add")]
)
def test_a_procedure_knows_its_operations_only(procedure: str, operation: str, cast: Cast, office: Office) -> None:
    with pytest.raises(NotFound):
        draft(cast, office, procedure=procedure, operation=operation)
