"""Days of applications in the reader's words, for calendar programs (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext

from warifu.applications.queries.calendars import Days
from warifu.applications.rules import calendars
from warifu.applications.rules.calendars import Certainty, Entry

MEDIA_TYPE = "text/calendar; charset=utf-8"


def of_application(days: Days, *, at: datetime) -> bytes:
    """The days of an application; a day keeps its UID when it moves."""
    name = gettext("申込み {receipt}").format(receipt=days.receipt) if days.receipt else gettext("申込みの下書き")
    return written(
        name=name,
        place=f"{days.application_id}@{urlsplit(settings.WARIFU.site_url).hostname}",
        certainty=days.certainty,
        entries=days.entries,
        changed_at=days.changed_at,
        at=at,
        address=settings.WARIFU.site_url
        + reverse("desk:application_dates.page", kwargs={"application_id": days.application_id}),
    )


def written(
    *,
    name: str,
    place: str,
    certainty: Certainty,
    entries: Iterable[Entry],
    changed_at: datetime,
    at: datetime,
    address: str,
) -> bytes:
    """Entries in the reader's language as a calendar."""
    return calendars.feed(
        name=name,
        place=place,
        certainty=certainty,
        entries=[replace(one, title=gettext(one.title), words=gettext(one.words)) for one in entries],
        changed_at=changed_at,
        at=at,
        address=address,
    )
