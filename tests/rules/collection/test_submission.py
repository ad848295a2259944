"""What a submission lacks, which papers suffice, and how fields are read: tables of cases, no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import count

import pytest

from tests.cast import test_number
from warifu.collection.rules import submission as rules
from warifu.collection.rules.papers import Method, Office
from warifu.collection.rules.submission import Facts, Relative, Step

TODAY = date(2026, 11, 24)
PERSON = {
    "family_name": "井上",
    "given_name": "",
    "family_kana": "イノウエ",
    "given_kana": "",
    "postal_code": "1000001",
    "prefecture": "東京都",
    "city": "千代田区",
    "street": "千代田1-1",
    "building": "",
}
WHOLE = Facts(
    is_notice_shown=True,
    person=PERSON,
    has_birth=True,
    has_number=True,
    is_family_answered=True,
    relatives=(),
    is_choice_made=True,
    wanted=(),
)
CHILD = Relative(name="井上 結", has_number=True, is_checked=True, is_third_category=False, spouse_path="")


def test_the_steps_have_short_names() -> None:
    assert [step.label for step in Step] == ["使い道", "わたし", "番号", "写真", "見直し"]
    assert all(len(step.label) <= 6 for step in Step)


@pytest.mark.parametrize(
    ("facts", "step"),
    [
        (WHOLE, Step.REVIEW),
        (replace(WHOLE, is_notice_shown=False, has_number=False), Step.PURPOSE),
        (replace(WHOLE, person=PERSON | {"street": ""}), Step.PERSON),
        (replace(WHOLE, person=PERSON | {"postal_code": ""}), Step.PERSON),
        (replace(WHOLE, person=PERSON | {"prefecture": rules.ABROAD, "postal_code": ""}), Step.REVIEW),
        (replace(WHOLE, has_birth=False), Step.PERSON),
        (replace(WHOLE, has_number=False), Step.NUMBER),
        (replace(WHOLE, is_family_answered=False), Step.NUMBER),
        (replace(WHOLE, relatives=(CHILD,)), Step.REVIEW),
        (replace(WHOLE, relatives=(replace(CHILD, has_number=False),)), Step.NUMBER),
        (replace(WHOLE, relatives=(replace(CHILD, is_checked=False),)), Step.NUMBER),
        (replace(WHOLE, relatives=(replace(CHILD, is_third_category=True),)), Step.NUMBER),
        (replace(WHOLE, relatives=(replace(CHILD, wanted=("委任状",)),)), Step.PICTURES),
        (replace(WHOLE, is_choice_made=False), Step.PICTURES),
        (replace(WHOLE, wanted=("カード 裏",)), Step.PICTURES),
        (replace(WHOLE, wanted=("カード 裏",), is_choice_made=False, needs_papers=False), Step.REVIEW),
    ],
)
def test_it_goes_on_at_the_first_step_that_lacks_something(facts: Facts, step: Step) -> None:
    assert rules.next_step(facts) is step
    assert bool(rules.missing(facts)) == (step is not Step.REVIEW)


@pytest.mark.shows("I-14", "I-15")
@pytest.mark.parametrize(
    ("is_third", "path", "papers"),
    [
        (False, "", []),
        (False, "agent", []),
        (True, "", []),
        (True, "agent", ["mandate", "spouse_number"]),
        (True, "entrusted", ["entrustment"]),
        (True, "number_card", []),
        (True, "nonsense", []),
    ],
)
def test_pictures_of_family_are_asked_for_third_category_only(is_third: bool, path: str, papers: list[str]) -> None:
    found = rules.dependent_slots(is_third_category=is_third, spouse_path=path)
    assert [slot.paper for slot in found] == papers


@pytest.mark.shows("I-02", "I-04", "I-06", "I-07", "I-11")
@pytest.mark.parametrize(
    ("method", "number_paper", "identity", "verified", "suffices"),
    [
        (Method.NUMBER_CARD, "number_card", [], False, True),
        (Method.NUMBER_CARD, "resident_record", [], False, False),
        (Method.PAPERS, "resident_record", ["passport"], False, True),
        (Method.PAPERS, "resident_record", [], False, False),
        (Method.PAPERS, "resident_record", ["pension_book"], False, False),
        (Method.PAPERS, "resident_record", ["pension_book", "pension_book"], False, False),
        (Method.PAPERS, "resident_record", ["pension_book", "eligibility_certificate"], False, True),
        (Method.PAPERS, "resident_record", ["insurance_card", "pension_book"], False, False),
        (Method.PAPERS, "number_notice", ["driving_licence"], False, False),
        (Method.PAPERS, "", ["driving_licence"], False, False),
        (Method.VERIFIED_ACCOUNT, "resident_record", [], True, True),
        (Method.VERIFIED_ACCOUNT, "number_card", [], True, True),
        (Method.VERIFIED_ACCOUNT, "number_card", [], False, False),
        (Method.EMPLOYMENT_EVIDENT, "number_card", [], False, False),
        ("", "", [], False, False),
    ],
)
def test_a_choice_must_prove_number_and_identity(
    method: str, number_paper: str, identity: list[str], verified: bool, suffices: bool
) -> None:
    problem = rules.choice_problem(
        method=method, number_paper=number_paper, identity_papers=identity, on=TODAY, has_verified_account=verified
    )
    assert (problem is None) == suffices


def test_a_paper_of_the_tax_office_is_not_taken_by_the_pension_office() -> None:
    def problem(office: Office) -> str | None:
        return rules.choice_problem(
            method=Method.PAPERS,
            number_paper="resident_record",
            identity_papers=["tax_accountant"],
            on=TODAY,
            has_verified_account=False,
            office=office,
        )

    assert problem(Office.TAX) is None
    assert problem(Office.PENSION)


@pytest.mark.shows("J-03", "J-04", "J-08", "J-09")
def test_fields_are_put_right_without_touching_kanji() -> None:
    given = {
        "family_name": "　神 ",
        "family_kana": "ﾊﾞば",
        "postal_code": "〒１００-０００１",
        "street": "葛󠄀西①",
        "unknown": "x",
    }
    kept = rules.clean(given)
    assert kept == {"family_name": "神", "family_kana": "ババ", "postal_code": "1000001", "street": "葛󠄀西①"}


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("postal_code", "12345"),
        ("postal_code", "abcdefg"),
        ("prefecture", "江戸"),
        ("family_kana", "INOUE"),
        ("street", test_number("12345678901")),
        ("family_name", "あ" * 101),
        ("city", "千代\x00田"),
    ],
)
def test_fields_that_cannot_be_right_are_named_and_not_echoed(field: str, text: str) -> None:
    reasons = rules.check_person(PERSON | {field: text}, born_on=date(1988, 4, 2), on=TODAY)
    assert list(reasons) == [field]
    assert text not in reasons[field]


@pytest.mark.parametrize(
    ("born_on", "is_fine"), [(TODAY, True), (date(2026, 11, 25), False), (date(1899, 1, 1), False)]
)
def test_a_birth_date_lies_in_living_memory(born_on: date, is_fine: bool) -> None:
    assert (rules.check_person(PERSON, born_on=born_on, on=TODAY) == {}) == is_fine


def test_a_family_member_needs_name_relation_and_birth_date() -> None:
    assert set(rules.check_dependent({}, born_on=None, on=TODAY)) == {"family_name", "relation", "born_on"}
    given = {"family_name": "井上", "relation": "child"}
    assert rules.check_dependent(given, born_on=date(2015, 5, 5), on=TODAY) == {}


def test_a_receipt_has_eight_letters_without_look_alikes_and_its_own_cut() -> None:
    steps = count()
    code = rules.receipt_code(lambda below: next(steps) % below)
    assert len(code) == 8
    assert not set(code) & set("0O1I2Z5S8B")
    assert rules.cut(code) == rules.cut(code)
    assert len(rules.cut(code)) == 16
    other = rules.receipt_code(lambda below: (next(steps) * 7) % below)
    assert rules.cut(other) != rules.cut(code)
