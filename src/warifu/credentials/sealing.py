"""How this room seals what it must be able to open again: secrets of authenticators, keys of authorities.

A box is `version | key id | nonce | cipher text | tag` (AES-256-GCM), bound to its place by associated data. The keys
stand in a file of their own, `<id> <64 hexadecimal digits>` a line, the newest first; the vault's keys open nothing
here and these open nothing there.
"""

from __future__ import annotations

import os
import secrets
import stat
import struct
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _

_HEADER = struct.Struct(">BI")
_VERSION = 1
_NONCE = 12
_SECRET = 32


class CredentialKeyMissing(Refused):
    """The key file of 資格 cannot be read, is open to others, or lacks the key that is needed."""

    code = "WF-S901"
    sentence = _("資格の鍵を読めないため、認証アプリと電子証明書を扱えません。")
    remedy = _("運用者に連絡してください。運用者は `warifu doctor` で鍵のファイルを確かめます。")
    status = 503


class BoxBroken(Refused):
    """A sealed secret was altered, or belongs elsewhere."""

    code = "WF-S902"
    sentence = _("封緘された秘密を開けません。")
    remedy = _("運用者に連絡してください。登録し直すと、使えるようになります。")
    status = 503


def create(path: Path) -> None:
    """Make the key file with its first key; raises FileExistsError when there is one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(f"1 {secrets.token_hex(_SECRET)}\n")


def seal(content: bytes, *, place: str) -> bytes:
    """A box with the content, bound to a place such as `authenticator|<id>`. Raises `CredentialKeyMissing`."""
    key_id, secret = next(iter(_keys().items()))
    head, nonce = _HEADER.pack(_VERSION, key_id), os.urandom(_NONCE)
    return head + nonce + AESGCM(secret).encrypt(nonce, content, head + place.encode())


def open_box(box: bytes | memoryview, *, place: str) -> bytes:
    """The content of a box. Raises `BoxBroken` when any bit of box or place is not as it was."""
    box = bytes(box)
    if len(box) < _HEADER.size + _NONCE:
        raise BoxBroken
    head, nonce, body = box[: _HEADER.size], box[_HEADER.size : _HEADER.size + _NONCE], box[_HEADER.size + _NONCE :]
    version, key_id = _HEADER.unpack(head)
    secret = _keys().get(key_id)
    if version != _VERSION or secret is None:
        raise BoxBroken
    try:
        return AESGCM(secret).decrypt(nonce, body, head + place.encode())
    except InvalidTag:
        raise BoxBroken from None


def _keys() -> dict[int, bytes]:
    path = settings.WARIFU.key_file("credentials")
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise CredentialKeyMissing
        pairs = [line.split() for line in path.read_text(encoding="ascii").splitlines() if line.strip()]
        keys = {int(key_id): bytes.fromhex(secret) for key_id, secret in pairs}
    except (OSError, ValueError):
        raise CredentialKeyMissing from None
    if not keys or any(len(secret) != _SECRET for secret in keys.values()):
        raise CredentialKeyMissing
    return keys
