"""電子証明書ツール as a package for Python's own installer (a wheel), put together from the files installed here."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import io
import zipfile
from functools import cache
from importlib import metadata
from pathlib import Path

NAME = "warifu_agent"


@cache
def file_name() -> str:
    """The name under which it is handed over; empty where the program is not installed beside the server."""
    return f"{NAME}-{metadata.version(NAME)}-py3-none-any.whl" if importlib.util.find_spec(NAME) else ""


@cache
def content() -> bytes:
    """The package: the program's modules and what an installer has to know. Made once for each process."""
    version = metadata.version(NAME)
    about = f"{NAME}-{version}.dist-info"
    files = _modules() | {
        f"{about}/METADATA": _metadata(version).encode(),
        f"{about}/WHEEL": b"Wheel-Version: 1.0\nGenerator: warifu\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{about}/entry_points.txt": b"[console_scripts]\nwarifu-agent = warifu_agent.program:main\n",
    }
    records = [f"{name},sha256={_digest(body)},{len(body)}" for name, body in files.items()]
    files[f"{about}/RECORD"] = "\n".join([*records, f"{about}/RECORD,,", ""]).encode()
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as package:
        for name, body in files.items():
            package.writestr(zipfile.ZipInfo(name), body, zipfile.ZIP_DEFLATED)
    return whole.getvalue()


def _modules() -> dict[str, bytes]:
    spec = importlib.util.find_spec(NAME)
    assert spec is not None  # noqa: S101
    assert spec.origin is not None  # noqa: S101
    folder = Path(spec.origin).parent
    return {f"{NAME}/{one.relative_to(folder).as_posix()}": one.read_bytes() for one in sorted(folder.rglob("*.py"))}


def _metadata(version: str) -> str:
    needs = metadata.requires(NAME) or []
    head = ["Metadata-Version: 2.1", "Name: warifu-agent", f"Version: {version}", "Requires-Python: >=3.11"]
    return "\n".join([*head, *(f"Requires-Dist: {one}" for one in needs), ""])


def _digest(body: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(body).digest()).decode().rstrip("=")
