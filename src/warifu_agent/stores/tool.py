"""Tools of the operating system, called so that no secret shows: not in words of a command, not in an environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from warifu_agent.faults import ToolMissing

_PATIENCE = 120


def found(name: str) -> str:
    """The path of a tool. Raises `ToolMissing`."""
    path = shutil.which(name)
    if path is None:
        raise ToolMissing(tool=name)
    return path


def run(*words: str, said: str = "") -> subprocess.CompletedProcess[str]:
    """Run a tool; what is secret is said on its standard input, which nobody else can see."""
    return subprocess.run(  # noqa: S603 - the words are ours, no shell reads them
        [found(words[0]), *words[1:]], input=said, capture_output=True, text=True, timeout=_PATIENCE, check=False
    )


@contextmanager
def for_a_moment(content: bytes, *, ending: str) -> Iterator[Path]:
    """A file that only this person can read, and that is gone afterwards; its content is encrypted by the caller."""
    with tempfile.TemporaryDirectory(prefix="warifu-") as folder:
        path = Path(folder) / f"certificate{ending}"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        try:
            yield path
        finally:
            path.write_bytes(bytes(len(content)))
