"""金庫: numbers sealed, opened and used a second, with their records, beside Fernet fields that keep none.

`vault.open` is the bare opening of rows, for the share of the cipher; the product itself opens nothing without a record
(`vault.use`). The limit is AES-256-GCM in memory with one key for all.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from django.utils import timezone
from PIL import Image

from warifu.foundation.actor import OPERATOR, SYSTEM, Actor, Role
from warifu.foundation.ids import new_id
from warifu.foundation.purposes import Purpose
from warifu.organisations import actions as organisations
from warifu.organisations import queries
from warifu.vault import rules, sealing
from warifu.vault.actions import files, keys, numbers
from warifu.vault.models import SealedNumber

T = TypeVar("T")

PURPOSE = Purpose.WITHHOLDING_SLIP
SIZES = (1_000, 10_000, 100_000)


def workloads() -> Iterator[dict[str, Any]]:
    """Seal, open, use and re-wrap 1,000 to 100,000 numbers; tidy pictures."""
    limit = _cipher_limit()
    for n in SIZES:
        peer = _fernet(n)
        organisation_id, handler, at = _house()
        people = [(new_id(), _number(index)) for index in range(n)]
        here = {"organisation_id": organisation_id, "at": at}
        took, refs = _timed(
            partial(numbers.seal_many, numbers=people, purposes=[PURPOSE], by=SYSTEM, **here)  # type: ignore[arg-type]
        )
        yield _line("vault.seal with a record each", n, n / took, peer.get("writes"), limit, "numbers/s")
        took, size = _timed(partial(_open_all, organisation_id))
        sizes = {"bytes": size, "peer_bytes": peer.get("bytes")}
        yield _line("vault.open", n, n / took, peer.get("reads"), limit, "numbers/s") | sizes
        took, _ = _timed(
            partial(numbers.use_many, refs=refs, purpose=PURPOSE, document="源泉徴収票", by=handler, **here)  # type: ignore[arg-type]
        )
        yield _line("vault.use with a record each", n, n / took, peer.get("reads"), limit, "numbers/s")
        took, _ = _timed(partial(keys.rotate_organisation, by=OPERATOR, **here))  # type: ignore[arg-type]
        yield _line("vault.rotate", n, n / took, None, limit, "numbers/s")
    yield from _single(organisation_id, handler, at, refs)
    yield from _pictures(organisation_id, at)


def _single(organisation_id: UUID, handler: Actor, at: datetime, refs: list[UUID]) -> Iterator[dict[str, Any]]:
    def reveal_each() -> None:
        for ref in refs[:500]:
            numbers.reveal(
                ref=ref, organisation_id=organisation_id, purpose=PURPOSE, document="源泉徴収票", by=handler, at=at
            )

    took, _ = _timed(reveal_each)
    yield _line("vault.reveal, a transaction each", 500, 500 / took, None, None, "numbers/s")


def _pictures(organisation_id: UUID, at: datetime) -> Iterator[dict[str, Any]]:
    content = _twelve_megapixels()
    count = 5
    took, refs = _timed(
        lambda: [
            files.seal(
                content=content,
                media_type="image/jpeg",
                organisation_id=organisation_id,
                subject_id=new_id(),
                by=SYSTEM,
                at=at,
            )
            for _ in range(count)
        ]
    )
    yield _line("vault.picture sealed, 12 megapixels", count, count / took, None, None, "pictures/s")
    took, _ = _timed(lambda: [files.tidy_picture(ref=ref, organisation_id=organisation_id, at=at) for ref in refs])
    yield _line("vault.picture tidied, 12 megapixels", count, count / took, None, None, "pictures/s")


def _house() -> tuple[UUID, Actor, datetime]:
    """An organisation of its own with an appointed handler."""
    at = timezone.now()
    code = f"bench{new_id().hex[-8:]}"
    organisation_id = organisations.create(code=code, name="計測商会", by=OPERATOR, at=at)
    handler_id = organisations.add_member(
        organisation_id=organisation_id, roles=Role.HANDLER, family_name="江藤", by=SYSTEM, at=at
    )
    organisations.appoint(
        organisation_id=organisation_id, member_id=handler_id, purposes=[PURPOSE], range_text="", by=SYSTEM, at=at
    )
    member = queries.member(organisation_id=organisation_id, member_id=handler_id)
    return organisation_id, queries.actor_of(member=member, level=2, authenticated_at=at), at


def _number(index: int) -> rules.MyNumber:
    base = f"{index * 7919 % 10**11:011d}"
    return rules.MyNumber.parse(f"{base}{(rules.check_digit(base) + 5) % 10}", accepts_test=True)


def _open_all(organisation_id: UUID) -> int:
    """Open every number of an organisation; returns the bytes of one sealed value."""
    rows = SealedNumber.objects.filter(organisation_id=organisation_id)
    size = 0
    for ref, key_id, wrapped, box in rows.values_list("ref", "key_id", "wrapped_key", "sealed").iterator(2000):
        sealing.open_number(organisation_id=organisation_id, ref=ref, key_id=key_id, wrapped=wrapped, box=box)
        size = len(box or b"")
    return size


def _cipher_limit() -> float:
    key = sealing.Key(1, b"k" * 32)
    took, _ = _timed(lambda: [key.seal(b"000000000000", b"place") for _ in range(50_000)])
    return 50_000 / took


def _fernet(n: int) -> dict[str, float]:
    python = os.environ.get("WARIFU_BENCH_PEER_PYTHON")
    if not python:
        return {}
    script = Path(__file__).with_name("peer_fernet.py")
    told = subprocess.run([python, str(script), str(n)], check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(told)
    return found


def _twelve_megapixels() -> bytes:
    noise = Image.effect_noise((1000, 750), 60).resize((4000, 3000))
    stored = io.BytesIO()
    Image.merge("RGB", (noise, noise, noise)).save(stored, "JPEG", quality=92)
    return stored.getvalue()


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    started = time.perf_counter()
    done = work()
    return time.perf_counter() - started, done


def _line(name: str, n: int, ours: float, peer: float | None, limit: float | None, unit: str) -> dict[str, Any]:
    beside = peer or limit
    return {
        "name": name,
        "n": n,
        "ours": round(ours, 1),
        "peer": round(peer, 1) if peer else None,
        "limit": round(limit) if limit else None,
        "ratio": round(ours / beside, 2) if beside else None,
        "unit": unit,
    }
