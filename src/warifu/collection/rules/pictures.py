"""写真の規則: what kind of file a picture is and how large, read from its first bytes without decoding it (V-05).

Only the header is read, so that a request costs next to nothing and no decoder sees what a stranger sent; the worker
decodes later, in a limited process of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000
MAX_PICTURES = 24
"""Pictures that lie in one submission at a time."""
MAX_UPLOADS = 120
"""Pictures that one person may send in all rounds together, replaced ones included (V-05 5.2.4)."""

_PNG = b"\x89PNG\r\n\x1a\n"
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif")
_NO_LENGTH = frozenset((0x01, 0xD8, *range(0xD0, 0xD8)))
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True, kw_only=True)
class Header:
    """What the first bytes of a picture say: its media type, and its width and height in pixels."""

    media_type: str
    width: int
    height: int


def read_header(content: bytes) -> Header | None:
    """The header of a JPEG or PNG; None for anything else and for broken ones."""
    if content.startswith(_PNG):
        return _png(content)
    if content.startswith(b"\xff\xd8\xff"):
        return _jpeg(content)
    return None


def is_heif(content: bytes) -> bool:
    """Whether the bytes are a HEIC, HEIF or AVIF picture, which phones take and this house does not decode."""
    return content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS


def is_pdf(content: bytes) -> bool:
    """Whether the bytes are a PDF."""
    return content[:1024].lstrip().startswith(b"%PDF-")


def _png(content: bytes) -> Header | None:
    if content[12:16] != b"IHDR" or len(content) < 33:
        return None
    return _header("image/png", int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big"))


def _jpeg(content: bytes) -> Header | None:
    place = 2
    while place + 4 <= len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        if marker == 0xFF:
            place += 1
            continue
        if marker in _NO_LENGTH:
            place += 2
            continue
        length = int.from_bytes(content[place + 2 : place + 4], "big")
        if marker in _FRAMES and place + 9 <= len(content):
            height = int.from_bytes(content[place + 5 : place + 7], "big")
            return _header("image/jpeg", int.from_bytes(content[place + 7 : place + 9], "big"), height)
        if length < 2 or marker in (0xD9, 0xDA):
            return None
        place += 2 + length
    return None


def _header(media_type: str, width: int, height: int) -> Header | None:
    return Header(media_type=media_type, width=width, height=height) if width and height else None
