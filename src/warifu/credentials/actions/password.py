"""Passwords: choose, change, tell the owner (L-01 … L-04, L-12)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.credentials import passwords
from warifu.credentials.actions import attempts, sessions
from warifu.credentials.models import Password
from warifu.credentials.rules import passwords as rules
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.notices import actions as notices
from warifu.notices import kinds
from warifu.organisations import queries as organisations
from warifu.organisations.queries import MemberView


class PasswordWrong(Refused):
    """The password is not the present one."""

    code = "WF-S202"
    sentence = _("いまのパスワードと合いません。")
    remedy = _("大文字と小文字、全角と半角を確かめて、もう一度お試しください。")
    status = 422


def hash_of_choice(*, password: str, member: MemberView) -> str:
    """The hash of a password that a member chooses. Raises a `Password…` refusal that says why it is not good."""
    organisation = organisations.organisation(organisation_id=member.organisation_id)
    words = (
        organisation.code, organisation.name, member.mail, member.employee_code,
        member.family_name, member.given_name, member.family_kana, member.given_kana,
    )  # fmt: skip
    owner = rules.Owner(words=words, born_on=member.born_on)
    rules.insist_good(password=password, owner=owner, common=passwords.common_words())
    return passwords.hashed(password)


def keep(*, kept: str, member: MemberView, by: Actor, at: datetime) -> bool:
    """Store a hash as the member's password; returns whether there was one before, and then tells the owner by mail."""
    before = Password.objects.filter(member_id=member.id).exists()
    Password.objects.update_or_create(member_id=member.id, defaults={"hash": kept, "set_at": at})
    if before and member.mail:
        organisation = organisations.organisation(organisation_id=member.organisation_id)
        letter = kinds.PasswordChanged(organisation_name=organisation.name, name=member.full_name, changed_at=at)
        notices.post(
            letter=letter,
            organisation_id=member.organisation_id,
            member_id=member.id,
            to_mail=member.mail,
            to_name=member.full_name,
            key=f"password_changed:{member.id}:{at.isoformat()}",
            by=by,
            at=at,
        )
    return before


def change(*, organisation_id: UUID, session_id: UUID, current: str, new: str, by: Actor, at: datetime) -> str:
    """Change one's own password with the present one; other sessions end, this one gets a new token (L-04, L-24).

    Returns the session's new token. Raises `PasswordWrong`, `TooManyAttempts`, or a `Password…` refusal.
    """
    assert by.id is not None  # noqa: S101
    member = organisations.member(organisation_id=organisation_id, member_id=by.id)
    prove(member=member, password=current, by=by, at=at)
    kept = hash_of_choice(password=new, member=member)
    with transaction.atomic():
        keep(kept=kept, member=member, by=by, at=at)
        audit.record(event=Events.PASSWORD_CHANGED, by=by, at=at, subject_id=member.id, factor="password")
        sessions.end_all_of_member(
            organisation_id=organisation_id, member_id=member.id, reason="password", by=by, at=at, keep=session_id
        )
        return sessions.renew(session_id=session_id, member_id=member.id, at=at)


def prove(*, member: MemberView, password: str, by: Actor, at: datetime) -> None:
    """Insist on the password of somebody signed in. Raises `PasswordWrong` (recorded) or `TooManyAttempts`."""
    subject = str(member.id)
    attempts.take(purpose="relogin", subject=subject, at=at)
    kept = Password.objects.filter(member_id=member.id).values_list("hash", flat=True).first()
    if not passwords.fits(password, kept):
        with transaction.atomic():
            audit.record(event=Events.SIGN_IN_FAILED, by=by, at=at, subject_id=member.id, factor="password", again=True)
        raise PasswordWrong
    attempts.clear(purpose="relogin", subject=subject)


def prove_again(
    *, organisation_id: UUID, session_id: UUID, password: str, address: str, by: Actor, at: datetime
) -> str:
    """Prove identity once more inside a session; returns its new token (L-22, L-25).

    Raises `PasswordWrong`, `TooManyAttempts`, and `NotFound` when the session has ended meanwhile.
    """
    assert by.id is not None  # noqa: S101
    member = organisations.member(organisation_id=organisation_id, member_id=by.id)
    prove(member=member, password=password, by=by, at=at)
    with transaction.atomic():
        token = sessions.renew(session_id=session_id, member_id=member.id, at=at)
        audit.record(
            event=Events.SIGNED_IN_AGAIN, by=by, at=at, subject_id=member.id, factor="password", address=address
        )
    return token
