"""Which codes and numbers come out of an application (002-2, 002-3, 002-19 … 002-23, seeds.md C-4)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warifu.applications.rules import allotment
from warifu.applications.rules.allotment import GENERAL, NET, Line, Pattern, SchemeView, allot

SCHEME = SchemeView(code=Pattern(text="1LLLL"), net=Pattern(text="LDL"), general=Pattern(text="DDL"))
ANAC = SCHEME.code.place("1ANAC")
assert ANAC is not None


def line(code: str = "追加1", *industries: str, shares: bool = False, method: str = NET, count: int = 1) -> Line:
    return Line(
        user_code=code,
        industries=industries or ("customs",),
        shares_sign_on=shares,
        method=method,
        count=count,
    )


def ids(*lines: Line, next_code: int = ANAC, **more: object) -> list[str]:
    found = allot(scheme=SCHEME, lines=lines, next_code=next_code, **more)  # type: ignore[arg-type]
    return [each.user_id for each in found.identifications]


@pytest.mark.shows("002-2", "002-19", "002-21")
def test_pattern_one_industries_split_by_identification_number() -> None:
    assert ids(line("追加1", "customs"), line("追加1", "consolidation")) == ["1ANACA0A", "1ANACA0B"]


@pytest.mark.shows("002-20")
def test_pattern_two_several_industries_on_one_identification() -> None:
    assert ids(line("追加1", "customs", "consolidation", shares=True)) == ["1ANACA0A"]


@pytest.mark.shows("002-22", "002-23")
def test_two_placeholders_become_two_codes() -> None:
    first, second = ids(line("追加1", "customs"), line("追加2", "bonded"))
    assert (first, second) == ("1ANACA0A", "1ANADA0A")


@pytest.mark.shows("002-3")
def test_the_first_sign_of_the_number_says_the_method() -> None:
    net, general = ids(line(method=NET), line(method=GENERAL))
    assert (SCHEME.method_of(net[5:]), SCHEME.method_of(general[5:])) == (NET, GENERAL)
    assert general == "1ANAC00A"


def test_numbers_go_on_after_the_highest_ever_used() -> None:
    assert ids(line("1ANAC", count=3), numbers_taken={"1ANAC": {"A0A", "A0Y"}}) == ["1ANACA0Z", "1ANACA1A", "1ANACA1B"]


def test_a_taken_code_is_skipped_and_the_gap_is_named() -> None:
    found = allot(scheme=SCHEME, lines=[line()], next_code=ANAC, codes_taken={"1ANAC", "1ANAD"})
    assert found.codes == {"追加1": "1ANAE"}
    assert set(found.gaps) == {"1ANAC", "1ANAD"}
    assert found.next_code == ANAC + 3


@pytest.mark.parametrize(
    "wrong",
    [
        line("追加1", "customs", "bonded"),
        line(method="fax"),
        line(count=0),
        line(count=100),
        Line(user_code="追加1", industries=(), shares_sign_on=True, method=NET),
    ],
)
def test_a_line_that_says_too_little_or_too_much_gives_nothing(wrong: Line) -> None:
    with pytest.raises(allotment.LineUnusable):
        ids(line(), wrong)


def test_a_full_pattern_is_refused() -> None:
    small = SchemeView(code=Pattern(text="1D"), net=Pattern(text="LDL"), general=Pattern(text="DDL"))
    with pytest.raises(allotment.SchemeFull):
        allot(scheme=small, lines=[line(f"追加{number}") for number in range(11)], next_code=0)


@given(
    st.lists(st.tuples(st.integers(1, 4), st.sampled_from([NET, GENERAL]), st.integers(1, 5)), min_size=1, max_size=12),
    st.sets(st.integers(0, 30), max_size=12),
)
def test_nothing_is_ever_given_twice_and_every_place_is_a_code_or_a_gap(
    wanted: list[tuple[int, str, int]], kept_back: set[int]
) -> None:
    taken = {SCHEME.code.nth(place) for place in kept_back}
    lines = [line(f"追加{code}", method=method, count=count) for code, method, count in wanted]
    found = allot(scheme=SCHEME, lines=lines, next_code=0, codes_taken=taken)
    made = [each.user_id for each in found.identifications]
    assert len(set(made)) == len(made) == sum(count for _code, _method, count in wanted)
    assert not set(found.codes.values()) & taken
    places = {SCHEME.code.place(code) for code in (*found.codes.values(), *found.gaps)}
    assert places == set(range(found.next_code))


@pytest.mark.parametrize("avoids", [False, True])
def test_every_place_of_a_pattern_has_its_own_text_and_is_found_again(avoids: bool) -> None:
    pattern = Pattern(text="LDL", avoids_look_alikes=avoids)
    texts = [pattern.nth(place) for place in range(pattern.size())]
    assert len(set(texts)) == len(texts)
    assert [pattern.place(text) for text in texts] == list(range(len(texts)))
    assert texts == sorted(texts)
    assert not (avoids and set("".join(texts)) & allotment.LOOK_ALIKES)


@pytest.mark.shows("002-3")
@pytest.mark.parametrize(
    ("typed", "meant"), [("AOA", "A0A"), ("a0a", "A0A"), ("A0O", "A0O"), ("0OA", "O0A"), ("A0", "A0")]
)
def test_look_alikes_are_put_right_where_the_pattern_leaves_no_doubt(typed: str, meant: str) -> None:
    assert SCHEME.net.corrected(typed) == meant


@pytest.mark.shows("002-27")
def test_receipt_numbers_have_the_form_of_the_seed() -> None:
    assert allotment.receipt_number(year=2012, place=1) == "1200001A"
    assert allotment.receipt_number(year=2026, place=12).startswith("2600012")
    with pytest.raises(allotment.SchemeFull):
        allotment.receipt_number(year=2026, place=100_000)


def test_the_receipt_s_letter_notices_every_wrong_digit() -> None:
    for digits in ("1200001", "2699999", "2600120"):
        for place in range(7):
            for other in "0123456789":
                changed = digits[:place] + other + digits[place + 1 :]
                same = allotment.receipt_letter(changed) == allotment.receipt_letter(digits)
                assert same == (changed == digits), changed
