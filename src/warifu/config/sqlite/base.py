"""SQLite for the embedded default: writers stand in a queue instead of knocking until the database is free.

Left to SQLite's busy handler, writers overtake each other and some wait for seconds. Here each transaction takes a
lock of the process and a lock on a file beside the database before `BEGIN IMMEDIATE`, and gives both back when it
ends, so that threads and processes write in turn.
"""

from __future__ import annotations

import fcntl
import os
import threading
from typing import Any

from django.db.backends.sqlite3 import base

_turns: dict[str, threading.Lock] = {}
_turns_guard = threading.Lock()


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's SQLite connection with a queue for writers."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._turn: threading.Lock | None = None
        self._turn_file: int | None = None

    def _start_transaction_under_autocommit(self) -> None:
        self._take_turn()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._give_turn()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]
        self._give_turn()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._give_turn()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._give_turn()

    def _take_turn(self) -> None:
        name = str(self.settings_dict["NAME"])
        if ":memory:" in name or "mode=memory" in name or self._turn is not None:
            return
        with _turns_guard:
            turn = _turns.setdefault(name, threading.Lock())
        turn.acquire()
        try:
            self._turn_file = os.open(f"{name}.turn", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._turn_file, fcntl.LOCK_EX)
        except OSError:
            turn.release()
            raise
        self._turn = turn

    def _give_turn(self) -> None:
        if self._turn_file is not None:
            os.close(self._turn_file)
            self._turn_file = None
        if self._turn is not None:
            self._turn.release()
            self._turn = None
