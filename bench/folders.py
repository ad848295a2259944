"""電子取引データの検索: each search of the matrix beside the bare indexed SQL, from 10,000 to 1,000,000 records.

Meant for PostgreSQL (`WARIFU_DATABASE_URL`). The bare query is what a database expert would write by hand for the same
hits, sent through the same connection, its rows fetched and thrown away (`limit`). `statement` is the one that we
send, and `times_the_limit` compares these two. `ours` is the whole read of a screen: who may see the folder,
counterparties by a part of their name, hits, and their values ready for a template.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from warifu.folders.actions import folders
from warifu.folders.actions.folders import Wish
from warifu.folders.models import Counterparty, TransactionRecord
from warifu.folders.queries import search
from warifu.folders.rules.fields import Direction, Kind
from warifu.folders.rules.search import Wanted, folded
from warifu.foundation.actor import SYSTEM
from warifu.foundation.ids import new_ids
from warifu.organisations import actions as organisations

SIZES = (10_000, 100_000, 1_000_000)
NAMES = 2_000
LAST = date(2026, 11, 21)
ROUNDS = 40

COLUMNS = """r.id, r.number, r.state, r.traded_on, r.amount, r.currency, r.registration_number, r.kind, r.direction,
    r.document_number, r.ledger_link, r.memo, r.channel, r.received_at, r.received_by, r.file_name, r.media_type,
    r.size, r.sha256, r.stored_as, r.scan, r.version, c.name, c.code"""
FROM = "FROM folders_transactionrecord r JOIN folders_counterparty c ON c.id = r.counterparty_id"
ORDER = "ORDER BY r.traded_on DESC, r.id DESC LIMIT 51"


def workloads() -> Iterator[dict[str, Any]]:
    """The matrix at each size, then a deep page."""
    at = timezone.now()
    organisation_id = organisations.create(code="bench", name="測定", by=SYSTEM, at=at)
    for size in SIZES if connection.vendor == "postgresql" else SIZES[:1]:
        folder_id = folders.open_one(
            organisation_id=organisation_id, wish=Wish(customer_name=f"{size}件の会社"), by=SYSTEM, at=at
        )
        fill(folder_id, size)
        for name, wanted, bare, values in matrix(folder_id):
            ours = _time(lambda wanted=wanted, folder_id=folder_id: _page(organisation_id, folder_id, wanted))
            sql, limit = _beside(
                _statement(organisation_id, folder_id, wanted), lambda bare=bare, values=values: _bare(bare, values)
            )
            yield _line(f"folders.search.{name}", size, ours, sql, limit)
        deep = _deep_cursor(organisation_id, folder_id)
        ours = _time(lambda folder_id=folder_id, deep=deep: _page(organisation_id, folder_id, Wanted(), after=deep))
        day, _, last = deep.partition("_")
        where = f"WHERE r.folder_id = %s AND (r.traded_on, r.id) < (%s, %s) {ORDER}"
        sql, limit = _beside(
            _statement(organisation_id, folder_id, Wanted(), after=deep),
            lambda where=where, day=day, last=last, folder_id=folder_id: _bare(where, [folder_id, day, last]),
        )
        yield _line("folders.search.deep_page", size, ours, sql, limit)


def fill(folder_id: UUID, size: int) -> None:
    """Records over ten years, of two thousand counterparties, one in a hundred without an amount."""
    draw = random.Random(size)
    Counterparty.objects.bulk_create(
        [
            Counterparty(folder_id=folder_id, name=f"取引先{number:04d}商店", key=folded(f"取引先{number:04d}商店"))
            for number in range(NAMES)
        ]
    )
    parties = list(Counterparty.objects.filter(folder_id=folder_id).order_by("id").values_list("id", flat=True))
    if connection.vendor == "postgresql":
        _fill_at_once(folder_id, size)
        return
    at, done = timezone.now(), 0
    while done < size:
        count = min(20_000, size - done)
        rows = [
            TransactionRecord(
                id=record_id,
                folder_id=folder_id,
                number=done + place + 1,
                state="filed",
                version=1,
                traded_on=LAST - timedelta(days=draw.randrange(3650)),
                amount=None if draw.random() < 0.01 else Decimal(draw.randrange(1, 3_000_000)),
                counterparty_id=draw.choice(parties),
                kind=draw.choice(list(Kind)).value,
                direction=draw.choice(list(Direction)).value,
                channel="screen",
                received_at=at,
                received_by="測定",
                file_name="請求書.pdf",
                media_type="application/pdf",
                size=100_000,
                sha256=f"{done + place:064x}",
                stored_as=f"{folder_id}/aa/{record_id}",
                scan="clean",
                read_at=at,
            )
            for place, record_id in enumerate(new_ids(count))
        ]
        TransactionRecord.objects.bulk_create(rows, batch_size=1_000)
        done += count


def _fill_at_once(folder_id: UUID, size: int) -> None:
    """The same by the database itself: a million rows by way of Python would take most of the bench's time."""
    kinds, directions = [kind.value for kind in Kind], [one.value for one in Direction]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO folders_transactionrecord (id, folder_id, number, state, version, traded_on, amount, currency,
                counterparty_id, registration_number, kind, direction, document_number, ledger_link, memo, channel,
                received_at, received_by, file_name, media_type, size, sha256, stored_as, opening_word, scan, suggested,
                pages, is_locked, read_at)
            SELECT gen_random_uuid(), %(folder)s, n, 'filed', 1, %(last)s::date - (random() * 3649)::int,
                CASE WHEN random() < 0.01 THEN NULL ELSE 1 + (random() * 2999999)::int END, 'JPY',
                party.ids[1 + (random() * (%(names)s - 1))::int], '', (%(kinds)s::text[])[1 + (random() * 7)::int],
                (%(directions)s::text[])[1 + (random())::int], '', '', '', 'screen', now(), 'bench', 'invoice.pdf',
                'application/pdf', 100000, lpad(to_hex(n), 64, '0'), 'x/aa/' || n, '', 'clean', '{}', 1, false, now()
            FROM generate_series(1, %(size)s) AS n,
                (SELECT array_agg(id ORDER BY id) AS ids FROM folders_counterparty
                 WHERE folder_id = %(folder)s) AS party
            """,
            {
                "folder": folder_id,
                "last": LAST,
                "names": NAMES,
                "kinds": kinds,
                "directions": directions,
                "size": size,
            },
        )
        cursor.execute("VACUUM ANALYZE folders_transactionrecord")
        cursor.execute("ANALYZE folders_counterparty")


def matrix(folder_id: UUID) -> list[tuple[str, Wanted, str, list[Any]]]:
    """Three singles, two ranges, three pairs, one triple (D-11), blanks, and no condition: ours and by hand."""
    day, first, money = LAST - timedelta(days=400), LAST - timedelta(days=430), Decimal(1_234_567)
    row = TransactionRecord.objects.filter(folder_id=folder_id, amount__gte=money).order_by("amount").first()
    exact = row.amount if row and row.amount else money
    party = Counterparty.objects.get(folder_id=folder_id, name="取引先0777商店").id
    low, high = Decimal(1_000_000), Decimal(1_010_000)
    mine, by_day, by_days = "WHERE r.folder_id = %s", "AND r.traded_on = %s", "AND r.traded_on BETWEEN %s AND %s"
    by_money, by_moneys, by_name = "AND r.amount = %s", "AND r.amount BETWEEN %s AND %s", "AND r.counterparty_id = %s"
    days = {"traded_from": first, "traded_until": day}
    moneys = {"amount_from": low, "amount_until": high}
    name = {"counterparty": "0777"}
    asked: list[tuple[str, dict[str, Any], str, list[Any]]] = [
        ("none", {}, "", []),
        ("day", {"traded_from": day, "traded_until": day}, by_day, [day]),
        ("amount", {"amount_from": exact, "amount_until": exact}, by_money, [exact]),
        ("counterparty", name, by_name, [party]),
        ("days", days, by_days, [first, day]),
        ("amounts", moneys, by_moneys, [low, high]),
        ("days_amounts", days | moneys, f"{by_days} {by_moneys}", [first, day, low, high]),
        ("days_counterparty", days | name, f"{by_days} {by_name}", [first, day, party]),
        ("amounts_counterparty", moneys | name, f"{by_moneys} {by_name}", [low, high, party]),
        ("triple", days | moneys | name, f"{by_days} {by_moneys} {by_name}", [first, day, low, high, party]),
        ("blank", {"no_amount": True}, "AND (r.amount IS NULL OR r.amount = 0)", []),
    ]
    return [(key, Wanted(**ours), f"{mine} {bare} {ORDER}", [folder_id, *values]) for key, ours, bare, values in asked]


def _page(organisation_id: UUID, folder_id: UUID, wanted: Wanted, after: str = "") -> None:
    search.page(
        organisation_id=organisation_id, folder_id=folder_id, wanted=wanted, by=SYSTEM, at=timezone.now(), after=after
    )


def _bare(where: str, values: list[Any]) -> None:
    if connection.vendor == "sqlite":
        values = [value.hex if isinstance(value, UUID) else value for value in values]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {COLUMNS} {FROM} {where}", values)
        cursor.fetchall()


def _deep_cursor(organisation_id: UUID, folder_id: UUID) -> str:
    """The cursor of a page that lies nine years back."""
    wanted = Wanted(traded_until=LAST - timedelta(days=3285))
    page = search.page(
        organisation_id=organisation_id, folder_id=folder_id, wanted=wanted, by=SYSTEM, at=timezone.now()
    )
    return page.after


def _time(work: Callable[[], None]) -> float:
    """Milliseconds of the quickest round, after two to warm up: the machine may be busy with other things."""
    return _beside(work)[0]


def _beside(*works: Callable[[], None]) -> list[float]:
    """The quickest round of each, one after the other in every round, so that a busy moment meets all of them."""
    for work in works * 2:
        work()
    spent: list[list[float]] = [[] for _ in works]
    for _ in range(ROUNDS):
        for place, work in enumerate(works):
            started = time.perf_counter()
            work()
            spent[place].append(1000 * (time.perf_counter() - started))
    return [min(rounds) for rounds in spent]


def _statement(organisation_id: UUID, folder_id: UUID, wanted: Wanted, after: str = "") -> Callable[[], None]:
    """The search statement that a page sends, without what is around it."""
    with CaptureQueriesContext(connection) as seen:
        _page(organisation_id, folder_id, wanted, after)
    statement = seen.captured_queries[-1]["sql"]

    def work() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement.replace("%", "%%"), [])
            cursor.fetchall()

    return work


def _line(name: str, size: int, ours: float, sql: float, limit: float) -> dict[str, Any]:
    return {
        "name": name,
        "n": size,
        "ours": round(ours, 2),
        "statement": round(sql, 2),
        "peer": None,
        "limit": round(limit, 2),
        "times_the_limit": round(sql / limit, 2),
        "unit": "ms",
    }
