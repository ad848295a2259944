"""Which column of a roster is which field: presets, headers in many words, the order of bare forms (001-8, J-13)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _

SAMPLE = 200
"""Lines from which the layout is read."""

_TITLE_LINES = 10


class ColumnsUnknown(Refused):
    """Neither header nor contents tell which column is which."""

    code = "WF-C113"
    sentence = _("どの列がメールアドレスや氏名なのか、ファイルから分かりません。")
    remedy = _("見出しを付けるか、画面で列を選んでください。ひな形もご利用いただけます。")
    status = 422


class Field(Enum):
    """A field of a roster: its name in code and its label, which problems and templates show."""

    EMPLOYEE_CODE = "employee_code", _("社員番号")
    FAMILY_NAME = "family_name", _("姓")
    GIVEN_NAME = "given_name", _("名")
    MIDDLE_NAME = "middle_name", _("ミドルネーム")
    FULL_NAME = "full_name", _("氏名")
    FAMILY_KANA = "family_kana", _("セイ")
    GIVEN_KANA = "given_kana", _("メイ")
    FULL_KANA = "full_kana", _("フリガナ")
    BORN_ON = "born_on", _("生年月日")
    HIRED_ON = "hired_on", _("入社日")
    DEPARTMENT = "department", _("所属")
    MAIL = "mail", _("メールアドレス")
    PHONE = "phone", _("電話番号")
    EMPLOYMENT = "employment", _("在籍状態")

    def __init__(self, key: str, label: str) -> None:
        self.key = key
        self.label = label


BY_KEY = {each.key: each for each in Field}
BY_LABEL = {each.label: each for each in Field}

FULL_FORM = tuple(each for each in Field if each not in (Field.FULL_NAME, Field.FULL_KANA))
"""The columns of the full template, in its order."""

BARE_THREE = (Field.MAIL, Field.FAMILY_NAME, Field.GIVEN_NAME)
BARE_FOUR = (Field.MAIL, Field.FAMILY_NAME, Field.MIDDLE_NAME, Field.GIVEN_NAME)
BARE_FOUR_MIDDLE_LAST = (Field.MAIL, Field.FAMILY_NAME, Field.GIVEN_NAME, Field.MIDDLE_NAME)

_SYNONYMS: dict[Field, str] = {
    Field.EMPLOYEE_CODE: (
        "社員番号 社員no 社員コード 社員id 従業員番号 従業員コード 従業員no 従業員id 職員番号 "
        "職員コード 個人コード 番号 no コード employeecode employeeno employeeid employeenumber "
        "staffid code"
    ),
    Field.FAMILY_NAME: "姓 苗字 名字 氏 名前姓 氏名姓 姓漢字 漢字姓 familyname lastname surname family last",
    Field.GIVEN_NAME: "名 名前名 氏名名 名漢字 漢字名 下の名前 givenname firstname given first",
    Field.MIDDLE_NAME: "ミドルネーム ミドル middlename middle",
    Field.FULL_NAME: (
        "氏名 名前 お名前 姓名 社員名 従業員名 職員名 従業員氏名 社員氏名 氏名漢字 漢字氏名 name fullname"
    ),
    Field.FAMILY_KANA: (
        "セイ 姓カナ カナ姓 姓フリガナ フリガナ姓 フリガナセイ 氏カナ ミョウジ 姓ヨミ familykana "
        "lastnamekana familynamekana"
    ),
    Field.GIVEN_KANA: (
        "メイ 名カナ カナ名 名フリガナ フリガナ名 フリガナメイ 名ヨミ givenkana firstnamekana givennamekana"
    ),
    Field.FULL_KANA: (
        "フリガナ カナ 氏名カナ カナ氏名 氏名フリガナ ヨミガナ ヨミ 読ミ 読ミ仮名 フリ仮名 カナ名前 kana fullkana"
    ),
    Field.BORN_ON: "生年月日 誕生日 生年月 birthdate birthday dateofbirth dob bornon",
    Field.HIRED_ON: ("入社日 入社年月日 入社 雇入年月日 雇用日 採用日 採用年月日 hiredon hiredate joined joinedon"),
    Field.DEPARTMENT: ("所属 部署 部門 部署名 所属部署 所属名 部門名 課 部 勤務先 事業所 店舗 department dept section"),
    Field.MAIL: (
        "メールアドレス メール eメール eメールアドレス 電子メール 電子メールアドレス メアド mail "
        "email emailaddress mailaddress e-mail"
    ),
    Field.PHONE: (
        "電話番号 電話 tel 携帯 携帯電話 携帯番号 携帯電話番号 連絡先 連絡先電話番号 phone phonenumber mobile"
    ),
    Field.EMPLOYMENT: (
        "在籍状態 在籍 在籍区分 在職 在職区分 在職状況 在籍状況 雇用状態 状態 ステータス 就業状況 status employment"
    ),
}
_DROPPED = re.compile(r"[\s　()（）［］\[\]【】・_./:：＊*※\-]|必須|任意")


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _DROPPED.sub("", folded.translate(_TO_KATAKANA))


_TO_KATAKANA = {code: code + 0x60 for code in range(ord("ぁ"), ord("ゖ") + 1)}
_WORDS = {_plain(word): found for found, words in _SYNONYMS.items() for word in words.split()}


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How the table is to be read: `fields` by column (None: not taken), and the line of the header if there is one."""

    preset: str
    fields: tuple[Field | None, ...]
    columns: tuple[str, ...]
    header: tuple[str, ...] | None = None
    skip: int = 0

    @property
    def width(self) -> int:
        """How many columns each row has."""
        return len(self.fields)

    def position(self, wanted: Field) -> int | None:
        """The column of a field."""
        return self.fields.index(wanted) if wanted in self.fields else None

    def label(self, position: int) -> str:
        """What a problem calls a column: its field, its header, or its place."""
        if position < self.width:
            found = self.fields[position]
            return found.label if found else self.columns[position]
        return f"{position + 1}列目"


def field_of(*, heading: str) -> Field | None:
    """The field that a heading names, in whatever of the common words."""
    return _WORDS.get(_plain(heading))


def find(*, sample: Sequence[Sequence[str]], preset: str = "") -> Layout:
    """Find the layout from the first lines: by header, else as the bare form of 3 or 4 columns.

    Four columns are mail, family, middle, given (001-8); when the last column is blank more often than the third, the
    middle name stands last (J-13). `preset` (`bare`, `full`) forbids the other. Raises `ColumnsUnknown`.
    """
    for index, cells in enumerate(sample[:_TITLE_LINES]):
        fields = _headings(cells)
        if fields is not None:
            if preset == "bare" and not _is_bare(fields):
                raise ColumnsUnknown
            name = "bare" if _is_bare(fields) else "full"
            return _layout(name, fields, cells, header=tuple(cells), skip=index + 1)
    if preset == "full":
        raise ColumnsUnknown
    return _bare(sample)


def chosen(*, columns: Sequence[str], mapping: Mapping[str, str], has_header: bool, blank: int = 0) -> Layout:
    """The layout that a person chose by hand: `mapping` names the field of a column by its place (`"0"`: `"mail"`).

    `blank` is how many blank lines come first.

    Raises `ColumnsUnknown` when a field is chosen twice or no name is.
    """
    fields = tuple(BY_KEY.get(mapping.get(str(place), "")) for place in range(len(columns)))
    taken = [found for found in fields if found]
    if len(taken) != len(set(taken)) or not {Field.FAMILY_NAME, Field.FULL_NAME} & set(taken):
        raise ColumnsUnknown
    header = tuple(columns) if has_header else None
    return _layout("manual", fields, columns, header=header, skip=blank + has_header)


def repeats_header(*, layout: Layout, cells: Sequence[str]) -> bool:
    """Whether a row says what the header says."""
    return layout.header is not None and tuple(cells) == layout.header


def _layout(
    preset: str,
    fields: Sequence[Field | None],
    columns: Sequence[str],
    *,
    header: tuple[str, ...] | None,
    skip: int,
) -> Layout:
    names = tuple((header[place].strip()[:60] if header else "") or f"{place + 1}列目" for place in range(len(columns)))
    return Layout(preset=preset, fields=tuple(fields), columns=names, header=header, skip=skip)


def _headings(cells: Sequence[str]) -> tuple[Field | None, ...] | None:
    """The fields of a line if it is a header: two known words, or one in a line of at most two cells."""
    if any("@" in cell or "＠" in cell for cell in cells):
        return None
    fields: list[Field | None] = []
    for cell in cells:
        found = field_of(heading=cell) if len(cell) <= 40 else None
        fields.append(found if found not in fields else None)
    known = sum(found is not None for found in fields)
    wanted = 1 if len([cell for cell in cells if cell.strip()]) <= 2 else 2
    return tuple(fields) if known >= wanted else None


def _is_bare(fields: Sequence[Field | None]) -> bool:
    return len(fields) in (3, 4) and set(fields) in (set(BARE_THREE), set(BARE_FOUR))


def _bare(sample: Sequence[Sequence[str]]) -> Layout:
    rows = [cells for cells in sample if any(map(str.strip, cells))]
    blank = next((place for place, cells in enumerate(sample) if any(map(str.strip, cells))), 0)
    mails = [place for cells in rows for place, cell in enumerate(cells) if "@" in cell or "＠" in cell]
    if not mails or 0 not in mails or mails.count(0) * 2 < len(mails):
        raise ColumnsUnknown
    widths = [len(cells) for cells in rows]
    width = 4 if widths.count(4) > widths.count(3) else 3
    if width not in widths and widths.count(max(set(widths), key=widths.count)) * 2 > len(widths) and max(widths) > 4:
        raise ColumnsUnknown
    fields: tuple[Field, ...] = BARE_THREE
    if width == 4:
        third, fourth = (sum(len(c) == 4 and not c[place].strip() for c in rows) for place in (2, 3))
        fields = BARE_FOUR_MIDDLE_LAST if fourth > third else BARE_FOUR
    return _layout("bare", fields, [""] * width, header=None, skip=blank)
