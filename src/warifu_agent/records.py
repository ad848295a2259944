"""What this computer remembers of the certificates that were obtained on it: nothing secret."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography import x509


@dataclass(frozen=True, kw_only=True)
class Record:
    """One certificate: where it was obtained and where it lies. The certificate itself is public (PEM)."""

    id: str
    server: str
    organisation: str
    store: str
    place: str
    certificate: str

    @property
    def parsed(self) -> x509.Certificate:
        """The certificate."""
        return x509.load_pem_x509_certificate(self.certificate.encode())


def folder() -> Path:
    """Where programs of this system keep what they remember."""
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local")) / "warifu-agent"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "warifu-agent"
    return Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "warifu-agent"


def load() -> list[Record]:
    """Every certificate obtained here, the newest last; none when nothing can be read."""
    try:
        rows = json.loads((folder() / "certificates.json").read_text(encoding="utf-8"))
        return [Record(**row) for row in rows]
    except (OSError, ValueError, TypeError):
        return []


def add(record: Record) -> None:
    """Remember one more."""
    rows = [asdict(one) for one in (*load(), record)]
    place = folder()
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = place / "certificates.json.new"
    fresh.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
    fresh.replace(place / "certificates.json")
