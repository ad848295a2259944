"""The certificate database of Chromium and other programs on Linux: ~/.pki/nssdb, written by certutil and pk12util."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from warifu_agent import passwords
from warifu_agent.credential import Credential
from warifu_agent.dialogue import Dialogue
from warifu_agent.faults import StoreRefused
from warifu_agent.stores import tool
from warifu_agent.words import Words

_DATABASE_PASSWORD = Words("証明書データベースのパスワード", "Password of the certificate database")


class NssStore:
    """The database of this person."""

    kind = "nss"
    words = Words(
        "このパソコンのブラウザー(Chromium・Chrome など、証明書データベース)",
        "The browsers of this computer (Chromium, Chrome and others; certificate database)",
    )

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path.home() / ".pki" / "nssdb"

    def is_here(self) -> bool:
        """On Linux, where the tools are installed."""
        return sys.platform.startswith("linux") and shutil.which("pk12util") is not None

    def install(self, credential: Credential, dialogue: Dialogue) -> str:
        """Import by pk12util. Two passwords go to it over its standard input: a random one that protects the file
        for a moment, and that of the database (empty, as browsers make it, or asked for)."""
        database = f"sql:{self.folder}"
        if not (self.folder / "cert9.db").exists():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            tool.run("certutil", "-N", "-d", database, "--empty-password")
        password = passwords.generated()
        with tool.for_a_moment(credential.as_file(password=password), ending=".p12") as path:
            words = ("pk12util", "-i", str(path), "-d", database, "-w", "/dev/stdin")
            done = tool.run(*words, "-K", "", said=password)
            if done.returncode != 0 and self._has_password(database):
                own = dialogue.ask_secret(_DATABASE_PASSWORD)
                with tool.for_a_moment(own.encode(), ending=".txt") as own_file:
                    done = tool.run(*words, "-k", str(own_file), said=password)
        if done.returncode != 0:
            raise StoreRefused(place=self.folder)
        return str(self.folder)

    @staticmethod
    def _has_password(database: str) -> bool:
        with tool.for_a_moment(b"\n", ending=".txt") as nothing:
            return tool.run("certutil", "-K", "-d", database, "-f", str(nothing)).returncode != 0
