"""The certificate store of the person on Windows (CurrentUser\\My), written by PowerShell. Not tested here."""

from __future__ import annotations

import sys

from warifu_agent import passwords
from warifu_agent.credential import Credential
from warifu_agent.dialogue import Dialogue
from warifu_agent.faults import StoreRefused
from warifu_agent.stores import tool
from warifu_agent.words import Words

_SCRIPT = """$ErrorActionPreference = 'Stop'
$password = ConvertTo-SecureString -String '{password}' -AsPlainText -Force
Import-PfxCertificate -FilePath '{path}' -CertStoreLocation 'Cert:\\CurrentUser\\My' -Password $password | Out-Null
"""


class WindowsStore:
    """CurrentUser\\My: Edge and Chrome read it; the key cannot be taken out again."""

    kind = "windows"
    words = Words("Windows の証明書ストア(個人)", "The certificate store of Windows (personal)")

    def is_here(self) -> bool:
        """On Windows."""
        return sys.platform == "win32"

    def install(self, credential: Credential, dialogue: Dialogue) -> str:
        """Import by PowerShell, which reads its script, with the file's random password, from standard input."""
        password = passwords.generated()
        with tool.for_a_moment(credential.as_file(password=password), ending=".pfx") as path:
            quoted = str(path).replace("'", "''")
            script = _SCRIPT.format(password=password, path=quoted)
            done = tool.run("powershell", "-NoProfile", "-NonInteractive", "-Command", "-", said=script)
        if done.returncode != 0:
            raise StoreRefused(place="CurrentUser\\My")
        return "CurrentUser\\My"
