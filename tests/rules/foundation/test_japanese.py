"""Japanese text: what is changed silently and what never."""

from __future__ import annotations

import pytest

from warifu.foundation import japanese


@pytest.mark.parametrize("name", ["神", "髙橋", "𠮷田", "葛\U000e0100", "﨑", "①", "㈱青葉"])
@pytest.mark.shows("J-04")
def test_the_letters_of_a_name_stay_as_given(name: str) -> None:
    assert japanese.trim_name(f"　{name} ") == name


@pytest.mark.shows("J-04")
def test_only_kana_are_composed() -> None:
    assert japanese.trim_name("か\u3099く") == "がく"


@pytest.mark.parametrize(
    ("given", "reading"),
    [("ﾊﾞﾊﾞ ﾊﾅｺ", "ババ ハナコ"), ("ばば　はなこ", "ババ ハナコ"), ("ジョ－ンズ", "ジョーンズ"), ("ｼﾞｮ-ﾝ", "ジョーン")],
)
@pytest.mark.shows("J-03")
def test_a_reading_becomes_full_width_katakana(given: str, reading: str) -> None:
    assert japanese.to_katakana(given) == reading
    assert japanese.is_katakana(reading)


@pytest.mark.shows("J-04")
def test_characters_are_counted_as_people_do() -> None:
    assert japanese.graphemes("葛\U000e0100城") == 2
    assert japanese.graphemes("𠮷田") == 2


def test_searching_forgives_width_case_kana_and_spaces() -> None:
    assert japanese.search_key("ﾔﾏﾀﾞ　Hanako") == japanese.search_key("やまだhanako")


@pytest.mark.shows("J-07")
def test_look_alikes_are_hinted_at() -> None:
    assert japanese.look_alikes("髙崎") == {"髙": "高", "崎": "﨑"}
    assert japanese.look_alikes("青葉") == {}
