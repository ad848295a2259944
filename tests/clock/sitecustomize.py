"""Loaded by Python at the start of each process of an installation that goes by a given clock."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

FILE = Path(os.environ["TEST_CLOCK"])
true_now = timezone.now


def given_now() -> datetime:
    """The true moment, moved by what the file says."""
    return true_now() + timedelta(seconds=float(FILE.read_text(encoding="ascii")))


timezone.now = given_now
