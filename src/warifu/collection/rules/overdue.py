"""Rules of being late: since when, why somebody stands still, the next step, when to remind (001-22 … 001-28)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from warifu.foundation.days import JST, jst_day
from warifu.foundation.refusals import translatable as _

OPEN_STATES = frozenset({"listed", "invited", "started", "sent_back", "withdrawn"})
"""States in which the person still has to hand in; only these can be overdue."""


class Step(Enum):
    """次の一手: what the office does next about one person."""

    INVITE = "invite"
    GIVE_PAPER = "give_paper"
    MEND_MAIL = "mend_mail"
    REMIND = "remind"
    VERIFY = "verify"
    VERIFY_AS_SECOND = "verify_as_second"
    SEND_BACK = "send_back"
    READ = "read"
    WAIT = "wait"


class Reason(Enum):
    """Why a person stands where they stand: a code, the sentence of the list, and the next step."""

    def __init__(self, code: str, sentence: str, step: Step) -> None:
        self.code = code
        self.sentence = sentence
        self.step = step

    LEFT = "left", _("退職・退出した人です"), Step.READ
    NO_MAIL = "no_mail", _("メールアドレスがありません"), Step.GIVE_PAPER
    BOUNCED = "bounced", _("メールが戻りました"), Step.MEND_MAIL
    NOT_INVITED = "not_invited", _("依頼のメールをまだ送っていません"), Step.INVITE
    SENT_BACK = "sent_back", _("差戻しのあと、出し直しを待っています"), Step.REMIND
    WITHDRAWN = "withdrawn", _("本人が取り下げ、出し直しを待っています"), Step.REMIND
    NOT_OPENED = "not_opened", _("メールがまだ開かれていません"), Step.REMIND
    NO_IMAGE = "no_image", _("画面は開きましたが、写真がまだありません"), Step.REMIND
    NOT_SENT = "not_sent", _("写真は入りましたが、提出がまだです"), Step.REMIND
    RETAKE = "retake", _("写真を開けませんでした。撮り直しを待っています"), Step.REMIND
    UNREADABLE = "unreadable", _("写真を開けませんでした。撮り直しを頼みます"), Step.SEND_BACK
    TO_VERIFY = "to_verify", _("提出が届いています"), Step.VERIFY
    TO_VERIFY_AGAIN = "to_verify_again", _("一人目が確かめ、二人目を待っています"), Step.VERIFY_AS_SECOND
    DONE = "done", _("本人確認まで終わりました"), Step.READ
    NOT_PROVIDED = "not_provided", _("出さないという申し出を記録しました"), Step.READ


STILL = (
    Reason.BOUNCED,
    Reason.NO_MAIL,
    Reason.NOT_INVITED,
    Reason.NOT_OPENED,
    Reason.NO_IMAGE,
    Reason.RETAKE,
    Reason.NOT_SENT,
    Reason.SENT_BACK,
    Reason.WITHDRAWN,
)
"""The reasons why somebody who should hand in stands still: the choices of the list's filter, in its order."""

LETTER_WORDS = {
    Reason.NOT_OPENED: _("ご案内のページが、まだ開かれていません"),
    Reason.NO_IMAGE: _("書類の写真が、まだ届いていません"),
    Reason.RETAKE: _("お送りいただいた写真に、開けないものがありました。撮り直しをお願いします"),
    Reason.NOT_SENT: _("入力は始まっていますが、最後の「提出する」がまだです"),
    Reason.SENT_BACK: _("お直しをお願いした内容が、まだ届いていません"),
    Reason.WITHDRAWN: _("取り下げのあと、まだ出し直されていません"),
}
"""What a reminder tells the person about where they stand; a person with any other reason is not reminded by mail."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What an entry's row tells, enough to say why the person stands still."""

    state: str
    has_mail: bool
    is_active: bool = True
    bounced: bool = False
    opened: bool = False
    images: int = 0
    unreadable: int = 0


_FIRST_MATCH: tuple[tuple[Reason, Callable[[Facts], bool]], ...] = (
    (Reason.UNREADABLE, lambda facts: facts.state == "submitted" and facts.unreadable > 0),
    (Reason.TO_VERIFY, lambda facts: facts.state == "submitted"),
    (Reason.TO_VERIFY_AGAIN, lambda facts: facts.state == "checked"),
    (Reason.DONE, lambda facts: facts.state == "verified"),
    (Reason.NOT_PROVIDED, lambda facts: facts.state == "not_provided"),
    (Reason.LEFT, lambda facts: facts.state == "ended" or not facts.is_active),
    (Reason.NO_MAIL, lambda facts: not facts.has_mail),
    (Reason.BOUNCED, lambda facts: facts.bounced),
    (Reason.NOT_INVITED, lambda facts: facts.state == "listed"),
    (Reason.SENT_BACK, lambda facts: facts.state == "sent_back"),
    (Reason.WITHDRAWN, lambda facts: facts.state == "withdrawn"),
    (Reason.RETAKE, lambda facts: facts.unreadable > 0),
    (Reason.NOT_SENT, lambda facts: facts.images > 0),
    (Reason.NO_IMAGE, lambda facts: facts.opened or facts.state == "started"),
    (Reason.NOT_OPENED, lambda facts: True),
)


def reason(facts: Facts) -> Reason:
    """The one reason to show: what hinders every later step comes first (a letter cannot be read that never came)."""
    return next(found for found, fits in _FIRST_MATCH if fits(facts))


def next_step(found: Reason, *, is_late: bool, reminded_on: date | None, today: date) -> Step:
    """The next step for a reason: whoever is in time, or was reminded today, is not reminded but waited for."""
    is_told = reminded_on is not None and reminded_on >= today
    return Step.WAIT if found.step is Step.REMIND and (is_told or not is_late) else found.step


def due_day(*, registered_on: date, overdue_days: int) -> date:
    """The last day in time: with 3 days, registered on 11/21 means in time until 11/23, overdue from 11/24 (001-22)."""
    return registered_on + timedelta(days=overdue_days - 1)


def is_overdue(*, state: str, due_on: date, today: date) -> bool:
    """Whether the person is late on a day of Japan; whoever has handed in or declined never is."""
    return state in OPEN_STATES and today > due_on


def days_late(*, due_on: date, today: date) -> int:
    """How many days ago the last day in time was; zero while in time."""
    return max((today - due_on).days, 0)


def told_day(*, due_on: date, today: date, overdue_days: int) -> date:
    """The day that a letter asks for: the due day, or as many days from today when a letter goes out late."""
    return max(due_on, due_day(registered_on=today, overdue_days=overdue_days))


def is_quiet(*, at: datetime, quiet_from: int, quiet_until: int) -> bool:
    """Whether a moment lies in the quiet hours of Japan's clock; they may span midnight, equal hours mean none."""
    hour = at.astimezone(JST).hour
    if quiet_from <= quiet_until:
        return quiet_from <= hour < quiet_until
    return hour >= quiet_from or hour < quiet_until


def loud_moment(*, at: datetime, quiet_from: int, quiet_until: int) -> datetime:
    """The first moment from `at` on at which a letter may go: `at` itself, or the end of the quiet hours."""
    if not is_quiet(at=at, quiet_from=quiet_from, quiet_until=quiet_until):
        return at
    local = at.astimezone(JST)
    end = local.replace(hour=quiet_until % 24, minute=0, second=0, microsecond=0)
    return end if end > local else end + timedelta(days=1)


def next_reminder_day(*, due_on: date, today: date, reminded_at: datetime | None, every_days: int) -> date:
    """The first day of the next automatic reminder: the day after the due day, `every_days` after the last one."""
    first = max(due_on + timedelta(days=1), today)
    if reminded_at is None:
        return first
    return max(first, jst_day(reminded_at) + timedelta(days=every_days))
