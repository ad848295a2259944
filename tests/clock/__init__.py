"""The time of a server under test: given, not waited for. It runs on from the moment that it was set to.

The product has no setting for this. `sitecustomize.py` beside this module is loaded by Python itself in each process
of the installation whose environment names it, and moves the one clock that the doors read (ADR 0007).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True, kw_only=True)
class Clock:
    """A clock whose file, the seconds between the true time and the given one, all processes read."""

    file: Path

    def set(self, moment: datetime) -> None:
        """Make it that moment now, for every process at once."""
        beside = self.file.with_suffix(".new")
        beside.write_text(str((moment - datetime.now(UTC)).total_seconds()), encoding="ascii")
        beside.replace(self.file)

    def now(self) -> float:
        """What it shows, in seconds since 1970."""
        return datetime.now(UTC).timestamp() + float(self.file.read_text(encoding="ascii"))

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to go by it."""
        paths = [str(FOLDER), os.environ.get("PYTHONPATH", "")]
        return {"TEST_CLOCK": str(self.file), "PYTHONPATH": os.pathsep.join(path for path in paths if path)}
