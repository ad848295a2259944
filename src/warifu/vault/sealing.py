"""How the vault seals: the only module that knows keys and ciphers; only the vault opens this.

A box is `version | key id | nonce | cipher text | tag` (AES-256-GCM): 45 bytes for a number. Three kinds of key stand
in a row: a data key for each number and each file, wrapped by the key of its organisation, wrapped by a master key
that a `MasterKeys` provider keeps. Each box is bound to its place by associated data, organisation|record|field, so
that a box moved to another row, field or organisation does not open.
"""

from __future__ import annotations

import hmac
import os
import secrets
import stat
import struct
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import IntegrityError, transaction

from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.vault.models import OrganisationKey
from warifu.vault.rules import SealBroken

VERSION = 1
Column = bytes | memoryview | None
"""What a binary column holds: bytes with SQLite, a view of memory with PostgreSQL."""

NUMBER_KEY = "number-key"
FILE_KEY = "file-key"
_HEADER = struct.Struct(">BI")
_NONCE = 12
_SECRET = 32
_TAG = 16
_KNOWN_AT_MOST = 4096


class MasterKeyMissing(Refused):
    """The master keys cannot be read, or lack the one that is needed."""

    code = "WF-V502"
    sentence = _("金庫の鍵を読めないため、個人番号と画像を扱えません。")
    remedy = _("運用者に連絡してください。運用者は `warifu doctor` で鍵のファイルを確かめます。")
    status = 503


class MasterKeyExposed(Refused):
    """Other users of the machine may read the key file, so it is not used."""

    code = "WF-V503"
    sentence = _("金庫の鍵のファイルを、ほかの利用者が読めるようになっています。")
    remedy = _("運用者が `chmod 600` で、動かしている利用者だけが読めるようにしてください。")
    status = 503


class Key:
    """One key of 256 bits with its number of 32 bits; the cipher object is made once and kept."""

    __slots__ = ("_cipher", "_head", "id")

    def __init__(self, key_id: int, secret: bytes) -> None:
        self.id = key_id
        self._head = _HEADER.pack(VERSION, key_id)
        self._cipher = AESGCM(secret)

    def seal(self, content: bytes, place: bytes) -> bytes:
        """A box with the content, bound to its place; the nonce is random."""
        nonce = os.urandom(_NONCE)
        return self._head + nonce + self._cipher.encrypt(nonce, content, self._head + place)

    def open(self, box: bytes, place: bytes) -> bytes:
        """The content of a box; raises `SealBroken` when any bit of box or place is not as it was."""
        body = _HEADER.size + _NONCE
        if box[: _HEADER.size] != self._head:
            raise SealBroken
        try:
            return self._cipher.decrypt(box[_HEADER.size : body], box[body:], self._head + place)
        except (InvalidTag, ValueError):
            raise SealBroken from None


class OrganisationSecret:
    """The unwrapped key of one organisation: wraps data keys and makes the tags that find duplicates."""

    __slots__ = ("_tag_key", "_wrapper", "id")

    def __init__(self, key_id: int, secret: bytes) -> None:
        self.id = key_id
        self._wrapper = Key(key_id, _derived(secret, b"warifu data keys"))
        self._tag_key = _derived(secret, b"warifu duplicate tags")

    def fresh_data_key(self, place: bytes) -> tuple[Key, bytes]:
        """A new data key, and its wrapped form to keep beside what it seals."""
        plain = os.urandom(4 + _SECRET)
        return _data_key(plain), self._wrapper.seal(plain, place)

    def data_key(self, wrapped: bytes, place: bytes) -> Key:
        """The data key in a wrapped form."""
        return _data_key(self._wrapper.open(wrapped, place))

    def rewrap(self, wrapped: bytes, place: bytes, *, under: OrganisationSecret) -> bytes:
        """The same data key, wrapped by this key instead of the one it is under."""
        return self._wrapper.seal(under._wrapper.open(wrapped, place), place)

    def tag(self, digits: str) -> bytes:
        """The tag of a number: equal inside one organisation only, and worthless without the key (P-06)."""
        return hmac.digest(self._tag_key, digits.encode("ascii"), "sha256")[:_TAG]


def place(organisation_id: UUID, record: UUID, field: str) -> bytes:
    """The associated data of a box: organisation|record|field."""
    return _row_of(organisation_id, record) + field.encode("ascii")


def _row_of(organisation_id: UUID, record: UUID) -> bytes:
    return b"%b|%b|" % (organisation_id.bytes, record.bytes)


def seal_number(secret: OrganisationSecret, *, organisation_id: UUID, ref: UUID, digits: str) -> tuple[bytes, bytes]:
    """Seal twelve digits under a fresh data key; returns the wrapped key and the box."""
    row = _row_of(organisation_id, ref)
    key, wrapped = secret.fresh_data_key(row + NUMBER_KEY.encode("ascii"))
    return wrapped, key.seal(digits.encode("ascii"), row + b"number")


def open_number(
    *,
    organisation_id: UUID,
    ref: UUID,
    key_id: int | None,
    wrapped: Column,
    box: Column,
) -> str:
    """The twelve digits of a sealed number; raises `SealBroken`."""
    if key_id is None or wrapped is None or box is None:
        raise SealBroken
    secret = organisation_secret(organisation_id=organisation_id, key_id=key_id)
    row = _row_of(organisation_id, ref)
    key = secret.data_key(bytes(wrapped), row + NUMBER_KEY.encode("ascii"))
    return key.open(bytes(box), row + b"number").decode("ascii")


class MasterKeys(Protocol):
    """Who keeps the master keys: a file, later a PKCS#11 token or a cloud service. Keys need not leave it."""

    def current(self) -> str:
        """The id of the key that wraps from now on."""
        ...

    def wrap(self, secret: bytes, place: bytes) -> tuple[str, bytes]:
        """Wrap an organisation's key; returns the master key's id and the wrapped form."""
        ...

    def unwrap(self, master_id: str, wrapped: bytes, place: bytes) -> bytes:
        """Unwrap an organisation's key."""
        ...

    def renew(self) -> str:
        """Make a new current key; the older ones stay until nothing needs them. Returns its id."""
        ...


@dataclass(frozen=True)
class FileMasterKeys:
    """Master keys in a file: one line `<id> <64 hexadecimal digits>` each, the newest first.

    Raises `MasterKeyMissing` and `MasterKeyExposed`. The file is read at each use: unwrapped organisation keys are
    kept in memory, so this is once for each of them and process.
    """

    path: Path

    def current(self) -> str:
        """The id on the first line."""
        return str(self._keys()[0].id)

    def wrap(self, secret: bytes, place: bytes) -> tuple[str, bytes]:
        """Wrap with the first key of the file."""
        key = self._keys()[0]
        return str(key.id), key.seal(secret, place)

    def unwrap(self, master_id: str, wrapped: bytes, place: bytes) -> bytes:
        """Unwrap with the key of that id."""
        for key in self._keys():
            if str(key.id) == master_id:
                return key.open(wrapped, place)
        raise MasterKeyMissing

    def renew(self) -> str:
        """Write the file anew with one more key at its head; a crash leaves the old file or the new one."""
        before = self._text()
        new_id = max(key.id for key in self._keys()) + 1
        line = f"{new_id} {secrets.token_hex(_SECRET)}\n"
        write_privately(self.path.with_name(f"{self.path.name}.new"), (line + before).encode("ascii"))
        self.path.with_name(f"{self.path.name}.new").replace(self.path)
        return str(new_id)

    @staticmethod
    def create(path: Path) -> None:
        """Make the file with its first key; raises FileExistsError when there is one."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_privately(path, f"1 {secrets.token_hex(_SECRET)}\n".encode("ascii"), anew=True)

    def _text(self) -> str:
        try:
            if stat.S_IMODE(self.path.stat().st_mode) & 0o077:
                raise MasterKeyExposed
            return self.path.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            raise MasterKeyMissing from None

    def _keys(self) -> list[Key]:
        try:
            pairs = [line.split() for line in self._text().splitlines() if line.strip()]
            keys = [Key(int(key_id), _master_secret(secret)) for key_id, secret in pairs]
        except (ValueError, struct.error):
            raise MasterKeyMissing from None
        if not keys:
            raise MasterKeyMissing
        return keys


def master_keys() -> MasterKeys:
    """The provider of this installation."""
    return FileMasterKeys(settings.WARIFU.key_file("master"))


_known: dict[tuple[UUID, int], OrganisationSecret] = {}


def organisation_secret(*, organisation_id: UUID, key_id: int) -> OrganisationSecret:
    """An organisation's key by its id, unwrapped once for each process; raises `SealBroken` for any other's.

    Ids are random and never used twice, so what is kept here stays true.
    """
    known = _known.get((organisation_id, key_id))
    if known is not None:
        return known
    row = OrganisationKey.objects.filter(id=key_id, organisation_id=organisation_id).first()
    if row is None or row.state == OrganisationKey.State.DESTROYED:
        raise SealBroken
    return _remember(row)


def current_organisation_secret(*, organisation_id: UUID, at: datetime) -> OrganisationSecret:
    """The key that seals for an organisation now; its first one is made here. One query."""
    row = _current(organisation_id)
    if row is None:
        try:
            with transaction.atomic():
                return new_organisation_secret(organisation_id=organisation_id, at=at)
        except IntegrityError:
            row = _current(organisation_id)
            if row is None:
                raise
    return _known.get((organisation_id, row.id)) or _remember(row)


def new_organisation_secret(*, organisation_id: UUID, at: datetime) -> OrganisationSecret:
    """Make a new current key; the one before, if any, must have been set aside in the same transaction."""
    secret = os.urandom(_SECRET)
    master_id, wrapped = master_keys().wrap(secret, _place_of_key(organisation_id))
    row = OrganisationKey(
        id=secrets.randbelow(2**32 - 1) + 1,
        organisation_id=organisation_id,
        wrapped=wrapped,
        master_id=master_id,
        created_at=at,
    )
    row.save(force_insert=True)
    return OrganisationSecret(row.id, secret)


def rewrapped_for_master(row: OrganisationKey) -> tuple[str, bytes]:
    """An organisation's key under the current master key: the master's id and the wrapped form."""
    masters = master_keys()
    where = _place_of_key(row.organisation_id)
    return masters.wrap(masters.unwrap(row.master_id, bytes(row.wrapped), where), where)


def write_privately(path: Path, content: bytes, *, anew: bool = False) -> None:
    """Write a file that its owner alone may read, down to the disk; `anew` raises FileExistsError over another."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | (os.O_EXCL if anew else 0)
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _current(organisation_id: UUID) -> OrganisationKey | None:
    return OrganisationKey.objects.filter(organisation_id=organisation_id, state=OrganisationKey.State.CURRENT).first()


def _remember(row: OrganisationKey) -> OrganisationSecret:
    secret = master_keys().unwrap(row.master_id, bytes(row.wrapped), _place_of_key(row.organisation_id))
    if len(_known) >= _KNOWN_AT_MOST:
        _known.clear()
    found = OrganisationSecret(row.id, secret)
    _known[row.organisation_id, row.id] = found
    return found


def _place_of_key(organisation_id: UUID) -> bytes:
    return place(organisation_id, organisation_id, "organisation-key")


def _data_key(plain: bytes) -> Key:
    return Key(int.from_bytes(plain[:4], "big"), plain[4:])


def _derived(secret: bytes, use: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=_SECRET, salt=None, info=use).derive(secret)


def _master_secret(text: str) -> bytes:
    secret = bytes.fromhex(text)
    if len(secret) != _SECRET:
        raise ValueError("a master key has 32 bytes")
    return secret
