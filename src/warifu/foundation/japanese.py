"""Japanese text: what may be changed silently (width, kana, spaces) and what never (the kanji of a name; J-04)."""

from __future__ import annotations

import re
import unicodedata

import jaconv
import regex

_LONG_MARKS = str.maketrans({"－": "ー", "‐": "ー", "―": "ー", "–": "ー", "—": "ー", "−": "ー", "-": "ー"})
_SPACES = re.compile(r"[\s　]+")
_KANA = re.compile(r"[ァ-ヶーヴヵヶ・ ]+")

LOOK_ALIKES = {
    "高": "髙",
    "崎": "﨑",
    "吉": "𠮷",
    "斉": "斎齊齋",
    "辺": "邉邊",
    "浜": "濱",
    "沢": "澤",
    "徳": "德",
}
"""異体字 that documents and rosters mix up; shown as a hint to the eye, never substituted (J-05, J-07)."""


def trim_name(text: str) -> str:
    """Trim a name at both ends and squeeze inner spaces, ideographic ones included; its letters stay as given.

    Only か+゛ and the like are composed (J-04); no NFC or NFKC is run, so that 神 (U+FA19) stays itself.
    """
    composed = regex.sub(r"[\u3041-\u30ff][\u3099\u309a]", lambda m: unicodedata.normalize("NFC", m[0]), text)
    return _SPACES.sub(" ", composed).strip()


def to_katakana(text: str) -> str:
    """A reading in full-width katakana from hiragana, half-width or full-width kana (J-03): ﾊﾞ becomes バ."""
    wide = jaconv.hira2kata(jaconv.h2z(trim_name(text), kana=True, digit=False, ascii=False))
    return re.sub(r"(?<=[ァ-ヶー])[－‐―–—−-]", lambda m: m[0].translate(_LONG_MARKS), wide)


def is_katakana(text: str) -> bool:
    """Whether a text is a reading in full-width katakana, spaces and middle dots allowed."""
    return bool(_KANA.fullmatch(text))


def to_half_width(text: str) -> str:
    """Digits, Latin letters and signs in half width, for mail addresses, codes and numbers; never for names."""
    return unicodedata.normalize("NFKC", text).strip()


def graphemes(text: str) -> int:
    """How many characters a person would count: 葛 with its variation selector is one (J-04)."""
    return len(regex.findall(r"\X", text))


def search_key(text: str) -> str:
    """A form for searching only: width, case, kana and spaces no longer matter."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _SPACES.sub("", jaconv.hira2kata(folded))


def look_alikes(text: str) -> dict[str, str]:
    """The characters of `text` that have 異体字, each with the others that it is often mixed up with."""
    families = [base + others for base, others in LOOK_ALIKES.items()]
    return {char: family.replace(char, "") for char in text for family in families if char in family}
