"""People at the desk's tests are registered so many days ago: its views read the clock."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone

from warifu.foundation.days import jst_day


def days_ago(days: int) -> date:
    """The day in Japan so many days before this moment."""
    return jst_day(timezone.now()) - timedelta(days=days)
