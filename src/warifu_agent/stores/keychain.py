"""The login keychain of macOS, written by `security`. Not tested here."""

from __future__ import annotations

import sys

from warifu_agent import passwords
from warifu_agent.credential import Credential
from warifu_agent.dialogue import Dialogue
from warifu_agent.faults import StoreRefused
from warifu_agent.stores import tool
from warifu_agent.words import Words


class Keychain:
    """The login keychain: Safari and Chrome read it; the key is marked as one that cannot be taken out."""

    kind = "keychain"
    words = Words("macOS のキーチェーン(ログイン)", "The keychain of macOS (login)")

    def is_here(self) -> bool:
        """On macOS."""
        return sys.platform == "darwin"

    def install(self, credential: Credential, dialogue: Dialogue) -> str:
        """Import by `security -i`, which reads its command, with the file's random password, from standard input.

        Its importer reads the old style of such files everywhere; the file lives for a moment.
        """
        password = passwords.generated()
        content = credential.as_file(password=password, is_old_style=True)
        with tool.for_a_moment(content, ending=".p12") as path:
            done = tool.run("security", "-i", said=f'import "{path}" -k login.keychain -f pkcs12 -P "{password}" -x\n')
        if done.returncode != 0 or "error" in done.stderr.lower():
            raise StoreRefused(place="login.keychain")
        return "login.keychain"
