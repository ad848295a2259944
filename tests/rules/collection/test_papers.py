"""Which papers are offered on a day, and which pictures a choice takes."""

from __future__ import annotations

from datetime import date

import pytest

from warifu.collection.rules import papers
from warifu.collection.rules.papers import Method, Office, Proof
from warifu.foundation.purposes import Purpose

TODAY = date(2026, 11, 21)


def slots(method: str, number_paper: str, *identity_papers: str, **values: bool) -> list[str]:
    found = papers.slots(method=method, number_paper=number_paper, identity_papers=identity_papers, on=TODAY, **values)
    return [slot.slot for slot in found]


@pytest.mark.shows("001-16", "001-17")
def test_a_card_takes_both_sides_or_one_file() -> None:
    assert slots(Method.NUMBER_CARD, "number_card") == ["number.number_card.back", "number.number_card.front"]
    assert slots(Method.NUMBER_CARD, "number_card", one_file=True) == ["number.number_card.both"]


@pytest.mark.shows("001-16")
def test_two_papers_take_one_picture_each() -> None:
    found = slots(Method.PAPERS, "resident_record", "eligibility_certificate", "pension_book")

    assert found == [
        "number.resident_record.front",
        "identity.eligibility_certificate.front",
        "identity.pension_book.front",
    ]


def test_the_back_of_a_licence_is_asked_for_but_not_required() -> None:
    found = papers.slots(
        method=Method.PAPERS, number_paper="resident_record", identity_papers=["driving_licence"], on=TODAY
    )

    assert [(slot.side, slot.required) for slot in found if slot.paper == "driving_licence"] == [
        ("front", True),
        ("back", False),
    ]


@pytest.mark.shows("I-11")
def test_with_a_verified_account_only_the_number_paper_is_asked_for() -> None:
    asked = {"has_verified_account": True}

    assert slots(Method.VERIFIED_ACCOUNT, "number_card", **asked) == ["number.number_card.back"]
    assert slots(Method.VERIFIED_ACCOUNT, "resident_record", "driving_licence", **asked) == [
        "number.resident_record.front"
    ]
    assert slots(Method.VERIFIED_ACCOUNT, "number_card") == [
        "number.number_card.back",
        "number.number_card.front",
    ]


@pytest.mark.shows("I-08")
@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("eligibility_certificate", "保険者番号"),
        ("pension_book", "基礎年金番号"),
        ("resident_record", "住民票コード"),
        ("number_card", "QR"),
    ],
)
def test_the_masking_duty_is_told_with_the_picture(code: str, word: str) -> None:
    number_paper = code if code in papers.NUMBER_PAPERS else "notification_card"
    found = papers.slots(method=Method.PAPERS, number_paper=number_paper, identity_papers=[code], on=TODAY)

    assert any(slot.paper == code and slot.masking and word in slot.masking for slot in found)


@pytest.mark.shows("I-03", "I-07")
@pytest.mark.parametrize("code", ["number_notice", "insurance_card"])
def test_papers_that_are_not_taken_are_never_offered(code: str) -> None:
    offer = papers.offered(TODAY)
    offered = {p.code for p in (*offer.cards, *offer.number_papers, *offer.photo_papers, *offer.plain_papers)}

    assert code not in offered
    assert not any(code in slot for slot in slots(Method.PAPERS, code, code))


@pytest.mark.shows("I-04", "I-06")
def test_photo_papers_and_plain_papers_are_told_apart() -> None:
    offer = papers.offered(TODAY)

    assert {"driving_licence", "passport", "residence_card", "permanent_resident"} <= {
        paper.code for paper in offer.photo_papers
    }
    assert all(paper.proof is Proof.PLAIN for paper in offer.plain_papers)


@pytest.mark.parametrize(
    ("purposes", "office"),
    [
        ([Purpose.WITHHOLDING_SLIP, Purpose.HEALTH_PENSION], Office.TAX),
        ([Purpose.HEALTH_PENSION, Purpose.EMPLOYMENT_INSURANCE], Office.PENSION),
        ([Purpose.EMPLOYMENT_INSURANCE], Office.EMPLOYMENT),
        ([], Office.TAX),
    ],
)
def test_the_office_follows_from_the_purposes(purposes: list[Purpose], office: Office) -> None:
    assert papers.office_of(purposes) is office
    assert papers.rule_version(office).startswith(office.value)


def test_codes_are_the_keys_of_the_tables() -> None:
    assert all(code == paper.code for code, paper in papers.PAPERS.items())
