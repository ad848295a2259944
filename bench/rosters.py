"""従業員名簿: rows a second from an opened file to committed people, beside django-import-export in bulk mode.

`rosters.check` is the dry run, `rosters.load` reads, checks, compares and commits, `rosters.check_and_load` is both,
which a person waits for, `rosters.load_again` finds everybody unchanged, `rosters.memory` is what a check adds to the
process in MiB (limit 32, whatever the rows). The limit of the others is bare insertion into the same table.
"""

from __future__ import annotations

import os
import subprocess
import time
import tracemalloc
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from warifu.collection.actions import rosters
from warifu.collection.rules.roster import open_roster
from warifu.foundation.actor import OPERATOR, SYSTEM
from warifu.organisations import actions as organisations

HEAD = "社員番号,姓,名,ミドルネーム,セイ,メイ,生年月日,入社日,所属,メールアドレス,電話番号,在籍状態\n"
SIZES = (1_000, 10_000, 100_000)


def workloads() -> Iterator[dict[str, Any]]:
    """Check, load and load again 1,000 to 100,000 people, each into an organisation of its own."""
    for n in SIZES:
        content = _file(n)
        peer, limit = _import_export(n), _bare_inserts(n)
        at = timezone.now()
        organisation = organisations.create(code=f"bench-{n}", name="測定", by=OPERATOR, at=at)
        given: dict[str, Any] = {"organisation_id": organisation, "by": SYSTEM, "at": at}
        for name in ("load", "load_again"):
            started = time.perf_counter()
            roster_id = rosters.receive(content=content, file_name="名簿.csv", **given)
            rosters.check(organisation_id=organisation, roster_id=roster_id, at=at)
            checked = time.perf_counter() - started
            if name == "load":
                yield _line("check", n, n / checked, None, limit)
                rosters.load(roster_id=roster_id, **given)
                started = time.perf_counter()
                if rosters.work_due(at=at) != 1:
                    raise RuntimeError("the roster was not loaded")
                loaded = time.perf_counter() - started
                yield _line("load", n, n / loaded, peer, limit)
                yield _line("check_and_load", n, n / (checked + loaded), peer, limit)
            else:
                yield _line("load_again", n, n / checked, peer, limit)
        yield _memory(n, content)


def _file(n: int) -> bytes:
    lines = (
        f"{number:06d},山田,太郎,,ヤマダ,タロウ,{1950 + number % 50}-04-{1 + number % 28:02d},2015-04-01,"
        f"第{number % 40}営業課,user{number}@example.jp,090-1234-{number % 10000:04d},在職\n"
        for number in range(n)
    )
    return (HEAD + "".join(lines)).encode()


def _memory(n: int, content: bytes) -> dict[str, Any]:
    stream = BytesIO(content)
    tracemalloc.start()
    roster = open_roster(stream)
    for _row in roster.check(survey=roster.survey(), on=date(2026, 11, 21)):
        pass
    peak = tracemalloc.get_traced_memory()[1] / 1024 / 1024
    tracemalloc.stop()
    return {
        "name": "rosters.memory",
        "n": n,
        "ours": round(peak, 1),
        "peer": None,
        "limit": 32,
        "ratio": round(peak / 32, 2),
        "unit": "MiB",
    }


def _bare_inserts(n: int) -> float:
    """Rows a second that the database takes at all, with twelve columns and two unique ones."""
    places = ", ".join(["%s"] * 12)
    rows = [(f"{number:06d}", f"user{number}@example.jp", *["山田"] * 10) for number in range(n)]
    with connection.cursor() as cursor:
        columns = ", ".join(f"c{index} text" for index in range(10))
        cursor.execute(f"CREATE TABLE bare (code text UNIQUE, mail text UNIQUE, {columns})")
        started = time.perf_counter()
        with transaction.atomic():
            cursor.executemany(f"INSERT INTO bare VALUES ({places})", rows)  # noqa: S608
        took = time.perf_counter() - started
        cursor.execute("DROP TABLE bare")
    return n / took


def _line(name: str, n: int, ours: float, peer: float | None, limit: float) -> dict[str, Any]:
    return {
        "name": f"rosters.{name}",
        "n": n,
        "ours": round(ours),
        "peer": round(peer) if peer else None,
        "limit": round(limit),
        "ratio": round(ours / (peer or limit), 2),
        "unit": "rows/s",
    }


def _import_export(n: int) -> float | None:
    python = os.environ.get("WARIFU_BENCH_PEER_PYTHON")
    if not python:
        return None
    script = Path(__file__).with_name("peer_import_export.py")
    return float(subprocess.run([python, str(script), str(n)], check=True, capture_output=True, text=True).stdout)
