"""What the doors of all screens demand, read from the screens themselves."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from warifu.web.shared.doors import Rule


def demands() -> Iterator[tuple[str, Rule]]:
    """The address of every screen that has a door, and what the door demands."""
    for address, view in _views(get_resolver().url_patterns, "/"):
        rule = getattr(view, "rule", None)
        if isinstance(rule, Rule):
            yield address, rule


def _views(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[tuple[str, object]]:
    for pattern in patterns:
        address = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _views(pattern.url_patterns, address)
        else:
            yield address, pattern.callback
