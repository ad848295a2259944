"""Rules of the room 顧問先: what may be entrusted, the clauses of a contract, the fields of a record."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from warifu.foundation import japanese
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations.rules import Permission, is_corporate_number


class Task(Enum):
    """委託する仕事: what an office may do in a client's place; none of them shows or takes out a number (P-07)."""

    PROGRESS = "progress"  # 提出の状況を見る
    ROSTER = "roster"  # 名簿を取り込む
    INVITE = "invite"  # 入力を依頼し、催促する


TASK_PERMISSIONS: Mapping[Task, Permission] = {
    Task.PROGRESS: Permission.PEOPLE_VIEW,
    Task.ROSTER: Permission.ROSTER_LOAD,
    Task.INVITE: Permission.INVITE,
}
"""What each task opens. Verifying, revealing and entering numbers are not here on purpose."""


class Clause(Enum):
    """What a contract of entrustment has to say (ガイドライン 4-2-(1); S-14), the last two desirable."""

    SECRECY = "secrecy"
    NO_CARRYING_OUT = "no_carrying_out"
    NO_OTHER_USE = "no_other_use"
    SUBCONTRACTING = "subcontracting"
    LIABILITY = "liability"
    RETURN = "return"
    SUPERVISION = "supervision"
    REPORTING = "reporting"
    NAMED_STAFF = "named_staff"
    AUDIT = "audit"


DESIRABLE = frozenset({Clause.NAMED_STAFF, Clause.AUDIT})
NEEDED = frozenset(Clause) - DESIRABLE


class Menu(Enum):
    """メニュー: what a 顧客ID sees of a customer (B3-5, B3-6)."""

    RECORD = "record"  # 登録情報
    INQUIRIES = "inquiries"  # 届出・お問い合わせ
    FOLDERS = "folders"  # 電子帳簿保存フォルダ


class ClausesMissing(Refused):
    """A clause that the guideline demands was not ticked."""

    code = "WF-Q301"
    sentence = _("委託契約に必要な条項が、そろっていません。")
    remedy = _("契約書を確かめ、必要な条項すべてに印を付けてください。無い条項は、契約に加えてから申し出ます。")


class NoTask(Refused):
    """An entrustment without a task."""

    code = "WF-Q302"
    sentence = _("委託する仕事が、一つも選ばれていません。")
    remedy = _("事務所が代わりに行う仕事を、少なくとも一つ選んでください。")


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


def scopes_of(*, tasks: Iterable[Task]) -> frozenset[str]:
    """The scopes with which an office acts for a client: the desk, and what the tasks open."""
    return frozenset({Permission.DESK_ENTER.value, *(TASK_PERMISSIONS[task].value for task in tasks)})


def insist_complete(*, tasks: Iterable[Task], clauses: Iterable[Clause]) -> None:
    """Raise `NoTask` or `ClausesMissing` unless an entrustment may be offered so."""
    if not set(tasks):
        raise NoTask
    if not set(clauses) >= NEEDED:
        raise ClausesMissing
