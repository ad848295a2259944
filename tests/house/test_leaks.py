"""The leak scanner finds what it is there to find."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.cast import test_number as practice_number
from tests.leaks import leaks, leaks_in_sqlite, leaks_of

NUMBER = practice_number("24681357902")


@pytest.mark.parametrize("gap", ["", " ", "-", "　"])
def test_it_finds_a_number_however_it_is_written(gap: str) -> None:
    assert leaks(f"番号 {gap.join([NUMBER[:4], NUMBER[4:8], NUMBER[8:]])} です") == ["24…"]


def test_it_leaves_other_digits_alone() -> None:
    assert leaks("2026112410001 と 000000000000 と 123456789010") == []


def test_it_finds_a_known_number_in_bytes() -> None:
    assert leaks_of([NUMBER], b"\x00" + NUMBER.encode("utf-16-le")) == ["24…"]
    assert leaks_of([NUMBER], b"nothing") == []


def test_it_finds_a_number_in_a_table(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "a.sqlite3") as database:
        database.execute("CREATE TABLE notes (id INTEGER, text TEXT)")
        database.execute("INSERT INTO notes VALUES (1, ?)", [f"控え {NUMBER}"])
    database.close()
    assert list(leaks_in_sqlite(tmp_path / "a.sqlite3")) == ["notes.text: 24…"]
