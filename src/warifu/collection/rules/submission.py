"""提出の規則: which steps a submission has, what is missing before it can be sent, and how fields are read.

Pure: no clock, no database. Reasons are Japanese sentences for the person who types, and never echo a value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from warifu.collection.rules.papers import SPOUSE_PAPERS, Method, Office, Slot, offered
from warifu.foundation import japanese
from warifu.foundation.masking import twelve_digit_runs
from warifu.foundation.refusals import translatable as _


class Step(Enum):
    """手順: the screens of a submission in their order; labels are at most six characters."""

    PURPOSE = "purpose"
    PERSON = "person"
    NUMBER = "number"
    PICTURES = "pictures"
    REVIEW = "review"

    @property
    def label(self) -> str:
        """The name of the step on the stepper."""
        return _STEP_LABELS[self]


_STEP_LABELS = {
    Step.PURPOSE: _("使い道"),
    Step.PERSON: _("わたし"),
    Step.NUMBER: _("番号"),
    Step.PICTURES: _("写真"),
    Step.REVIEW: _("見直し"),
}

ABROAD = "国外"
"""Stands in the field 都道府県 of an address abroad; 市区町村 then holds the country or region (J-10)."""

_REGIONS = (
    "北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県 東京都 神奈川県",
    "新潟県 富山県 石川県 福井県 山梨県 長野県 岐阜県 静岡県 愛知県 三重県 滋賀県 京都府 大阪府 兵庫県",
    "奈良県 和歌山県 鳥取県 島根県 岡山県 広島県 山口県 徳島県 香川県 愛媛県 高知県",
    "福岡県 佐賀県 長崎県 熊本県 大分県 宮崎県 鹿児島県 沖縄県",
)
PREFECTURES = tuple(name for region in _REGIONS for name in region.split())

LENGTHS = {
    "family_name": 100,
    "given_name": 100,
    "family_kana": 100,
    "given_kana": 100,
    "city": 60,
    "street": 200,
    "building": 200,
}

FIELD_LABELS = {
    "family_name": _("姓"),
    "given_name": _("名"),
    "family_kana": _("セイ"),
    "given_kana": _("メイ"),
    "born_on": _("生年月日"),
    "postal_code": _("郵便番号"),
    "prefecture": _("都道府県"),
    "city": _("市区町村"),
    "street": _("町名・番地"),
    "building": _("建物名・部屋番号"),
    "relation": _("続柄"),
    "spouse_path": _("第3号の確かめ方"),
}

_OLDEST = date(1900, 1, 1)
_NAMES = ("family_name", "given_name")
_KANA = ("family_kana", "given_kana")


def clean(values: Mapping[str, str]) -> dict[str, str]:
    """Fields as they are kept: kana in full-width katakana, the postal code as bare digits, names as given (J-03).

    Unknown fields are left out. The kanji of names and addresses are never changed (J-04).
    """
    kept: dict[str, str] = {}
    for field, text in values.items():
        if field in _KANA:
            kept[field] = japanese.to_katakana(text)
        elif field == "postal_code":
            kept[field] = postal_digits(text)
        elif field in FIELD_LABELS:
            kept[field] = japanese.trim_name(text)
    return kept


def postal_digits(text: str) -> str:
    """A postal code without its mark, spaces and hyphens, in half width; not yet known to be seven digits (J-09)."""
    plain = japanese.to_half_width(text).removeprefix("〒")
    return "".join(char for char in plain if char not in " -‐‑–—―−ー")


def check_person(values: Mapping[str, str], *, born_on: date | None, on: date) -> dict[str, str]:
    """What is the matter with the person's own fields, by field; blank fields are `missing`'s affair.

    `values` are as `clean` returned them; `on` is today.
    """
    reasons = _check_texts(values)
    postal = values.get("postal_code", "")
    if postal and not (len(postal) == 7 and postal.isascii() and postal.isdecimal()):
        reasons["postal_code"] = _("郵便番号は7桁の数字です。ハイフンはあってもなくてもかまいません。")
    prefecture = values.get("prefecture", "")
    if prefecture and prefecture not in (*PREFECTURES, ABROAD):
        reasons["prefecture"] = _("都道府県を一覧から選んでください。")
    return reasons | _check_birth(born_on, on)


def check_dependent(values: Mapping[str, str], *, born_on: date | None, on: date) -> dict[str, str]:
    """What is the matter with a family member's fields, by field; blank required ones included."""
    reasons = _check_texts(values) | _check_birth(born_on, on)
    for field in ("family_name", "relation"):
        if not values.get(field):
            reasons[field] = _("入力してください。")
    if born_on is None:
        reasons.setdefault("born_on", _("入力してください。"))
    return reasons


def _check_texts(values: Mapping[str, str]) -> dict[str, str]:
    reasons: dict[str, str] = {}
    for field, limit in LENGTHS.items():
        text = values.get(field, "")
        if japanese.graphemes(text) > limit or len(text) > limit:
            reasons[field] = _("長すぎます。短くするか、会社の担当者にご相談ください。")
        elif twelve_digit_runs(text):
            reasons[field] = _("12桁の数字が入っています。個人番号は、番号の欄にだけ入れてください。")
        elif field in _KANA and text and not japanese.is_katakana(text):
            reasons[field] = _("読みをカタカナで入れてください。ひらがなで入れても、カタカナに直します。")
        elif not text.isprintable():
            reasons[field] = _("使えない記号が入っています。入れ直してください。")
    return reasons


def _check_birth(born_on: date | None, on: date) -> dict[str, str]:
    if born_on is None:
        return {}
    if born_on > on:
        return {"born_on": _("まだ来ていない日です。年をお確かめください。")}
    if born_on < _OLDEST:
        return {"born_on": _("古すぎる日です。年と元号をお確かめください。")}
    return {}


# Family (I-14, I-15)

SPOUSE_PATHS: dict[str, str] = {
    Method.AGENT: _("配偶者の委任状と、番号の書類の写真を出す"),
    Method.ENTRUSTED: _("会社から書面で頼まれていて、わたしが番号を確かめる"),
}
"""The two ways to confirm a third-category spouse's number, as the person chooses between them (I-15)."""


_SPOUSE_TAKES = {Method.AGENT: ("mandate", "spouse_number"), Method.ENTRUSTED: ("entrustment",)}


def dependent_slots(*, is_third_category: bool, spouse_path: str) -> list[Slot]:
    """The pictures asked for a family member: none for tax dependents (I-14), for 第3号 those of the path (I-15).

    Path A takes the mandate and the spouse's number paper, path B the company's written entrustment.
    """
    codes = _SPOUSE_TAKES.get(Method(spouse_path), ()) if is_third_category and spouse_path in SPOUSE_PATHS else ()
    return [
        Slot(
            slot=f"spouse.{code}.front",
            paper=code,
            side="front",
            label=SPOUSE_PAPERS[code].label,
            masking=SPOUSE_PAPERS[code].masking or None,
        )
        for code in codes
    ]


# Papers


def choice_problem(
    *,
    method: str,
    number_paper: str,
    identity_papers: Sequence[str],
    on: date,
    has_verified_account: bool,
    office: Office = Office.TAX,
    card_proves: str = "",
) -> str | None:
    """Why a choice of papers cannot prove number and identity, in words; None when it can (I-01 … I-06, I-11)."""
    offer = offered(on, office=office)
    cards = {paper.code for paper in offer.cards}
    if method == Method.CARD_READ:
        return None if card_proves else _("カードを読み取るか、ほかの書類を選んでください。")
    if method not in (Method.NUMBER_CARD, Method.PAPERS, Method.VERIFIED_ACCOUNT):
        return _("どの書類を使うかを選んでください。")
    if method == Method.NUMBER_CARD:
        return None if number_paper in cards else _("どのカードを使うかを選んでください。")
    if number_paper not in cards | {paper.code for paper in offer.number_papers}:
        return _("番号を確かめる書類を選んでください。")
    chosen = set(identity_papers)
    with_photo = chosen & (cards | {paper.code for paper in offer.photo_papers})
    plain = chosen & {paper.code for paper in offer.plain_papers}
    if with_photo or len(plain) >= 2 or (method == Method.VERIFIED_ACCOUNT and has_verified_account):
        return None
    return _("身元を確かめる書類を、写真付きなら1つ、写真なしなら違う種類を2つ選んでください。")


# What is missing


@dataclass(frozen=True, kw_only=True)
class Relative:
    """A family member as the rules see them: no name beyond what the sentence needs, no number."""

    name: str
    has_number: bool
    is_checked: bool
    is_third_category: bool
    spouse_path: str
    wanted: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a submission holds so far. `wanted` are labels of the person's own pictures that are still missing.

    Without `needs_papers` (numbers heard on the telephone) the papers come later, and no verification before them.
    """

    is_notice_shown: bool
    person: Mapping[str, str]
    has_birth: bool
    has_number: bool
    is_family_answered: bool
    relatives: tuple[Relative, ...]
    is_choice_made: bool
    wanted: tuple[str, ...]
    needs_papers: bool = True


@dataclass(frozen=True, kw_only=True)
class Missing:
    """One thing that is still missing: on which step, and in words."""

    step: Step
    words: str


def missing(facts: Facts) -> list[Missing]:
    """Everything that a submission lacks before it can be sent, in the order of the steps."""
    found: list[Missing] = []
    if not facts.is_notice_shown:
        found.append(Missing(step=Step.PURPOSE, words=_("使い道のお知らせ")))
    found += [Missing(step=Step.PERSON, words=words) for words in _missing_of_person(facts)]
    if not facts.has_number:
        found.append(Missing(step=Step.NUMBER, words=_("あなたの個人番号")))
    if not facts.is_family_answered:
        found.append(Missing(step=Step.NUMBER, words=_("扶養するご家族がいるかどうか")))
    for relative in facts.relatives:
        found += [Missing(step=Step.NUMBER, words=words) for words in _missing_of_relative(relative)]
    if facts.needs_papers:
        found += [Missing(step=Step.PICTURES, words=words) for words in _missing_papers(facts)]
    return found


def next_step(facts: Facts) -> Step:
    """The step where the person goes on: the first that lacks something, else the review."""
    lacking = missing(facts)
    return lacking[0].step if lacking else Step.REVIEW


def _missing_of_person(facts: Facts) -> list[str]:
    needed = ["family_name", "family_kana", "prefecture", "city", "street"]
    if facts.person.get("prefecture") != ABROAD:
        needed.append("postal_code")
    words = [FIELD_LABELS[field] for field in FIELD_LABELS if field in needed and not facts.person.get(field)]
    return words if facts.has_birth else [*words, FIELD_LABELS["born_on"]]


def _missing_papers(facts: Facts) -> list[str]:
    words = [] if facts.is_choice_made else [_("どの書類を使うか")]
    words += facts.wanted
    return words + [f"{relative.name}: {label}" for relative in facts.relatives for label in relative.wanted]


def _missing_of_relative(relative: Relative) -> list[str]:
    words = []
    if not relative.has_number:
        words.append(_("{name}さんの個人番号").format(name=relative.name))
    if not relative.is_checked:
        words.append(_("{name}さんの番号を書類で確かめたという印").format(name=relative.name))
    if relative.is_third_category and relative.spouse_path not in SPOUSE_PATHS:
        words.append(_("{name}さんの第3号の確かめ方").format(name=relative.name))
    return words


# Receipt

RECEIPT_LETTERS = "ACDEFGHJKLMNPQRTUVWXY34679"
"""No letters or digits that look alike: 0 O, 1 I, 2 Z, 5 S, 8 B are left out."""


def receipt_code(draw: Callable[[int], int]) -> str:
    """A receipt's code of eight letters; `draw(n)` gives an integer below n, unpredictable."""
    return "".join(RECEIPT_LETTERS[draw(len(RECEIPT_LETTERS))] for _place in range(8))


def cut(code: str) -> tuple[int, ...]:
    """The heights (0 … 24) of the zigzag between a receipt's two halves, two points a letter, from its code alone."""
    places = [RECEIPT_LETTERS.index(letter) for letter in code if letter in RECEIPT_LETTERS]
    return tuple(height for place in places for height in (place, (place * 7 + 11) % len(RECEIPT_LETTERS)))
