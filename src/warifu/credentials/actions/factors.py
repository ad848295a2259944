"""What all factors have in common: who may add or stop one, and who hears of it (L-12, L-21, L-25)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.cards.queries import bindings as cards
from warifu.credentials.actions import attempts
from warifu.credentials.models import Authenticator, Passkey
from warifu.credentials.rules.policy import FACTOR_LEVELS
from warifu.credentials.rules.sessions import browser_name
from warifu.foundation.actor import SYSTEM, Actor
from warifu.foundation.refusals import translatable as _
from warifu.notices import actions as notices
from warifu.notices import kinds
from warifu.organisations import queries as organisations
from warifu.organisations.queries import MemberView, OrganisationView
from warifu.organisations.rules import require_level_two

NAMES = {
    "authenticator": "認証アプリ",
    "passkey": "パスキー",
    "recovery_code": "予備コード",
    "card": "マイナンバーカード",
    "certificate": "電子証明書",
    "access_key": "アクセスキー",
    "phone": "再設定用の携帯電話番号",
    "external": "外部のID",
}
"""What letters and screens call each factor."""
TELL_AFTER = 3
"""Wrong answers in a row after a right password, before the owner hears of them (L-12)."""


def enrolled(*, member_id: UUID) -> frozenset[str]:
    """Which second factors a member can show when signing in: `authenticator`, `passkey`, `card`. Three queries."""
    found = set()
    if Authenticator.objects.filter(member_id=member_id, revoked_at=None).exclude(confirmed_at=None).exists():
        found.add("authenticator")
    if Passkey.objects.filter(member_id=member_id, revoked_at=None).exists():
        found.add("passkey")
    if cards.has_card(member_id=member_id):
        found.add("card")
    return frozenset(found)


def insist_may_change(*, by: Actor) -> None:
    """A first factor may be added with the password alone; everything later wants one of them shown (L-09, L-25).

    Raises `LevelTooLow`.
    """
    if by.id is not None and enrolled(member_id=by.id):
        require_level_two(by=by)


def note_added(
    *, organisation_id: UUID, factor: str, name: str, by: Actor, at: datetime, member_id: UUID | None = None
) -> None:
    """Record that a member (`by`, unless another is named) has a new factor, and tell them by mail.

    Inside the caller's transaction.
    """
    member_id = member_id or by.id
    assert member_id is not None  # noqa: S101
    audit.record(
        event=Events.FACTOR_ADDED,
        by=by,
        at=at,
        organisation_id=organisation_id,
        subject_id=member_id,
        factor=factor,
        name=name,
        level=FACTOR_LEVELS.get(factor, 1),
    )
    tell_added(organisation_id=organisation_id, factor=factor, name=name, by=by, at=at, member_id=member_id)


def tell_added(
    *, organisation_id: UUID, factor: str, name: str, by: Actor, at: datetime, member_id: UUID | None = None
) -> None:
    """Tell a member (`by`, unless another is named) by mail that they have something new to prove themselves with.

    Inside the caller's transaction.
    """
    member_id = member_id or by.id
    assert member_id is not None  # noqa: S101
    tell(
        organisation_id=organisation_id,
        member_id=member_id,
        factor=factor,
        name=name,
        kind=kinds.FactorAdded,
        by=by,
        at=at,
    )


def tell_of_failures(*, member_id: UUID, organisation_id: UUID, queue: str, browser: str, at: datetime) -> bool:
    """Tell a member by mail that somebody who knows the password fails at what follows (L-12).

    From the third failure of a queue of `second.account` in a row on, once an hour at most. Returns whether a letter
    was posted.
    """
    member = organisations.member(organisation_id=organisation_id, member_id=member_id)
    if not member.mail or attempts.failures(purpose="second.account", subject=queue) < TELL_AFTER:
        return False
    try:
        attempts.take(purpose="second.letter", subject=str(member_id), at=at)
    except attempts.TooManyAttempts:
        return False
    organisation = organisations.organisation(organisation_id=organisation_id)
    with transaction.atomic():
        notices.post(
            letter=kinds.SecondFactorFailed(
                organisation_name=organisation.name,
                name=member.full_name,
                failed_at=at,
                browser=browser_name(browser) or _("名前のわからない端末"),
            ),
            organisation_id=organisation_id,
            member_id=member_id,
            to_mail=member.mail,
            to_name=member.full_name,
            key=f"second_factor_failed:{member_id}:{at.isoformat()}",
            by=SYSTEM,
            at=at,
        )
    return True


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
    tell(
        organisation_id=organisation_id,
        member_id=member_id,
        factor=factor,
        name=name,
        kind=kinds.FactorRevoked,
        by=by,
        at=at,
    )


def tell(
    *,
    organisation_id: UUID,
    member_id: UUID,
    factor: str,
    name: str,
    kind: type[kinds.FactorAdded | kinds.FactorRevoked],
    by: Actor,
    at: datetime,
) -> None:
    """Mail a member that a factor was added or stopped (L-12). Inside the caller's transaction."""
    member = organisations.member(organisation_id=organisation_id, member_id=member_id)
    organisation = organisations.organisation(organisation_id=organisation_id)
    write_to(member=member, organisation=organisation, factor=factor, name=name, kind=kind, by=by, at=at)


def write_to(
    *,
    member: MemberView,
    organisation: OrganisationView,
    factor: str,
    name: str,
    kind: type[kinds.FactorAdded | kinds.FactorRevoked],
    by: Actor,
    at: datetime,
) -> None:
    """`tell`, by whoever has read member and organisation already."""
    if not member.mail:
        return
    notices.post(
        letter=kind(
            organisation_name=organisation.name,
            name=member.full_name,
            factor=NAMES[factor],
            factor_name=name,
            changed_at=at,
        ),
        organisation_id=organisation.id,
        member_id=member.id,
        to_mail=member.mail,
        to_name=member.full_name,
        key=f"{kind.kind()}:{member.id}:{NAMES[factor]}:{at.isoformat()}",
        by=by,
        at=at,
    )
