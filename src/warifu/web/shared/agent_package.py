"""電子証明書ツール as a package for Python's own installer (a wheel), put together from the files installed here.

The card library comes with it, so that one file is enough.
"""

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
_PARTS = (NAME, "warifu_card")
_SCRIPTS = """[console_scripts]
warifu-agent = warifu_agent.program:main
warifu-card = warifu_card.program:main
[gui_scripts]
warifu-agent-window = warifu_agent.program:window
"""


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
        f"{about}/entry_points.txt": _SCRIPTS.encode(),
    }
    records = [f"{name},sha256={_digest(body)},{len(body)}" for name, body in files.items()]
    files[f"{about}/RECORD"] = "\n".join([*records, f"{about}/RECORD,,", ""]).encode()
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as package:
        for name, body in files.items():
            package.writestr(zipfile.ZipInfo(name), body, zipfile.ZIP_DEFLATED)
    return whole.getvalue()


def _modules() -> dict[str, bytes]:
    return {name: body for part in _PARTS for name, body in _files_of(part).items()}


def _files_of(part: str) -> dict[str, bytes]:
    spec = importlib.util.find_spec(part)
    assert spec is not None  # noqa: S101
    assert spec.origin is not None  # noqa: S101
    folder = Path(spec.origin).parent
    files = [*folder.rglob("*.py"), *folder.glob("extension/*")]
    return {f"{part}/{one.relative_to(folder).as_posix()}": one.read_bytes() for one in sorted(files)}


def _metadata(version: str) -> str:
    needs = {one for part in _PARTS for one in metadata.requires(part) or [] if not one.startswith("warifu-card")}
    extras = {name for part in _PARTS for name in metadata.metadata(part).get_all("Provides-Extra") or []}
    head = ["Metadata-Version: 2.1", "Name: warifu-agent", f"Version: {version}", "Requires-Python: >=3.11"]
    more = [f"Provides-Extra: {one}" for one in sorted(extras)] + [f"Requires-Dist: {one}" for one in sorted(needs)]
    return "\n".join([*head, *more, ""])


def _digest(body: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(body).digest()).decode().rstrip("=")
