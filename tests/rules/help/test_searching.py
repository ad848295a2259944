"""Questions meet texts: kana, width and two letters, and the tokens find exactly what the scan finds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warifu.help.rules import searching
from warifu.help.rules.searching import Fields, normal

LETTERS = st.text(alphabet="番号写真とるサーばバパｶﾞー々a1b2Ａ１ 、・-", max_size=24)


def tokens_hold(text: str, wanted: str) -> bool:
    """What a phrase query of an index of tokens finds."""
    listed = searching.tokens(normal(text)).split()
    phrase, is_beginning = searching.phrase(normal(wanted))
    for start in range(len(listed) - len(phrase) + 1):
        side = listed[start : start + len(phrase)]
        last_fits = side[-1].startswith(phrase[-1]) if is_beginning else side[-1] == phrase[-1]
        if side[:-1] == phrase[:-1] and last_fits:
            return True
    return False


@pytest.mark.shows("003-1")
@given(text=LETTERS, wanted=LETTERS)
def test_tokens_find_what_the_scan_finds(text: str, wanted: str) -> None:
    if normal(wanted):
        assert tokens_hold(text, wanted) == searching.holds(normal(text), normal(wanted))


@given(text=LETTERS, wanted=LETTERS)
def test_grams_never_miss_what_the_scan_finds(text: str, wanted: str) -> None:
    if normal(wanted) and searching.holds(normal(text), normal(wanted)):
        assert set(searching.wanted_grams(normal(wanted))) <= searching.grams(normal(text))


@given(text=LETTERS, wanted=LETTERS)
def test_what_holds_a_word_is_marked_where_it_stands(text: str, wanted: str) -> None:
    form = normal(wanted)
    if form:
        term = searching.Term(forms=((form, 1.0),))
        pieces = searching.marked(text, [term], folded=normal(text))
        assert "".join(piece.words for piece in pieces) == text
        assert any(piece.is_hit for piece in pieces) == searching.holds(normal(text), form)
        assert all(normal(piece.words).startswith(form) for piece in pieces if piece.is_hit)
        if searching.is_japanese(form[-1]):
            assert all(normal(piece.words) == form for piece in pieces if piece.is_hit)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("サーバーの設定", "さーば"),
        ("ﾊﾟｽﾜｰﾄﾞを決める", "パスワード"),
        ("ＩＤの発行", "id"),
        ("暗証番号", "番号"),
        ("本人確認", "本"),
        ("WF-C302 が出たとき", "wf-c3"),
        ("iPhone の設定", "iphoneの設定"),
    ],
)
def test_width_kana_and_short_words_do_not_matter(text: str, wanted: str) -> None:
    assert searching.holds(normal(text), normal(wanted))


def test_latin_words_are_held_from_their_beginning() -> None:
    assert not searching.holds(normal("email"), normal("mail"))
    assert searching.holds(normal("メールmailです"), normal("mail"))


@pytest.mark.parametrize(
    ("query", "required"),
    [
        ("パスワードを忘れた", ["パスワド", "忘レタ"]),
        ("サインインできない", ["サインイン"]),
        ("メールが届かないとき", ["メル", "届カナイ"]),
        ("写真の撮り方", ["写真", "撮リ方"]),
        ("なぜマイナンバーを出すのか", ["マイナンバ", "出ス"]),
        ("どうすればいい", ["ドウスレバイイ"]),
        ("通知カード　　ｂ", ["通知カド", "b"]),
        ("、。！", []),
    ],
)
def test_questions_become_words(query: str, required: list[str]) -> None:
    found = searching.terms_of(query, {})
    assert [term.forms[0][0] for term in found if term.is_required] == required


@pytest.mark.parametrize(
    ("query", "required"),
    [
        ("I forgot my password", ["forgot", "password"]),
        ("How do I renew certificates?", ["renew", "certificates"]),
        ("can't sign in", ["sign"]),
        ("the", ["the"]),
        ("to be", ["to", "be"]),
    ],
)
def test_english_questions_become_words(query: str, required: list[str]) -> None:
    found = searching.terms_of(query, {})
    assert [term.forms[0][0] for term in found if term.is_required] == required


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a customer", "customers"),
        ("one company", "companies"),
        ("The address", "addresses"),
        ("to submit", "submitted"),
        ("forget it", "forgetting"),
        ("CARDS", "card"),
        ("what expires", "expired"),
        ("a boss", "bosses"),
    ],
)
def test_english_plurals_and_endings_do_not_matter(text: str, wanted: str) -> None:
    assert searching.fits(Fields(title="", head="", text=normal(text)), searching.terms_of(wanted, {}))


def test_short_english_words_keep_their_endings() -> None:
    for word in ("bus", "class", "this is", "red", "king"):
        (term, *_others) = searching.terms_of(word, {})
        assert [form for form, _weight in term.forms] == [normal(word).split()[0]]


def test_words_put_together_are_taken_apart_when_asked() -> None:
    found = searching.terms_of("監査ログ 本人確認のやり方", {}, in_parts=True)
    assert [term.forms[0][0] for term in found] == ["監査", "ログ", "本人確認"]


def test_synonyms_answer_each_other() -> None:
    synonyms = searching.groups_of([["サインイン", "ログイン"], ["忘れた", "わからない"]])
    (term,) = searching.terms_of("ろぐいん", synonyms)
    assert dict(term.forms)[normal("サインイン")] < dict(term.forms)[normal("ログイン")]
    fields = Fields(title=normal("サインインする"), head="", text="")
    assert searching.fits(fields, [term])


def test_titles_weigh_most() -> None:
    terms = searching.terms_of("廃棄", {})
    title, lead, text = (
        Fields(title=normal("廃棄"), head="", text=""),
        Fields(title="", head=normal("廃棄"), text=""),
        Fields(title="", head="", text=normal("廃棄" * 9)),
    )
    assert searching.score(title, terms) > searching.score(lead, terms) > searching.score(text, terms) > 0


@pytest.mark.shows("003-3")
def test_excerpts_are_cut_and_marked() -> None:
    text = "はじめに。" * 30 + "サーバーの電源を切ります。" + "おわり。" * 30
    pieces = searching.marked(text, searching.terms_of("サーバ", {}), folded=normal(text), width=60)
    assert (pieces[0].words, pieces[-1].words) == ("…", "…")
    assert [piece.words for piece in pieces if piece.is_hit] == ["サーバー"]
    assert len("".join(piece.words for piece in pieces)) == 62


def test_excerpts_cut_no_english_word_in_two() -> None:
    text = "Everything begins somewhere. " * 9 + "Blurred pictures come back. " + "Unbelievable endings follow. " * 9
    for width in range(40, 90):
        pieces = searching.marked(text, searching.terms_of("blurred", {}), folded=normal(text), width=width)
        told = "".join(piece.words for piece in pieces).strip("…")
        assert set(told.replace(".", " ").split()) <= set(text.replace(".", " ").split())
        assert "Blurred" in told


def test_english_words_are_marked_to_their_end() -> None:
    text = "Picture of 2 PICTURES、写真picturesです。"
    pieces = searching.marked(text, searching.terms_of("pictures", {}), folded=normal(text))
    assert [piece.words for piece in pieces if piece.is_hit] == ["PICTURES", "pictures"]
    pieces = searching.marked(
        "Submitting pictures", searching.terms_of("submitted picture", {}), folded="submitting pictures"
    )
    assert [piece.words for piece in pieces if piece.is_hit] == ["Submitting", "pictures"]


@pytest.mark.shows("N-06")
@pytest.mark.parametrize("query", ["1234 5678 9012", "４桁 ２０２６ 年", "hanako@example.jp", "あ" * 41, "  、。"])
def test_what_may_hold_personal_data_is_not_worth_keeping(query: str) -> None:
    assert searching.worth_keeping(query) == ""


def test_other_questions_are_kept_as_they_were_asked() -> None:
    assert searching.worth_keeping("  マイナ免許証　使える ") == "マイナ免許証 使える"
