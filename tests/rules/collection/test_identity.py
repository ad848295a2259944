"""The acceptance matrix of the identity check, row by row, and the days when papers change their worth."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from warifu.collection.rules import identity, papers
from warifu.collection.rules.identity import Case, Evident, Relation, Shown, Transfer, decide
from warifu.collection.rules.papers import Method, Office

TODAY = date(2026, 11, 21)
BOTH = frozenset({"front", "back"})

CARD = Shown(paper="number_card", sides=BOTH, expires_on=date(2031, 4, 2))
CARD_BACK = Shown(paper="number_card", sides=frozenset({"back"}))
RECORD = Shown(paper="resident_record", issued_on=date(2026, 10, 1))
NOTIFICATION = Shown(paper="notification_card")
LICENCE = Shown(paper="driving_licence", expires_on=date(2028, 5, 1))
PASSPORT = Shown(paper="passport", expires_on=date(2030, 1, 1), address_equal=None)
ELIGIBILITY = Shown(paper="eligibility_certificate", expires_on=date(2027, 7, 31))
PENSION = Shown(paper="pension_book")
CONSENT = Transfer(
    destination="上田物産株式会社",
    decided_on=date(2026, 11, 1),
    consented_on=date(2026, 11, 5),
    items=("氏名", "個人番号"),
)


def case(**values: object) -> Case:
    return replace(Case(on=TODAY), **values)  # type: ignore[arg-type]


MATRIX = {
    1: (case(number_paper=CARD), Method.NUMBER_CARD, ()),
    2: (case(number_paper=CARD_BACK), "", ("identity_missing",)),
    3: (case(number_paper=CARD_BACK, account_is_verified=True), Method.VERIFIED_ACCOUNT, ()),
    4: (
        case(number_paper=Shown(paper="number_notice"), identity_papers=(LICENCE,)),
        "",
        ("not_a_number_paper",),
    ),
    5: (
        case(number_paper=replace(NOTIFICATION, is_unchanged=False), identity_papers=(LICENCE,)),
        "",
        ("changed_since",),
    ),
    6: (case(number_paper=NOTIFICATION, identity_papers=(LICENCE,)), Method.PAPERS, ()),
    7: (case(number_paper=RECORD, identity_papers=(PASSPORT,)), Method.PAPERS, ()),
    8: (case(number_paper=RECORD, identity_papers=(ELIGIBILITY,)), "", ("second_paper_needed",)),
    9: (case(number_paper=RECORD, identity_papers=(ELIGIBILITY, PENSION)), Method.PAPERS, ()),
    10: (
        case(number_paper=RECORD, identity_papers=(replace(ELIGIBILITY, is_masked=False), PENSION)),
        "",
        ("mask_needed",),
    ),
    11: (case(number_paper=RECORD, identity_papers=(ELIGIBILITY, ELIGIBILITY)), "", ("same_kind",)),
    12: (
        case(
            number_paper=RECORD,
            identity_papers=(Shown(paper="insurance_card", expires_on=date(2027, 3, 31)), PENSION),
        ),
        "",
        ("no_longer_taken",),
    ),
    13: (
        case(
            number_paper=RECORD,
            identity_papers=(Shown(paper="driving_history", issued_on=date(2011, 6, 1)),),
        ),
        "",
        ("issued_too_early",),
    ),
    14: (
        case(number_paper=RECORD, identity_papers=(replace(LICENCE, expires_on=date(2026, 11, 20)),)),
        "",
        ("expired",),
    ),
    15: (case(relation=Relation.TAX_DEPENDENT, ticked_by_employee=True), Method.EMPLOYEE_CHECKED, ()),
    16: (
        case(relation=Relation.THIRD_CATEGORY_SPOUSE, ticked_by_employee=True),
        "",
        ("spouse_path_missing",),
    ),
    17: (
        case(
            relation=Relation.THIRD_CATEGORY_SPOUSE,
            spouse_path="agent",
            mandate_is_good=True,
            employee_is_accepted=True,
            number_paper=CARD_BACK,
        ),
        Method.AGENT,
        (),
    ),
    18: (
        case(
            relation=Relation.PAYEE,
            number_paper=CARD_BACK,
            evident=Evident(witness="江藤 栄", event="契約の時に対面で確認"),
        ),
        "",
        ("not_for_payees",),
    ),
    19: (case(transfer=CONSENT), Method.TRANSFER, ()),
    20: (case(transfer=replace(CONSENT, destination=" ")), "", ("destination_missing",)),
}


@pytest.mark.shows("I-01", "I-02", "I-03", "I-05", "I-06", "I-07", "I-08", "I-09", "I-11", "I-14", "I-15", "P-10")
@pytest.mark.parametrize("row", MATRIX)
def test_the_acceptance_matrix(row: int) -> None:
    given, method, reasons = MATRIX[row]

    decision = decide(given)

    assert (decision.accepts, decision.method, decision.reasons) == (not reasons, method, reasons)


@pytest.mark.shows("P-10")
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"decided_on": None}, "destination_undecided"),
        ({"consented_on": date(2026, 10, 31)}, "destination_undecided"),
        ({"consented_on": None}, "destination_undecided"),
        ({"items": ()}, "items_missing"),
    ],
)
def test_a_transfer_needs_a_consent_after_the_decision(change: dict[str, object], reason: str) -> None:
    decision = decide(case(transfer=replace(CONSENT, **change)))  # type: ignore[arg-type]

    assert decision.reasons == (reason,)


@pytest.mark.shows("I-07")
@pytest.mark.parametrize(("on", "accepts"), [(date(2025, 12, 1), True), (date(2025, 12, 2), False)])
def test_the_old_insurance_card_ends_with_1_december_2025(on: date, accepts: bool) -> None:
    card = Shown(paper="insurance_card", expires_on=date(2026, 3, 31))
    record = replace(RECORD, issued_on=date(2025, 10, 1))

    assert decide(case(on=on, number_paper=record, identity_papers=(card, PENSION))).accepts is accepts
    assert ("insurance_card" in {paper.code for paper in papers.offered(on).plain_papers}) is accepts


@pytest.mark.shows("I-07")
def test_the_eligibility_certificate_is_offered_in_place_of_the_insurance_card() -> None:
    codes = {paper.code for paper in papers.offered(TODAY).plain_papers}

    assert "eligibility_certificate" in codes
    assert "insurance_card" not in codes


@pytest.mark.shows("I-03")
@pytest.mark.parametrize(("issued_on", "accepts"), [(date(2020, 5, 24), True), (date(2020, 5, 25), False)])
def test_a_notification_card_was_issued_before_it_was_abolished(issued_on: date, accepts: bool) -> None:
    shown = replace(NOTIFICATION, issued_on=issued_on)

    assert decide(case(number_paper=shown, identity_papers=(LICENCE,))).accepts is accepts


@pytest.mark.shows("I-04")
@pytest.mark.parametrize(("issued_on", "accepts"), [(date(2012, 3, 31), False), (date(2012, 4, 1), True)])
def test_a_driving_history_counts_from_april_2012(issued_on: date, accepts: bool) -> None:
    shown = Shown(paper="driving_history", issued_on=issued_on)

    assert decide(case(number_paper=RECORD, identity_papers=(shown,))).accepts is accepts


@pytest.mark.shows("I-09")
@pytest.mark.parametrize(
    ("shown", "reasons"),
    [
        (replace(LICENCE, expires_on=TODAY), ()),
        (replace(LICENCE, expires_on=None), ("date_missing",)),
    ],
)
def test_a_licence_is_good_on_its_last_day_and_needs_a_date(shown: Shown, reasons: tuple[str, ...]) -> None:
    assert decide(case(number_paper=RECORD, identity_papers=(shown,))).reasons == reasons


@pytest.mark.shows("I-09")
@pytest.mark.parametrize(
    ("issued_on", "reasons"),
    [
        (date(2026, 5, 21), ()),
        (date(2026, 5, 20), ("issued_too_long_ago",)),
        (date(2026, 11, 22), ("issued_in_future",)),
        (None, ("date_missing",)),
    ],
)
def test_a_paper_without_expiry_is_good_for_six_months(issued_on: date | None, reasons: tuple[str, ...]) -> None:
    given = case(number_paper=replace(RECORD, issued_on=issued_on), identity_papers=(LICENCE,))

    assert decide(given).reasons == reasons


@pytest.mark.parametrize(
    ("issued_on", "last_day"),
    [
        (date(2026, 8, 31), date(2027, 2, 28)),
        (date(2023, 8, 31), date(2024, 2, 29)),
        (date(2026, 1, 15), date(2026, 7, 15)),
        (date(2025, 12, 31), date(2026, 6, 30)),
    ],
)
def test_six_months_end_with_the_last_day_of_a_short_month(issued_on: date, last_day: date) -> None:
    good = Shown(paper="resident_record", issued_on=issued_on)

    def accepts(on: date) -> bool:
        return decide(Case(on=on, number_paper=good, identity_papers=(replace(LICENCE, expires_on=on),))).accepts

    assert accepts(last_day)
    assert not accepts(date.fromordinal(last_day.toordinal() + 1))


@pytest.mark.shows("I-05")
@pytest.mark.parametrize(
    ("change", "reasons", "notes"),
    [
        ({"address_equal": False}, (), ("address_differs",)),
        ({"birth_equal": None, "address_equal": True}, (), ("birth_not_shown",)),
        ({"birth_equal": False, "address_equal": False}, ("birth_and_address_differ",), ()),
        ({"birth_equal": None, "address_equal": None}, ("birth_and_address_differ",), ()),
        ({"name_equal": False}, ("name_differs",), ()),
    ],
)
def test_the_name_and_one_of_birth_and_address_must_fit(
    change: dict[str, object], reasons: tuple[str, ...], notes: tuple[str, ...]
) -> None:
    passport = replace(PASSPORT, **change)  # type: ignore[arg-type]
    decision = decide(case(number_paper=RECORD, identity_papers=(passport,)))

    assert decision.reasons == reasons
    if not reasons:
        assert decision.notes == notes


@pytest.mark.shows("I-10")
def test_evident_by_employment_needs_a_named_witness_and_the_number_paper() -> None:
    evident = Evident(witness="江藤 栄", event="2024年4月の入社の時に、運転免許証で確認")

    assert decide(case(number_paper=CARD_BACK, evident=evident)).method == Method.EMPLOYMENT_EVIDENT
    assert decide(case(evident=evident)).reasons == ("number_paper_missing",)
    for gap in (replace(evident, witness=""), replace(evident, event=" ")):
        assert decide(case(number_paper=CARD_BACK, evident=gap)).reasons == ("witness_missing",)


@pytest.mark.shows("I-11")
@pytest.mark.parametrize("office", Office)
def test_a_verified_account_proves_identity_in_tax_matters_only(office: Office) -> None:
    decision = decide(case(office=office, number_paper=CARD_BACK, account_is_verified=True))

    assert decision.accepts is (office is Office.TAX)


def test_papers_approved_by_one_office_only_are_refused_by_the_others() -> None:
    certificate = Shown(paper="tax_accountant")
    given = case(number_paper=RECORD, identity_papers=(certificate,))

    assert decide(given).accepts
    assert decide(replace(given, office=Office.EMPLOYMENT)).reasons == ("office_does_not_take",)
    assert "tax_accountant" not in {p.code for p in papers.offered(TODAY, office=Office.PENSION).photo_papers}


PATH_A = {
    "spouse_path": "agent",
    "mandate_is_good": True,
    "employee_is_accepted": True,
    "number_paper": CARD_BACK,
}


@pytest.mark.shows("I-15")
@pytest.mark.parametrize(
    ("change", "reasons"),
    [
        (PATH_A | {"mandate_is_good": False}, ("mandate_missing",)),
        (PATH_A | {"number_paper": None}, ("number_paper_missing",)),
        (PATH_A | {"employee_is_accepted": False}, ("employee_not_accepted",)),
        ({"spouse_path": "entrusted", "ticked_by_employee": True}, ("entrustment_missing",)),
        ({"spouse_path": "entrusted", "entrustment_is_written": True}, ("not_ticked",)),
        ({"spouse_path": "entrusted", "entrustment_is_written": True, "ticked_by_employee": True}, ()),
    ],
)
def test_a_third_category_spouse_goes_by_path_a_or_b(change: dict[str, object], reasons: tuple[str, ...]) -> None:
    assert decide(case(relation=Relation.THIRD_CATEGORY_SPOUSE, **change)).reasons == reasons


@pytest.mark.shows("I-22")
@pytest.mark.parametrize(
    ("code", "before", "first"),
    [
        ("licence_number_card", date(2025, 3, 23), date(2025, 3, 24)),
        ("residence_number_card", date(2026, 6, 13), date(2026, 6, 14)),
    ],
)
def test_combined_cards_are_kinds_of_their_own(code: str, before: date, first: date) -> None:
    card = replace(CARD, paper=code)

    assert code not in {paper.code for paper in papers.offered(before).cards}
    assert code in {paper.code for paper in papers.offered(first).cards}
    assert decide(Case(on=before, number_paper=card)).reasons == ("no_longer_taken",)
    assert decide(Case(on=first, number_paper=card)).method == Method.NUMBER_CARD


def test_one_file_with_both_sides_stands_for_the_card() -> None:
    assert decide(case(number_paper=replace(CARD, sides=frozenset({"both"})))).accepts
    assert decide(case(number_paper=replace(CARD, sides=frozenset({"front"})))).reasons == ("side_missing",)


def test_an_unknown_paper_proves_nothing() -> None:
    unknown = Shown(paper="library_card")

    assert decide(case(number_paper=unknown, identity_papers=(LICENCE,))).reasons == ("not_a_number_paper",)
    assert decide(case(number_paper=RECORD, identity_papers=(unknown,))).reasons == ("not_an_identity_paper",)


def test_every_reason_and_note_has_its_sentence() -> None:
    decisions = [decide(given) for given, _, _ in MATRIX.values()]

    assert all(reason in identity.REASONS for decision in decisions for reason in decision.reasons)
    assert all(note in identity.NOTES for decision in decisions for note in decision.notes)
