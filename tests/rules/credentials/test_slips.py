"""再開のための割符 on paper: what is written is read again, and a slip of the pen is noticed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warifu.credentials.rules import slips
from warifu.credentials.rules.secrets import ALPHABET
from warifu.credentials.rules.slips import Slip, SlipUnreadable

SLIP = Slip(number=3, share=bytes(range(16)))
SHARES = st.binary(min_size=16, max_size=16)


@given(number=st.integers(1, 9), share=SHARES)
def test_what_is_written_is_read_again(number: int, share: bytes) -> None:
    slip = Slip(number=number, share=share)
    signs = slips.written(slip)
    assert slips.read(signs) == slip
    assert slips.read(signs.lower().replace("-", " ")) == slip
    assert [len(group) for group in signs.split("-")] == [4] * 8
    assert not set(signs) & set("0O1I2Z")


def test_full_width_signs_are_understood() -> None:
    wide = "".join(chr(ord(sign) + 0xFEE0) if sign != "-" else "－" for sign in slips.written(SLIP))
    assert slips.read(wide) == SLIP


def test_every_single_mistyped_sign_is_noticed() -> None:
    signs = slips.written(SLIP).replace("-", "")
    for place, right in enumerate(signs):
        for sign in set(ALPHABET) - {right}:
            with pytest.raises(SlipUnreadable):
                slips.read(signs[:place] + sign + signs[place + 1 :])


def test_neighbours_that_changed_places_are_noticed() -> None:
    signs = slips.written(SLIP).replace("-", "")
    for place in range(len(signs) - 1):
        if signs[place] != signs[place + 1]:
            swapped = signs[:place] + signs[place + 1] + signs[place] + signs[place + 2 :]
            with pytest.raises(SlipUnreadable):
                slips.read(swapped)


@pytest.mark.parametrize("typed", ["", "AAAA", "A" * 32, "Y" * 32, "0" * 32, slips.written(SLIP) + "A", "あ" * 32])
def test_everything_else_is_no_slip(typed: str) -> None:
    with pytest.raises(SlipUnreadable):
        slips.read(typed)


def test_a_slip_in_hand_does_not_show_its_share() -> None:
    assert repr(SLIP) == "Slip(number=3)"


@pytest.mark.parametrize(
    ("needed", "printed", "allowed"),
    [(2, 3, True), (3, 5, True), (8, 9, True), (1, 3, False), (3, 3, False), (2, 10, False), (0, 0, False)],
)
def test_how_many_make_sense(needed: int, printed: int, allowed: bool) -> None:
    assert slips.is_allowed(needed=needed, printed=printed) is allowed
