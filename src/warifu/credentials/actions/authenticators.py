"""認証アプリ: time-based one-time codes (RFC 6238; L-17). Secrets are sealed, each time step is accepted once."""

from __future__ import annotations

import base64
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pyotp
from django.db import transaction

from warifu.credentials import sealing
from warifu.credentials.actions import attempts, factors
from warifu.credentials.models import Authenticator
from warifu.foundation import japanese
from warifu.foundation.actor import Actor
from warifu.foundation.ids import new_id
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations import queries as organisations

STEP = 30
WINDOW = 1
_SECRET_BYTES = 20


class CodeWrong(Refused):
    """The code of the authenticator app does not fit, or was used already."""

    code = "WF-S221"
    sentence = _("認証アプリの6桁のコードが合いません。")
    remedy = _(
        "アプリに出ている、いちばん新しいコードを入れてください。合わないときは、スマートフォンの時刻を自動設定にしてください。"
    )
    status = 422


@dataclass(frozen=True, kw_only=True)
class Enrolment:
    """What an authenticator app needs once: the secret as text, and the address that its QR code holds."""

    id: UUID
    secret: str
    address: str


def start(*, organisation_id: UUID, name: str, by: Actor, at: datetime) -> Enrolment:
    """Make a secret for an app; it counts for nothing until `confirm`. An unfinished one is replaced.

    Raises `LevelTooLow` when the member has another factor and has not shown it in this session.
    """
    assert by.id is not None  # noqa: S101
    factors.insist_may_change(by=by)
    member = organisations.member(organisation_id=organisation_id, member_id=by.id)
    organisation = organisations.organisation(organisation_id=organisation_id)
    secret = base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()
    row_id = new_id()
    with transaction.atomic():
        Authenticator.objects.filter(member_id=member.id, confirmed_at=None).delete()
        Authenticator.objects.create(
            id=row_id,
            member_id=member.id,
            name=name[:60],
            sealed_secret=sealing.seal(secret.encode(), place=_place(row_id)),
            created_at=at,
        )
    address = pyotp.TOTP(secret).provisioning_uri(
        name=member.mail or member.employee_code, issuer_name=f"割符 {organisation.name}"
    )
    return Enrolment(id=row_id, secret=secret, address=address)


def pending(*, organisation_id: UUID, by: Actor) -> Enrolment | None:
    """The enrolment that a member has begun and not finished, to show its QR code once more."""
    assert by.id is not None  # noqa: S101
    row = Authenticator.objects.filter(
        member_id=by.id, member__organisation_id=organisation_id, confirmed_at=None, revoked_at=None
    ).first()
    if row is None:
        return None
    member = organisations.member(organisation_id=organisation_id, member_id=by.id)
    organisation = organisations.organisation(organisation_id=organisation_id)
    secret = _secret(row)
    address = pyotp.TOTP(secret).provisioning_uri(
        name=member.mail or member.employee_code, issuer_name=f"割符 {organisation.name}"
    )
    return Enrolment(id=row.id, secret=secret, address=address)


def confirm(*, organisation_id: UUID, code: str, by: Actor, at: datetime) -> UUID:
    """Finish an enrolment with a first code of the app; tells the owner by mail. Returns the authenticator's id.

    Raises `CodeWrong`, `TooManyAttempts`, and `NotFound` without an enrolment.
    """
    assert by.id is not None  # noqa: S101
    factors.insist_may_change(by=by)
    row = Authenticator.objects.filter(
        member_id=by.id, member__organisation_id=organisation_id, confirmed_at=None, revoked_at=None
    ).first()
    if row is None:
        raise NotFound
    queue = f"{by.id} {row.id}"
    attempts.take(purpose="second.account", subject=queue, at=at)
    step = matching_step(secret=_secret(row), code=code, at=at, after=row.last_step)
    if step is None:
        raise CodeWrong
    attempts.clear(purpose="second.account", subject=queue)
    with transaction.atomic():
        kept = Authenticator.objects.filter(id=row.id, confirmed_at=None)
        if kept.update(confirmed_at=at, used_at=at, last_step=step) != 1:
            raise NotFound
        factors.note_added(organisation_id=organisation_id, factor="authenticator", name=row.name, by=by, at=at)
    return row.id


def fits(*, member_id: UUID, code: str, at: datetime) -> bool:
    """Whether a code belongs to one of a member's apps; its time step and all before are used up then."""
    for row in Authenticator.objects.filter(member_id=member_id, revoked_at=None).exclude(confirmed_at=None):
        step = matching_step(secret=_secret(row), code=code, at=at, after=row.last_step)
        if step is not None:
            fresh = Authenticator.objects.filter(id=row.id, last_step__lt=step, revoked_at=None)
            return fresh.update(last_step=step, used_at=at) == 1
    return False


def revoke(*, organisation_id: UUID, authenticator_id: UUID, by: Actor, at: datetime) -> None:
    """Stop one of one's own apps. Raises `NotFound`, `LevelTooLow`."""
    assert by.id is not None  # noqa: S101
    factors.insist_may_change(by=by)
    with transaction.atomic():
        own = Authenticator.objects.filter(
            id=authenticator_id, member_id=by.id, member__organisation_id=organisation_id, revoked_at=None
        )
        name = own.values_list("name", flat=True).first()
        if name is None or own.update(revoked_at=at) != 1:
            raise NotFound
        factors.note_revoked(
            organisation_id=organisation_id, member_id=by.id, factor="authenticator", name=name, by=by, at=at
        )


def matching_step(*, secret: str, code: str, at: datetime, after: int) -> int | None:
    """The time step that a code belongs to, at most one step from now and later than `after`; None when none fits."""
    typed = "".join(sign for sign in japanese.to_half_width(code) if sign.isdigit())
    now = int(at.timestamp()) // STEP
    generator = pyotp.TOTP(secret)
    found = None
    for step in range(now - WINDOW, now + WINDOW + 1):
        if hmac.compare_digest(generator.generate_otp(step).encode(), typed.encode()) and step > after:
            found = step
    return found


def _secret(row: Authenticator) -> str:
    return sealing.open_box(row.sealed_secret, place=_place(row.id)).decode()


def _place(authenticator_id: UUID) -> str:
    return f"authenticator|{authenticator_id}"
