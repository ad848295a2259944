"""個人番号 as rules know it; python-stdnum is the oracle, the vectors are the published ones."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.jp import in_

from tests.cast import test_number
from warifu.vault import rules
from warifu.vault.rules import MyNumber

PUBLISHED = ("621498320257", "983205673214", "123456789018")
PRACTICE = test_number("12345678901")

bases = st.text(alphabet="0123456789", min_size=11, max_size=11)


@pytest.mark.shows("N-01")
@pytest.mark.parametrize("digits", PUBLISHED)
def test_published_numbers_pass(digits: str) -> None:
    assert MyNumber.parse(digits, accepts_test=False).digits_for_sealing() == digits


@pytest.mark.shows("N-01")
@pytest.mark.parametrize("digits", ["983205673210", "000000000000"])
def test_wrong_check_digit_and_twelve_zeros_are_refused(digits: str) -> None:
    with pytest.raises(rules.CheckDigitWrong):
        MyNumber.parse(digits, accepts_test=False)


@pytest.mark.shows("N-01")
@given(bases)
def test_check_digit_agrees_with_python_stdnum(base: str) -> None:
    assert str(rules.check_digit(base)) == in_.calc_check_digit(base)


@pytest.mark.shows("N-04")
@pytest.mark.parametrize("between", [" ", "-", "　", "－", "ー", "‐"])
def test_full_width_spaces_and_hyphens_are_taken(between: str) -> None:
    wide = PRACTICE.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    text = between.join((wide[:4], wide[4:8], wide[8:]))
    number = MyNumber.parse(f" {text} ", accepts_test=True)
    assert number.digits_for_sealing() == PRACTICE
    assert number.groups() == f"{PRACTICE[:4]} {PRACTICE[4:8]} {PRACTICE[8:]}"


@pytest.mark.parametrize("text", ["", "12345678901", "1234567890123", "12345678901a", "一二三四五六七八九〇一二"])
def test_anything_but_twelve_digits_is_incomplete(text: str) -> None:
    with pytest.raises(rules.NumberIncomplete):
        MyNumber.parse(text, accepts_test=True)


@pytest.mark.shows("N-02")
@given(bases, st.integers(0, 9))
def test_no_refusal_echoes_the_number(base: str, last: int) -> None:
    text = f"{base}{last}"
    for accepts_test in (True, False):
        refusal = _refusal(text, accepts_test=accepts_test)
        assert base[:6] not in f"{refusal!r} {refusal} {refusal.values if refusal else {}}"


def _refusal(text: str, *, accepts_test: bool) -> rules.Refused | None:
    try:
        MyNumber.parse(text, accepts_test=accepts_test)
    except rules.Refused as refusal:
        return refusal
    return None


@pytest.mark.shows("N-05")
@given(bases)
def test_each_mode_refuses_the_numbers_of_the_other(base: str) -> None:
    practice = test_number(base)
    real = f"{base}{rules.check_digit(base)}"
    MyNumber.parse(practice, accepts_test=True)
    with pytest.raises(rules.TestNumberRefused):
        MyNumber.parse(practice, accepts_test=False)
    if real != "0" * 12:
        with pytest.raises(rules.NotATestNumber):
            MyNumber.parse(real, accepts_test=True)


@pytest.mark.shows("P-06")
def test_text_forms_hide_the_digits() -> None:
    number = MyNumber.parse(PRACTICE, accepts_test=True)
    shown = f"{number} {number!r} {number!s} {number:>20} {[number]} {'%s' % number}"  # noqa: UP031
    assert not any(digit in shown for digit in "0123456789")


def test_it_is_made_by_parsing_only_and_never_leaves_the_process() -> None:
    number = MyNumber.parse(PRACTICE, accepts_test=True)
    with pytest.raises(TypeError):
        MyNumber()
    with pytest.raises(TypeError):
        pickle.dumps(number)
    with pytest.raises(TypeError):
        copy.copy(number)
    with pytest.raises(TypeError):
        hash(number)
    assert number == MyNumber.parse(PRACTICE, accepts_test=True)
    assert number != MyNumber.parse(test_number("12345678902"), accepts_test=True)
    assert number != PRACTICE
