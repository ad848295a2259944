"""What kind of file the bytes are, told from the bytes and never from the name (V-05)."""

from __future__ import annotations

import re
from enum import Enum

from warifu.folders.rules.fields import visible
from warifu.foundation.refusals import translatable as _

HEAD = 8192
"""How many of the first bytes are enough."""


class Media(Enum):
    """Kinds of files as far as the house can show them; everything else is kept all the same (D-06)."""

    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"
    XML = "application/xml"
    MAIL = "message/rfc822"
    OTHER = "application/octet-stream"

    @property
    def label(self) -> str:
        """The name on screen."""
        return _LABELS[self]


_LABELS = {
    Media.PDF: _("PDF"),
    Media.JPEG: _("画像（JPEG）"),
    Media.PNG: _("画像（PNG）"),
    Media.XML: _("電子データ（XML）"),
    Media.MAIL: _("メール（.eml）"),
    Media.OTHER: _("その他のファイル"),
}
_HEADERS = re.compile(rb"(?im)^(received|from|date|message-id|return-path|mime-version|subject):")


def media_of(*, head: bytes, file_name: str) -> Media:
    """The kind of a file by its first bytes. Mail has no mark of its own: its headers and the ending tell together."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if file_name.lower().endswith(".eml") and len(set(_HEADERS.findall(head[:HEAD]))) >= 2:
        return Media.MAIL
    if b"%PDF-" in head[:1024]:
        return Media.PDF
    if head.startswith(b"\xff\xd8\xff"):
        return Media.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Media.PNG
    if start.startswith(b"<?xml") or (file_name.lower().endswith(".xml") and start.startswith(b"<")):
        return Media.XML
    return Media.OTHER


def plain_name(text: str) -> str:
    """A file's name without folders and signs that no system allows, at most 150 characters with its ending."""
    base = re.split(r"[/\\]", text)[-1]
    base = "".join(char for char in visible(base) if char not in '\n\t<>:"|?*').strip(". ")
    if len(base) > 150:
        stem, dot, ending = base.rpartition(".")
        base = f"{stem[: 149 - len(ending)]}{dot}{ending}" if dot and len(ending) < 12 else base[:150]
    return base or "file"
