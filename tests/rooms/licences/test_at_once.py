"""Several browsers with the same card or key at the same moment: one wins, nothing is half done (A3)."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import connection

from tests.cast import MORNING, Cast
from tests.conftest import ON_POSTGRESQL
from tests.rooms.licences.shop import ADDRESS, filled, new_card, open_shop, registered
from tests.rooms.licences.test_starting import NEW
from warifu.foundation.refusals import Refused
from warifu.licences.actions import proofs, registering, starting
from warifu.licences.models import Licence, StartOfUse, SupportContract
from warifu.licences.rules.codes import Code
from warifu.notices.models import Letter
from warifu.organisations.models import Organisation

pytestmark = [
    pytest.mark.skipif(not ON_POSTGRESQL, reason="an embedded database in memory has one writer only"),
    pytest.mark.django_db(transaction=True),
]
BROWSERS = 6


def outcomes(each: Callable[[int], object]) -> Counter[str]:
    """What came out when all did it at once."""
    found: list[str] = []
    start = threading.Barrier(BROWSERS)

    def try_it(place: int) -> None:
        start.wait()
        try:
            each(place)
            found.append("won")
        except Refused as refusal:
            found.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=try_it, args=(place,)) for place in range(BROWSERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(found)


def test_one_card_is_registered_once(cast: Cast) -> None:
    shop = open_shop()
    card = new_card(shop)
    tokens = [filled(shop, card) for _browser in range(BROWSERS)]
    found = outcomes(lambda place: registering.register(token=tokens[place], at=MORNING))
    assert found == {"won": 1, registering.CardUsed.code: BROWSERS - 1}
    assert (Licence.objects.count(), SupportContract.objects.count()) == (1, 1)
    assert Letter.objects.filter(kind="licence_key_issued").count() == 1


def test_one_key_starts_one_organisation(cast: Cast) -> None:
    shop = open_shop()
    card = registered(shop)
    key = proofs.of_row(kind=Code.KEY, row_id=Licence.objects.get().id)
    before = Organisation.objects.count()

    def start(place: int) -> None:
        shown = starting.Shown(number=card.number, key=key, product_id=shop.product, address=f"{ADDRESS}{place}")
        new = replace(NEW, code=f"hinoki-{place}")
        starting.start_fresh(shown=shown, new=new, issued_to="HINOKI", at=MORNING)

    found = outcomes(start)
    assert found["won"] == 1
    assert Organisation.objects.count() == before + 1
    assert StartOfUse.objects.count() == 1
    assert Letter.objects.filter(kind="use_started").count() == 1
