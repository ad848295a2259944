"""Reading what strangers sent: PDFs are opened only here, in a child process with little memory and time.

Run as a program it reads a line with the PDF's password, then the PDF, from standard input: a command line is seen by
everybody on the machine. With `read` it writes JSON (pages, text, whether it is locked, and the time stamps in it),
with `unlock` the same PDF without its lock. Pages are drawn by Debian's `pdftoppm` under the same limits. Whatever a
flaw of a reader may do ends with the child; it has neither keys nor a database, and its environment is empty.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MEMORY = 768 * 1024 * 1024
CPU_SECONDS = 20
PAGES_OF_TEXT = 5
LONGEST_TEXT = 40_000
LARGEST = 100 * 1024 * 1024
"""Larger PDFs are kept, but not opened here."""
LONGEST_WORD = 1024
WIDTH = 1100
"""Pixels across of a drawn page."""


class Unreadable(Exception):
    """The file cannot be opened: broken, locked with another word, too large, or too slow."""


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """A time stamp in a PDF: its token, and the two ranges of bytes that it covers."""

    token: bytes
    ranges: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Pdf:
    """What a PDF says."""

    pages: int
    text: str
    is_locked: bool
    stamps: tuple[Stamp, ...]


def pdf(content: bytes, *, word: str = "") -> Pdf:
    """Pages, text and time stamps of a PDF. Raises `Unreadable`."""
    said = _asked("read", content, word)
    try:
        found: dict[str, Any] = json.loads(said)
        return Pdf(
            pages=int(found["pages"]),
            text=str(found["text"]),
            is_locked=bool(found["is_locked"]),
            stamps=tuple(
                Stamp(token=bytes.fromhex(one["token"]), ranges=tuple(int(place) for place in one["ranges"]))
                for one in found["stamps"]
            ),
        )
    except (ValueError, KeyError, TypeError):
        raise Unreadable from None


def page(content: bytes, *, number: int, word: str = "") -> bytes:
    """One page as a PNG picture, counted from 1. Raises `Unreadable`, also where poppler is not installed."""
    place = str(number)
    with tempfile.TemporaryDirectory(prefix="warifu-page-") as folder:
        out = Path(folder) / "page"
        drawing = ["pdftoppm", "-png", "-f", place, "-l", place, "-singlefile", "-scale-to-x", str(WIDTH)]
        opened = _asked("unlock", content, word) if word else content
        _run([*drawing, "-scale-to-y", "-1", "-", str(out)], opened, may_write=32 * 1024 * 1024)
        drawn = out.with_suffix(".png")
        if not drawn.exists():
            raise Unreadable
        return drawn.read_bytes()


def _asked(what: str, content: bytes, word: str) -> bytes:
    """What the child answers; a password holds no line break."""
    line = word.replace("\n", "").encode("utf-8", "surrogatepass") + b"\n"
    return _run([sys.executable, "-I", "-m", "warifu.folders.reading", what], line + content)


def _run(command: list[str], content: bytes, *, may_write: int = 0) -> bytes:
    if len(content) > LARGEST + LONGEST_WORD:
        raise Unreadable
    limits = [
        "prlimit",
        f"--as={MEMORY}",
        f"--cpu={CPU_SECONDS}",
        "--core=0",
        f"--fsize={may_write}",
    ]
    try:
        child = subprocess.run(  # noqa: S603
            [*limits, *command],
            input=content,
            capture_output=True,
            timeout=2 * CPU_SECONDS,
            check=False,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin"},
        )
    except (OSError, subprocess.TimeoutExpired):
        raise Unreadable from None
    if child.returncode != 0:
        raise Unreadable
    return child.stdout


def main(what: str) -> None:
    """Read standard input, write to standard output; any exception ends the child with status 1."""
    import io  # noqa: PLC0415
    import logging  # noqa: PLC0415

    from pypdf import PdfReader, PdfWriter  # noqa: PLC0415

    logging.disable(logging.CRITICAL)
    word = sys.stdin.buffer.readline().removesuffix(b"\n").decode("utf-8", "surrogatepass")
    reader = PdfReader(io.BytesIO(sys.stdin.buffer.read()), strict=False)
    is_locked = reader.is_encrypted
    is_open = not is_locked or bool(reader.decrypt(word))
    if what == "unlock":
        unlocked = io.BytesIO()
        PdfWriter(clone_from=reader).write(unlocked)
        sys.stdout.buffer.write(unlocked.getvalue())
    elif is_open:
        texts = [reader.pages[place].extract_text() for place in range(min(PAGES_OF_TEXT, len(reader.pages)))]
        text = "\n".join(texts)[:LONGEST_TEXT]
        _say({"pages": len(reader.pages), "text": text, "is_locked": is_locked, "stamps": _stamps(reader)})
    else:
        _say({"pages": 0, "text": "", "is_locked": True, "stamps": []})


def _stamps(reader: Any) -> list[dict[str, Any]]:
    """Document time stamps (ETSI.RFC3161) among the signature fields."""
    found = []
    for field in (reader.get_fields() or {}).values():
        value = field.get("/V")
        signature: Any = value.get_object() if value is not None else None
        if not hasattr(signature, "get") or signature.get("/SubFilter") != "/ETSI.RFC3161":
            continue
        token = signature["/Contents"]
        raw = token.original_bytes if hasattr(token, "original_bytes") else bytes(token)
        found.append({"token": raw.hex(), "ranges": [int(place) for place in signature["/ByteRange"]]})
    return found


def _say(found: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(found, ensure_ascii=True))


if __name__ == "__main__":
    main(sys.argv[1])
