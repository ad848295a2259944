"""Identifiers: unique, in the order of their making, and no secret."""

from __future__ import annotations

import os
import time
from uuid import UUID


def new_id() -> UUID:
    """Return a UUID of version 7 (RFC 9562, 5.7): 48 bits of milliseconds, then random.

    Such ids sort by their making, which keeps indexes dense and lets lists page by key. They are not secrets
    (V-02): whoever knows one still needs the right to the row.
    """
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | int.from_bytes(os.urandom(10), "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return UUID(int=value)
