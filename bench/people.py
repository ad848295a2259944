"""提出の状況: pages of the people list a CPU second: first, last, searched; beside Django admin's changelist.

Both are asked in process, one request after another, on the same rows of the same SQLite file; the peer runs in an
environment of its own. CPU time is counted, so that whatever else runs on the machine disturbs the ratio little. The
limit is the list's query alone, without page or session.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client
from django.utils import timezone

from bench import crowd
from warifu.collection.queries import people
from warifu.collection.queries.people import Wanted
from warifu.credentials.actions import sessions
from warifu.foundation.days import jst_day

SIZES = (1_000, 10_000, 100_000)
SECONDS = 2.0


def workloads() -> Iterator[dict[str, Any]]:
    """The list of 1,000 to 100,000 people."""
    at = timezone.now()
    for n in SIZES:
        organisation_id, member_id = crowd.organisation(at)
        crowd.fill(organisation_id, n, today=jst_day(at), at=at)
        client = Client()
        client.cookies[settings.SESSION_COOKIE] = sessions.start(
            member_id=member_id, level=1, browser="", address="", at=at
        )
        limit = _rate(
            lambda organisation_id=organisation_id: people.people(
                organisation_id=organisation_id, today=jst_day(at), wanted=Wanted()
            )
        )
        peer = _admin(organisation_id.hex, n)
        for name, query in (
            ("first page", ""),
            ("last page", f"?at={people.LAST}"),
            ("by name, last page", f"?sort=name&at={people.LAST}"),
            ("overdue", "?tab=overdue"),
            ("search", f"?q=user{n - 1}"),
        ):
            rate = _rate(lambda client=client, query=query: _ask(client, f"/desk/people/{query}"))
            beside = peer.get("last page" if "last" in name else "search" if name == "search" else "first page")
            yield {
                "name": f"people list, {name}",
                "n": n,
                "ours": round(rate, 1),
                "peer": beside and round(beside, 1),
                "limit": round(limit, 1),
                "ratio": round(rate / (beside or limit), 2),
                "unit": "pages per CPU second",
            }


def _ask(client: Client, address: str) -> None:
    answer = client.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")


def _rate(work: Callable[[], Any]) -> float:
    for _ in range(3):
        work()
    started, count = time.process_time(), 0
    while time.process_time() - started < SECONDS:
        work()
        count += 1
    return count / (time.process_time() - started)


def _admin(organisation: str, n: int) -> dict[str, float]:
    python = os.environ.get("WARIFU_BENCH_PEER_PYTHON")
    if not python or settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        return {}
    script = Path(__file__).with_name("peer_admin.py")
    database = str(settings.DATABASES["default"]["NAME"])
    done = subprocess.run(
        [python, str(script), database, organisation, str(n)], check=True, capture_output=True, text=True
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found
