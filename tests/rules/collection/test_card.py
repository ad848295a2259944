"""How a card's name and birth date fit what the roster says (J-04, J-05; I-05)."""

from __future__ import annotations

from datetime import date

import pytest

from warifu.collection.rules import checklist, identity
from warifu.collection.rules.card import Fit, Reading, birth_fits, fit_of
from warifu.collection.rules.checklist import Person
from warifu.collection.rules.identity import CardRead, Case
from warifu.collection.rules.papers import Method, Office

BORN = date(1988, 4, 2)


@pytest.mark.parametrize(
    ("on_card", "known", "fit"),
    [
        ("井上　郁", "井上 郁", Fit.EQUAL),
        ("井上郁", "井上 郁", Fit.EQUAL),
        ("高橋　一", "髙橋 一", Fit.ALIKE),
        ("山崎　幸", "山﨑 幸", Fit.ALIKE),
        ("吉田　実", "𠮷田 実", Fit.ALIKE),
        ("井上　郁", "井上 郁子", Fit.DIFFERS),
        ("井上　郁", "別府 郁", Fit.DIFFERS),
        ("", "井上 郁", Fit.DIFFERS),
    ],
)
def test_names(on_card: str, known: str, fit: Fit) -> None:
    assert fit_of(on_card=on_card, known=known) is fit


def test_birth_dates() -> None:
    assert birth_fits(on_card=BORN, known=BORN) is True
    assert birth_fits(on_card=BORN, known=date(1988, 4, 3)) is False
    assert birth_fits(on_card=BORN, known=None) is None


def reading(**values: object) -> Reading:
    base = {"has_number": True, "name": "井上　郁", "fit": "equal", "born": True, "address": "", "read_at": ""}
    return Reading(**(base | {"status": "unconfirmed"} | values))  # type: ignore[arg-type]


@pytest.mark.shows("I-12")
def test_the_checker_has_to_say_that_it_stays_unconfirmed() -> None:
    (group,) = checklist.groups(Person(key="self", method=Method.CARD_READ, reading=reading()))
    assert [item.code for item in checklist.missing([group], {})] == [
        "self.card.name",
        "self.card.birth",
        "self.card.unconfirmed",
    ]
    (group,) = checklist.groups(Person(key="self", method=Method.CARD_READ, reading=reading(status="confirmed")))
    assert "self.card.unconfirmed" not in [item.code for item in group.items]


@pytest.mark.parametrize(
    ("values", "reasons"),
    [
        ({}, ()),
        ({"name_equal": False}, ("name_differs",)),
        ({"birth_equal": None}, ("birth_and_address_differ",)),
        ({"birth_equal": None, "address_equal": True}, ()),
        ({"has_number": False}, ("number_paper_missing",)),
    ],
)
@pytest.mark.shows("I-05", "I-12")
def test_a_reading_is_decided_like_a_paper_with_a_note(values: dict[str, object], reasons: tuple[str, ...]) -> None:
    base = {"has_number": True, "name_equal": True, "birth_equal": True, "address_equal": None}
    found = identity.decide(Case(on=BORN, office=Office.TAX, card_read=CardRead(**(base | values))))  # type: ignore[arg-type]
    assert found.reasons == reasons
    assert found.accepts is (not reasons)
    assert "card_unconfirmed" in found.notes
