"""Where things are on the card, as data: applications, files, secrets (cards.md 1.1 … 1.6).

The next card will have other applications, files and curves (cards.md 2.3); it needs another table, not other code.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from warifu_card.faults import PinMalformed
from warifu_card.words import Words

JPKI_AP = bytes.fromhex("D392F000260100000001")
PROFILE_AP = bytes.fromhex("D3921000310001010408")
SURFACE_AP = bytes.fromhex("D3921000310001010402")
RESIDENT_AP = bytes.fromhex("D3921000310001010401")
COMMON_AP = bytes.fromhex("D3921000310001010100")


class Kind(StrEnum):
    """What was put on the reader, by the label in JPKI's EF 0006 (cards.md 1.2)."""

    MY_NUMBER_CARD = "my-number-card"
    OLD_RESIDENT_CARD = "old-resident-card"
    ANDROID = "android"
    IPHONE = "iphone"
    UNKNOWN = "unknown"

    @property
    def words(self) -> Words:
        """What people call it."""
        return _KIND_WORDS[self]


LABELS = {
    "JPKIAPICCTOKEN2": Kind.MY_NUMBER_CARD,
    "JPKIAPICCTOKEN": Kind.OLD_RESIDENT_CARD,
    "JPKIAPGPSETOKEN": Kind.ANDROID,
    "JPKIAPIOSTOKEN": Kind.IPHONE,
}
_KIND_WORDS = {
    Kind.MY_NUMBER_CARD: Words("マイナンバーカード", "My Number Card"),
    Kind.OLD_RESIDENT_CARD: Words("住民基本台帳カード", "former resident register card"),
    Kind.ANDROID: Words("スマートフォン(Android)の電子証明書", "certificate in an Android phone"),
    Kind.IPHONE: Words("iPhone の電子証明書", "certificate in an iPhone"),
    Kind.UNKNOWN: Words("種類の分からないカード", "card of an unknown kind"),
}


@dataclass(frozen=True)
class Secret:
    """One of the card's secrets: where its counter is, and the form that what a person types must have.

    `tries` is how many it has when nothing was wrong (cards.md 1.3); None where nobody documented it.
    """

    name: str
    words: Words
    form: Words
    application: bytes
    file: int
    pattern: str
    tries: int | None

    def encoded(self, typed: str) -> bytes:
        """What goes to the card: NFKC (full-width digits would cost a try), capital letters, ASCII.

        Raises `PinMalformed`, before the card hears anything.
        """
        text = unicodedata.normalize("NFKC", typed).strip().upper()
        if not re.fullmatch(self.pattern, text, re.ASCII):
            raise PinMalformed(pin=self.words, form=self.form)
        return text.encode("ascii")


_FOUR = Words("数字4桁", "four digits")
AUTH_PIN = Secret(
    "auth", Words("利用者証明用電子証明書の暗証番号(数字4桁)", "PIN of the authentication certificate (4 digits)"),
    _FOUR, JPKI_AP, 0x0018, r"[0-9]{4}", 3,
)  # fmt: skip
SIGN_PASSWORD = Secret(
    "sign",
    Words("署名用電子証明書の暗証番号(英数字6〜16桁)", "password of the signing certificate (6 to 16 characters)"),
    Words("英大文字と数字の6〜16桁", "6 to 16 capital letters and digits"), JPKI_AP, 0x001B, r"[0-9A-Z]{6,16}", 5,
)  # fmt: skip
PROFILE_PIN = Secret(
    "profile", Words("券面事項入力補助用の暗証番号(数字4桁)", "PIN of the card-face input support (4 digits)"),
    _FOUR, PROFILE_AP, 0x0011, r"[0-9]{4}", 3,
)  # fmt: skip
RESIDENT_PIN = Secret(
    "resident", Words("住民基本台帳用の暗証番号(数字4桁)", "PIN of the resident register (4 digits)"),
    _FOUR, RESIDENT_AP, 0x001C, r"[0-9]{4}", 3,
)  # fmt: skip
NUMBER_KEY = Secret(
    "number-key", Words("照合番号A(個人番号12桁)", "key A (the 12-digit My Number)"),
    Words("数字12桁", "twelve digits"), SURFACE_AP, 0x0013, r"[0-9]{12}", 10,
)  # fmt: skip
FACE_KEY = Secret(
    "face-key",
    Words(
        "照合番号B(生年月日6桁・有効期限の西暦4桁・セキュリティコード4桁)",
        "key B (birth date, year of expiry, security code)",
    ),
    Words("数字14桁", "fourteen digits"), SURFACE_AP, 0x0012, r"[0-9]{14}", 10,
)  # fmt: skip
PROFILE_NUMBER_KEY = Secret(
    "profile-number-key", NUMBER_KEY.words, NUMBER_KEY.form, PROFILE_AP, 0x0014, NUMBER_KEY.pattern, 10
)
PROFILE_FACE_KEY = Secret("profile-face-key", FACE_KEY.words, FACE_KEY.form, PROFILE_AP, 0x0015, FACE_KEY.pattern, 10)
FOUR_SECRETS = (SIGN_PASSWORD, AUTH_PIN, RESIDENT_PIN, PROFILE_PIN)
"""The four that a person chose at the office and that are mixed up most (I-13, 004-6)."""
