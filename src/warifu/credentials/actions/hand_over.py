"""管理者の引継ぎ: rights, certificates, devices, contact points and tokens go from one administrator to another.

Begun by the one who hands over, or by another administrator for somebody absent; from the moment on which the rights
have moved, the new administrator goes on. Every step is one verb with one entry; it can be left, taken up and stopped.

    RUNNING ─ new one signed in with two factors → rights moved → the rest in any order ─→ FINISHED
       └──→ STOPPED (what was moved stays moved)
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.audit.events import Event
from warifu.credentials.actions import certificates, sessions, tokens
from warifu.credentials.models import AccessKey, HandOver, Session, Token
from warifu.credentials.queries.certificates import certificates_of
from warifu.credentials.queries.ids import is_stopped
from warifu.credentials.rules.hand_over import REST, Step
from warifu.foundation.actor import NO_ROLE, Actor, Role
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.notices import actions as notices
from warifu.notices import kinds
from warifu.notices.links import LateLink
from warifu.organisations import actions as organisation_actions
from warifu.organisations import queries as organisations
from warifu.organisations.queries import MemberView
from warifu.organisations.rules import PERMISSIONS, Permission, require

LEADING = Role.ADMINISTRATOR | Role.HEAD
"""The roles that are handed over; all others are shown only."""
_REVOKED = "left"


class HandOverRunning(Refused):
    """One hand-over at a time."""

    code = "WF-S800"
    sentence = _("ほかの引継ぎが進んでいます。")
    remedy = _("引継ぎの画面で続けるか、やめてから、新しい引継ぎを始めてください。")


class NothingToHandOver(Refused):
    """Whoever hands over is neither administrator nor head."""

    code = "WF-S801"
    sentence = _("{name}さんは、管理者でも所長でもありません。")
    remedy = _("引き継ぐ人には、いまの管理者か所長を選んでください。")
    status = 422


class CannotTakeOver(Refused):
    """Whoever takes over is the same person, has left, has no mail address, or an ended ID."""

    code = "WF-S802"
    sentence = _("{name}さんには引き継げません。")
    remedy = _("在籍していて、メールアドレスがあり、利用者IDが使える、別の人を選んでください。")
    status = 422


class NotSignedInStrongly(Refused):
    """The new administrator has not yet signed in with two factors."""

    code = "WF-S803"
    sentence = _("{name}さんは、まだ二つの確認でサインインしていません。")
    remedy = _(
        "{name}さんに、自分の端末でサインインし、パスキーか認証アプリを登録してもらってから、もう一度確かめてください。"
    )


class StepTooEarly(Refused):
    """A step before is missing, or this one was done already."""

    code = "WF-S804"
    sentence = _("この手順は、いまは進められません。")
    remedy = _("引継ぎの画面を読み込み直し、上から順に進めてください。")


class NobodyWouldLead(Refused):
    """Afterwards nobody could administer, or the office would have no head."""

    code = "WF-S805"
    sentence = _("引き継ぐと、管理できる人がいなくなります。")
    remedy = _("引き受ける人が在籍し、サインインできることを確かめてください。所長のいる事務所には、所長が必要です。")


def start(*, organisation_id: UUID, from_id: UUID, to_id: UUID, by: Actor, at: datetime) -> UUID:
    """Begin a hand-over and tell both and the other administrators; returns its id.

    Raises `NotPermitted`, `LevelTooLow`, `NotFound`, `NothingToHandOver`, `CannotTakeOver`, `HandOverRunning`.
    """
    require(by=by, permission=Permission.SECURITY_MANAGE, organisation_id=organisation_id)
    giver = organisations.member(organisation_id=organisation_id, member_id=from_id)
    taker = organisations.member(organisation_id=organisation_id, member_id=to_id)
    if not giver.roles & LEADING:
        raise NothingToHandOver(name=giver.full_name)
    _insist_able(giver, taker)
    try:
        with transaction.atomic():
            row = HandOver.objects.create(
                organisation_id=organisation_id, from_member_id=from_id, to_member_id=to_id, started_at=at
            )
            _note(Events.HAND_OVER_STARTED, row, by, at, from_name=giver.full_name, to_name=taker.full_name)
            _tell(row, giver, taker, _("始まりました"), by, at)
    except IntegrityError:
        raise HandOverRunning from None
    return row.id


def confirm_signed_in(*, organisation_id: UUID, hand_over_id: UUID, by: Actor, at: datetime) -> None:
    """Step 1: the new administrator has signed in with two factors since it began. Raises `NotSignedInStrongly`, …"""
    row, _giver, taker = _running(organisation_id, hand_over_id, by)
    if not Session.objects.filter(member_id=taker.id, level__gte=2, seen_at__gte=row.started_at).exists():
        raise NotSignedInStrongly(name=taker.full_name)
    with transaction.atomic():
        _do(row, Step.SIGNED_IN, by, at)


def move_roles(*, organisation_id: UUID, hand_over_id: UUID, by: Actor, at: datetime) -> None:
    """Step 2: the new administrator gets the rights, then the old one loses them.

    Raises `StepTooEarly`, `CannotTakeOver`, `NobodyWouldLead`, and what a change of roles refuses.
    """
    row, giver, taker = _running(organisation_id, hand_over_id, by)
    moved = giver.roles & LEADING
    left = giver.roles & ~LEADING
    _insist_able(giver, taker)
    with transaction.atomic():
        _do(row, Step.ROLES, by, at, roles=int(moved))
        organisation_actions.change_roles(
            organisation_id=organisation_id, member_id=taker.id, roles=taker.roles | moved, by=by, at=at
        )
        organisation_actions.change_roles(
            organisation_id=organisation_id,
            member_id=giver.id,
            roles=left if left != NO_ROLE else Role.EMPLOYEE,
            by=by,
            at=at,
        )
        _insist_led(organisation_id, head_needed=Role.HEAD in moved)


def settle_certificates(
    *, organisation_id: UUID, hand_over_id: UUID, revoked: Collection[UUID], by: Actor, at: datetime
) -> None:
    """Step 3: which certificates of the old administrator end now; the others go on until they are over."""
    row, giver, _taker = _running(organisation_id, hand_over_id, by)
    running = {
        line.id
        for line in certificates_of(organisation_id=organisation_id, member_id=giver.id)
        if line.revoked_at is None and line.valid_until > at
    }
    with transaction.atomic():
        _do(row, Step.CERTIFICATES, by, at, revoked=len(running & set(revoked)), kept=len(running - set(revoked)))
        for certificate_id in running & set(revoked):
            certificates.revoke(
                organisation_id=organisation_id, certificate_id=certificate_id, reason=_REVOKED, by=by, at=at
            )


def end_devices(*, organisation_id: UUID, hand_over_id: UUID, by: Actor, at: datetime) -> None:
    """Step 4: access keys and running sessions of the old administrator end; who still works here signs in anew."""
    row, giver, _taker = _running(organisation_id, hand_over_id, by)
    with transaction.atomic():
        keys = AccessKey.objects.filter(member_id=giver.id, revoked_at=None).update(revoked_at=at)
        ended = sessions.end_all_of_member(
            organisation_id=organisation_id, member_id=giver.id, reason="hand_over", by=by, at=at
        )
        _do(row, Step.DEVICES, by, at, sessions=ended, access_keys=keys)


def settle_contacts(*, organisation_id: UUID, hand_over_id: UUID, contact: str, by: Actor, at: datetime) -> None:
    """Step 5: what the organisation gives as its contact from now on."""
    row, _giver, _taker = _running(organisation_id, hand_over_id, by)
    organisation = organisations.organisation(organisation_id=organisation_id)
    with transaction.atomic():
        _do(row, Step.CONTACTS, by, at)
        if contact != organisation.contact:
            organisation_actions.change_settings(
                organisation_id=organisation_id,
                name=organisation.name,
                auto_logout_hours=organisation.auto_logout_hours,
                contact=contact,
                by=by,
                at=at,
            )


def review_tokens(
    *, organisation_id: UUID, hand_over_id: UUID, revoked: Collection[UUID], by: Actor, at: datetime
) -> None:
    """Step 6: which tokens that the old administrator issued end now; programs that use them stop."""
    row, giver, _taker = _running(organisation_id, hand_over_id, by)
    running = Token.objects.filter(organisation_id=organisation_id, issued_by=giver.id, revoked_at=None)
    ids = set(running.filter(valid_until__gt=at).values_list("id", flat=True))
    with transaction.atomic():
        _do(row, Step.TOKENS, by, at, revoked=len(ids & set(revoked)), kept=len(ids - set(revoked)))
        for token_id in ids & set(revoked):
            tokens.revoke(organisation_id=organisation_id, token_id=token_id, by=by, at=at)


def finish(*, organisation_id: UUID, hand_over_id: UUID, by: Actor, at: datetime) -> None:
    """The end: all steps are done; both and the other administrators get a letter. Raises `StepTooEarly`."""
    row, giver, taker = _running(organisation_id, hand_over_id, by)
    if set(Step) - {Step(name) for name in row.done}:
        raise StepTooEarly
    with transaction.atomic():
        if _rows(row).update(finished_at=at) != 1:
            raise StepTooEarly
        _insist_led(organisation_id, head_needed=False)
        _note(Events.HAND_OVER_FINISHED, row, by, at)
        _tell(row, giver, taker, _("終わりました"), by, at)


def stop(*, organisation_id: UUID, hand_over_id: UUID, by: Actor, at: datetime) -> None:
    """Give it up; what was moved stays moved, and both and the other administrators are told."""
    row, giver, taker = _running(organisation_id, hand_over_id, by)
    with transaction.atomic():
        if _rows(row).update(stopped_at=at) != 1:
            raise StepTooEarly
        _note(Events.HAND_OVER_STOPPED, row, by, at)
        _tell(row, giver, taker, _("取りやめになりました"), by, at)


def _running(organisation_id: UUID, hand_over_id: UUID, by: Actor) -> tuple[HandOver, MemberView, MemberView]:
    require(by=by, permission=Permission.SECURITY_MANAGE, organisation_id=organisation_id)
    row = HandOver.objects.filter(
        id=hand_over_id, organisation_id=organisation_id, finished_at=None, stopped_at=None
    ).first()
    if row is None:
        raise NotFound
    giver = organisations.member(organisation_id=organisation_id, member_id=row.from_member_id)
    taker = organisations.member(organisation_id=organisation_id, member_id=row.to_member_id)
    return row, giver, taker


def _do(row: HandOver, step: Step, by: Actor, at: datetime, **values: object) -> None:
    """Note a step as done, once and in its turn, with its entry; two at the same moment are one."""
    locked = HandOver.objects.select_for_update().filter(id=row.id, finished_at=None, stopped_at=None).first()
    if locked is None or step in locked.done:
        raise StepTooEarly
    if step is Step.ROLES and Step.SIGNED_IN not in locked.done:
        raise StepTooEarly
    if step in REST and Step.ROLES not in locked.done:
        raise StepTooEarly
    _rows(row).update(done=[*locked.done, step.value])
    _note(Events.HAND_OVER_STEP, row, by, at, step=step.value, **values)


def _rows(row: HandOver) -> QuerySet[HandOver]:
    return HandOver.objects.filter(id=row.id, finished_at=None, stopped_at=None)


def _insist_able(giver: MemberView, taker: MemberView) -> None:
    able = taker.is_active and taker.mail and not is_stopped(member_id=taker.id)
    if not able or taker.id == giver.id:
        raise CannotTakeOver(name=taker.full_name)


def _insist_led(organisation_id: UUID, *, head_needed: bool) -> None:
    """Somebody who is there can manage rights and security, and an office that had a head has one."""
    leaders = [
        member
        for member in organisations.office_members(organisation_id=organisation_id)
        if member.roles & PERMISSIONS[Permission.SECURITY_MANAGE] and not is_stopped(member_id=member.id)
    ]
    if not leaders or (head_needed and not any(Role.HEAD in member.roles for member in leaders)):
        raise NobodyWouldLead


def _note(event: Event, row: HandOver, by: Actor, at: datetime, **values: object) -> None:
    audit.record(event=event, by=by, at=at, organisation_id=row.organisation_id, subject_id=row.to_member_id, **values)


def _tell(row: HandOver, giver: MemberView, taker: MemberView, news: str, by: Actor, at: datetime) -> None:
    organisation = organisations.organisation(organisation_id=row.organisation_id)
    office = organisations.office_members(organisation_id=row.organisation_id)
    leaders = [member for member in office if member.roles & PERMISSIONS[Permission.SECURITY_MANAGE]]
    for reader in {member.id: member for member in [giver, taker, *leaders] if member.mail}.values():
        notices.post(
            letter=kinds.HandOverNews(
                organisation_name=organisation.name,
                name=reader.full_name,
                news=news,
                from_person=giver.full_name,
                to_person=taker.full_name,
                done_by=by.label,
                changed_at=at,
                link=LateLink(kind="page", reference="/desk/hand-over/"),
            ),
            organisation_id=row.organisation_id,
            member_id=reader.id,
            to_mail=reader.mail,
            to_name=reader.full_name,
            key=f"hand_over:{row.id}:{reader.id}:{at.isoformat()}",
            by=by,
            at=at,
        )
