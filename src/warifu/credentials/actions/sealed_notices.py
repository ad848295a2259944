"""封緘通知: a first password that opens in a window (L-07, 002-29 … 002-36).

A server that can show a password keeps it readable. Here it does not exist before its person opens the notice: each
opening, after a fresh proof of identity and inside the window, makes a new value, shows it once, keeps its hash and
kills the one before. Whoever has it chooses a lasting password with it, once (L-06).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.credentials import passwords
from warifu.credentials.actions import activation, attempts, signin
from warifu.credentials.actions.stages import Visitor
from warifu.credentials.models import NoticeLook, Password, SealedNotice
from warifu.credentials.rules import secrets, windows
from warifu.credentials.rules.windows import ViewingWindow, WindowState
from warifu.foundation.actor import SYSTEM, Actor
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.notices import actions as notices
from warifu.notices import kinds, links
from warifu.notices.links import LateLink
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, require, require_running

BITS = 58
"""Random bits of a value: twelve signs, guessed at against a password hash and the limiter."""


class WindowOver(Refused):
    """The notice can no longer be opened."""

    code = "WF-S821"
    sentence = _("この封緘通知を開ける期間は、{last_day}で終わりました。")
    remedy = _("担当者に、封緘通知の出し直しを依頼してください。")
    status = 410


class WindowEarly(Refused):
    """The notice cannot be opened yet."""

    code = "WF-S822"
    sentence = _("この封緘通知は、{first_day}から開けます。")
    remedy = _("その日になってから、もう一度お開きください。")


class NoticeOver(Refused):
    """The notice was replaced by a newer one, or its password was used."""

    code = "WF-S823"
    sentence = _("この封緘通知は、もう使えません。")
    remedy = _("新しい封緘通知が届いていないか、一覧で確かめてください。")
    status = 410


class ProofTooOld(Refused):
    """The notice is opened only just after identity was proven (L-25)."""

    code = "WF-S824"
    sentence = _("封緘通知を開くには、もう一度ご本人の確認がいります。")
    remedy = _("パスワードなどでもう一度確認してから、開き直してください。")
    status = 403


class StartBeforeDecision(Refused):
    """The start lies before the day of the decision."""

    code = "WF-S825"
    sentence = _("利用開始日が、決定した日より前です。")
    remedy = _("利用開始日は、きょう以後の日にしてください。")
    status = 422


class FirstPasswordWrong(Refused):
    """What was typed is no living first password; which part is wrong is not told (L-10)."""

    code = "WF-S826"
    sentence = _("はじめの設定に進めませんでした。")
    remedy = _(
        "組織コード、利用者ID、封緘通知の初期パスワードを見直してください。封緘通知を開き直したときは、新しいほうだけが使えます。"
    )
    status = 422


class HasPassword(Refused):
    """Somebody who has chosen a password needs no first one."""

    code = "WF-S827"
    sentence = _("この人は、すでにパスワードを決めています。")
    remedy = _("忘れたときは、パスワードの再設定を始めてください。")


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What an opened notice shows, this once."""

    value: str
    spoken: str
    closes_at: datetime


def issue(
    *,
    organisation_id: UUID,
    member_id: UUID,
    lets_in: UUID,
    subject: str,
    starts_on: date,
    by: Actor,
    at: datetime,
) -> UUID:
    """Announce a first password to the person who may see it; an earlier notice for the same person to let in is over.

    The window runs from today to the second business day after `starts_on`. Returns the notice's id. Raises
    `NotPermitted`, `LevelTooLow`, `StandingOver`, `NotFound`, `StartBeforeDecision`, `HasPassword`.
    """
    require(by=by, permission=Permission.IDS_ISSUE, organisation_id=organisation_id)
    require_running(by=by)
    today = jst_day(at)
    if starts_on < today:
        raise StartBeforeDecision
    if organisations.count_active(organisation_id=organisation_id, member_ids={member_id, lets_in}) != len(
        {member_id, lets_in}
    ):
        raise NotFound
    if Password.objects.filter(member_id=lets_in).exists():
        raise HasPassword
    window = windows.viewing_window(
        decided_on=today,
        starts_on=starts_on,
        exceptions=organisations.calendar_exceptions(organisation_id=organisation_id),
    )
    with transaction.atomic():
        SealedNotice.objects.filter(
            organisation_id=organisation_id, lets_in_id=lets_in, used_at=None, replaced_at=None
        ).update(replaced_at=at)
        row = SealedNotice.objects.create(
            organisation_id=organisation_id,
            member_id=member_id,
            lets_in_id=lets_in,
            subject=subject[:100],
            decided_on=window.first_day,
            starts_on=starts_on,
            last_day=window.last_day,
            made_at=at,
        )
        audit.record(
            event=Events.NOTICE_ISSUED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=lets_in,
            opener=str(member_id),
            starts_on=starts_on.isoformat(),
            last_day=window.last_day.isoformat(),
        )
        _announce(row, by, at)
    return row.id


def open(  # noqa: A001
    *, organisation_id: UUID, notice_id: UUID, browser: str, address: str, by: Actor, at: datetime
) -> Opened:
    """Make the value and show it, this once; an earlier value is dead, and the look is recorded.

    Only the named person, with a proof of identity not older than `windows.RECENT`. Raises `NotFound` for anybody
    else, `ProofTooOld`, `WindowEarly`, `WindowOver`, `NoticeOver`.
    """
    row = SealedNotice.objects.filter(id=notice_id, organisation_id=organisation_id).first()
    if row is None or row.member_id != by.id:
        raise NotFound
    if by.authenticated_at is None or at - by.authenticated_at > windows.RECENT:
        raise ProofTooOld
    window = ViewingWindow(first_day=row.decided_on, last_day=row.last_day)
    _insist_open(window, at)
    value = secrets.generated(bits=BITS)
    kept = passwords.hashed(secrets.bare(value))
    with transaction.atomic():
        living = SealedNotice.objects.filter(id=row.id, used_at=None, replaced_at=None)
        if living.update(value_hash=kept) != 1:
            raise NoticeOver
        NoticeLook.objects.create(notice_id=row.id, at=at, browser=browser[:200], address=address[:45])
        audit.record(
            event=Events.NOTICE_OPENED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=row.lets_in_id,
            address=address,
        )
    return Opened(value=value, spoken=secrets.read_aloud(value), closes_at=window.closes_at())


def redeem(*, organisation_code: str, identifier: str, value: str, visitor: Visitor, at: datetime) -> str:
    """Take the first password at the door; returns the token of the link with which a lasting one is chosen.

    A value works once, and also after the window: it was seen in time. Raises `FirstPasswordWrong` for everything
    that does not fit, in the same time (L-10), and `TooManyAttempts`.
    """
    attempts.take(purpose="notice.address", subject=visitor.address, at=at)
    attempts.take(purpose="notice.account", subject=f"{organisation_code}/{identifier}", at=at)
    member = signin.member_named(organisation_code=organisation_code, identifier=identifier)
    living = SealedNotice.objects.filter(used_at=None, replaced_at=None).exclude(value_hash="")
    row = living.filter(lets_in_id=member.id).order_by("-id").first() if member else None
    if not passwords.fits(secrets.bare(value), row.value_hash if row else None) or row is None or member is None:
        raise FirstPasswordWrong
    attempts.clear(purpose="notice.account", subject=f"{organisation_code}/{identifier}")
    with transaction.atomic():
        if living.filter(id=row.id, value_hash=row.value_hash).update(used_at=at) != 1:
            raise FirstPasswordWrong
        link = activation.issue(
            organisation_id=member.organisation_id, member_id=member.id, purpose="first", by=SYSTEM, at=at, days=1
        )
        audit.record(
            event=Events.NOTICE_REDEEMED,
            by=SYSTEM,
            at=at,
            organisation_id=member.organisation_id,
            subject_id=member.id,
            address=visitor.address,
        )
    return links.resolve(link).rstrip("/").rsplit("/", 1)[-1]


def _insist_open(window: ViewingWindow, at: datetime) -> None:
    state = window.state(at)
    if state is WindowState.EARLY:
        raise WindowEarly(first_day=window.first_day.isoformat())
    if state is WindowState.OVER:
        raise WindowOver(last_day=window.last_day.isoformat())


def _announce(row: SealedNotice, by: Actor, at: datetime) -> None:
    member = organisations.member(organisation_id=row.organisation_id, member_id=row.member_id)
    if not member.mail:
        return
    organisation = organisations.organisation(organisation_id=row.organisation_id)
    notices.post(
        letter=kinds.SealedNoticeReady(
            organisation_name=organisation.name,
            name=member.full_name,
            subject=row.subject,
            starts_on=row.starts_on,
            last_day=row.last_day,
            link=LateLink(kind="page", reference="/my/sealed-notices/"),
        ),
        organisation_id=row.organisation_id,
        member_id=member.id,
        to_mail=member.mail,
        to_name=member.full_name,
        key=f"sealed_notice:{row.id}",
        by=by,
        at=at,
    )
