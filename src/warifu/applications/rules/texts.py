"""What people type into an application, field by field: tidied without a word, or refused with one (002-11, 002-15)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from warifu.foundation.japanese import graphemes, is_katakana, to_half_width, to_katakana, trim_name
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _

_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u2604\u2607-\u27bf\u200d\ufe0f\u20e3]")
_TAG = re.compile(r"[<>]|＜[A-Za-z/!]")
_PHONE = re.compile(r"\+?[0-9]{2,5}(-?[0-9]{1,5}){1,3}")
_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


class Missing(Refused):
    """A field that is needed is empty."""

    code = "WF-P310"
    sentence = _("入れてください。")
    remedy = _("申込みには、この項目が要ります。")
    status = 422


class ControlSigns(Refused):
    """A text has signs that no letter or paper can show."""

    code = "WF-P311"
    sentence = _("目に見えない制御文字が入っています。")
    remedy = _("消してから、打ち直してください。")
    status = 422


class Emoji(Refused):
    """A text has an emoji; papers and letters of the operator cannot carry it."""

    code = "WF-P312"
    sentence = _("絵文字は使えません。")
    remedy = _("絵文字を消してください。")
    status = 422


class Markup(Refused):
    """A text has what looks like HTML."""

    code = "WF-P313"
    sentence = _("「<」と「>」は使えません。")
    remedy = _("かっこ（ ）に替えるか、消してください。")
    status = 422


class NotKana(Refused):
    """A reading is not written in kana."""

    code = "WF-P314"
    sentence = _("フリガナに、カタカナでない文字があります。")
    remedy = _("全角のカタカナで「アオキ アオイ」のように入れてください。")
    status = 422


class PhoneUnusable(Refused):
    """A telephone number cannot be one."""

    code = "WF-P315"
    sentence = _("電話番号の形が正しくありません。")
    remedy = _("市外局番から、数字とハイフンで「03-1234-5678」のように入れてください。")
    status = 422


class MailUnusable(Refused):
    """A mail address cannot be one."""

    code = "WF-P316"
    sentence = _("メールアドレスの形が正しくありません。")
    remedy = _("半角で「hanako@example.jp」のように入れてください。")
    status = 422


class TooLong(Refused):
    """A text is longer than its field."""

    code = "WF-P317"
    sentence = _("長すぎます。{limit}文字までです。")
    remedy = _("短くしてください。")
    status = 422


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What a field takes: how much, one line or more, and what is special about it."""

    limit: int
    is_long: bool = False
    special: str = ""


KINDS: dict[str, Kind] = {
    "name": Kind(limit=100),
    "kana": Kind(limit=100, special="kana"),
    "department": Kind(limit=100),
    "phone": Kind(limit=20, special="phone"),
    "mail": Kind(limit=254, special="mail"),
    "reason": Kind(limit=500, is_long=True),
    "setting": Kind(limit=500, is_long=True),
}


def tidied(*, kind: str, text: str) -> str:
    """A text as it is kept: names trimmed, readings in full-width katakana, telephone and mail in half width."""
    special = KINDS[kind].special
    if special == "kana":
        return to_katakana(text)
    if special:
        half = to_half_width(text)
        return re.sub(r"[‐―–—−ー()]", "-", half).strip("-") if special == "phone" else half
    return text.replace("\r\n", "\n").strip() if KINDS[kind].is_long else trim_name(text)


def trouble(*, kind: str, text: str) -> Refused | None:
    """What is the matter with a text that somebody typed, the first thing only; None when nothing is, or it is
    empty."""
    given = tidied(kind=kind, text=text)
    if not given:
        return ControlSigns() if any(_is_control(sign) for sign in text if not sign.isspace()) else None
    wanted = KINDS[kind]
    if any(_is_control(sign) and not (wanted.is_long and sign == "\n") for sign in given):
        return ControlSigns()
    if _EMOJI.search(given):
        return Emoji()
    if _TAG.search(given):
        return Markup()
    if graphemes(given) > wanted.limit or len(given) > 2 * wanted.limit:
        return TooLong(limit=wanted.limit)
    return _special_trouble(wanted.special, given)


def _special_trouble(special: str, given: str) -> Refused | None:
    if special == "kana" and not is_katakana(given):
        return NotKana()
    if special == "phone" and not (_PHONE.fullmatch(given) and 9 <= sum(map(str.isdecimal, given)) <= 15):
        return PhoneUnusable()
    if special == "mail" and not _MAIL.fullmatch(given):
        return MailUnusable()
    return None


def _is_control(sign: str) -> bool:
    """Whether a sign is a control sign, turns the direction of writing, or stands for nothing at all."""
    return unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Cn") and sign != "\u200d"
