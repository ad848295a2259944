"""Which passwords are good (L-01 … L-03), how the limiter waits (L-11), when sessions end (L-23)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from warifu.credentials.passwords import common_words
from warifu.credentials.rules import passwords as rules
from warifu.credentials.rules.limits import LIMITS
from warifu.credentials.rules.sessions import session_ends_at
from warifu.foundation.days import JST

OWNER = rules.Owner(
    words=("aoba", "株式会社青葉商会", "i002@example.jp", "i002", "井上", "郁", "イノウエ", "イク"),
    born_on=date(1988, 4, 2),
)


def insist(password: str) -> None:
    rules.insist_good(password=password, owner=OWNER, common=common_words())


@pytest.mark.shows("L-01", "L-02")
@pytest.mark.parametrize(
    "password",
    [
        "xkvmtrqhbnzwplc",  # fifteen letters of one kind: nothing else is demanded
        "860417392506483",  # digits only
        "かえるがなくよるのはしのうえで",  # kana
        "やまのうえ ふるいはし あおいとり",
        "correct horse battery staple",
        "🦊🐸🌊🚲🍙🎏🪁🦉🌾🏮🧭🪵🫖🧵🐚",  # code points count, not bytes
        "x" * 5 + "kvmtrqhbnzwplc" * 4,
        "k7#pQ9!vR2$mT5&wL8" * 14,
    ],
)
def test_it_takes_any_password_that_is_long_and_not_easily_guessed(password: str) -> None:
    insist(password)


@pytest.mark.shows("L-01")
@pytest.mark.parametrize(
    ("password", "refusal"),
    [
        ("xkvmtrqhbnzwpl", rules.PasswordTooShort),
        ("ｶ" * 14, rules.PasswordTooShort),
        ("xkvmtrqhbnzwplc" * 20, rules.PasswordTooLong),
        ("xkvmtrqhb\nnzwplc", rules.PasswordUnprintable),
        ("xkvmtrqhb\u200bnzwplc", rules.PasswordUnprintable),
    ],
)
def test_it_refuses_a_password_that_is_too_short_too_long_or_unseen(password: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        insist(password)


@pytest.mark.shows("L-01")
def test_it_takes_passwords_of_64_to_256_code_points_whole() -> None:
    base = "xkvmtrqhbnzwplcdyfjg"
    for length in (64, 255, 256):
        text = "".join(base[(index * index + index // 7) % 20] for index in range(length))
        insist(text)


@pytest.mark.shows("L-03")
@pytest.mark.parametrize(
    ("password", "refusal"),
    [
        ("passwordpassword", rules.PasswordAboutYou),
        ("warifu-warifu-2026", rules.PasswordAboutYou),
        ("aobaaoba19880402", rules.PasswordAboutYou),
        ("inoue19880402inoue", rules.PasswordAboutYou),
        ("昭和63年4月2日昭和63年4月2日", rules.PasswordAboutYou),
        ("s63.4.2s63.4.2s63.4.2", rules.PasswordAboutYou),
        ("いのうえいく1988株式会社青葉商会", rules.PasswordAboutYou),
        ("i002@example.jp-i002", rules.PasswordAboutYou),
        ("わりふのパスワード123456", rules.PasswordAboutYou),
        ("sunshinedragon12", rules.PasswordCommon),
        ("iloveyouiloveyou", rules.PasswordCommon),
        ("M0nkeyFootball99", rules.PasswordCommon),
        ("aaaaaaaaaaaaaaaaaaaa", rules.PasswordPattern),
        ("qwertyuiopasdfghjkl", rules.PasswordPattern),
        ("1qaz2wsx3edc4rfv5tgb", rules.PasswordPattern),
        ("1234567890123456789", rules.PasswordPattern),
        ("zyxwvutsrqponmlkj", rules.PasswordPattern),
        ("20261124202611242026", rules.PasswordPattern),
        ("abcabcabcabcabcabc", rules.PasswordPattern),
        ("あいうえおかきくけこさしすせそ", rules.PasswordPattern),
        ("１２３４５６７８９０１２３４５", rules.PasswordPattern),
    ],
)
def test_it_refuses_what_others_guess_first_and_says_why(password: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal) as refused:
        insist(password)
    assert password not in str(refused.value)


def test_it_measures_the_longest_password_without_running_away() -> None:
    with pytest.raises(rules.PasswordPattern):
        insist("ab" * 128)


@pytest.mark.shows("L-11")
def test_it_waits_longer_with_each_failure_but_never_for_ever() -> None:
    limit = LIMITS["signin.pair"]
    waits = [limit.wait(failures) for failures in range(1, 100)]
    assert waits[:4] == [timedelta(0)] * 4
    assert waits == sorted(waits)
    assert max(waits) == timedelta(minutes=15)
    waits_of_people = [limit.cap for purpose, limit in LIMITS.items() if purpose != "second.letter"]
    assert max(waits_of_people) <= timedelta(minutes=15)


@pytest.mark.shows("L-23", "003-6")
@pytest.mark.parametrize("hours", [1, 2, 8])
def test_a_session_ends_when_idle_for_the_chosen_hours_and_after_twelve_in_any_case(hours: int) -> None:
    start = datetime(2026, 11, 24, 9, 0, tzinfo=JST)
    idle = session_ends_at(seen_at=start, started_at=start, idle_hours=hours)
    assert idle == start + timedelta(hours=hours)
    busy = session_ends_at(seen_at=start + timedelta(hours=11, minutes=50), started_at=start, idle_hours=hours)
    assert busy == start + timedelta(hours=12)
