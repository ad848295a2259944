"""Masking: twelve digits never reach a log line, whatever put them there (N-06, S-16)."""

from __future__ import annotations

import re

_TWELVE = re.compile(r"(?<![0-9０-９])(?:[0-9０-９][\s\u3000-]?){11}[0-9０-９](?![0-9０-９])")


def mask_numbers(text: str) -> str:
    """Replace every run of exactly twelve digits (spaced, hyphenated or full-width too) by asterisks."""
    return _TWELVE.sub("************", text)


def twelve_digit_runs(text: str) -> list[str]:
    """The runs of exactly twelve digits in a text, as twelve ASCII digits each, for the leak scanner (N-06)."""
    runs = (re.sub(r"[\s\u3000-]", "", match[0]) for match in _TWELVE.finditer(text))
    return ["".join(str(int(char)) for char in run) for run in runs]
