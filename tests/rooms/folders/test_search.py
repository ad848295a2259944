"""Search: the whole matrix, only hits, against a plain filter in Python (D-10 … D-12)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import MORNING, Cast
from tests.rooms.folders.office import Office, fields, open_office
from warifu.folders.actions import records
from warifu.folders.models import Counterparty, Folder, TransactionRecord
from warifu.folders.queries import search
from warifu.folders.queries.access import Reached
from warifu.folders.rules.fields import Channel, Direction, Fields, Kind
from warifu.folders.rules.search import Limits, Plain, Wanted, fits, folded
from warifu.foundation.ids import new_id

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 21)
NAMES = ("青葉文具株式会社", "ｱｵﾊﾞ商店", "アオバ商店（株）", "山田　太郎", "Yamada Co.")
DAYS = (DAY - timedelta(days=400), DAY - timedelta(days=1), DAY, DAY + timedelta(days=1))
AMOUNTS = (None, Decimal(0), Decimal("-500"), Decimal(11000), Decimal("11000.50"), Decimal(999999))


@pytest.fixture
def office(cast: Cast) -> Office:
    """The office, with one record for each of many combinations."""
    office = open_office(cast)
    for place, (day, amount, name) in enumerate(product(DAYS, AMOUNTS, NAMES)):
        _put(
            office,
            fields(
                traded_on=day,
                amount=amount,
                counterparty=name,
                counterparty_code="A-1" if name.startswith("青葉") else "",
                kind=list(Kind)[place % 3],
                direction=list(Direction)[place % 2],
            ),
            state="withdrawn" if place % 7 == 0 else "filed",
        )
    return office


def _put(office: Office, given: Fields, *, state: str = "filed") -> None:
    """A row as `records.confirm` writes it, without a file: matrices need many."""
    name = {"folder_id": office.folder_id, "name": given.counterparty, "code": given.counterparty_code}
    counterparty, _ = Counterparty.objects.get_or_create(**name, defaults={"key": folded(given.counterparty)})
    number = TransactionRecord.objects.count() + 1
    TransactionRecord.objects.create(
        id=new_id(),
        folder_id=office.folder_id,
        number=number,
        state=state,
        traded_on=given.traded_on,
        amount=given.amount,
        counterparty=counterparty,
        kind=given.kind.value,
        direction=given.direction.value,
        channel=Channel.SCREEN.value,
        received_at=MORNING,
        received_by="木田",
        file_name="a.pdf",
        media_type="application/pdf",
        size=1,
        sha256=f"{number:064d}",
        stored_as="",
    )


def plains() -> dict[UUID, Plain]:
    """Every record as plain values."""
    return {
        row.id: Plain(
            traded_on=row.traded_on,  # type: ignore[arg-type]
            amount=row.amount,
            counterparty=row.counterparty.name,  # type: ignore[union-attr]
            counterparty_code=row.counterparty.code,  # type: ignore[union-attr]
            kind=Kind(row.kind),
            direction=Direction(row.direction),
            is_withdrawn=row.state == "withdrawn",
        )
        for row in TransactionRecord.objects.select_related("counterparty")
    }


def found(office: Office, wanted: Wanted, limits: Limits | None = None) -> set[UUID]:
    """The hits of the database."""
    reached = office.reached if limits is None else replace(office.reached, limits=limits)
    return {line.id for line in search.every(reached=reached, wanted=wanted)}


DATE = {"traded_from": DAY, "traded_until": DAY}
DATES = {"traded_from": DAYS[0], "traded_until": DAYS[1]}
AMOUNT = {"amount_from": Decimal(11000), "amount_until": Decimal(11000)}
AMOUNT_RANGE = {"amount_from": Decimal(1), "amount_until": Decimal(20000)}
PARTY = {"counterparty": "あおば"}
MATRIX: dict[str, dict[str, Any]] = {
    "date": DATE,
    "amount": AMOUNT,
    "counterparty": PARTY,
    "range of dates": DATES,
    "range of amounts": AMOUNT_RANGE,
    "date and amount": DATE | AMOUNT,
    "date and counterparty": DATES | PARTY,
    "amount and counterparty": AMOUNT_RANGE | PARTY,
    "all three": DATES | AMOUNT_RANGE | PARTY,
    "open at one end": {"traded_from": DAY},
    "no amount": {"no_amount": True},
    "code": {"counterparty": "Ａ-1"},
    "sent copies": {"direction": Direction.SENT},
    "kind": {"kinds": frozenset({Kind.RECEIPT})},
    "living": {"without_withdrawn": True},
    "nothing": {"counterparty": "いない会社"},
}


class TestMatrix:
    @pytest.mark.shows("D-10", "D-11", "D-12")
    def test_each_search_lists_its_hits_and_only_hits(self, office: Office) -> None:
        known = plains()
        for name, asked in MATRIX.items():
            wanted = Wanted(**asked)
            expected = {record_id for record_id, plain in known.items() if fits(record=plain, wanted=wanted)}
            assert found(office, wanted) == expected, name
            assert bool(expected) == (name != "nothing"), name

    @pytest.mark.shows("D-12")
    def test_blank_and_zero_amounts_are_found(self, office: Office) -> None:
        amounts = {plains()[record_id].amount for record_id in found(office, Wanted(no_amount=True))}
        assert amounts == {None, Decimal(0)}

    @pytest.mark.shows("D-11", "D-14")
    @settings(
        max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
    )
    @given(data=st.data())
    def test_any_combination_is_what_plain_python_finds(self, office: Office, data: st.DataObject) -> None:
        wanted = data.draw(wishes())
        limits = data.draw(bounds())
        expected = {
            record_id for record_id, plain in plains().items() if fits(record=plain, wanted=wanted, limits=limits)
        }
        assert found(office, wanted, limits) == expected


@st.composite
def wishes(draw: st.DrawFn) -> Wanted:
    """Any search."""
    day = st.none() | st.sampled_from(DAYS)
    amount = st.none() | st.sampled_from([value for value in AMOUNTS if value is not None])
    return Wanted(
        traded_from=draw(day),
        traded_until=draw(day),
        amount_from=draw(amount),
        amount_until=draw(amount),
        no_amount=draw(st.booleans()),
        counterparty=draw(
            st.sampled_from(("", "青葉", "アオバ", "aoba", "株式会社", "YAMADA", "A-1", "商店", "%", "_"))
        ),
        kinds=draw(st.frozensets(st.sampled_from(list(Kind)), max_size=2)),
        direction=draw(st.none() | st.sampled_from(list(Direction))),
        without_withdrawn=draw(st.booleans()),
    )


@st.composite
def bounds(draw: st.DrawFn) -> Limits:
    """Any limits of an auditor."""
    day = st.none() | st.sampled_from(DAYS)
    kinds = st.frozensets(st.sampled_from(list(Kind)), max_size=2)
    return Limits(traded_from=draw(day), traded_until=draw(day), kinds=draw(kinds))


class TestPages:
    def test_pages_by_key_give_every_hit_once_in_order(self, office: Office) -> None:
        seen: list[tuple[date, UUID]] = []
        for lines in self._pages(office, 7):
            seen += [(line.traded_on, line.id) for line in lines if line.traded_on]
        assert seen == sorted(seen, reverse=True)
        assert {record_id for _, record_id in seen} == set(plains())

    def _pages(self, office: Office, limit: int) -> Iterator[list[search.Line]]:
        after = ""
        while True:
            page = search.page(
                organisation_id=office.id,
                folder_id=office.folder_id,
                wanted=Wanted(),
                by=office.kida,
                at=MORNING,
                after=after,
                limit=limit,
            )
            yield page.lines
            after = page.after
            if not after:
                return

    def test_a_page_costs_the_same_queries_at_any_size(
        self, office: Office, django_assert_max_num_queries: Any
    ) -> None:
        with django_assert_max_num_queries(4):
            search.page(
                organisation_id=office.id,
                folder_id=office.folder_id,
                wanted=Wanted(counterparty="アオバ"),
                by=office.kida,
                at=MORNING,
            )

    def test_another_folder_is_never_searched(self, office: Office, cast: Cast) -> None:
        other = Folder.objects.create(
            organisation_id=cast.aoba, customer_name="別", customer_key="別", mail_code="x", created_at=MORNING
        )
        reached = Reached(folder=other, limits=Limits(), is_keeper=False)
        assert list(search.every(reached=reached, wanted=Wanted())) == []


def test_a_name_with_a_wild_card_finds_that_sign_only(cast: Cast) -> None:
    office = open_office(cast)
    record_id = office.file(counterparty="100%商店")
    office.file(counterparty="普通商店", name="b.pdf")
    assert found(office, Wanted(counterparty="%")) == {record_id}


def test_a_corrected_record_is_found_by_its_new_values(cast: Cast) -> None:
    office = open_office(cast)
    record_id = office.file(amount=Decimal(100))
    records.correct(
        **office.named, record_id=record_id, given=fields(amount=Decimal(200)), reason="写しまちがい", version=1
    )
    assert found(office, Wanted(amount_from=Decimal(200), amount_until=Decimal(200))) == {record_id}
    assert found(office, Wanted(amount_from=Decimal(100), amount_until=Decimal(100))) == set()
