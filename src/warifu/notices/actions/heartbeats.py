"""Verbs of the worker's heartbeat: that it lives, and which day's round is done."""

from __future__ import annotations

from datetime import date, datetime

from warifu.notices.models import Heartbeat
from warifu.notices.queries import DAILY


def beat(*, worker: str, at: datetime) -> None:
    """Note that a worker goes round its duties."""
    Heartbeat.objects.update_or_create(worker=worker, defaults={"at": at})


def finish_round(*, on: date, at: datetime) -> None:
    """Note that the daily round of a day is done, so that no worker starts it again."""
    Heartbeat.objects.update_or_create(worker=DAILY, defaults={"at": at, "round_on": on})
