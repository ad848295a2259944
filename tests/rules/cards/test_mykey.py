"""The rules of MyKey ID and of purposes (004-3, 004-13; cards.md 4.3, 5.1)."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import UUID

import pytest

from tests.cast import MORNING
from warifu.cards.rules import mykey, signs
from warifu.cards.rules.mykey import NotOpenYet, WishUnusable
from warifu.cards.rules.purposes import What, canonical
from warifu_card.token import read_purpose


@pytest.mark.parametrize(
    ("ahead", "done", "minutes"), [(0, 15, 1), (0, 0, None), (9, 0, None), (9, 10, 15), (0, 1, 15), (99, 300, 5)]
)
@pytest.mark.shows("004-13")
def test_a_wait_is_told_from_the_pace_or_not_at_all(ahead: int, done: int, minutes: int | None) -> None:
    assert mykey.wait(ahead=ahead, done_lately=done).minutes == minutes


@pytest.mark.shows("004-3")
def test_a_stage_opens_at_its_moment_and_not_before() -> None:
    mykey.insist_open(opens_at=MORNING, what="予約", at=MORNING)
    for opens_at in (None, MORNING + timedelta(seconds=1)):
        with pytest.raises(NotOpenYet):
            mykey.insist_open(opens_at=opens_at, what="予約", at=MORNING)


@pytest.mark.parametrize("text", ["", "ABCD345", "ABCD34567", "ABCDO345", "34567893", "ＡＢＣＤ３４５６", "abcd3456"])
def test_an_id_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(WishUnusable):
        mykey.insist_usable(text)


def test_what_is_drawn_has_no_look_alikes_and_is_read_however_it_is_typed() -> None:
    drawn = signs.drawn()
    assert len(drawn) == 8
    assert not set(drawn) & set("0O1I2Z")
    assert signs.bare(f" {signs.grouped(drawn).lower()} ") == drawn


@pytest.mark.parametrize("name", ["井上 郁", '"o":"pin-first"', "\\", "\u2028", "𠮷田"])
def test_a_purpose_has_one_text_that_agent_and_server_read_alike(name: str) -> None:
    text = canonical(what=What.ENROL, member_id=UUID(int=7), name=name)
    assert read_purpose(text) == json.loads(text) == {"a": "enrol", "n": name, "u": UUID(int=7).hex}
