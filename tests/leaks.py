"""The leak scanner (N-06): looks for twelve-digit numbers where none may be: mails, logs, pages, tables, files."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from warifu.foundation.masking import twelve_digit_runs

WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


def looks_like_a_number(digits: str) -> bool:
    """Whether twelve digits pass the true check or the test mode's (N-01, N-05)."""
    remainder = sum(int(digit) * weight for digit, weight in zip(digits[:11], WEIGHTS, strict=True)) % 11
    true = 0 if remainder <= 1 else 11 - remainder
    return int(digits[11]) in (true, (true + 5) % 10) and len(set(digits)) > 1


def leaks(text: str) -> list[str]:
    """The numbers in a text, covered but for the first two digits."""
    return [f"{digits[:2]}…" for digits in twelve_digit_runs(text) if looks_like_a_number(digits)]


def leaks_of(numbers: Iterable[str], content: bytes) -> list[str]:
    """Which of the known numbers stand in some bytes, as digits in any usual writing or encoding."""
    found = []
    for number in numbers:
        grouped = (number, f"{number[:4]} {number[4:8]} {number[8:]}", f"{number[:4]}-{number[4:8]}-{number[8:]}")
        forms = [form.encode(coding) for form in grouped for coding in ("utf-8", "utf-16-le")]
        if any(form in content for form in forms):
            found.append(f"{number[:2]}…")
    return found


def leaks_in_sqlite(path: Path) -> Iterator[str]:
    """Every cell of every table whose text holds a number, as `table.column: …`."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            rows = database.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            columns = [column[0] for column in rows.description]
            for row in rows:
                for column, value in zip(columns, row, strict=True):
                    for leak in leaks(value) if isinstance(value, str) else []:
                        yield f"{table}.{column}: {leak}"
