"""Numbers on cards: every slip of the hand is caught, every way of writing is read (A1, 000-8)."""

from __future__ import annotations

import pytest

from warifu.credentials.rules.secrets import ALPHABET
from warifu.licences.rules import codes
from warifu.licences.rules.codes import Code, CodeMistyped, CodesMixedUp

KEY = b"k" * 32
KINDS = pytest.mark.parametrize("kind", Code)


@KINDS
def test_every_single_wrong_sign_is_caught_at_every_place(kind: Code) -> None:
    code = codes.made(kind=kind)
    for place, right in enumerate(code):
        for wrong in set(ALPHABET + "0O1I2Z") - {right}:
            with pytest.raises((CodeMistyped, CodesMixedUp)):
                codes.read(kind=kind, typed=code[:place] + wrong + code[place + 1 :])


@KINDS
def test_every_swap_of_neighbours_is_caught(kind: Code) -> None:
    for _turn in range(50):
        code = codes.made(kind=kind)
        for place in range(len(code) - 1):
            one, two = code[place], code[place + 1]
            if one != two:
                with pytest.raises(CodeMistyped):
                    codes.read(kind=kind, typed=code[:place] + two + one + code[place + 2 :])


@KINDS
def test_a_lost_or_doubled_sign_is_caught(kind: Code) -> None:
    code = codes.made(kind=kind)
    for typed in ("", code[:-1], code + code[-1], code[0] + code):
        with pytest.raises(CodeMistyped):
            codes.read(kind=kind, typed=typed)


@KINDS
def test_codes_are_read_in_any_width_case_and_grouping(kind: Code) -> None:
    code = codes.made(kind=kind)
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in code)
    for typed in (code, code.lower(), codes.shown(code), f" {codes.shown(code).replace('-', ' ')} ", wide):
        assert codes.read(kind=kind, typed=typed) == code


@pytest.mark.shows("000-8")
@pytest.mark.parametrize("kind", [Code.REGISTERING, Code.SUPPORT])
def test_the_other_confirmation_number_is_recognised(kind: Code) -> None:
    other = Code.SUPPORT if kind is Code.REGISTERING else Code.REGISTERING
    with pytest.raises(CodesMixedUp) as refusal:
        codes.read(kind=kind, typed=codes.made(kind=other))
    assert refusal.value.values == {"typed": other.label, "wanted": kind.label}


@KINDS
def test_derived_codes_are_the_same_each_time_and_differ_by_row_and_key(kind: Code) -> None:
    found = {codes.derived(kind=kind, key=KEY, reference=str(row)) for row in range(200)}
    assert len(found) == 200
    assert codes.derived(kind=kind, key=KEY, reference="7") in found
    assert codes.derived(kind=kind, key=b"other", reference="7") not in found
    assert all(codes.read(kind=kind, typed=code) == code for code in found)


def test_the_names_inside_a_refusal_are_said_in_the_readers_language() -> None:
    with pytest.raises(codes.CodesMixedUp) as refused:
        codes.read(kind=Code.REGISTERING, typed=codes.made(kind=Code.SUPPORT))
    english = {"保守契約用の確認番号": "support number", "登録用の確認番号": "registering number"}
    sentence, remedy = refused.value.said(lambda text: english.get(text, text))
    assert "support number" in sentence
    assert "registering number" in remedy
    assert "確認番号" not in sentence + remedy
