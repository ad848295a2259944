"""Identifiers, refusals and masking."""

from __future__ import annotations

from uuid import RFC_4122

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import test_number
from warifu.foundation.ids import new_id, new_ids
from warifu.foundation.masking import mask_numbers, twelve_digit_runs


def test_ids_sort_by_their_making_and_never_repeat() -> None:
    made = [new_id() for _ in range(5000)]
    assert made == sorted(made)
    assert len(set(made)) == 5000
    assert {one.version for one in made} == {7}


def test_many_ids_at_once_stand_between_single_ones() -> None:
    made = [new_id(), *new_ids(5000), new_id(), *new_ids(0), *new_ids(2)]
    assert made == sorted(made)
    assert len(set(made)) == 5004
    assert {(one.version, one.variant) for one in made} == {(7, RFC_4122)}


@given(st.text(alphabet="0123456789", min_size=11, max_size=11), st.sampled_from(["", " ", "-", "　"]))
def test_a_number_is_masked_however_it_is_written(base: str, gap: str) -> None:
    number = test_number(base)
    written = gap.join([number[:4], number[4:8], number[8:]])
    assert mask_numbers(f"番号は{written}です") == "番号は************です"
    assert twelve_digit_runs(f"番号は{written}です") == [number]


@pytest.mark.shows("N-06")
def test_full_width_digits_are_masked_too() -> None:
    wide = test_number("12345678901").translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert mask_numbers(wide) == "************"


def test_longer_and_shorter_runs_are_left_alone() -> None:
    assert mask_numbers("1234567890123 / 12345678901") == "1234567890123 / 12345678901"


def test_identifiers_and_digests_are_no_numbers() -> None:
    identifier = "01a1fd1c-7621-7000-9825-148836543210"
    digest = "ab" * 20 + "246813579024" + "cd" * 6
    assert mask_numbers(f"{identifier} {digest}") == f"{identifier} {digest}"
    assert twelve_digit_runs(f"{identifier} {digest}") == []
