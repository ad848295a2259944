"""Masking: twelve digits never reach a log line, whatever put them there (N-06, S-16)."""

from __future__ import annotations

import re

_TWELVE = r"(?<![0-9０-９])(?:[0-9０-９](?:[^\S\n]|-)?){11}[0-9０-９](?![0-9０-９])"
_IDENTIFIER = r"\b(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32,128})\b"
_RUNS = re.compile(f"(?P<identifier>{_IDENTIFIER})|{_TWELVE}")


def mask_numbers(text: str) -> str:
    """Replace every run of exactly twelve digits (spaced, hyphenated or full-width too) by asterisks.

    UUIDs and long hexadecimal digests are left as they are: their digits are no number.
    """
    return _RUNS.sub(lambda run: run["identifier"] or "************", text)


def twelve_digit_runs(text: str) -> list[str]:
    """The runs of exactly twelve digits in a text, as twelve ASCII digits each, for the leak scanner (N-06)."""
    runs = (re.sub(r"[\s\u3000-]", "", run[0]) for run in _RUNS.finditer(text) if not run["identifier"])
    return ["".join(str(int(char)) for char in run) for run in runs]
