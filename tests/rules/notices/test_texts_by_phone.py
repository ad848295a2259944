"""Rules of text messages: numbers, the words, the pauses."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warifu.notices import rules


@pytest.mark.parametrize(
    "typed",
    [
        "09012345678",
        "090-1234-5678",
        "０９０－１２３４－５６７８",
        " 090 1234 5678 ",
        "(090)1234-5678",
        "090ー1234ー5678",
        "+81 90-1234-5678",
        "+81 (0)90-1234-5678",
    ],
)
@pytest.mark.shows("L-16")
def test_a_mobile_number_is_understood_as_people_type_it(typed: str) -> None:
    assert rules.mobile_number(typed) == "+819012345678"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "0312345678",
        "05012345678",
        "06012345678",
        "0901234567",
        "090123456789",
        "090-1234-567a",
        "+19012345678",
        "+1 090 1234 5678",
        "090-1234-5678;+819011112222",
        "٠٩٠١٢٣٤٥٦٧٨",
        "090\n1234\n5678",
    ],
)
def test_everything_else_is_no_mobile_number(typed: str) -> None:
    assert rules.mobile_number(typed) is None


def test_a_number_in_its_form_stays_as_it_is() -> None:
    assert rules.mobile_number("+818012345678") == "+818012345678"
    assert rules.hidden_phone("+818012345678") == "080-****-5678"
    assert rules.hidden_phone("") == ""


@given(sender=st.text(max_size=200))
def test_the_words_fit_into_one_message_and_keep_code_and_warning(sender: str) -> None:
    words = rules.text_words(sender=sender, code="012345")
    assert len(words.encode("utf-16-le", "surrogatepass")) // 2 <= rules.LONGEST_TEXT
    assert "確認コード 012345" in words
    assert "だれにも教えないで" in words


def test_the_words_name_the_sender() -> None:
    assert rules.text_words(sender="株式会社青葉商会", code="012345") == (
        "【株式会社青葉商会】確認コード 012345 です。だれにも教えないでください。職員がお尋ねすることはありません。"
    )
    assert "…】" in rules.text_words(sender="とても名前の長い税理士法人" * 4, code="012345")


def test_the_pauses_grow() -> None:
    pauses = [rules.text_pause(attempts=tries) for tries in range(1, 9)]
    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(seconds=5)
