"""Sign-in: a row of stages, each able to stop and be taken up again by the same browser (B3).

A `SignIn` lives through several requests, so its state is in its table. `begin` makes one, `answer` gives a stage what
it asked for, and after the last wanted stage a session starts. Mailed codes, authenticators, passkeys, certificates,
access keys and cards join as further entries of `STAGES`.
"""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.credentials import passwords, rules
from warifu.credentials.actions import attempts, devices, sessions
from warifu.credentials.models import Password, SignIn
from warifu.foundation import japanese
from warifu.foundation.actor import SYSTEM, Role
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.notices import actions as notices
from warifu.notices import kinds
from warifu.organisations import queries as organisations
from warifu.organisations.queries import MemberView

LASTS = timedelta(minutes=15)
"""How long a sign-in may be left between two stages."""


class SignInFailed(Refused):
    """Something did not fit; what it was is told to nobody but the trail (L-10)."""

    code = "WF-S203"
    sentence = _("サインインできませんでした。")
    remedy = _("組織コード、メールアドレスまたは社員番号、パスワードを見直して、もう一度お試しください。")
    status = 422


class SignInOver(Refused):
    """The sign-in was left for too long, is finished, or belongs to another browser."""

    code = "WF-S204"
    sentence = _("時間がたったため、サインインをはじめからやり直してください。")
    remedy = _("サインインの画面を開き直してください。")
    status = 410


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """The browser that wants in: its words about itself, its network address, and its device token if it has one."""

    browser: str
    address: str
    device: str = ""


@dataclass(frozen=True, kw_only=True)
class Account:
    """Whom a stage examines: a member with what is kept of their password, or nobody (L-10)."""

    member: MemberView | None
    password_hash: str | None
    password_set_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """The end of a sign-in: the session's token, and a token by which this device is known again."""

    session_token: str
    device_token: str
    member_id: UUID
    organisation_code: str
    roles: Role


@dataclass(frozen=True, kw_only=True)
class NextStage:
    """Another stage is wanted before the session starts."""

    stage: str


class Stage(ABC):
    """One step of a sign-in: what it is called, which factor it proves, how strong the session is afterwards."""

    name: str
    factor: str
    level: int

    @abstractmethod
    def wanted(self, account: Account) -> bool:
        """Whether this account has to pass the stage."""

    @abstractmethod
    def proves(self, account: Account, answer: str, at: datetime) -> bool:
        """Whether the answer is right; takes the same time when there is nobody to compare with."""

    def after(self, account: Account, answer: str) -> None:  # noqa: B027
        """What is put in order once the answer was right; nothing by default."""


class PasswordStage(Stage):
    """The password, asked of everybody, also of those whom nobody knows."""

    name = "password"
    factor = "password"
    level = 1

    def wanted(self, account: Account) -> bool:
        """Always."""
        return True

    def proves(self, account: Account, answer: str, at: datetime) -> bool:
        """Compare with the kept hash, or with a decoy (L-10)."""
        return passwords.fits(answer, account.password_hash)

    def after(self, account: Account, answer: str) -> None:
        """Hash the password anew when the figures have changed (L-05)."""
        if account.member and account.password_hash and passwords.is_outdated(account.password_hash):
            kept = Password.objects.filter(member_id=account.member.id, hash=account.password_hash)
            kept.update(hash=passwords.hashed(answer))


STAGES: tuple[Stage, ...] = (PasswordStage(),)
"""The row of stages, in order."""


def begin(*, organisation_code: str, identifier: str, visitor: Visitor, at: datetime) -> str:
    """Start a sign-in for whoever is named, known or not, and return the token of the process."""
    code = japanese.to_half_width(organisation_code).lower()
    name = japanese.to_half_width(identifier)
    organisation = organisations.organisation_by_code(code=code)
    member = None
    if organisation:
        member = organisations.member_by_mail(
            organisation_id=organisation.id, mail=name.lower()
        ) or organisations.member_by_employee_code(organisation_id=organisation.id, employee_code=name)
    token = secrets.token_urlsafe(32)
    SignIn.objects.create(
        token_hash=rules.digest(token),
        organisation_id=organisation.id if organisation else None,
        member_id=member.id if member else None,
        subject=str(member.id) if member else f"{code}/{name.casefold()}"[:300],
        started_at=at,
        valid_until=at + LASTS,
    )
    return token


def answer(*, token: str, stage: str, secret: str, visitor: Visitor, at: datetime) -> SignedIn | NextStage:
    """Give the stage that is due its answer; the session starts when no further stage is wanted.

    Raises `SignInFailed` (the same for a wrong password, an unknown person and an unknown organisation),
    `TooManyAttempts`, `SignInOver`, `TooBusy`.
    """
    row = _row(token, at)
    account = _account(row)
    due = _due(row, account)
    if due is None or due.name != stage:
        raise SignInOver
    is_known_device = account.member is not None and devices.is_known(
        token=visitor.device, member_id=account.member.id, password_set_at=account.password_set_at
    )
    _take_turn(row, visitor, is_known_device, at)
    if not due.proves(account, secret, at) or account.member is None:
        _note_failure(row, due, visitor, at)
        raise SignInFailed
    due.after(account, secret)
    with transaction.atomic():
        _clear_turn(row, visitor)
        row.passed = [*row.passed, due.name]
        following = _due(row, account)
        passed = SignIn.objects.filter(id=row.id, finished_at=None)
        if passed.update(passed=row.passed, finished_at=None if following else at) != 1:
            raise SignInOver
        if following:
            return NextStage(stage=following.name)
        if not is_known_device:
            _tell_of_new_device(account.member, visitor, at)
        return _start_session(row, account.member, account, visitor, at)


def tidy(*, at: datetime) -> int:
    """Forget processes that are over; for the daily round. Returns how many."""
    return SignIn.objects.filter(valid_until__lt=at).delete()[0]


def _row(token: str, at: datetime) -> SignIn:
    row = SignIn.objects.filter(token_hash=rules.digest(token), finished_at=None, valid_until__gt=at).first()
    if row is None:
        raise SignInOver
    return row


def _account(row: SignIn) -> Account:
    if row.member_id is None or row.organisation_id is None:
        return Account(member=None, password_hash=None, password_set_at=None)
    member = organisations.member(organisation_id=row.organisation_id, member_id=row.member_id)
    kept = Password.objects.filter(member_id=member.id).first() if member.is_active else None
    return Account(
        member=member if member.is_active else None,
        password_hash=kept.hash if kept else None,
        password_set_at=kept.set_at if kept else None,
    )


def _due(row: SignIn, account: Account) -> Stage | None:
    left = (stage for stage in STAGES if stage.name not in row.passed and stage.wanted(account))
    return next(left, None)


def _take_turn(row: SignIn, visitor: Visitor, is_known_device: bool, at: datetime) -> None:
    attempts.check(purpose="signin.address", subject=visitor.address, at=at)
    wait = attempts.take(purpose="signin.pair", subject=_pair(row, visitor, is_known_device), at=at)
    if not is_known_device:
        wait = max(wait, attempts.take(purpose="signin.account", subject=row.subject, at=at))
    if wait > timedelta(minutes=1):
        with transaction.atomic():
            audit.record(
                event=Events.THROTTLED,
                by=SYSTEM,
                at=at,
                organisation_id=row.organisation_id,
                subject_id=row.member_id,
                seconds=int(wait.total_seconds()),
                address=visitor.address,
            )


def _clear_turn(row: SignIn, visitor: Visitor) -> None:
    for is_known_device in (True, False):
        attempts.clear(purpose="signin.pair", subject=_pair(row, visitor, is_known_device))
    attempts.clear(purpose="signin.account", subject=row.subject)


def _pair(row: SignIn, visitor: Visitor, is_known_device: bool) -> str:
    return f"{row.subject} {visitor.device if is_known_device else visitor.address}"


def _note_failure(row: SignIn, stage: Stage, visitor: Visitor, at: datetime) -> None:
    attempts.fail(purpose="signin.address", subject=visitor.address, at=at)
    with transaction.atomic():
        audit.record(
            event=Events.SIGN_IN_FAILED,
            by=SYSTEM,
            at=at,
            organisation_id=row.organisation_id,
            subject_id=row.member_id,
            factor=stage.factor,
            address=visitor.address,
        )


def _tell_of_new_device(member: MemberView, visitor: Visitor, at: datetime) -> None:
    """Mail the owner, unless this is the first sign-in of all (L-12)."""
    if not member.mail or not sessions.has_any(member_id=member.id):
        return
    organisation = organisations.organisation(organisation_id=member.organisation_id)
    notices.post(
        letter=kinds.NewDevice(
            organisation_name=organisation.name,
            name=member.full_name,
            signed_in_at=at,
            browser=rules.browser_name(visitor.browser) or _("名前のわからない端末"),
        ),
        organisation_id=member.organisation_id,
        member_id=member.id,
        to_mail=member.mail,
        to_name=member.full_name,
        key=f"new_device:{member.id}:{at.isoformat()}",
        by=SYSTEM,
        at=at,
    )


def _start_session(row: SignIn, member: MemberView, account: Account, visitor: Visitor, at: datetime) -> SignedIn:
    stages = [stage for stage in STAGES if stage.name in row.passed]
    level = max(stage.level for stage in stages)
    by = organisations.actor_of(member=member, level=level, authenticated_at=at)
    audit.record(
        event=Events.SIGNED_IN,
        by=by,
        at=at,
        subject_id=member.id,
        factors=[stage.factor for stage in stages],
        level=level,
        address=visitor.address,
        browser=visitor.browser,
    )
    organisation = organisations.organisation(organisation_id=member.organisation_id)
    return SignedIn(
        session_token=sessions.start(
            member_id=member.id, level=level, browser=visitor.browser, address=visitor.address, at=at
        ),
        device_token=devices.token(member_id=member.id, password_set_at=account.password_set_at),
        member_id=member.id,
        organisation_code=organisation.code,
        roles=member.roles,
    )
