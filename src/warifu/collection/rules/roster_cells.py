"""What a cell of a roster is read as, and what is the matter with it (C2; J-03, J-04, J-08, J-11).

Width, kana, spaces and eras are corrected and said so; the letters of a name are kept as given. Each reader takes the
text of a cell and a `Notes`, and returns the value that is taken.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from functools import lru_cache

from warifu.collection.rules.roster_problems import Matter, Problem, problem
from warifu.foundation import japanese
from warifu.foundation.days import NotADay, parse_day

LIMITS = {
    "employee_code": 40,
    "family_name": 50,
    "given_name": 50,
    "middle_name": 50,
    "family_kana": 50,
    "given_kana": 50,
    "department": 100,
    "mail": 254,
    "phone": 20,
}
"""Characters as a person counts them (J-04); twice as many code points fit, for variation selectors."""

EMPLOYMENTS = {
    "working": "在職 在籍 在籍中 在職中 勤務中 現職 就業中 有効 active working",
    "offered": "内定 内定者 入社予定 入社前 offered",
    "on_leave": "休職 休職中 休業 休業中 育休 育児休業 産休 介護休業 leave onleave",
    "retired": "退職 退職済 退職済み 退社 離職 retired left",
}
_EMPLOYMENT = {word: key for key, words in EMPLOYMENTS.items() for word in words.split()}

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_INVISIBLE = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\U000e0000-\U000e007f]"
)
_TROUBLE = re.compile(f"{_CONTROL.pattern}|{_INVISIBLE.pattern}")
_EXCEL_ERRORS = frozenset(("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"))
_HALF_KANA = re.compile(r"[\uff61-\uff9f]")
_HIRAGANA = re.compile(r"[ぁ-ゖ]")
_FLOAT = re.compile(r"-?\d+\.0+")
_POWER = re.compile(r"-?\d(\.\d+)?[eE]\+?\d+")
_SERIAL = re.compile(r"[1-9]\d{3,4}(\.\d+)?")
_TIME = re.compile(r"[ T　]\d{1,2}:\d{2}(:\d{2})?$")
_WESTERN = re.compile(r"\d{4}(?:\d{4}|[-/.年])")
_TWO_DIGIT_YEAR = re.compile(r"(\d{2})[-/.](\d{1,2})[-/.](\d{1,2})")
ODD_STARTS = frozenset("=+-@#－ー―‐−–—＝\t '")
_DASHES = frozenset("-－ー―‐−–—")
_PLAIN_NAME = re.compile(r"[一-鿿㐀-䶿々〆ヶヵぁ-んァ-ヺー]+")
_PLAIN_KANA = re.compile(r"[ァ-ヶー]+")
_LOST = re.compile(r"[\ufffd〓□�?？]")
_SIGNS = re.compile(r"[0-9０-９!-&(-,/:;<=>@\[-_{-~★☆●○◎■▲△▼※①-⑳]")
_PRIVATE = re.compile(r"[\ue000-\uf8ff\U000f0000-\U0010fffd]")
_MAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]"
)
_MAIL_PARTS = re.compile(r"<([^<>]+@[^<>]+)>")
_PLAIN_PHONE = re.compile(r"0\d{1,4}-\d{1,4}-\d{3,4}")
_PHONE_SIGNS = str.maketrans("", "", "-()+. ")

_DAY_ZERO = date(1899, 12, 30)


class Notes:
    """Collects the problems of one row."""

    __slots__ = ("found", "has_errors", "is_troubled", "row")

    def __init__(self, row: int, is_troubled: bool = False) -> None:
        self.row = row
        self.is_troubled = is_troubled
        self.found: list[Problem] = []
        self.has_errors = False

    def add(self, matter: Matter, column: str, value: str, suggestion: str = "", **words: object) -> None:
        """Note a problem of a cell; an error keeps the row out."""
        self.has_errors |= matter.severity == "error"
        self.found.append(problem(matter, row=self.row, column=column, value=value, suggestion=suggestion, **words))


def without_trouble(text: str) -> str:
    """A text without control and invisible characters, behind which digits could hide."""
    return _TROUBLE.sub("", text)


def is_troubled(cells: list[str]) -> bool:
    """Whether any cell of a row holds control or invisible characters."""
    text = "".join(cells)
    return not text.isprintable() and _TROUBLE.search(text) is not None


def tidy(text: str, column: str, notes: Notes, *, may_start_with_plus: bool = False) -> str:
    """What holds for every cell: no control or invisible characters, no formula, no error value, no bare dash."""
    if notes.is_troubled and _TROUBLE.search(text):
        if _CONTROL.search(text):
            notes.add(Matter.CONTROL, column, text, _TROUBLE.sub("", text).strip())
            return _TROUBLE.sub("", text)
        without = _INVISIBLE.sub("", text)
        notes.add(Matter.INVISIBLE, column, text, without.strip())
        text = without
    if text[:1] in ODD_STARTS:
        return _tidy_sign(text, column, notes, may_start_with_plus=may_start_with_plus)
    return text


def _tidy_sign(text: str, column: str, notes: Notes, *, may_start_with_plus: bool) -> str:
    bare = text.strip(" \t\r\n　'")
    if bare and all(char in _DASHES for char in bare):
        notes.add(Matter.DASH, column, text)
        return ""
    if bare in _EXCEL_ERRORS or (len(bare) > 2 and set(bare) == {"#"}):
        notes.add(Matter.EXCEL_ERROR, column, text)
        return ""
    plus = may_start_with_plus and bare.startswith("+") and bare[1:2].isdigit()
    if bare[:1] in ("=", "+", "-", "@", "＝") and not plus:
        notes.add(Matter.FORMULA, column, text)
        return ""
    return bare if text.startswith("'") else text


def name(text: str, column: str, notes: Notes, *, limit: int) -> str:
    """A name or part of one, its letters as given (J-04)."""
    if _PLAIN_NAME.fullmatch(text) and len(text) <= limit:
        if not _is_common(text):
            notes.add(Matter.NAME_RARE, column, text, _common(text))
        return text
    value = japanese.trim_name(text)
    if not value:
        return ""
    if value != text and len(value) != len(text):
        notes.add(Matter.SPACES, column, text, value)
    if _HALF_KANA.search(value):
        wide = _HALF_KANA_RUN.sub(lambda match: japanese.to_katakana(match[0]), value)
        notes.add(Matter.HALF_KANA, column, value, wide)
        value = wide
    if _LOST.search(value):
        notes.add(Matter.NAME_LOST, column, value)
    elif _PRIVATE.search(value):
        notes.add(Matter.NAME_PRIVATE, column, value)
    elif _SIGNS.search(value):
        notes.add(Matter.NAME_SIGN, column, value)
    elif not _is_common(value):
        notes.add(Matter.NAME_RARE, column, value, _common(value))
    return _within(value, column, notes, limit)


_HALF_KANA_RUN = re.compile(r"[\uff61-\uff9f]+")


@lru_cache(maxsize=8192)
def _is_common(text: str) -> bool:
    """Whether the oldest systems can write it (JIS X 0208; J-05). Latin and other scripts are no matter of 異体字."""
    try:
        text.encode("shift_jis")
    except UnicodeEncodeError:
        return not any(char >= "\u2e80" for char in text)
    return True


def _common(text: str) -> str:
    """The nearest writing with common letters, to be proposed and never to be put in silently (J-05)."""
    found = []
    for char in text:
        if _is_common(char):
            found.append(char)
            continue
        bases = [base for base, others in japanese.LOOK_ALIKES.items() if char in others]
        folded = unicodedata.normalize("NFKC", char)
        found.append(bases[0] if bases else folded if folded != char and len(folded) == 1 else char)
    proposed = re.sub("[\ufe00-\ufe0f\U000e0100-\U000e01ef]", "", "".join(found))
    return proposed if proposed != text else ""


@lru_cache(maxsize=4096)
def _trimmed(text: str) -> str:
    return japanese.trim_name(text)


def department(text: str, column: str, notes: Notes, *, limit: int) -> str:
    """A free text of one line; kept as given but for spaces."""
    value = _trimmed(text)
    if len(value) != len(text) and value:
        notes.add(Matter.SPACES, column, text, value)
    if _FLOAT.fullmatch(value):
        value = value.split(".")[0]
    return _within(value, column, notes, limit)


def kana(text: str, column: str, notes: Notes, *, limit: int) -> str:
    """A reading in full-width katakana (J-03)."""
    if _PLAIN_KANA.fullmatch(text) and len(text) <= limit:
        return text
    trimmed = japanese.trim_name(text)
    if not trimmed:
        return ""
    value = japanese.to_katakana(trimmed)
    if _HALF_KANA.search(trimmed):
        notes.add(Matter.HALF_KANA, column, text, value)
    elif _HIRAGANA.search(trimmed):
        notes.add(Matter.HIRAGANA, column, text, value)
    elif len(trimmed) != len(text):
        notes.add(Matter.SPACES, column, text, value)
    if not japanese.is_katakana(value):
        notes.add(Matter.NOT_KANA, column, text)
    return _within(value, column, notes, limit)


def code(text: str, column: str, notes: Notes, *, limit: int) -> str:
    """An employee code: half width, without spaces; what Excel made of it is undone or refused."""
    if text.isascii() and text.isalnum() and len(text) <= limit and not _POWER.fullmatch(text):
        return text
    value = _half_width(text, column, notes)
    if _FLOAT.fullmatch(value):
        whole = value.split(".")[0]
        notes.add(Matter.EXCEL_FLOAT, column, text, whole)
        value = whole
    elif _POWER.fullmatch(value):
        notes.add(Matter.EXCEL_POWER, column, text)
    return _within(value, column, notes, limit)


def phone(text: str, column: str, notes: Notes, *, limit: int) -> str:
    """A telephone number, half width; a lost first zero is given back."""
    if _PLAIN_PHONE.fullmatch(text):
        return text
    value = _half_width(text, column, notes)
    if not value:
        return ""
    if _FLOAT.fullmatch(value):
        value = value.split(".")[0]
        if value.startswith("0") or len(value) not in (9, 10):
            notes.add(Matter.EXCEL_FLOAT, column, text, value)
    if _POWER.fullmatch(value):
        notes.add(Matter.EXCEL_POWER, column, text)
        return ""
    digits = value.translate(_PHONE_SIGNS)
    if value.isdigit() and not value.startswith("0") and len(value) in (9, 10):
        value = "0" + value
        notes.add(Matter.PHONE_ZERO, column, text, value)
    elif not digits.isdigit() or not 9 <= len(digits) <= 15:
        notes.add(Matter.PHONE_ODD, column, text)
    return _within(value, column, notes, limit)


def mail(text: str, column: str, notes: Notes, *, limit: int) -> str:
    """A mail address in half width and small letters."""
    if text.isascii() and _MAIL.fullmatch(text) and len(text) <= limit and ".." not in text and ".@" not in text:
        return text.lower()
    value = _half_width(text, column, notes).lower()
    if not value:
        return ""
    if len(value) > limit:
        return _within(value, column, notes, limit)
    if not _MAIL.fullmatch(value):
        notes.add(Matter.MAIL_WRONG, column, text, _mended_mail(value))
    elif ".." in value or ".@" in value or value.startswith("."):
        notes.add(Matter.MAIL_RISKY, column, text)
    return value


_COMMAS = str.maketrans(",、。､｡", ".....")


def _mended_mail(value: str) -> str:
    """What was probably meant, or nothing."""
    if inner := _MAIL_PARTS.search(value):
        value = inner[1]
    tried = value.removeprefix("mailto:").translate(_COMMAS)
    tried = re.sub(r"\s", "", tried).strip(".;:\"'")
    tried = re.sub(r"@{2,}", "@", tried)
    return tried if _MAIL.fullmatch(tried) else ""


def day(text: str, column: str, notes: Notes) -> date | None:
    """A day in western or Japanese years, or as the number that Excel makes of it (J-11)."""
    value, matter = _day(text)
    if matter is not None:
        if matter is Matter.NOT_A_DAY:
            notes.add(matter, column, text, _guessed_day(text))
        else:
            notes.add(matter, column, text, value.isoformat() if value else "")
    return value


@lru_cache(maxsize=16384)
def _day(text: str) -> tuple[date | None, Matter | None]:
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain:
        return None, None
    plain = _TIME.sub("", plain)
    if _FLOAT.fullmatch(plain):
        plain = plain.split(".")[0]
    if _SERIAL.fullmatch(plain):
        number = int(float(plain))
        if 3_000 <= number <= 73_050:
            return _DAY_ZERO + timedelta(days=number), Matter.EXCEL_SERIAL
        return None, Matter.NOT_A_DAY
    try:
        found = parse_day(plain)
    except (NotADay, ValueError, OverflowError):
        return None, Matter.NOT_A_DAY
    if not _WESTERN.match(plain):
        return found, Matter.ERA
    return found, Matter.FULL_WIDTH if plain != text.strip() and not plain.isspace() and _is_wide(text) else None


def _is_wide(text: str) -> bool:
    return any("０" <= char <= "９" or char in "／．－" for char in text)


def _guessed_day(text: str) -> str:
    """For a year of two digits the century that makes a working age; nothing for the rest."""
    match = _TWO_DIGIT_YEAR.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if not match:
        return ""
    year, month, number = (int(part) for part in match.groups())
    try:
        return date(1900 + year if year > 12 else 2000 + year, month, number).isoformat()
    except ValueError:
        return ""


def employment(text: str, column: str, notes: Notes) -> str:
    """The employment state by its key; an empty cell says nothing."""
    if text in _EMPLOYMENT:
        return _EMPLOYMENT[text]
    plain = unicodedata.normalize("NFKC", text).strip().casefold().replace(" ", "")
    if not plain:
        return ""
    found = _EMPLOYMENT.get(plain, "")
    if not found:
        notes.add(Matter.EMPLOYMENT_UNKNOWN, column, text)
    return found


def _half_width(text: str, column: str, notes: Notes) -> str:
    if text.isascii():
        value = text.strip()
        if len(value) != len(text) and value:
            notes.add(Matter.SPACES, column, text, value)
        return value
    value = japanese.to_half_width(_LONG.sub("-", text))
    if not value:
        return ""
    if unicodedata.normalize("NFKC", text.strip()) != text.strip() or _LONG.search(text):
        notes.add(Matter.FULL_WIDTH, column, text, value)
    elif value != text:
        notes.add(Matter.SPACES, column, text, value)
    return value


_LONG = re.compile(r"(?<=[0-9０-９A-Za-z])[－ー―‐−–—](?=[0-9０-９A-Za-z])")


def _within(value: str, column: str, notes: Notes, limit: int) -> str:
    if len(value) > limit and (japanese.graphemes(value) > limit or len(value) > 2 * limit):
        notes.add(Matter.TOO_LONG, column, value, limit=limit)
        return value[:limit]
    return value
