"""Sessions as people know them: the browser, how identity was proven in it, and whether it is this one."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext

from warifu.credentials.queries.sessions import SessionLine
from warifu.credentials.rules.sessions import browser_name
from warifu.web.shared.words import LEVEL_WORDS, factor_words


@dataclass(frozen=True, kw_only=True)
class Device:
    """A browser in which somebody is signed in, in words."""

    line: SessionLine
    browser: str
    factors: str
    strength: str
    is_here: bool


def devices_of(lines: list[SessionLine], *, here: UUID | None = None) -> list[Device]:
    """Sessions in words, this browser's own first."""
    devices = [
        Device(
            line=line,
            browser=browser_name(line.browser),
            factors=factor_words(line.factors),
            strength=gettext(LEVEL_WORDS[line.level]),
            is_here=line.id == here,
        )
        for line in lines
    ]
    return sorted(devices, key=lambda device: not device.is_here)
