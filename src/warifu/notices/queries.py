"""Reads of the room お知らせ, for screens."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max

from warifu.notices.models import Heartbeat


def last_heartbeat() -> datetime | None:
    """When any worker last went round; None when none ever did."""
    return Heartbeat.objects.aggregate(newest=Max("at"))["newest"]
