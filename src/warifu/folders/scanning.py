"""Looking for viruses before anybody opens a file: ClamAV's `clamdscan`, where it is installed and set.

The file is handed over by standard input, so that the scanner needs no right to the store. ClamAV says OK also of what
lies beyond its limits, and lets a part stand for the whole; such a file is never called clean here.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable
from enum import Enum
from pathlib import Path

from django.conf import settings

SECONDS = 300
CONFIGURATION = Path("/etc/clamav/clamd.conf")
"""Where Debian keeps the scanner's own settings; its limits are read from there."""
USUAL_LIMIT = 25 * 1024 * 1024
"""Where the settings cannot be read: the smallest that was ever usual."""

_UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
_NOT_LOOKED_INTO = re.compile(rb"Heuristics\.(?:Limits\.Exceeded|Encrypted)")


class Finding(Enum):
    """What the scanner said; SKIPPED when it saw nothing or a part only."""

    CLEAN = "clean"
    INFECTED = "infected"
    SKIPPED = "skipped"


class ScannerDown(Exception):
    """The scanner is set, but does not answer; the file goes on waiting."""


def look(pieces: Iterable[bytes]) -> Finding:
    """Have a file looked at; SKIPPED when no scanner is set, or when the file is more than it looks at.

    Raises `ScannerDown`, and what reading the pieces raises.
    """
    if settings.WARIFU.folders_scanner == "off":
        return Finding.SKIPPED
    command = ["clamdscan", f"--config-file={CONFIGURATION}", "--no-summary", "--stream", "-"]
    try:
        with subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as child:
            try:
                sent = _send(child, pieces)
                said, _nothing = child.communicate(timeout=SECONDS)
            except BaseException:
                child.kill()
                raise
    except (OSError, subprocess.TimeoutExpired):
        raise ScannerDown from None
    if child.returncode == 1:
        return Finding.SKIPPED if _NOT_LOOKED_INTO.search(said) else Finding.INFECTED
    if child.returncode != 0:
        raise ScannerDown
    return Finding.CLEAN if sent <= _limit() else Finding.SKIPPED


def _send(child: subprocess.Popen[bytes], pieces: Iterable[bytes]) -> int:
    """Hand a file over; returns its size, or more than any limit when the scanner stopped listening."""
    assert child.stdin is not None  # noqa: S101
    sent = 0
    try:
        for piece in pieces:
            child.stdin.write(piece)
            sent += len(piece)
    except BrokenPipeError:
        return sys.maxsize
    return sent


def _limit() -> int:
    """How much of a file the scanner looks at, by its own settings."""
    try:
        words = CONFIGURATION.read_text(errors="replace")
    except OSError:
        return USUAL_LIMIT
    found = re.findall(r"(?im)^\s*(?:StreamMaxLength|MaxFileSize|MaxScanSize)\s+(\d{1,12})([kmg]?)", words)
    sizes = [int(number) * _UNITS[unit.lower()] for number, unit in found]
    return min([size for size in sizes if size] or [USUAL_LIMIT])
