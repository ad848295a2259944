"""A .p12 file, for every other program and for carrying the certificate to another device."""

from __future__ import annotations

import os
from pathlib import Path

from warifu_agent import passwords
from warifu_agent.credential import Credential, details
from warifu_agent.dialogue import Dialogue
from warifu_agent.faults import FileNotWritten
from warifu_agent.words import Words, same

_WHERE = Words("保存するファイル", "File to save to")
_HOW = Words("ファイルのパスワード", "The file's password")
_GENERATED = Words("ツールに作ってもらう(おすすめ)", "Have one made (recommended)")
_OWN = Words("自分で決める", "Choose one")
_FIRST = Words("パスワード(12文字以上の半角文字)", "Password (12 or more plain letters and digits)")
_SECOND = Words("もう一度", "Once more")
_DIFFER = Words("二つのパスワードが違います。", "The two passwords differ.")
_UNFIT = Words(
    "12文字以上の、半角の文字と数字と記号にしてください。", "Use 12 or more plain letters, digits and signs."
)
_NOTED = Words("控えましたか", "Did you note it")
_THIS = Words(
    "ファイルのパスワードです。いま控えてください。二度と表示しません。",
    "This is the file's password. Note it now; it is not shown again.",
)


class FileStore:
    """A file that the person names."""

    kind = "file"
    words = Words("ファイルに保存する(.p12)", "Save to a file (.p12)")

    def is_here(self) -> bool:
        """Everywhere."""
        return True

    def install(self, credential: Credential, dialogue: Dialogue) -> str:
        """Ask where, and for a password typed twice or made; write a new file that nobody else can read."""
        serial = details(credential.certificate).serial.replace(":", "")[-8:].lower()
        proposed = str(Path.home() / f"warifu-{serial}.p12")
        path = Path(dialogue.ask(_WHERE, default=proposed)).expanduser().absolute()
        is_made = dialogue.choose(_HOW, [("made", _GENERATED), ("own", _OWN)], default="made") == "made"
        password = passwords.generated() if is_made else _chosen(dialogue)
        content = credential.as_file(password=password)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
        except OSError:
            raise FileNotWritten(path=path) from None
        if is_made:
            dialogue.tell(_THIS)
            dialogue.tell(same(password))
            dialogue.tell(same(passwords.read_aloud(password)))
            while not dialogue.confirm(_NOTED):
                continue
        return str(path)


def _chosen(dialogue: Dialogue) -> str:
    while True:
        password = dialogue.ask_secret(_FIRST)
        if not passwords.is_fit(password):
            dialogue.tell(_UNFIT)
        elif dialogue.ask_secret(_SECOND) != password:
            dialogue.tell(_DIFFER)
        else:
            return password
