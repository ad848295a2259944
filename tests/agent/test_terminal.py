"""The program at a terminal, as a process of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.agent.typist import at_terminal

AGENT = str(Path(sys.executable).with_name("warifu-agent"))


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "ja_JP.UTF-8", "PYTHONUTF8": "1"}


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ja", "このパソコンで取得した電子証明書は、まだありません。"),
        ("en", "No certificate was obtained on this computer yet."),
    ],
)
def test_it_speaks_both_languages(environment: dict[str, str], language: str, words: str) -> None:
    with at_terminal(AGENT, "--language", language, "show", environment=environment) as typist:
        status, shown = typist.end()
    assert (status, words in shown) == (0, True)


def test_it_takes_the_language_of_the_computer(environment: dict[str, str]) -> None:
    for name, words in (("ja_JP.UTF-8", "まだありません"), ("en_GB.UTF-8", "No certificate"), ("", "No certificate")):
        with at_terminal(AGENT, "show", environment=environment | {"LANG": name}) as typist:
            assert words in typist.end()[1]


@pytest.mark.shows("V-10")
def test_it_sends_no_password_over_an_open_line(environment: dict[str, str]) -> None:
    with at_terminal(AGENT, "enrol", "--server", "http://warifu.example", environment=environment) as typist:
        status, shown = typist.end()
    assert (status, "WF-S693" in shown, "パスワード" in shown) == (1, True, False)


def test_stopping_is_told_and_leaves_nothing(environment: dict[str, str], tmp_path: Path) -> None:
    with at_terminal(AGENT, "renew", "--server", "https://localhost:1", environment=environment) as typist:
        typist.answer("組織コード", "aoba")
        typist.wait_for("利用者ID")
        typist.interrupt()
        status, shown = typist.end()
    assert (status, "WF-S698" in shown) == (130, True), shown
    assert list(tmp_path.iterdir()) == []


def test_a_password_is_not_shown_and_nobody_at_the_other_end_is_told(environment: dict[str, str]) -> None:
    with at_terminal(AGENT, "enrol", "--server", "https://localhost:1", environment=environment) as typist:
        typist.answer("組織コード", "aoba")
        typist.answer("利用者ID", "aoki")
        typist.answer("パスワード", "umibe no michi")
        status, shown = typist.end()
    assert (status, "WF-S690" in shown, "umibe" in shown) == (1, True, False), shown
