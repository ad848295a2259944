"""Somebody at a terminal: a real program under a pseudo-terminal, read and answered line by line."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

PATIENCE = 40.0


@dataclass
class Typist:
    """Reads what the program shows and types answers."""

    process: subprocess.Popen[bytes]
    terminal: int
    shown: str = ""
    place: int = field(default=0)

    def wait_for(self, words: str) -> str:
        """Wait until the program shows some words after what was read before; returns everything up to them."""
        until = time.monotonic() + PATIENCE
        while (found := self.shown.find(words, self.place)) < 0:
            assert time.monotonic() < until, f"«{words}» was not shown:\n{self.shown}"
            if not self._read():
                raise AssertionError(f"«{words}» was not shown before the end:\n{self.shown}")
        before = self.shown[self.place : found]
        self.place = found + len(words)
        return before

    def is_asked(self, question: str) -> bool:
        """Wait for a question; False when the program ends without it."""
        until = time.monotonic() + PATIENCE
        while not (found := re.compile(f"{re.escape(question)}[^\\n]*: ").search(self.shown, self.place)):
            assert time.monotonic() < until, f"«{question}» was not asked:\n{self.shown}"
            if not self._read():
                return False
        self.place = found.end()
        return True

    def answer(self, question: str, typed: str = "") -> None:
        """Wait for a question and type its answer; Enter alone takes what is proposed."""
        self.wait_for(question)
        self.wait_for(":")
        os.write(self.terminal, f"{typed}\n".encode())

    def interrupt(self) -> None:
        """Press Ctrl-C until it is heard: a signal that comes just before the program begins to wait is lost."""
        heard = len(self.shown)
        until = time.monotonic() + PATIENCE
        while len(self.shown) == heard and self.process.poll() is None:
            assert time.monotonic() < until, f"it does not hear:\n{self.shown}"
            self.process.send_signal(signal.SIGINT)
            self._read()

    def end(self) -> tuple[int, str]:
        """Read to the end; the exit status and all that was shown."""
        until = time.monotonic() + PATIENCE
        while self._read():
            assert time.monotonic() < until, f"it did not end:\n{self.shown}"
        return self.process.wait(timeout=PATIENCE), self.shown

    def _read(self) -> bool:
        ready, _, _ = select.select([self.terminal], [], [], 1.0)
        if not ready:
            return self.process.poll() is None
        try:
            piece = os.read(self.terminal, 65536)
        except OSError:
            return False
        self.shown += re.sub(r"\x1b\[[0-9;]*m", "", piece.decode(errors="replace")).replace("\r\n", "\n")
        return bool(piece)


def _hear_interrupts() -> None:
    """Hear Ctrl-C even where the tests themselves run in the background, which shells start deaf to it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def at_terminal(*words: str, environment: Mapping[str, str]) -> Iterator[Typist]:
    """Start a program in front of somebody; stopped at the end of the block."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        words,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=dict(environment),
        preexec_fn=_hear_interrupts,  # noqa: PLW1509
    )
    os.close(theirs)
    try:
        yield Typist(process=process, terminal=ours)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        os.close(ours)
