"""ClamAV itself, with one signature of our own: nothing is downloaded."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VIRUS = b"Warifu's own test virus, harmless and known to its tests only"
LIMIT = 1024 * 1024


@contextmanager
def clamav(place: Path) -> Iterator[Path]:
    """A scanner in a folder, until the end of the block; yields its settings."""
    signatures, settings, socket = place / "signatures", place / "clamd.conf", place / "clamd.sock"
    signatures.mkdir()
    (signatures / "own.ndb").write_text(f"Warifu-Test:0:*:{VIRUS.hex()}\n")
    settings.write_text(
        f"LocalSocket {socket}\nDatabaseDirectory {signatures}\nForeground true\n"
        f"StreamMaxLength {LIMIT}\nMaxFileSize 1M\nAlertExceedsMax yes\n"
    )
    with subprocess.Popen(
        ["clamd", f"--config-file={settings}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as daemon:
        try:
            for _ in range(200):
                if socket.exists() or daemon.poll() is not None:
                    break
                time.sleep(0.05)
            yield settings
        finally:
            daemon.terminate()
            daemon.wait(20)
