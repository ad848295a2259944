"""The fields of a customer's record and of its persons, and what a 顧客ID sees of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from warifu.foundation import japanese
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations.rules import is_corporate_number


class Menu(Enum):
    """メニュー: what a 顧客ID sees of a customer (B3-5, B3-6)."""

    RECORD = "record"  # 登録情報
    INQUIRIES = "inquiries"  # 届出・お問い合わせ
    FOLDERS = "folders"  # 電子帳簿保存フォルダ


class FieldWrong(Refused):
    """A value of a customer's record cannot stand so."""

    code = "WF-Q101"
    sentence = _("「{field_name}」を、この内容では登録できません。{reason}")
    remedy = _("内容を直して、もう一度送ってください。ほかの欄は変わっていません。")


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of a record: its name on screens, how long it may be, and of what form."""

    name: str
    label: str
    length: int
    form: str = "text"
    needed: bool = False


CUSTOMER_FIELDS = (
    Field(name="name", label=_("名称"), length=200, needed=True),
    Field(name="kana", label=_("フリガナ"), length=200, form="kana"),
    Field(name="code", label=_("顧問先コード"), length=20, form="code"),
    Field(name="corporate_number", label=_("法人番号"), length=13, form="corporate_number"),
    Field(name="postal_code", label=_("郵便番号"), length=7, form="postal_code"),
    Field(name="address", label=_("住所"), length=200),
    Field(name="phone", label=_("電話番号"), length=20, form="phone"),
    Field(name="mail", label=_("メールアドレス"), length=254, form="mail"),
    Field(name="closing_month", label=_("決算月"), length=2, form="month"),
    Field(name="note", label=_("メモ"), length=2_000),
)
PERSON_FIELDS = (
    Field(name="family_name", label=_("姓"), length=100, needed=True),
    Field(name="given_name", label=_("名"), length=100),
    Field(name="family_kana", label=_("セイ"), length=100, form="kana"),
    Field(name="given_kana", label=_("メイ"), length=100, form="kana"),
    Field(name="title", label=_("役職"), length=60),
    Field(name="phone", label=_("電話番号"), length=20, form="phone"),
    Field(name="mail", label=_("メールアドレス"), length=254, form="mail"),
)


def cleaned(*, field: Field, text: str) -> str:
    """A field's value in its normal form. Raises `FieldWrong` with the reason; the value itself is not repeated."""
    value = " ".join(text.split()) if field.name != "note" else text.strip()
    if field.form in ("code", "corporate_number", "postal_code", "phone", "mail", "month"):
        value = japanese.to_half_width(value)
    if field.form == "kana":
        value = japanese.to_katakana(value)
    if field.form in ("postal_code", "corporate_number"):
        value = value.replace("-", "")
    if field.form == "mail":
        value = value.lower()
    reason = _reason(field, value)
    if reason:
        raise FieldWrong(field_name=field.label, reason=reason)
    return value


def _reason(field: Field, value: str) -> str:
    if not value:
        return _("この欄は空けておけません。") if field.needed else ""
    if len(value) > field.length:
        return _("長すぎます。")
    if any(not char.isprintable() and char != "\n" for char in value):
        return _("使えない文字が含まれています。")
    checks: dict[str, Callable[[str], bool]] = {
        "corporate_number": is_corporate_number,
        "postal_code": lambda text: bool(re.fullmatch(r"[0-9]{7}", text)),
        "phone": lambda text: bool(re.fullmatch(r"[0-9+()-]*[0-9][0-9+()-]*", text)),
        "mail": lambda text: bool(re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", text)),
        "month": lambda text: bool(re.fullmatch(r"[1-9]|1[0-2]", text)),
        "code": lambda text: bool(re.fullmatch(r"[!-~]+", text)),
    }
    check = checks.get(field.form)
    return _("形が正しくありません。") if check and not check(value) else ""
