"""How lists leave the terminal: JSON with days in ISO, CSV without formulas (V-06)."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0")


def as_json(value: Any) -> str:
    """A value as JSON for people and programs; days and moments in ISO 8601."""
    return json.dumps(value, ensure_ascii=False, indent=1, default=_told)


def safe(cell: Any) -> str:
    """A cell's text, with an apostrophe before what a spreadsheet would take for a formula."""
    text = "" if cell is None else _told(cell)
    return f"'{text}" if text.startswith(FORMULA) else text


def _told(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
