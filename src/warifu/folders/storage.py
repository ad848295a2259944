"""Where the original bytes lie: a folder of this machine, or an S3-compatible store (settings `folders_*`).

One object for each record, written once and never over another one. The bytes lie as they came (ADR 0023). What the
store cannot do is said as a refusal: full, or down.
"""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import RawIOBase
from typing import Any, cast
from uuid import UUID

import structlog
from django.core.files.base import File
from django.core.files.storage import Storage, storages

from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _

PIECE = 1024 * 1024

log = structlog.get_logger("warifu.folders")


class StoreFull(Refused):
    """There is no room on the disk or in the bucket."""

    code = "WF-F501"
    sentence = _("保存場所がいっぱいのため、ファイルを受け取れませんでした。")
    remedy = _("お手元のファイルはそのまま残しておき、運用者に知らせてください。場所ができたら、続きから送れます。")
    status = 507


class StoreDown(Refused):
    """The store does not answer, or answers with a fault."""

    code = "WF-F502"
    sentence = _("ファイルの保存場所につながりません。")
    remedy = _("数分おいてから、もう一度お試しください。途中まで送った分は残っています。")
    status = 503


class OriginalMissing(Refused):
    """The store has no such object; the nightly check names such records."""

    code = "WF-F503"
    sentence = _("保存されているはずのファイルが見つかりません。")
    remedy = _("記録の欄は残っています。管理者と運用者に、この番号と記録の番号を知らせてください。")
    status = 500


@dataclass(frozen=True, kw_only=True)
class Stored:
    """An object that was written: its name, size and SHA-256."""

    name: str
    size: int
    sha256: str


def keep(*, folder_id: UUID, record_id: UUID, pieces: Iterable[bytes]) -> Stored:
    """Write a record's original bytes; returns what was written. Raises `StoreFull`, `StoreDown`."""
    name = f"{folder_id}/{record_id.hex[-2:]}/{record_id}"
    stream = _Pieces(pieces)
    try:
        written = _store().save(name, File(cast(Any, stream), name=name))
        if written != name:
            _store().delete(written)
            raise RuntimeError("an original is never written twice")
    except OSError as fault:
        raise _refusal(fault) from fault
    except _faults() as fault:
        raise _refusal(fault) from fault
    return Stored(name=name, size=stream.size, sha256=stream.digest.hexdigest())


def keep_part(*, upload_id: UUID, name: str, content: bytes) -> str:
    """Write one piece of a file that is still on its way; returns its name. Raises `StoreFull`, `StoreDown`."""
    path = f"incoming/{upload_id}/{name}"
    try:
        return _store().save(path, File(cast(Any, _Pieces([content])), name=path))
    except OSError as fault:
        raise _refusal(fault) from fault
    except _faults() as fault:
        raise _refusal(fault) from fault


def pieces(*, name: str) -> Iterator[bytes]:
    """The bytes of an object, a megabyte at a time. Raises `OriginalMissing`, `StoreDown`."""
    try:
        with _store().open(name, "rb") as file:
            while piece := file.read(PIECE):
                yield piece
    except FileNotFoundError:
        raise OriginalMissing from None
    except OSError as fault:
        raise StoreDown from fault
    except _faults() as fault:
        raise StoreDown from fault


def content(*, name: str) -> bytes:
    """All bytes of an object. Raises `OriginalMissing`, `StoreDown`."""
    return b"".join(pieces(name=name))


def head(*, name: str, length: int) -> bytes:
    """The first bytes of an object. Raises `OriginalMissing`, `StoreDown`."""
    found = b""
    for piece in pieces(name=name):
        found += piece
        if len(found) >= length:
            break
    return found[:length]


def drop(*, name: str) -> None:
    """Take an object away: parts of uploads, and originals after the end of keeping. Raises `StoreDown`."""
    try:
        _store().delete(name)
    except OSError as fault:
        raise StoreDown from fault
    except _faults() as fault:
        raise StoreDown from fault


def _store() -> Storage:
    return storages["folders"]


class _Pieces(RawIOBase):
    """Pieces as a file that can only be read, counted and hashed on the way. Rewinding works before the first byte."""

    def __init__(self, given: Iterable[bytes]) -> None:
        super().__init__()
        self._given = iter(given)
        self._rest = b""
        self.digest = hashlib.sha256()
        self.size = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def seek(self, offset: int, whence: int = 0, /) -> int:
        if (offset, whence, self.size) != (0, 0, 0):
            raise OSError(errno.ESPIPE, "a stream of pieces")
        return 0

    def tell(self) -> int:
        return self.size

    def read(self, size: int = -1, /) -> bytes:
        while size < 0 or len(self._rest) < size:
            piece = next(self._given, None)
            if piece is None:
                break
            self._rest += piece
        taken, self._rest = (self._rest, b"") if size < 0 else (self._rest[:size], self._rest[size:])
        self.digest.update(taken)
        self.size += len(taken)
        return taken

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        while piece := self.read(chunk_size or PIECE):
            yield piece


def _faults() -> tuple[type[Exception], ...]:
    """What the client of an S3 store raises, where it is installed."""
    try:
        from boto3.exceptions import Boto3Error  # type: ignore[import-untyped]  # noqa: PLC0415
        from botocore.exceptions import (  # type: ignore[import-untyped]  # noqa: PLC0415
            BotoCoreError,
            ClientError,
        )
    except ImportError:
        return ()
    return (BotoCoreError, ClientError, Boto3Error)


def _refusal(fault: Any) -> Refused:
    log.warning("store_fault", kind=type(fault).__name__)
    full = isinstance(fault, OSError) and fault.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    said = str(fault)
    if full or "507" in said or "XMinioStorageFull" in said or "QuotaExceeded" in said:
        return StoreFull()
    return StoreDown()
