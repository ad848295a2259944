"""The people of the demo: invented, with numbers of the test mode that can be nobody's (N-05)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


def practice_number(base: str) -> str:
    """The test-mode number of eleven digits: the true check digit moved on by five (N-05)."""
    remainder = sum(int(digit) * weight for digit, weight in zip(base, WEIGHTS, strict=True)) % 11
    return base + str(((0 if remainder <= 1 else 11 - remainder) + 5) % 10)


@dataclass(frozen=True, kw_only=True)
class Relative:
    """A family member who is handed in with an employee."""

    relation: str
    family_name: str
    given_name: str
    family_kana: str
    given_kana: str
    born_on: date
    number: str
    is_third_category: bool = False


@dataclass(frozen=True, kw_only=True)
class Persona:
    """An employee of the demo; `story` says how far the collecting has come, `days` since when."""

    code: str
    family_name: str
    given_name: str
    family_kana: str
    given_kana: str
    born_on: date
    department: str
    story: str
    days: int
    number: str = ""
    relatives: tuple[Relative, ...] = field(default=())

    @property
    def mail(self) -> str:
        """The address in the demo's own domain."""
        return f"{self.code}@aoba.example"


def _persona(row: str, number: int, relatives: tuple[Relative, ...] = ()) -> Persona:
    code, names, kana, born_on, department, story, days = row.split(",")
    family_name, given_name = names.split(" ")
    family_kana, given_kana = kana.split(" ")
    return Persona(
        code=code,
        family_name=family_name,
        given_name=given_name,
        family_kana=family_kana,
        given_kana=given_kana,
        born_on=date.fromisoformat(born_on),
        department=department,
        story=story,
        days=int(days),
        number=practice_number(str(12345678901 + 1013 * number)),
        relatives=relatives,
    )


SATO_FAMILY = (
    Relative(
        relation="spouse",
        family_name="佐藤",
        given_name="由美",
        family_kana="サトウ",
        given_kana="ユミ",
        born_on=date(1990, 9, 15),
        number=practice_number("11111111222"),
        is_third_category=True,
    ),
    Relative(
        relation="child",
        family_name="佐藤",
        given_name="結",
        family_kana="サトウ",
        given_kana="ユイ",
        born_on=date(2016, 5, 5),
        number=practice_number("11111111333"),
    ),
)

ROWS = """
0391,佐藤 健一,サトウ ケンイチ,1988-04-02,総務課,submitted,5
0412,加藤 美穂,カトウ ミホ,1979-11-30,営業課,submitted,4
0377,松本 剛,マツモト ツヨシ,1969-01-12,物流課,submitted,4
0466,吉村 奈々,ヨシムラ ナナ,1996-07-21,製造一課,submitted,2
0421,木村 拓,キムラ タク,1985-03-19,製造二課,checked,6
0433,山本 翔,ヤマモト ショウ,1992-08-08,総務課,verified,9
0210,中村 陽子,ナカムラ ヨウコ,1974-12-24,物流課,verified,9
0305,清水 千夏,シミズ チナツ,1983-02-14,営業課,verified,8
0417,鈴木 花子,スズキ ハナコ,1990-06-10,営業課,bounced,8
0402,𠮷田 直樹,ヨシダ ナオキ,1987-10-03,製造一課,started,5
0455,サントス マリア,サントス マリア,1994-04-30,製造二課,opened,5
0129,岡本 修,オカモト オサム,1961-05-17,物流課,sent_back,6
0388,渡邉 大輔,ワタナベ ダイスケ,1981-09-09,物流課,invited,4
0460,林 さくら,ハヤシ サクラ,1999-03-27,営業課,opened,1
0461,阿部 優,アベ ユウ,1998-01-05,総務課,invited,1
0462,森 隆,モリ タカシ,1966-02-20,製造一課,invited,1
0463,池田 彩,イケダ アヤ,1991-12-12,営業課,invited,1
0075,藤井 勇,フジイ イサム,1958-08-15,製造一課,not_provided,7
0470,小川 蓮,オガワ レン,2001-10-10,製造二課,listed,0
0471,後藤 杏,ゴトウ アン,2002-06-01,営業課,listed,0
""".strip().splitlines()

PEOPLE = tuple(_persona(row, number, SATO_FAMILY if "佐藤 健一" in row else ()) for number, row in enumerate(ROWS))

NEEDED_NO_MORE = "0210"
"""Whose number waits for its disposal."""

WITH_PICTURES = tuple(
    persona for persona in PEOPLE if persona.story in {"submitted", "checked", "verified", "sent_back"}
)
