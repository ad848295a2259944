"""Rules of the room 金庫: what a 個人番号 is, and who may see one."""

from __future__ import annotations

import hmac
import re
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NoReturn
from uuid import UUID

from warifu.foundation.actor import Actor, ActorKind
from warifu.foundation.purposes import OWN_WORK, Purpose
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations.rules import NotPermitted, Permission, may

RECENT = timedelta(minutes=5)
"""How old the last proof of identity may be when a number is revealed or used (L-25)."""

MASK = "•••• •••• ••••"

_WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_FULL_TO_HALF = str.maketrans("０１２３４５６７８９", "0123456789")
_BETWEEN = re.compile(r"[\s\u3000\-‐‑‒–—―−ー－]")


class NumberIncomplete(Refused):
    """The text is not twelve digits (N-01, N-04)."""

    code = "WF-V101"
    sentence = _("個人番号は12桁の数字です。入力された数字は{count}桁でした。")
    remedy = _("カードの裏面や住民票を見て、12桁をもう一度入力してください。空白やハイフンは、あってもかまいません。")
    status = 422


class CheckDigitWrong(Refused):
    """The last digit does not fit the eleven before it (N-01, N-02)."""

    code = "WF-V102"
    sentence = _("個人番号のどこかの数字が違っているようです（最後の1桁による確かめ算が合いません）。")
    remedy = _("カードの裏面や住民票と1桁ずつ見比べて、もう一度入力してください。")
    status = 422


class NotATestNumber(Refused):
    """Practice takes test numbers only, and this could be somebody's real one (N-05)."""

    code = "WF-V103"
    sentence = _("ここは練習用の環境のため、本物かもしれない個人番号は受け取りません。番号は保存していません。")
    remedy = _("練習用の個人番号をお使いください。練習の画面に例があります。")
    status = 422


class TestNumberRefused(Refused):
    """A number made for practice was given where real ones are handled (N-05)."""

    __test__ = False
    code = "WF-V104"
    sentence = _("練習用の個人番号は、ここでは使えません。")
    remedy = _("カードの裏面や住民票に書かれている個人番号を入力してください。")
    status = 422


class PurposeNeeded(Refused):
    """A number is never seen or used without a purpose of the closed list (P-01)."""

    code = "WF-V201"
    sentence = _("何のために個人番号を使うのかが、選ばれていません。")
    remedy = _("利用目的を選んでから、もう一度お進みください。この操作は記録されました。")
    status = 403


class PurposeNotAnnounced(Refused):
    """The person was not told of this purpose when the number was handed in (P-03)."""

    code = "WF-V202"
    sentence = _("この利用目的は、本人にまだお知らせしていません。")
    remedy = _("先に、この目的を加えた「利用目的のお知らせ」を本人に届けてください。この操作は記録されました。")
    status = 403


class NotAppointed(Refused):
    """The member holds the role, but no running appointment covers the purpose (P-15, S-09)."""

    code = "WF-V203"
    sentence = _("この利用目的の事務取扱担当者に任命されていません。")
    remedy = _("管理者または責任者に、取扱いの定めで担当の範囲を確かめてもらってください。この操作は記録されました。")
    status = 403


class SignInNotRecent(Refused):
    """The last proof of identity is too old for numbers (L-25)."""

    code = "WF-V204"
    sentence = _("個人番号を見るには、5分以内のサインインが要ります。")
    remedy = _("パスワードをもう一度入れてから、続けてください。")
    status = 403


class NumberDestroyed(Refused):
    """The number was destroyed; the record of it stays."""

    code = "WF-V205"
    sentence = _("この個人番号は、すでに消されています。")
    remedy = _("必要なときは、本人にもう一度提出を依頼してください。")
    status = 410


class NoPurposes(Refused):
    """A number is sealed with at least one purpose to collect for (P-01)."""

    code = "WF-V206"
    sentence = _("利用目的が決まっていないため、個人番号を受け取れません。")
    remedy = _("管理者に、取扱いの定めで利用目的を選んでもらってください。")


class SealBroken(Refused):
    """A box does not open: it was changed, moved, or belongs to another key."""

    code = "WF-V501"
    sentence = _("封緘された内容が壊れているか、書き換えられているため、開けません。")
    remedy = _("責任者と運用者に知らせてください。控えから戻せることがあります。")
    status = 409


class MyNumber:
    """個人番号: twelve digits whose text form hides them. Made by `parse` or by opening a seal, never by hand.

    It cannot be hashed, pickled or formatted; `digits_for_sealing` and `groups` are the only ways to the digits.
    """

    __slots__ = ("_digits",)
    _digits: str

    def __init__(self) -> None:
        raise TypeError("use MyNumber.parse")

    @classmethod
    def parse(cls, text: str, *, accepts_test: bool) -> MyNumber:
        """Read a number as people type it: full-width digits, spaces and hyphens are taken (N-04).

        With `accepts_test` only TEST MODE numbers pass, otherwise only real ones (N-05). Raises `NumberIncomplete`,
        `CheckDigitWrong`, `NotATestNumber` or `TestNumberRefused`; none of them holds a digit.
        """
        digits = _BETWEEN.sub("", text).translate(_FULL_TO_HALF)
        if not re.fullmatch(r"[0-9]{12}", digits):
            raise NumberIncomplete(count=sum(char.isdecimal() for char in digits))
        true = check_digit(digits[:11])
        is_real = int(digits[11]) == true and digits != "0" * 12
        is_test = int(digits[11]) == (true + 5) % 10
        if not is_real and not is_test:
            raise CheckDigitWrong
        if accepts_test and is_real:
            raise NotATestNumber
        if not accepts_test and is_test:
            raise TestNumberRefused
        return cls.opened(digits)

    @classmethod
    def opened(cls, digits: str) -> MyNumber:
        """The number that a seal held; the vault alone calls this."""
        number = object.__new__(cls)
        number._digits = digits
        return number

    def digits_for_sealing(self) -> str:
        """The twelve digits, for the vault."""
        return self._digits

    def groups(self) -> str:
        """The digits in groups of four, for the screen of a reveal (N-04)."""
        return f"{self._digits[:4]} {self._digits[4:8]} {self._digits[8:]}"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MyNumber):
            return NotImplemented
        return hmac.compare_digest(self._digits, other._digits)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<MyNumber {MASK}>"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a MyNumber never leaves the process")


def check_digit(base: str) -> int:
    """The check digit of eleven digits (省令85号 5条; N-01)."""
    remainder = sum(int(digit) * weight for digit, weight in zip(base, _WEIGHTS, strict=True)) % 11
    return 0 if remainder <= 1 else 11 - remainder


def why_not_ask(*, by: Actor, permission: Permission, organisation_id: UUID, purpose: object) -> type[Refused] | None:
    """Why an actor may not even ask for a number or picture, or None (P-01, S-09).

    Only members may: not the house, its operator or a token, whatever its scopes.
    """
    if by.kind is not ActorKind.MEMBER or not may(by=by, permission=permission, organisation_id=organisation_id):
        return NotPermitted
    return None if isinstance(purpose, Purpose) else PurposeNeeded


def why_not_have(
    *,
    by: Actor,
    permission: Permission,
    purpose: Purpose,
    announced: Collection[Purpose],
    appointed: Collection[Purpose],
    at: datetime,
) -> type[Refused] | None:
    """Why an actor may not have a number or picture for a purpose now, or None (P-03, P-15, L-25).

    `announced` are the purposes the person was told of, `appointed` those of the actor's running appointment; the
    handling's own work needs any appointment. A number asks for a recent sign-in, a picture does not.
    """
    if purpose not in OWN_WORK and purpose not in announced:
        return PurposeNotAnnounced
    if not appointed or (purpose not in OWN_WORK and purpose not in appointed):
        return NotAppointed
    if permission is Permission.NUMBER_REVEAL and not is_recent(by, at):
        return SignInNotRecent
    return None


def is_recent(by: Actor, at: datetime) -> bool:
    """Whether the actor's last proof of identity is young enough for numbers (L-25)."""
    return by.authenticated_at is not None and timedelta(0) <= at - by.authenticated_at <= RECENT
