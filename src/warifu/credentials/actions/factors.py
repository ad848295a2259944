"""What all factors have in common: who may add or stop one, and who hears of it (L-12, L-21, L-25)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.credentials.models import Authenticator, Passkey
from warifu.credentials.rules.policy import FACTOR_LEVELS
from warifu.foundation.actor import Actor
from warifu.notices import actions as notices
from warifu.notices import kinds
from warifu.organisations import queries as organisations
from warifu.organisations.rules import require_level_two

NAMES = {
    "authenticator": "認証アプリ",
    "passkey": "パスキー",
    "recovery_code": "予備コード",
    "certificate": "電子証明書",
    "access_key": "アクセスキー",
    "phone": "再設定用の携帯電話番号",
    "external": "外部のID",
}
"""What letters and screens call each factor."""


def enrolled(*, member_id: UUID) -> frozenset[str]:
    """Which second factors a member can show when signing in: `authenticator`, `passkey`. Two queries."""
    found = set()
    if Authenticator.objects.filter(member_id=member_id, revoked_at=None).exclude(confirmed_at=None).exists():
        found.add("authenticator")
    if Passkey.objects.filter(member_id=member_id, revoked_at=None).exists():
        found.add("passkey")
    return frozenset(found)


def insist_may_change(*, by: Actor) -> None:
    """A first factor may be added with the password alone; everything later wants one of them shown (L-09, L-25).

    Raises `LevelTooLow`.
    """
    if by.id is not None and enrolled(member_id=by.id):
        require_level_two(by=by)


def note_added(*, organisation_id: UUID, factor: str, name: str, by: Actor, at: datetime) -> None:
    """Record that a member has a new factor, and tell them by mail. Inside the caller's transaction."""
    assert by.id is not None  # noqa: S101
    audit.record(
        event=Events.FACTOR_ADDED,
        by=by,
        at=at,
        organisation_id=organisation_id,
        subject_id=by.id,
        factor=factor,
        name=name,
        level=FACTOR_LEVELS.get(factor, 1),
    )
    _tell(organisation_id, by.id, NAMES[factor], name, kinds.FactorAdded, by, at)


def note_revoked(
    *, organisation_id: UUID, member_id: UUID | None, factor: str, name: str, by: Actor, at: datetime
) -> None:
    """Record that a member's factor was stopped, and tell them by mail. Inside the caller's transaction."""
    assert member_id is not None  # noqa: S101
    audit.record(
        event=Events.FACTOR_REVOKED,
        by=by,
        at=at,
        organisation_id=organisation_id,
        subject_id=member_id,
        factor=factor,
        name=name,
    )
    _tell(organisation_id, member_id, NAMES[factor], name, kinds.FactorRevoked, by, at)


def _tell(
    organisation_id: UUID,
    member_id: UUID,
    factor: str,
    factor_name: str,
    kind: type[kinds.FactorAdded | kinds.FactorRevoked],
    by: Actor,
    at: datetime,
) -> None:
    member = organisations.member(organisation_id=organisation_id, member_id=member_id)
    if not member.mail:
        return
    organisation = organisations.organisation(organisation_id=organisation_id)
    notices.post(
        letter=kind(
            organisation_name=organisation.name,
            name=member.full_name,
            factor=factor,
            factor_name=factor_name,
            changed_at=at,
        ),
        organisation_id=organisation_id,
        member_id=member_id,
        to_mail=member.mail,
        to_name=member.full_name,
        key=f"{kind.kind()}:{member_id}:{factor}:{at.isoformat()}",
        by=by,
        at=at,
    )
