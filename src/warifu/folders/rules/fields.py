"""The fields of a record: what may stand in them, and when they are complete (D-10, D-12, D-16)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from warifu.foundation import japanese
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _

LARGEST = Decimal("9999999999999.99")
NAME_LENGTH = 200
MIB = 1024 * 1024
GIB = 1024 * MIB
MEMO_LENGTH = 500


class Kind(Enum):
    """What kind of paper it would be."""

    INVOICE = "invoice"
    RECEIPT = "receipt"
    DELIVERY = "delivery"
    ORDER = "order"
    ESTIMATE = "estimate"
    CONTRACT = "contract"
    PAYMENT = "payment"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The name on screen."""
        return _KINDS[self]


class Direction(Enum):
    """Whether it was received or sent; copies of what was sent are kept as well (D-16, JF)."""

    RECEIVED = "received"
    SENT = "sent"

    @property
    def label(self) -> str:
        """The name on screen."""
        return _("受け取った") if self is Direction.RECEIVED else _("送った・発行した")


class Channel(Enum):
    """By which way it came into the house; set by the house itself."""

    SCREEN = "screen"
    MAIL = "mail"
    LINK = "link"
    API = "api"

    @property
    def label(self) -> str:
        """The name on screen."""
        return _CHANNELS[self]


_KINDS = {
    Kind.INVOICE: _("請求書"),
    Kind.RECEIPT: _("領収書"),
    Kind.DELIVERY: _("納品書"),
    Kind.ORDER: _("注文書"),
    Kind.ESTIMATE: _("見積書"),
    Kind.CONTRACT: _("契約書"),
    Kind.PAYMENT: _("支払通知・入金明細"),
    Kind.OTHER: _("その他"),
}
_CHANNELS = {
    Channel.SCREEN: _("画面から"),
    Channel.MAIL: _("メールから"),
    Channel.LINK: _("提出リンクから"),
    Channel.API: _("APIから"),
}


class FieldsWrong(Refused):
    """A field is missing or cannot be what was typed."""

    code = "WF-F201"
    sentence = _("「{field}」を見直してください。")
    remedy = _(
        "取引年月日、取引先、書類の種類、受け取ったか送ったかは必ず入れます。金額のない書類は、金額を空のままにします。"
    )
    status = 422


class RegistrationNumberWrong(Refused):
    """The registration number is no T with thirteen digits whose first one checks the others (N-03)."""

    code = "WF-F202"
    sentence = _("登録番号の形が合いません。")
    remedy = _("「T」のあとに13桁の数字です。書類の番号を、左から順にもう一度見比べてください。")
    status = 422


@dataclass(frozen=True, kw_only=True)
class Fields:
    """What is asked for beside the file. `amount` None means that the paper names none (D-12)."""

    traded_on: date
    counterparty: str
    kind: Kind
    direction: Direction
    amount: Decimal | None = None
    currency: str = "JPY"
    registration_number: str = ""
    counterparty_code: str = ""
    document_number: str = ""
    ledger_link: str = ""
    memo: str = ""


def visible(text: str) -> str:
    """A text without signs that nobody sees or that turn the direction of writing; line breaks and gaiji stay.

    What comes from files, mails and programs may hold them, and a database refuses some.
    """
    return "".join(char for char in text if char in "\n\t" or unicodedata.category(char) not in _HIDDEN)


_HIDDEN = frozenset({"Cc", "Cf", "Cs"})


def checked(given: Fields) -> Fields:
    """The fields with width and spaces put right. Raises `FieldsWrong`, `RegistrationNumberWrong`."""
    given = replace(
        given,
        counterparty=japanese.trim_name(visible(given.counterparty)),
        counterparty_code=japanese.to_half_width(visible(given.counterparty_code)),
        document_number=japanese.to_half_width(visible(given.document_number)),
        ledger_link=japanese.to_half_width(visible(given.ledger_link)),
        memo=visible(given.memo).strip(),
    )
    name = given.counterparty
    if not name or len(name) > NAME_LENGTH:
        raise FieldsWrong(field=LABELS["counterparty"])
    currency = japanese.to_half_width(given.currency).upper()
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise FieldsWrong(field=LABELS["currency"])
    if not date(1990, 1, 1) <= given.traded_on <= date(2199, 12, 31):
        raise FieldsWrong(field=LABELS["traded_on"])
    for name_of, longest in (("counterparty_code", 40), ("document_number", 100), ("ledger_link", 100)):
        if len(getattr(given, name_of)) > longest:
            raise FieldsWrong(field=LABELS[name_of])
    if len(given.memo) > MEMO_LENGTH:
        raise FieldsWrong(field=LABELS["memo"])
    return replace(
        given,
        currency=currency,
        amount=_amount(given.amount),
        registration_number=registration_number(given.registration_number),
    )


def _amount(amount: Decimal | None) -> Decimal | None:
    if amount is None:
        return None
    exponent = amount.as_tuple().exponent
    if not amount.is_finite() or abs(amount) > LARGEST or not isinstance(exponent, int):
        raise FieldsWrong(field=LABELS["amount"])
    if amount != round(amount, 2):
        raise FieldsWrong(field=LABELS["amount"])
    return amount.quantize(Decimal("0.01")) + 0


def registration_number(typed: str) -> str:
    """A 登録番号 (T and a corporate number) from what was typed, or empty. Raises `RegistrationNumberWrong` (N-03).

    A sole trader's number is no corporate number but has the same check digit.
    """
    plain = re.sub(r"[\s-]", "", japanese.to_half_width(typed)).upper()
    if not plain:
        return ""
    if not re.fullmatch(r"T[1-9][0-9]{12}", plain) or not _checks(plain[1:]):
        raise RegistrationNumberWrong
    return plain


def _checks(digits: str) -> bool:
    total = sum(int(digit) * (1 if place % 2 else 2) for place, digit in enumerate(reversed(digits[1:]), start=1))
    return int(digits[0]) == 9 - total % 9


LABELS: dict[str, str] = {
    "traded_on": _("取引年月日"),
    "amount": _("取引金額"),
    "currency": _("通貨"),
    "counterparty": _("取引先"),
    "counterparty_code": _("取引先コード"),
    "registration_number": _("登録番号"),
    "kind": _("書類の種類"),
    "direction": _("受取・発行"),
    "document_number": _("書類の番号"),
    "ledger_link": _("帳簿の番号"),
    "memo": _("メモ"),
    "state": _("状態"),
}
"""The name of each field on screen, in exports and in the history."""


def as_values(given: Fields) -> dict[str, Any]:
    """The fields as JSON values, as a correction keeps them."""
    return {each.name: _plain(getattr(given, each.name)) for each in fields(given)}


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
