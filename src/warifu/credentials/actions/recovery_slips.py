"""再開のための割符: sealed paper with which an organisation gets an administrator when nobody can sign in any more.

A secret of 128 bits is cut by Shamir's scheme into n slips, any k of which are the whole; each is printed once, and a
table keeps the hash of the whole only. Whoever brings k slips names one active member, who becomes an administrator a
day later and gets a link by mail. Every administrator hears of it at once and can stop it meanwhile.

    LIVING ─shown→ CLAIMED ─a day→ USED      LIVING, CLAIMED ─stopped or printed anew→ REPLACED
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from Crypto.Protocol.SecretSharing import Shamir
from django.db import transaction
from django.db.models import QuerySet

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.credentials.actions import activation, attempts
from warifu.credentials.models import RecoverySlips
from warifu.credentials.rules import slips as rules
from warifu.credentials.rules.secrets import digest, read_aloud
from warifu.foundation import japanese
from warifu.foundation.actor import SYSTEM, Actor, Role
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.notices import actions as notices
from warifu.notices import kinds
from warifu.notices.links import LateLink
from warifu.organisations import actions as organisation_actions
from warifu.organisations import queries as organisations
from warifu.organisations.queries import MemberView
from warifu.organisations.rules import Permission, may, require

WAIT = timedelta(hours=24)
"""How long every administrator can stop it."""


class CountsWrong(Refused):
    """So many of so many slips make no sense."""

    code = "WF-S810"
    sentence = _("この枚数では作れません。")
    remedy = _("必要な枚数は2枚以上、作る枚数はそれより多く9枚までにしてください。例: 3枚のうち2枚。")
    status = 422


class SlipMistyped(Refused):
    """One of the slips does not fit its own check signs; which one is told, for nothing was looked up yet."""

    code = "WF-S811"
    sentence = _("{place}枚目の割符に、書き間違いがあります。")
    remedy = _("8つのまとまりを、紙と一文字ずつ見比べてください。大文字と小文字、ハイフンの有無は問いません。")
    status = 422


class SlipsDoNotFit(Refused):
    """The organisation is unknown, the slips are too few, of another set, or dead: one answer for all (L-10)."""

    code = "WF-S812"
    sentence = _("この割符では再開できません。")
    remedy = _(
        "組織コード、割符の枚数、作った日が同じ割符かどうかを確かめてください。新しく作り直すと、前の割符は使えません。"
    )
    status = 422


class NobodyToLetIn(Refused):
    """No active member has the mail address that was named; told only to those who hold the slips."""

    code = "WF-S813"
    sentence = _("このメールアドレスの利用者がいません。")
    remedy = _("この組織に登録されている、在籍中の人のメールアドレスを入れてください。割符はまだ使えます。")
    status = 422


class NothingToStop(Refused):
    """Nothing is under way that could be stopped."""

    code = "WF-S814"
    sentence = _("止められる再開はありません。")
    remedy = _("画面を読み込み直してください。待ち時間が過ぎたときは、利用者の画面で役割を外せます。")


@dataclass(frozen=True, kw_only=True)
class Paper:
    """One slip to be printed: shown once, kept nowhere."""

    number: int
    printed: int
    needed: int
    signs: str
    spoken: str

    def __repr__(self) -> str:
        return f"Paper(number={self.number})"


def make(*, organisation_id: UUID, needed: int, printed: int, by: Actor, at: datetime) -> list[Paper]:
    """Cut a new secret into slips and return them, once; older slips are dead. Raises `CountsWrong`, `LevelTooLow`."""
    require(by=by, permission=Permission.SECURITY_MANAGE, organisation_id=organisation_id)
    if not rules.is_allowed(needed=needed, printed=printed):
        raise CountsWrong
    whole = secrets.token_bytes(rules.SHARE_BYTES)
    shares = Shamir.split(needed, printed, whole)
    with transaction.atomic():
        _living(organisation_id).update(replaced_at=at)
        RecoverySlips.objects.create(
            organisation_id=organisation_id,
            needed=needed,
            printed=printed,
            secret_hash=digest(whole.hex()),
            made_at=at,
        )
        audit.record(
            event=Events.SLIPS_PRINTED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            needed=needed,
            printed=printed,
        )
    return [_paper(rules.Slip(number=number, share=share), needed, printed) for number, share in shares]


def show(*, organisation_code: str, typed: Sequence[str], mail: str, address: str, at: datetime) -> datetime:
    """Bring slips and name the member who shall administer; returns when that will be.

    Raises `SlipMistyped`, `TooManyAttempts`, `SlipsDoNotFit`, and `NobodyToLetIn` after which the slips still work.
    """
    found = [_read(place, text) for place, text in enumerate(typed, start=1)]
    code = japanese.to_half_width(organisation_code).lower()
    attempts.take(purpose="slips.address", subject=address, at=at)
    attempts.take(purpose="slips.organisation", subject=code, at=at)
    organisation = organisations.organisation_by_code(code=code)
    row = _living(organisation.id).filter(claimed_at=None).first() if organisation else None
    if not _fit(row, found) or row is None or organisation is None:
        _note_failure(organisation.id if organisation else None, address, at)
        raise SlipsDoNotFit
    attempts.clear(purpose="slips.address", subject=address)
    attempts.clear(purpose="slips.organisation", subject=code)
    wanted = japanese.to_half_width(mail).lower()
    member = organisations.member_by_mail(organisation_id=organisation.id, mail=wanted) if wanted else None
    if member is None:
        raise NobodyToLetIn
    return _claim(row, member, address, at)


def stop(*, organisation_id: UUID, by: Actor, at: datetime) -> None:
    """Stop what slips have begun; these slips are dead. Raises `NotPermitted`, `LevelTooLow`, `NothingToStop`."""
    require(by=by, permission=Permission.SECURITY_MANAGE, organisation_id=organisation_id)
    with transaction.atomic():
        claimed = _living(organisation_id).exclude(claimed_at=None)
        member_id = claimed.values_list("claimed_for_id", flat=True).first()
        if claimed.update(replaced_at=at) != 1:
            raise NothingToStop
        audit.record(event=Events.SLIPS_STOPPED, by=by, at=at, organisation_id=organisation_id, subject_id=member_id)


def fulfil_due(*, at: datetime) -> int:
    """Make those administrators whose day of waiting is over, and mail them a link; returns how many."""
    due = RecoverySlips.objects.filter(used_at=None, replaced_at=None, waits_until__lte=at)
    return sum(_fulfil(row, at) for row in due)


def _claim(row: RecoverySlips, member: MemberView, address: str, at: datetime) -> datetime:
    until = at + WAIT
    with transaction.atomic():
        free = RecoverySlips.objects.filter(id=row.id, claimed_at=None, used_at=None, replaced_at=None)
        if free.update(claimed_at=at, claimed_for_id=member.id, waits_until=until) != 1:
            raise SlipsDoNotFit
        audit.record(
            event=Events.SLIPS_SHOWN,
            by=SYSTEM,
            at=at,
            organisation_id=member.organisation_id,
            subject_id=member.id,
            name=member.full_name,
            address=address,
        )
        organisation = organisations.organisation(organisation_id=member.organisation_id)
        for reader in _readers(member):
            letter = kinds.SlipsShown(
                organisation_name=organisation.name,
                name=reader.full_name,
                person=member.full_name,
                waits_until=until,
                link=LateLink(kind="page", reference="/desk/recovery-slips/"),
            )
            _post(letter, reader, f"slips_shown:{row.id}:{reader.id}", at)
    return until


def _fulfil(row: RecoverySlips, at: datetime) -> int:
    assert row.claimed_for_id is not None  # noqa: S101
    member = organisations.member(organisation_id=row.organisation_id, member_id=row.claimed_for_id)
    with transaction.atomic():
        waiting = RecoverySlips.objects.filter(id=row.id, used_at=None, replaced_at=None)
        if not member.is_active or not member.mail:
            waiting.update(claimed_at=None, claimed_for=None, waits_until=None)
            return 0
        if waiting.update(used_at=at) != 1:
            return 0
        organisation_actions.change_roles(
            organisation_id=row.organisation_id,
            member_id=member.id,
            roles=member.roles | Role.ADMINISTRATOR,
            by=SYSTEM,
            at=at,
        )
        audit.record(
            event=Events.SLIPS_USED,
            by=SYSTEM,
            at=at,
            organisation_id=row.organisation_id,
            subject_id=member.id,
            name=member.full_name,
        )
        activation.send(organisation_id=row.organisation_id, member_id=member.id, by=SYSTEM, at=at)
        organisation = organisations.organisation(organisation_id=row.organisation_id)
        for reader in _readers(member):
            letter = kinds.SlipsUsed(
                organisation_name=organisation.name,
                name=reader.full_name,
                person=member.full_name,
                changed_at=at,
            )
            _post(letter, reader, f"slips_used:{row.id}:{reader.id}", at)
    return 1


def _living(organisation_id: UUID) -> QuerySet[RecoverySlips]:
    return RecoverySlips.objects.filter(organisation_id=organisation_id, used_at=None, replaced_at=None)


def _read(place: int, typed: str) -> rules.Slip:
    try:
        return rules.read(typed)
    except rules.SlipUnreadable:
        raise SlipMistyped(place=place) from None


def _fit(row: RecoverySlips | None, found: Sequence[rules.Slip]) -> bool:
    """Whether slips make the whole; without a row the work is the same and the answer no."""
    shares = {slip.number: slip.share for slip in found}
    count = row.needed if row else len(shares)
    if len(shares) < count or not shares:
        return False
    whole = Shamir.combine(list(shares.items())[:count])
    return row is not None and secrets.compare_digest(digest(whole.hex()), row.secret_hash)


def _note_failure(organisation_id: UUID | None, address: str, at: datetime) -> None:
    with transaction.atomic():
        audit.record(event=Events.SLIPS_REFUSED, by=SYSTEM, at=at, organisation_id=organisation_id, address=address)


def _readers(member: MemberView) -> list[MemberView]:
    """Whom letters go to: everybody who may stop it, and whoever is concerned."""
    office = organisations.office_members(organisation_id=member.organisation_id)
    leaders = [
        other
        for other in office
        if other.id != member.id
        and other.mail
        and may(
            by=organisations.actor_of(member=other),
            permission=Permission.SECURITY_MANAGE,
            organisation_id=member.organisation_id,
        )
    ]
    return [*leaders, member]


def _post(letter: kinds.Letter, reader: MemberView, key: str, at: datetime) -> None:
    notices.post(
        letter=letter,
        organisation_id=reader.organisation_id,
        member_id=reader.id,
        to_mail=reader.mail,
        to_name=reader.full_name,
        key=key,
        by=SYSTEM,
        at=at,
    )


def _paper(slip: rules.Slip, needed: int, printed: int) -> Paper:
    signs = rules.written(slip)
    return Paper(number=slip.number, printed=printed, needed=needed, signs=signs, spoken=read_aloud(signs))
