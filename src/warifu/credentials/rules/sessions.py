"""When a session is over, and what people call the browser that it runs in (L-22 … L-24)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

ABSOLUTE = timedelta(hours=12)
"""A session ends after this even when it is used all the time (L-23: 12 h, as AAL2)."""
TOUCH = timedelta(minutes=1)
"""How often a session notes that it is used; the idle limit is that much unsharp."""
PARALLEL = 5
"""Sessions of one member at the same time; a sixth ends the oldest (L-24, ASVS 7.1.2)."""


def session_ends_at(*, seen_at: datetime, started_at: datetime, idle_hours: int) -> datetime:
    """When a session is over: idle too long (003-6: 1 to 8 hours), or after `ABSOLUTE` in any case (L-23)."""
    return min(seen_at + timedelta(hours=idle_hours), started_at + ABSOLUTE)


def browser_name(words: str) -> str:
    """What people call a browser, from its words about itself: `Chrome (Windows)`."""
    name = next((name for mark, name in _BROWSERS if mark in words), "")
    system = next((system for mark, system in _SYSTEMS if mark in words), "")
    return f"{name} ({system})" if name and system else name or system


_BROWSERS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("CriOS", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def network_address(*, connected: str, forwarded_for: str, trusted: Collection[str]) -> str:
    """The network address that a request came from, at most 45 characters (C-07, L-11).

    `connected` is who holds the connection. The header X-Forwarded-For is believed only as far as the `trusted`
    proxies wrote it: the last entry that is not one of them.
    """
    address = connected
    if address not in trusted:
        return address
    for entry in reversed(forwarded_for.split(",")):
        address = entry.strip() or address
        if address not in trusted:
            break
    return address[:45]
