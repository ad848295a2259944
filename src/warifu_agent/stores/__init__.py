"""Where a key and its certificate are kept on this computer."""

from __future__ import annotations

from typing import Protocol

from warifu_agent.credential import Credential
from warifu_agent.dialogue import Dialogue
from warifu_agent.stores.file import FileStore
from warifu_agent.stores.keychain import Keychain
from warifu_agent.stores.nss import NssStore
from warifu_agent.stores.windows import WindowsStore
from warifu_agent.words import Words


class Store(Protocol):
    """One place for keys and certificates."""

    kind: str
    words: Words

    def is_here(self) -> bool:
        """Whether this computer has the place and the tools for it."""

    def install(self, credential: Credential, dialogue: Dialogue) -> str:
        """Put a key and its certificate into it; returns where that is, in words for the person.

        Raises `ToolMissing`, `StoreRefused`, `FileNotWritten`, `Stopped`.
        """


def available() -> list[Store]:
    """The places of this computer, the best first; a file is always possible."""
    every: list[Store] = [WindowsStore(), Keychain(), NssStore(), FileStore()]
    return [store for store in every if store.is_here()]
