"""Letters 60, 30 and 7 days before a licence ends, until it is renewed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.cast import MORNING, Cast
from tests.rooms.licences.shop import ADDRESS, COMPANY, filled, new_card, open_shop, registered
from warifu.foundation.days import JST
from warifu.licences.actions import registering, reminders
from warifu.licences.models import Licence
from warifu.notices.models import Letter

pytestmark = pytest.mark.django_db
LAST = datetime(2027, 11, 23, 9, 0, tzinfo=JST)


def sent() -> int:
    return Letter.objects.filter(kind="licence_ending").count()


def test_each_of_the_three_leaves_once(cast: Cast) -> None:
    registered(open_shop())
    for before, so_far in ((61, 0), (60, 1), (59, 1), (30, 2), (7, 3), (6, 3), (0, 3), (-1, 3)):
        reminders.remind_due(at=LAST - timedelta(days=before))
        assert sent() == so_far, before
    assert Letter.objects.filter(kind="licence_ending").first().to_mail == COMPANY["mail"]  # type: ignore[union-attr]


def test_after_a_pause_only_the_latest_leaves(cast: Cast) -> None:
    registered(open_shop())
    assert reminders.remind_due(at=LAST - timedelta(days=5)) == 1
    assert reminders.remind_due(at=LAST - timedelta(days=4)) == 0


def test_a_revoked_licence_reminds_of_nothing(cast: Cast) -> None:
    registered(open_shop())
    Licence.objects.update(state="revoked")
    assert reminders.remind_due(at=LAST) == 0


def test_a_renewal_stops_the_letters(cast: Cast) -> None:
    shop = open_shop()
    earlier, card = registered(shop), new_card(shop)
    reminders.remind_due(at=LAST - timedelta(days=60))
    token = filled(shop, card)
    registering.read_earlier(token=token, number=earlier.number, phone=COMPANY["phone"], address=ADDRESS, at=MORNING)
    registering.save_company(token=token, company=COMPANY, renews=True, at=MORNING)
    registering.register(token=token, at=MORNING)
    for before in (30, 7, 0):
        assert reminders.remind_due(at=LAST - timedelta(days=before)) == 0
    assert reminders.remind_due(at=LAST + timedelta(days=366 - 60)) == 1
