"""The key file of 資格, which seals secrets of authenticators and keys of authorities."""

from __future__ import annotations

from pathlib import Path

from warifu.credentials import sealing
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _


class KeyFileThere(Refused):
    """A key file is never overwritten: what it opens would be lost."""

    code = "WF-S903"
    sentence = _("資格の鍵のファイルがすでにあります: {path}。")
    remedy = _("上書きすると、認証アプリと認証局の鍵を開けなくなります。いまのファイルをお使いください。")


def create(*, path: Path) -> None:
    """Make the key file with its first key. Raises `KeyFileThere`."""
    try:
        sealing.create(path)
    except FileExistsError:
        raise KeyFileThere(path=str(path)) from None
