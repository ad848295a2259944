"""法人番号: its check digit; python-stdnum is the oracle."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.jp import cn

from warifu.organisations import rules


@pytest.mark.shows("N-03")
@pytest.mark.parametrize("text", ["7123456789012", "4011001098993"])
def test_published_corporate_numbers_pass(text: str) -> None:
    assert rules.is_corporate_number(text)


@pytest.mark.shows("N-03")
@given(st.text(alphabet="0123456789", min_size=13, max_size=13))
def test_corporate_numbers_agree_with_python_stdnum(text: str) -> None:
    assert rules.is_corporate_number(text) == (cn.is_valid(text) and text[0] != "0")


@pytest.mark.parametrize("text", ["", "712345678901", "71234567890123", "0123456789012", "７１２３４５６７８９０１２"])
def test_other_texts_are_no_corporate_numbers(text: str) -> None:
    assert not rules.is_corporate_number(text)
