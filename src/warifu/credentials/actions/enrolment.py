"""電子証明書の取得: from a proven person to a certificate whose key was made on their own computer (000-33 … 000-35).

A certificate counts as a second factor, so a password alone never makes one. Somebody who has another second factor
shows it (L-09); everybody else shows at least that the registered mailbox is read, as at the first certificate of
all. The program that obtains certificates gets a token for this and nothing else, for ten minutes and one
certificate.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.credentials.actions import attempts, certificates, factors, mail_codes, stepup
from warifu.credentials.actions.certificates import Issued
from warifu.credentials.actions.mail_codes import Awaited
from warifu.credentials.models import Certificate, Enrolment
from warifu.credentials.rules import enrolment as rules
from warifu.credentials.rules import policy
from warifu.credentials.rules.policy import Demands
from warifu.credentials.rules.secrets import digest
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations import queries as organisations
from warifu.organisations.queries import MemberView

LASTS = timedelta(minutes=10)
DEMANDS = Demands(mail_code=True)
"""What a sign-in for the obtaining of a certificate demands of everybody, whatever the organisation's policy says."""


class EnrolmentOver(Refused):
    """The token is unknown, used, or its ten minutes are over; which of these is not told."""

    code = "WF-S660"
    sentence = _("電子証明書を取得できる時間が終わったか、もう取得を終えています。")
    remedy = _("電子証明書の取得を、サインインからやり直してください。")
    status = 401


class ProofTooWeak(Refused):
    """Only a password was shown; a certificate is a second factor and wants more (000-28, L-09)."""

    code = "WF-S661"
    sentence = _("電子証明書の取得には、パスワードのほかにもう一つの確認が必要です。")
    remedy = _("メール確認コードか、登録してある認証アプリ・パスキーで確認してから、もう一度お進みください。")
    status = 403


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Whoever holds a token of the obtaining: the actor, and until when it may be used."""

    enrolment_id: UUID
    organisation_id: UUID
    actor: Actor
    valid_until: datetime


def start(*, member: MemberView, factors: Sequence[str], address: str, at: datetime) -> str:
    """Let a person who has passed all stages obtain one certificate; returns the program's token.

    Inside the transaction that ends the sign-in.
    """
    token = f"wfe_{secrets.token_urlsafe(32)}"
    row = Enrolment.objects.create(
        member_id=member.id,
        way=Certificate.Way.AGENT,
        token_hash=digest(token),
        factors=list(factors),
        started_at=at,
        valid_until=at + LASTS,
    )
    level = policy.level_of(list(factors))
    audit.record(
        event=Events.ENROLMENT_STARTED,
        by=organisations.actor_of(member=member, level=level, authenticated_at=at),
        at=at,
        organisation_id=member.organisation_id,
        subject_id=row.id,
        factors=list(factors),
        level=level,
        address=address,
    )
    return token


def holder_of(*, token: str, at: datetime) -> Holder:
    """Who holds a token. Raises `EnrolmentOver`, also for people who have left since."""
    running = Enrolment.objects.filter(token_hash=digest(token), used_at=None, valid_until__gt=at)
    row = running.select_related("member").first()
    if row is None:
        raise EnrolmentOver
    member = organisations.member(organisation_id=row.member.organisation_id, member_id=row.member_id)
    if not member.is_active:
        raise EnrolmentOver
    level = policy.level_of(row.factors)
    return Holder(
        enrolment_id=row.id,
        organisation_id=member.organisation_id,
        actor=organisations.actor_of(member=member, level=level, authenticated_at=row.started_at),
        valid_until=row.valid_until,
    )


def certify(
    *,
    enrolment_id: UUID,
    organisation_id: UUID,
    csr: bytes,
    issued_to: str,
    device_name: str,
    replaces: UUID | None,
    by: Actor,
    at: datetime,
) -> Issued:
    """Issue the one certificate of a token; a request that is refused leaves the token as it was.

    Raises `EnrolmentOver`, and what `certificates.issue` refuses.
    """
    assert by.id is not None  # noqa: S101
    with transaction.atomic():
        running = Enrolment.objects.filter(
            id=enrolment_id, member_id=by.id, way=Certificate.Way.AGENT, used_at=None, valid_until__gt=at
        )
        shown = running.values_list("factors", flat=True).first()
        if shown is None or running.update(used_at=at) != 1:
            raise EnrolmentOver
        insist_proven(shown=shown, by=by)
        made = certificates.issue(
            organisation_id=organisation_id,
            member_id=by.id,
            csr=csr,
            issued_to=issued_to,
            device_name=device_name,
            way=Certificate.Way.AGENT.value,
            replaces=replaces,
            by=by,
            at=at,
        )
        Enrolment.objects.filter(id=enrolment_id).update(
            certificate_id=made.id, issued_to=issued_to[:64], device_name=device_name[:60], replaces_id=replaces
        )
    return made


def certify_in_browser(
    *,
    organisation_id: UUID,
    shown: Collection[str],
    csr: bytes,
    issued_to: str,
    device_name: str,
    replaces: UUID | None,
    by: Actor,
    at: datetime,
) -> Issued:
    """Issue a certificate for a key that the browser of a session has made; `shown` are the session's factors.

    Raises `ProofTooWeak`, `LevelTooLow`, and what `certificates.issue` refuses.
    """
    assert by.id is not None  # noqa: S101
    insist_proven(shown=shown, by=by)
    return certificates.issue(
        organisation_id=organisation_id,
        member_id=by.id,
        csr=csr,
        issued_to=issued_to,
        device_name=device_name,
        way=Certificate.Way.BROWSER.value,
        replaces=replaces,
        by=by,
        at=at,
    )


def insist_proven(*, shown: Collection[str], by: Actor) -> None:
    """Raise `ProofTooWeak` after a password alone, and `LevelTooLow` when another second factor was not shown."""
    factors.insist_may_change(by=by)
    if not rules.has_shown_enough(factors=shown, level=by.level):
        raise ProofTooWeak


def send_code(*, organisation_id: UUID, session_id: UUID, by: Actor, at: datetime) -> None:
    """Mail a code to somebody whose session was opened with a password alone.

    Raises `NoMailbox`, `TooManyAttempts`.
    """
    assert by.id is not None  # noqa: S101
    member = organisations.member(organisation_id=organisation_id, member_id=by.id)
    with transaction.atomic():
        mail_codes.send(process=session_id, member=member, queue=_queue(session_id, by), at=at)


def awaited_code(*, session_id: UUID, by: Actor, at: datetime) -> Awaited | None:
    """The mailed code that a session waits for; None when none was mailed."""
    return mail_codes.awaited(process=session_id, queue=_queue(session_id, by), at=at)


def prove_mailbox(*, session_id: UUID, code: str, address: str, by: Actor, at: datetime) -> str:
    """Show the mailed code inside a session; returns the session's new token (L-22).

    Raises `CodeNotAccepted` (recorded), `TooManyAttempts`, and `NotFound` when the session has ended.
    """
    assert by.id is not None  # noqa: S101
    queue = _queue(session_id, by)
    attempts.take(purpose="second.account", subject=queue, at=at)
    if not mail_codes.fits(process=session_id, typed=code, at=at):
        with transaction.atomic():
            audit.record(
                event=Events.SIGN_IN_FAILED, by=by, at=at, subject_id=by.id, factor="code", again=True, address=address
            )
        raise mail_codes.why_not(process=session_id, typed=code, at=at)
    attempts.clear(purpose="second.account", subject=queue)
    return stepup.raise_level(session_id=session_id, factor="mail_code", address=address, by=by, at=at)


def tidy(*, at: datetime) -> int:
    """Forget tokens that nobody can use any more and that led to nothing; for the daily round. Returns how many."""
    return Enrolment.objects.filter(valid_until__lt=at - timedelta(days=1), used_at=None).delete()[0]


def _queue(session_id: UUID, by: Actor) -> str:
    """A session waits in a line of its own, which nobody outside can fill (L-11)."""
    return f"{by.id} {session_id}"
