"""What is still to be done after the decision: each point with what it is, and whether it is done (C4)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the house knows of the IDs that an application gave, by user ID."""

    user_ids: tuple[str, ...]
    opened: Collection[str]
    with_password: Collection[str]
    signed_in: Collection[str]
    with_certificate: Collection[str]
    wants_certificate: bool
    settled: bool
    has_notice: bool
    has_form: bool
    starts_on: date
    today: date


@dataclass(frozen=True, kw_only=True)
class Point:
    """One point of the checklist. `waiting` names the user IDs that it still waits for; `by_hand` is one that the
    applicant ticks, since the system cannot see it; `from_day` is the first day on which it can be done."""

    key: str
    title: str
    words: str
    is_done: bool
    by_hand: bool = False
    waiting: tuple[str, ...] = ()
    from_day: date | None = None


BY_HAND: dict[str, tuple[str, str]] = {
    "software": (
        _("業務ソフトに、発行された利用者IDを設定する"),
        _("利用開始日から、パッケージソフトでログオンし、必要な業務をします。ソフトは開始日の前に用意できます。"),
    ),
    "told": (
        _("使う人に、利用者IDと決まりを伝える"),
        _("利用者IDは一人に一つです。貸し借りしないよう伝えます。"),
    ),
}


class PointUnknown(Refused):
    """No such point of the checklist is ticked by hand."""

    code = "WF-U601"
    sentence = _("この項目には、手で印を付けられません。")
    remedy = _("印は、済んだことがわかると自動で付きます。画面を読み込み直してください。")
    status = 422


def checklist(*, facts: Facts, ticked: Collection[str]) -> tuple[Point, ...]:
    """The points in the order in which they come; those about IDs only when the application gave some."""
    found = []
    if facts.user_ids:
        found += [
            _auto(
                "settings",
                _("システム設定を申し込む"),
                _("期限までに申し込まれないと、無効になります。"),
                is_done=facts.settled,
            ),
            _each(
                "opened",
                _("封緘通知を開き、初期パスワードを本人に伝える"),
                _("開けるのは、期間のあいだだけです。"),
                facts,
                facts.opened,
            ),
        ]
    found += [
        Point(
            key="notice",
            title=_("承諾通知書を出して、保管する"),
            words=_("PDFは、利用開始日から何度でも出せます。"),
            is_done=facts.has_notice,
            from_day=facts.starts_on if facts.today < facts.starts_on else None,
        ),
        _auto("form", _("申込書の控えを保管する"), _("郵送はいりません。社内の控えです。"), is_done=facts.has_form),
    ]
    if facts.user_ids:
        found += [
            _each(
                "password",
                _("初期パスワードを、自分のパスワードに変える"),
                _("「初期パスワードではじめる」で、本人が決めます。初期パスワードは一度で使えなくなります。"),
                facts,
                facts.with_password,
            ),
            _each(
                "signed_in",
                _("発行された利用者IDで、はじめてサインインする"),
                _("組織コード、利用者ID、自分のパスワードを入れます。"),
                facts,
                facts.signed_in,
            ),
        ]
        if facts.wants_certificate:
            found.append(
                _each(
                    "certificate",
                    _("電子証明書を取得する"),
                    _("この組織は、サインインに電子証明書を求めています。"),
                    facts,
                    facts.with_certificate,
                )
            )
        found += [
            Point(key=key, title=title, words=words, is_done=key in ticked, by_hand=True)
            for key, (title, words) in BY_HAND.items()
        ]
    return tuple(found)


def _auto(key: str, title: str, words: str, *, is_done: bool) -> Point:
    return Point(key=key, title=title, words=words, is_done=is_done)


def _each(key: str, title: str, words: str, facts: Facts, done: Collection[str]) -> Point:
    waiting = tuple(user_id for user_id in facts.user_ids if user_id not in done)
    return Point(key=key, title=title, words=words, is_done=not waiting, waiting=waiting)
