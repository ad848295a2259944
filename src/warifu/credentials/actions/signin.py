"""Sign-in: a row of stages, each able to stop and be taken up again by the same browser (B3).

A `SignIn` lives through several requests, so its state is in its table. `begin` makes one, `answer` gives a stage what
it asked for, and after the last wanted stage a session starts. The stages themselves are in `stages`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.cards.actions import bindings, challenges
from warifu.cards.rules.refusals import (
    CardNotAccepted,
    CardsNotSetUp,
    ChallengeOver,
    StatusUnavailable,
    WhichOrganisation,
)
from warifu.credentials.actions import access_keys, attempts, devices, enrolment, factors, passkeys, sessions, stages
from warifu.credentials.actions.stages import Account, Stage, Visitor
from warifu.credentials.models import SignIn, UserId
from warifu.credentials.queries import access_keys as keys
from warifu.credentials.rules import policy
from warifu.credentials.rules.secrets import digest
from warifu.credentials.rules.sessions import browser_name
from warifu.foundation import japanese
from warifu.foundation.actor import SYSTEM, Role
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.notices import actions as notices
from warifu.notices import kinds
from warifu.organisations import queries as organisations
from warifu.organisations.queries import MemberView

SESSION, ENROLMENT = SignIn.Purpose.SESSION.value, SignIn.Purpose.ENROLMENT.value
"""What follows the last stage. A process that was begun for one cannot be answered for the other."""

LASTS = timedelta(minutes=15)
"""How long a sign-in may be left between two stages."""


class SignInFailed(Refused):
    """Something did not fit; what it was is told to nobody but the trail (L-10)."""

    code = "WF-S203"
    sentence = _("サインインできませんでした。")
    remedy = _(
        "組織コード、利用者（メールアドレス、社員番号、利用者ID）、パスワードを見直して、もう一度お試しください。"
    )
    status = 422


class SignInOver(Refused):
    """The sign-in was left for too long, is finished, or belongs to another browser."""

    code = "WF-S204"
    sentence = _("時間がたったため、サインインをはじめからやり直してください。")
    remedy = _("サインインの画面を開き直してください。")
    status = 410


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """The end of a sign-in: the session's token, and a token by which this device is known again.

    When it was begun for `ENROLMENT`, the token is that of the obtaining of a certificate and opens nothing else.
    """

    session_token: str
    device_token: str
    member_id: UUID
    organisation_code: str
    roles: Role


@dataclass(frozen=True, kw_only=True)
class NextStage:
    """Another stage is wanted before the session starts."""

    stage: str


def begin(*, organisation_code: str, identifier: str, visitor: Visitor, at: datetime, purpose: str = SESSION) -> str:
    """Start a sign-in for whoever is named, known or not, and return the token of the process."""
    code, name = japanese.to_half_width(organisation_code).lower(), japanese.to_half_width(identifier)
    organisation = organisations.organisation_by_code(code=code)
    member = _named(organisation.id, name) if organisation else None
    return begin_for(
        organisation_id=organisation.id if organisation else None,
        member=member,
        subject=f"{code}/{name.casefold()}",
        at=at,
        purpose=purpose,
    )


def begin_for(
    *,
    organisation_id: UUID | None,
    member: MemberView | None,
    subject: str,
    at: datetime,
    factors: tuple[str, ...] = (),
    purpose: str = SESSION,
) -> str:
    """Start a sign-in for somebody whom a door has found in another way, with the factors already shown there."""
    token = secrets.token_urlsafe(32)
    SignIn.objects.create(
        token_hash=digest(token),
        organisation_id=organisation_id,
        member_id=member.id if member else None,
        subject=str(member.id) if member else subject[:300],
        purpose=purpose,
        factors=list(factors),
        started_at=at,
        valid_until=at + LASTS,
    )
    return token


def answer(
    *, token: str, stage: str, secret: str, visitor: Visitor, at: datetime, purpose: str = SESSION
) -> SignedIn | NextStage:
    """Give the stage that is due its answer; the session starts when no further stage is wanted.

    Raises `SignInFailed` (the same for a wrong password, an unknown person and an unknown organisation),
    `CodeNotAccepted` at a later stage, `TooManyAttempts`, `SignInOver`, `TooBusy`, and what a silent stage refuses.
    """
    row = _row(token, at, purpose)
    account = _account(row, visitor)
    due = _due(row, account)
    if due is None or due.name != stage:
        raise SignInOver
    is_first = not row.factors
    _take_turn(row, account, visitor, is_first, at)
    factor = due.proves(process=row.id, account=account, answer=secret, at=at)
    if not factor or account.member is None:
        _note_failure(row, due.name, visitor, at)
        if is_first or account.member is None:
            raise SignInFailed
        _tell_of_failures(account.member, account.queue, visitor, at)
        raise due.refusal(process=row.id, answer=secret, at=at)
    due.after(account, secret)
    _clear_turn(row, account, visitor, is_first)
    return _go_on(row, account, [due.name], [factor], visitor, at)


def proceed(*, token: str, visitor: Visitor, at: datetime) -> SignedIn | NextStage:
    """Go on with a sign-in whose first proof was given elsewhere (`begin_for` with factors).

    Raises `SignInOver`, `TooManyAttempts`, and what a silent stage refuses.
    """
    row = _row(token, at)
    account = _account(row, visitor)
    if account.member is None or not row.factors:
        raise SignInOver
    return _go_on(row, account, [], [], visitor, at)


def by_passkey(*, answer: str, visitor: Visitor, at: datetime) -> tuple[str, SignedIn | NextStage]:
    """Sign in whoever answers with a passkey, without a name or a password; returns the process's token too (L-18).

    Raises `TooManyAttempts`, and what `passkeys.holder_of` and a silent stage refuse; failures are recorded.
    """
    attempts.check(purpose="signin.address", subject=visitor.address, at=at)
    try:
        holder = passkeys.holder_of(answer=answer, purpose=passkeys.SIGN_IN, at=at)
    except Refused:
        organisation_id, member_id = passkeys.claimed(answer=answer)
        attempts.fail(purpose="signin.address", subject=visitor.address, at=at)
        with transaction.atomic():
            audit.record(
                event=Events.SIGN_IN_FAILED,
                by=SYSTEM,
                at=at,
                organisation_id=organisation_id,
                subject_id=member_id,
                factor="passkey",
                address=visitor.address,
            )
        raise
    member = organisations.member(organisation_id=holder.organisation_id, member_id=holder.member_id)
    token = begin_for(
        organisation_id=member.organisation_id,
        member=member,
        subject=str(member.id),
        factors=(keys.factor_of(passkey_id=holder.passkey_id),),
        at=at,
    )
    return token, proceed(token=token, visitor=visitor, at=at)


def by_card(*, answer: str, organisation_code: str, visitor: Visitor, at: datetime) -> tuple[str, SignedIn | NextStage]:
    """Sign in whoever answers with a registered card, without a name or a password; returns the process's token too.

    An organisation is only needed for a card that is registered in several. The one answer to every fault is
    `CardNotAccepted`; the trail keeps which it was. Raises also `WhichOrganisation`, `ChallengeOver`, `CardsNotSetUp`,
    `StatusUnavailable`, `TooManyAttempts`, and what a silent stage refuses.
    """
    attempts.check(purpose="signin.address", subject=visitor.address, at=at)
    organisation = organisations.organisation_by_code(code=japanese.to_half_width(organisation_code).lower())
    try:
        card = challenges.answered(answer=answer, at=at)
        holder = bindings.holder_of(card=card, organisation_id=organisation.id if organisation else None, at=at)
    except (WhichOrganisation, CardsNotSetUp):
        raise
    except Refused as refusal:
        attempts.fail(purpose="signin.address", subject=visitor.address, at=at)
        with transaction.atomic():
            audit.record(
                event=Events.SIGN_IN_FAILED, by=SYSTEM, at=at, factor="card", code=refusal.code, address=visitor.address
            )
        if isinstance(refusal, ChallengeOver | StatusUnavailable):
            raise
        raise CardNotAccepted from None
    member = organisations.member(organisation_id=holder.organisation_id, member_id=holder.member_id)
    token = begin_for(
        organisation_id=member.organisation_id, member=member, subject=str(member.id), factors=("card",), at=at
    )
    return token, proceed(token=token, visitor=visitor, at=at)


def due_stage(
    *, token: str, at: datetime, purpose: str = SESSION, visitor: Visitor | None = None
) -> tuple[str, Account, UUID]:
    """The name of the stage that a process waits at, its account, and the process's id. Raises `SignInOver`."""
    row = _row(token, at, purpose)
    account = _account(row, visitor)
    due = _due(row, account)
    if due is None or account.member is None or not row.factors:
        raise SignInOver
    return due.name, account, row.id


def open_again(*, token: str, stage: str, at: datetime, purpose: str = SESSION, visitor: Visitor | None = None) -> None:
    """Do once more what the due stage does when it opens: mail another code.

    Raises `SignInOver`, `ResendTooSoon`, `TooManyAttempts`.
    """
    row = _row(token, at, purpose)
    account = _account(row, visitor)
    due = _due(row, account)
    if due is None or due.name != stage or not row.factors:
        raise SignInOver
    with transaction.atomic():
        due.open(process=row.id, account=account, at=at)


def tidy(*, at: datetime) -> int:
    """Forget processes that are over; for the daily round. Returns how many."""
    return SignIn.objects.filter(valid_until__lt=at).delete()[0]


def _go_on(
    row: SignIn,
    account: Account,
    passed: list[str],
    shown: list[str],
    visitor: Visitor,
    at: datetime,
) -> SignedIn | NextStage:
    assert account.member is not None  # noqa: S101
    row.passed, row.factors = [*row.passed, *passed], [*row.factors, *shown]
    for silent in stages.SILENT:
        found = silent.shown(account=account, visitor=visitor, at=at)
        if found and found.factor not in row.factors:
            row.factors.append(found.factor)
            setattr(row, f"{found.factor}_id", found.reference)
    with transaction.atomic():
        following = _due(row, account)
        running = SignIn.objects.filter(id=row.id, finished_at=None)
        changed = running.update(
            passed=row.passed,
            factors=row.factors,
            certificate_id=row.certificate_id,
            access_key_id=row.access_key_id,
            finished_at=None if following else at,
        )
        if changed != 1:
            raise SignInOver
        if following:
            following.open(process=row.id, account=account, at=at)
            return NextStage(stage=following.name)
        if row.purpose == ENROLMENT:
            return _start_enrolment(row, account.member, visitor, at)
        if not account.device:
            _tell_of_new_device(account.member, visitor, at)
        return _start_session(row, account.member, account, visitor, at)


def member_named(*, organisation_code: str, identifier: str) -> MemberView | None:
    """The active member with a mail address, employee code or user ID, as typed at the door (003-6, 003-11)."""
    organisation = organisations.organisation_by_code(code=japanese.to_half_width(organisation_code).lower())
    return _named(organisation.id, japanese.to_half_width(identifier)) if organisation else None


def _named(organisation_id: UUID, name: str) -> MemberView | None:
    """An ID counts before a mail address or a code, so that no roster can take it from its holder. A code is taken as
    typed, or in capitals, as issued user IDs are written."""
    holder = UserId.objects.filter(organisation_id=organisation_id, text=name.lower(), ended_at=None)
    member_id = holder.values_list("member_id", flat=True).first()
    if member_id is not None:
        member = organisations.member(organisation_id=organisation_id, member_id=member_id)
        return member if member.is_active else None
    return (
        organisations.member_by_mail(organisation_id=organisation_id, mail=name.lower())
        or organisations.member_by_employee_code(organisation_id=organisation_id, employee_code=name)
        or organisations.member_by_employee_code(organisation_id=organisation_id, employee_code=name.upper())
    )


def _row(token: str, at: datetime, purpose: str = SESSION) -> SignIn:
    running = SignIn.objects.filter(token_hash=digest(token), purpose=purpose, finished_at=None, valid_until__gt=at)
    row = running.first()
    if row is None:
        raise SignInOver
    return row


def _account(row: SignIn, visitor: Visitor | None = None) -> Account:
    account = stages.account_of(organisation_id=row.organisation_id, member_id=row.member_id)
    if (
        account.member
        and visitor
        and devices.is_known(token=visitor.device, member_id=account.member.id, password_set_at=account.password_set_at)
    ):
        account = replace(account, device=visitor.device)
    if row.purpose != ENROLMENT:
        return account
    return replace(account, demands=account.demands | enrolment.DEMANDS)


def _due(row: SignIn, account: Account) -> Stage | None:
    left = (stage for stage in stages.STAGES if stage.name not in row.passed and stage.wanted(account, row.factors))
    return next(left, None)


def _take_turn(row: SignIn, account: Account, visitor: Visitor, is_first: bool, at: datetime) -> None:
    """Wait in line: a known device stands in a queue of its own, which strangers cannot fill (L-11)."""
    if not account.device:
        attempts.check(purpose="signin.address", subject=visitor.address, at=at)
    if not is_first:
        wait = attempts.take(purpose="second.account", subject=account.queue, at=at)
    else:
        wait = attempts.take(purpose="signin.pair", subject=_pair(row, account, visitor), at=at)
        if not account.device:
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


def _clear_turn(row: SignIn, account: Account, visitor: Visitor, is_first: bool) -> None:
    if not is_first:
        attempts.clear(purpose="second.account", subject=account.queue)
        return
    attempts.clear(purpose="signin.pair", subject=_pair(row, account, visitor))
    if not account.device:
        attempts.clear(purpose="signin.account", subject=row.subject)


def _pair(row: SignIn, account: Account, visitor: Visitor) -> str:
    return f"{row.subject} {account.device or visitor.address}"


def _tell_of_failures(member: MemberView, queue: str, visitor: Visitor, at: datetime) -> None:
    factors.tell_of_failures(
        organisation_id=member.organisation_id, member_id=member.id, queue=queue, browser=visitor.browser, at=at
    )


def _note_failure(row: SignIn, stage: str, visitor: Visitor, at: datetime) -> None:
    attempts.fail(purpose="signin.address", subject=visitor.address, at=at)
    with transaction.atomic():
        audit.record(
            event=Events.SIGN_IN_FAILED,
            by=SYSTEM,
            at=at,
            organisation_id=row.organisation_id,
            subject_id=row.member_id,
            factor=stage,
            address=visitor.address,
            browser=visitor.browser,
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
            browser=browser_name(visitor.browser) or _("名前のわからない端末"),
        ),
        organisation_id=member.organisation_id,
        member_id=member.id,
        to_mail=member.mail,
        to_name=member.full_name,
        key=f"new_device:{member.id}:{at.isoformat()}",
        by=SYSTEM,
        at=at,
    )


def _start_enrolment(row: SignIn, member: MemberView, visitor: Visitor, at: datetime) -> SignedIn:
    token = enrolment.start(member=member, factors=row.factors, address=visitor.address, at=at)
    organisation = organisations.organisation(organisation_id=member.organisation_id)
    return SignedIn(
        session_token=token,
        device_token="",
        member_id=member.id,
        organisation_code=organisation.code,
        roles=member.roles,
    )


def _start_session(row: SignIn, member: MemberView, account: Account, visitor: Visitor, at: datetime) -> SignedIn:
    level = policy.level_of(row.factors)
    by = organisations.actor_of(member=member, level=level, authenticated_at=at)
    audit.record(
        event=Events.SIGNED_IN,
        by=by,
        at=at,
        subject_id=member.id,
        factors=row.factors,
        level=level,
        address=visitor.address,
        browser=visitor.browser,
    )
    if row.access_key_id:
        access_keys.note_use(key_id=row.access_key_id, member=member, browser=visitor.browser, at=at)
    own_id = UserId.objects.filter(member_id=member.id, ended_at=None).first()
    return SignedIn(
        session_token=sessions.start(
            member_id=member.id,
            level=level,
            factors=row.factors,
            browser=visitor.browser,
            address=visitor.address,
            idle_hours=own_id.logout_hours if own_id else None,
            certificate_id=row.certificate_id,
            access_key_id=row.access_key_id,
            at=at,
        ),
        device_token=devices.token(member_id=member.id, password_set_at=account.password_set_at),
        member_id=member.id,
        organisation_code=account.organisation_code,
        roles=member.roles,
    )
