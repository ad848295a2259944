"""What a page's address or form says of places and counts, read without trust."""

from __future__ import annotations

from uuid import UUID


def id_or_none(text: str) -> UUID | None:
    """The id that a text is, or None."""
    try:
        return UUID(text)
    except ValueError:
        return None


def count_or(text: str, otherwise: int) -> int:
    """The count that a text is, or another one: digits only, at most nine of them."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else otherwise
