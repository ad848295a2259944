"""Values that the house suggests for a person to confirm: from a file's name, a PDF's text, a mail's headers.

A suggestion is never filed by itself: the fields are confirmed by a person (B2).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from warifu.folders.rules import fields
from warifu.folders.rules.fields import Direction, Kind
from warifu.foundation import japanese
from warifu.foundation.days import NotADay, parse_day

MONEY = r"(?:[¥￥\\]\s*)?-?\d{1,3}(?:,\d{3})+(?:\s*円)?|[¥￥]\s*-?\d+|-?\d+\s*円"
_DAY = re.compile(
    r"(?:令和|平成|R|H)\s*(?:\d{1,2}|元)\s*[年./-]\s*\d{1,2}\s*[月./-]\s*\d{1,2}\s*日?"
    r"|\d{4}\s*[年./-]\s*\d{1,2}\s*[月./-]\s*\d{1,2}\s*日?"
)
_TOTALS = ("ご請求金額", "請求金額", "ご請求額", "請求額", "合計金額", "領収金額", "税込合計", "お支払金額", "総合計",
           "総額", "合計", "金額")  # fmt: skip
_DAYS = ("請求日", "発行日", "取引日", "領収日", "納品日", "注文日", "見積日", "日付", "ご利用日", "支払日")
_COMPANY = re.compile(
    r"(?:(?:株式会社|有限会社|合同会社|一般社団法人|合資会社)\s*[^\s、。,:：()（）]{1,30}"
    r"|[^\s、。,:：()（）]{1,30}(?:株式会社|有限会社|合同会社|事務所|商店))"
)
_KIND_WORDS = (
    ("支払通知", Kind.PAYMENT),
    ("請求", Kind.INVOICE),
    ("領収", Kind.RECEIPT),
    ("レシート", Kind.RECEIPT),
    ("納品", Kind.DELIVERY),
    ("注文", Kind.ORDER),
    ("発注", Kind.ORDER),
    ("見積", Kind.ESTIMATE),
    ("契約", Kind.CONTRACT),
    ("invoice", Kind.INVOICE),
    ("receipt", Kind.RECEIPT),
)


@dataclass(frozen=True, kw_only=True)
class Suggested:
    """What could be read; `source` says where: name, text, xml or mail."""

    source: str = ""
    traded_on: date | None = None
    amount: Decimal | None = None
    currency: str = ""
    counterparty: str = ""
    registration_number: str = ""
    kind: Kind | None = None
    direction: Direction | None = None
    document_number: str = ""

    def as_values(self) -> dict[str, Any]:
        """As JSON values, without what was not found."""
        found: dict[str, Any] = {}
        for name, value in self.__dict__.items():
            if value not in (None, ""):
                found[name] = value.value if isinstance(value, Kind | Direction) else fields.visible(str(value))
        return found


def joined(first: Suggested, second: Suggested) -> Suggested:
    """The first suggestion, with its gaps filled by the second one."""
    filled = {name: value for name, value in first.__dict__.items() if value not in (None, "")}
    sources = [each.source for each in (first, second) if each.source]
    return replace(second, **filled | {"source": "+".join(dict.fromkeys(sources))})


def from_name(name: str) -> Suggested:
    """From a name such as `20261121_株式会社青葉_110000.pdf`, in any order of its parts."""
    stem = japanese.to_half_width(re.sub(r"\.[A-Za-z0-9]{1,5}$", "", name))
    parts = [part for part in re.split(r"[_＿\s　]+", stem) if part]
    found = Suggested()
    for part in parts:
        day, money = _day_or_none(part), _money_or_none(part)
        kind = kind_in(part)
        if day and found.traded_on is None:
            found = replace(found, traded_on=day, source="name")
        elif money is not None and found.amount is None:
            found = replace(found, amount=money, source="name")
        elif kind and found.kind is None and len(part) <= 8:
            found = replace(found, kind=kind, source="name")
        elif not found.counterparty and not re.fullmatch(r"[\d().-]+|scan|img|doc|image", part, re.IGNORECASE):
            found = replace(found, counterparty=part)
    if found.traded_on is None and found.amount is None:
        return replace(found, counterparty="", source="name" if found.kind else "")
    return found


def from_text(text: str, *, own_names: tuple[str, ...] = ()) -> Suggested:
    """From the text of a page. `own_names` are names that the keeper goes by: they are not the counterparty."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    head = "\n".join(lines[:200])
    own = {japanese.search_key(name) for name in own_names if name}
    registration = _registration_in(head)
    names = [name for name in _COMPANY.findall(head) if not any(each in japanese.search_key(name) for each in own)]
    senders = [name for name in names if not re.search(re.escape(name) + r"\s*(?:御中|様)", head)]
    found = Suggested(
        traded_on=_labelled_day(lines) or _first_day(head),
        amount=_labelled_money(lines),
        currency="JPY" if "円" in head or "¥" in head or "￥" in head else "",
        counterparty=_first(senders) or _first(names),
        registration_number=registration,
        kind=kind_in(" ".join(lines[:15])),
    )
    return replace(found, source="text") if found != Suggested() else found


def kind_in(text: str) -> Kind | None:
    """The kind of paper that words name first."""
    low = text.lower()
    places = [(low.find(word), place, kind) for place, (word, kind) in enumerate(_KIND_WORDS) if word in low]
    return min(places)[2] if places else None


def _first(names: list[str]) -> str:
    return japanese.trim_name(names[0])[: fields.NAME_LENGTH] if names else ""


def _registration_in(text: str) -> str:
    for run in re.findall(r"[TＴ]\s?[\d０-９](?:[\s-]?[\d０-９]){12}(?![\d０-９])", text):
        try:
            return fields.registration_number(run)
        except fields.RegistrationNumberWrong:
            continue
    return ""


def _labelled_day(lines: list[str]) -> date | None:
    for label in _DAYS:
        for place, line in enumerate(lines):
            if label in line:
                near = line.split(label, 1)[1] + " " + (lines[place + 1] if place + 1 < len(lines) else "")
                if day := _first_day(near):
                    return day
    return None


def _first_day(text: str) -> date | None:
    for run in _DAY.findall(japanese.to_half_width(text)):
        if day := _day_or_none(run):
            return day
    return None


def _labelled_money(lines: list[str]) -> Decimal | None:
    lines = [re.sub("[▲△−]", "-", line) for line in lines]
    for label in _TOTALS:
        for place, line in enumerate(lines):
            plain = re.sub(r"\s", "", japanese.to_half_width(line))
            if label in plain:
                near = plain.split(label, 1)[1] + " " + (lines[place + 1] if place + 1 < len(lines) else "")
                runs = re.findall(MONEY, japanese.to_half_width(near))
                if runs:
                    return _money_or_none(runs[0])
    text = japanese.to_half_width("\n".join(lines))
    runs = [money for run in re.findall(MONEY, text) if (money := _money_or_none(run)) is not None]
    most = Counter(runs).most_common(1)
    return most[0][0] if most and most[0][1] > 1 else (max(runs) if runs else None)


def _money_or_none(text: str) -> Decimal | None:
    plain = re.sub(r"[¥￥\\円,\s]", "", japanese.to_half_width(text))
    if not re.fullmatch(r"-?\d{1,13}(?:\.\d{1,2})?", plain):
        return None
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None


def _day_or_none(text: str) -> date | None:
    try:
        return parse_day(re.sub(r"\s", "", text))
    except NotADay:
        return None
