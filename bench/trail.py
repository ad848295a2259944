"""監査証跡: entries written, sealed and verified a second, beside the bare hashing and beside django-auditlog."""

from __future__ import annotations

import hashlib
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from warifu.audit import actions, rules
from warifu.audit.events import Organisations
from warifu.foundation.actor import SYSTEM
from warifu.foundation.ids import new_id


def workloads() -> Iterator[dict[str, Any]]:
    """Write, seal and verify 1,000 to 100,000 entries."""
    limit = _hashing()
    peer = _auditlog()
    for n in (1_000, 10_000, 100_000):
        organisation, at = new_id(), timezone.now()
        subjects: list[Any] = [(new_id(), {"name": "青木 葵"}) for _ in range(n)]
        started = time.perf_counter()
        with transaction.atomic():
            actions.record_many(
                event=Organisations.CHANGED, by=SYSTEM, at=at, organisation_id=organisation, subjects=subjects
            )
        wrote = n / (time.perf_counter() - started)
        yield _line("trail.append", n, wrote, peer, limit, "entries/s")
        started = time.perf_counter()
        actions.seal_due(at=at)
        yield _line("trail.seal", n, n / (time.perf_counter() - started), None, limit, "entries/s")
        started = time.perf_counter()
        faults = [found for found in actions.verify(organisation_id=organisation) if isinstance(found, actions.Fault)]
        if faults:
            raise RuntimeError(f"an untouched trail has faults: {faults[:3]}")
        yield _line("trail.verify", n, n / (time.perf_counter() - started), None, limit, "entries/s")


def _hashing() -> float:
    """Entries a second of what nobody can leave out: a row's MAC and its link in the batch's hash, in memory."""
    body, digest = "x" * 300, hashlib.sha256()
    started = time.perf_counter()
    for position in range(20_000):
        mac = rules.mac(key=b"k" * 32, text=body)
        digest.update(f"{position}:{mac}\n".encode())
    return 20_000 / (time.perf_counter() - started)


def _line(name: str, n: int, ours: float, peer: float | None, limit: float, unit: str) -> dict[str, Any]:
    return {
        "name": name,
        "n": n,
        "ours": round(ours),
        "peer": round(peer) if peer else None,
        "limit": round(limit),
        "ratio": round(ours / (peer or limit), 2),
        "unit": unit,
    }


def _auditlog() -> float | None:
    python = os.environ.get("WARIFU_BENCH_PEER_PYTHON")
    if not python:
        return None
    script = Path(__file__).with_name("peer_auditlog.py")
    return float(subprocess.run([python, str(script)], check=True, capture_output=True, text=True).stdout)
