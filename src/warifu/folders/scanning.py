"""Looking for viruses before anybody opens a file: ClamAV's `clamdscan`, where it is installed and set.

The file is handed over by standard input, so that the scanner needs no right to the store.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from enum import Enum

from django.conf import settings

SECONDS = 300


class Finding(Enum):
    """What the scanner said."""

    CLEAN = "clean"
    INFECTED = "infected"
    SKIPPED = "skipped"


class ScannerDown(Exception):
    """The scanner is set, but does not answer; the file goes on waiting."""


def look(pieces: Iterable[bytes]) -> Finding:
    """Have a file looked at; SKIPPED when no scanner is set. Raises `ScannerDown`."""
    if settings.WARIFU.folders_scanner == "off":
        return Finding.SKIPPED
    command = ["clamdscan", "--no-summary", "--stream", "-"]
    try:
        with subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as child:
            assert child.stdin is not None  # noqa: S101
            try:
                for piece in pieces:
                    child.stdin.write(piece)
                child.stdin.close()
            except BrokenPipeError:
                pass
            status = child.wait(SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        raise ScannerDown from None
    if status == 0:
        return Finding.CLEAN
    if status == 1:
        return Finding.INFECTED
    raise ScannerDown
