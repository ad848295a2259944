"""所長によるパスワードの再設定: a text message and a mailed link, both, and a third proof; then a new password.

Whoever asks gets the same page in the same time, for the door only writes down what was typed (L-10); the worker looks
who it is, and sends or notes why not. Second factors stay as they are: a reset does not pass by them (L-09).

    ASKED ─worker→ SENT (text message, mail) ─both proven→ a recovery code, or an administrator's approval → CHOSEN
             └──→ refused for a cause, told to the organisation's own administrators only
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.credentials.actions import activation, attempts, devices, recovery, reset_phones, sessions, signin
from warifu.credentials.actions import password as passwords
from warifu.credentials.actions.stages import Visitor
from warifu.credentials.models import Password, SelfReset
from warifu.credentials.rules import secrets as signs
from warifu.credentials.rules.resets import may_start
from warifu.foundation import japanese
from warifu.foundation.actor import SYSTEM, Actor, Role
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.notices import actions as notices
from warifu.notices import kinds, texting
from warifu.notices.actions import text_messages
from warifu.notices.links import LateLink, LinkDead
from warifu.organisations import queries as organisations
from warifu.organisations.queries import MemberView
from warifu.organisations.rules import NotPermitted, Permission, may, require

LASTS = timedelta(minutes=30)
CODE_LASTS = timedelta(minutes=10)
TRIES = 5
SUPPORT_BITS = 29
"""Six signs of a support code: it opens nothing, it only names one asking to an administrator of the same house."""
KEPT = timedelta(days=30)
_MAC_LENGTH = 20

UNKNOWN = "unknown"
NOT_HEAD = "not_head"
NO_PHONE = "no_phone"
NO_MAIL = "no_mail"
TOO_MANY = "too_many"
TEXTING_OFF = "texting_off"


class ResetOver(Refused):
    """The reset was left for too long, failed too often, is finished, or was begun in another browser."""

    code = "WF-S773"
    sentence = _("この再設定は、もう続けられません。")
    remedy = _(
        "30分が過ぎたか、確認コードが5回違ったか、ほかのブラウザーで始めたものです。はじめからやり直してください。"
    )
    status = 410


class ProofWrong(Refused):
    """What was typed does not prove anything; the words are the same for those whom nobody knows."""

    code = "WF-S774"
    sentence = _("確認できませんでした。")
    remedy = _("届いたコードを見直してください。届いていないときは、管理者にお問合せ番号を伝えてください。")
    status = 422


class ProofsMissing(Refused):
    """A password is chosen only after all three proofs."""

    code = "WF-S775"
    sentence = _("三つの確認が、まだそろっていません。")
    remedy = _("再設定の画面に戻り、残っている確認を済ませてください。")


class MailLinkUnknown(NotFound):
    """The address is no link of a self-reset."""

    code = "WF-S776"
    sentence = _("このリンクは使えません。")
    remedy = _("メールのリンクを、途中で切れないように最後までコピーして開いてください。")


class NotToApprove(Refused):
    """The reset cannot be approved now: the first two proofs are missing, or it is over."""

    code = "WF-S777"
    sentence = _("この再設定は、いまは承認できません。")
    remedy = _("所長がSMSとメールの確認を済ませているか、30分を過ぎていないかを確かめてください。")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the browser gets: its token, and the code by which people talk about this asking."""

    token: str
    support_code: str


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a reset is, as its browser may see it."""

    support_code: str
    phone_is_proven: bool
    mail_is_proven: bool
    third_is_proven: bool
    valid_until: datetime

    @property
    def two_are_proven(self) -> bool:
        """Whether the third proof may be given."""
        return self.phone_is_proven and self.mail_is_proven

    @property
    def all_are_proven(self) -> bool:
        """Whether the password may be chosen."""
        return self.two_are_proven and self.third_is_proven


def ask(*, organisation_code: str, identifier: str, visitor: Visitor, at: datetime) -> Asked:
    """Write down that somebody wants to choose a new password, whoever it is. Raises `TooManyAttempts` by address."""
    attempts.take(purpose="reset.address", subject=visitor.address, at=at)
    token = secrets.token_urlsafe(32)
    support_code = signs.generated(bits=SUPPORT_BITS)
    SelfReset.objects.create(
        token_hash=signs.digest(token),
        typed={
            "organisation": organisation_code[:40],
            "identifier": identifier[:254],
            "device": visitor.device[:200],
            "address": visitor.address,
        },
        support_code=signs.bare(support_code),
        asked_at=at,
        code_until=at + CODE_LASTS,
        valid_until=at + LASTS,
    )
    return Asked(token=token, support_code=support_code)


def ask_again(*, token: str, at: datetime) -> None:
    """Want another text message; the code before is dead (L-15). Raises `ResetOver`, `TooManyAttempts`."""
    row = _living(token, at)
    attempts.take(purpose="reset.resend", subject=str(row.id), at=at)
    SelfReset.objects.filter(id=row.id).exclude(handled_at=None).update(handled_at=None, typed={"again": True})


def send_due(*, at: datetime, limit: int = 50) -> int:
    """Look who asked, and send them a text message and a mail, or note why not; returns how many were looked at."""
    waiting = SelfReset.objects.filter(handled_at=None).order_by("asked_at")
    return sum(_send_again(row, at) if row.typed.get("again") else _send(row, at) for row in waiting[:limit])


def progress(*, token: str, at: datetime) -> Progress:
    """How far the reset of this browser is. Raises `ResetOver`. One query."""
    return _progress(_living(token, at))


def prove_phone(*, token: str, typed: str, at: datetime) -> None:
    """Show the code of the newest text message. Raises `ResetOver`, `ProofWrong` after which a try is used up."""
    row = _living(token, at)
    _use_try(row)
    digits = "".join(sign for sign in japanese.to_half_width(typed) if sign.isdigit())
    fits = hmac.compare_digest(digits.encode(), _code(row).encode())
    if not fits or not _is_sent(row) or at >= row.code_until:
        raise ProofWrong
    _note_proof(row, at, proof="phone", phone_confirmed_at=at)


def prove_third(*, token: str, typed: str, at: datetime) -> None:
    """Show a recovery code, after the first two proofs. Raises `ResetOver`, `ProofsMissing`, `ProofWrong`."""
    row = _living(token, at)
    if not _progress(row).two_are_proven or row.member_id is None:
        raise ProofsMissing
    _use_try(row)
    with transaction.atomic():
        if not recovery.fits(member_id=row.member_id, typed=typed, at=at):
            raise ProofWrong
        _note_proof(row, at, proof="recovery_code", third="recovery_code", third_confirmed_at=at)


def look_at_link(*, token: str, at: datetime) -> Progress:
    """What a mailed link belongs to, without changing anything. Raises `MailLinkUnknown`, `ResetOver`."""
    return _progress(_linked(token, at))


def prove_mail(*, token: str, at: datetime) -> None:
    """Note that the mail was received, by a button and not by a scanner. Raises `MailLinkUnknown`, `ResetOver`."""
    row = _linked(token, at)
    if row.mail_confirmed_at is None:
        _note_proof(row, at, proof="mail", mail_confirmed_at=at, costs=0)


def approve(*, organisation_id: UUID, reset_id: UUID, by: Actor, at: datetime) -> None:
    """Be the second person who knows the head (L-09).

    Raises `NotPermitted`, `LevelTooLow`, `NotFound`, `NotToApprove`.
    """
    require(by=by, permission=Permission.RESETS_START, organisation_id=organisation_id)
    row = SelfReset.objects.filter(id=reset_id, organisation_id=organisation_id).first()
    if row is None or row.member_id is None:
        raise NotFound
    head = organisations.member(organisation_id=organisation_id, member_id=row.member_id)
    if by.id == head.id or not may_start(starter=by.roles, target=head.roles, is_self=False):
        raise NotPermitted
    with transaction.atomic():
        ready = SelfReset.objects.filter(
            id=row.id, used_at=None, ended_at=None, third_confirmed_at=None, valid_until__gt=at
        ).exclude(phone_confirmed_at=None)
        ready = ready.exclude(mail_confirmed_at=None)
        if ready.update(third="administrator", third_confirmed_at=at, third_by=by.id) != 1:
            raise NotToApprove
        audit.record(
            event=Events.SELF_RESET_APPROVED, by=by, at=at, organisation_id=organisation_id, subject_id=head.id
        )


def choose(*, token: str, password: str, address: str, at: datetime) -> None:
    """Keep the password that the head chose; every session ends, second factors stay, administrators are told.

    Raises `ResetOver`, `ProofsMissing`, and a `Password…` refusal after which the reset goes on.
    """
    row = _living(token, at)
    if not _progress(row).all_are_proven or row.organisation_id is None or row.member_id is None:
        raise ProofsMissing
    head = organisations.member(organisation_id=row.organisation_id, member_id=row.member_id)
    if not head.is_active or Role.HEAD not in head.roles:
        raise ResetOver
    by = organisations.actor_of(member=head, authenticated_at=at)
    kept = passwords.hash_of_choice(password=password, member=head)
    with transaction.atomic():
        if SelfReset.objects.filter(id=row.id, used_at=None, ended_at=None).update(used_at=at) != 1:
            raise ResetOver
        SelfReset.objects.filter(member_id=head.id, used_at=None, ended_at=None).update(ended_at=at)
        activation.end_links(organisation_id=head.organisation_id, member_id=head.id, at=at)
        passwords.keep(kept=kept, member=head, by=by, at=at)
        audit.record(event=Events.SELF_RESET_USED, by=by, at=at, subject_id=head.id, third=row.third, address=address)
        sessions.end_all_of_member(
            organisation_id=head.organisation_id, member_id=head.id, reason="password", by=by, at=at
        )
        _tell_leaders(head, row, by, at)


def code_of(*, reference: str) -> str:
    """The newest code of a reset, made when its message leaves. Raises `LinkDead`."""
    row = SelfReset.objects.filter(id=reference, used_at=None, ended_at=None, phone_confirmed_at=None).first()
    if row is None:
        raise LinkDead(_("確認コードはもう使えないため、送りませんでした。"))
    return _code(row)


def address_of(*, reference: str) -> str:
    """The address of a reset's mailed link, made when its letter leaves. Raises `LinkDead`."""
    row = SelfReset.objects.filter(id=reference, used_at=None, ended_at=None).first()
    if row is None:
        raise LinkDead(_("リンクはもう使えないため、送りませんでした。"))
    return f"{settings.WARIFU.site_url}/self-reset/mail/{_link_token(row.id)}/"


def tidy(*, at: datetime) -> int:
    """Forget resets that are long over; for the daily round. Returns how many."""
    return SelfReset.objects.filter(valid_until__lt=at - KEPT).delete()[0]


def _send(row: SelfReset, at: datetime) -> int:
    code = japanese.to_half_width(row.typed["organisation"]).lower()
    organisation = organisations.organisation_by_code(code=code)
    member = signin.member_named(organisation_code=code, identifier=row.typed["identifier"])
    cause = _cause(row, member, at)
    with transaction.atomic():
        changed = SelfReset.objects.filter(id=row.id, handled_at=None).update(
            handled_at=at,
            typed={},
            organisation_id=organisation.id if organisation else None,
            member_id=member.id if member else None,
            cause=cause,
            code_until=at + CODE_LASTS,
        )
        if not changed:
            return 0
        if not cause and member is not None:
            row.code_until = at + CODE_LASTS
            _post_text(row, member, at)
            _post_mail(row, member, at)
        if organisation is not None and cause != TOO_MANY:
            audit.record(
                event=Events.SELF_RESET_REFUSED if cause else Events.SELF_RESET_SENT,
                by=SYSTEM,
                at=at,
                organisation_id=organisation.id,
                subject_id=member.id if member else None,
                cause=cause,
                address=row.typed["address"],
            )
    return 1


def _send_again(row: SelfReset, at: datetime) -> int:
    until = min(at + CODE_LASTS, row.valid_until)
    with transaction.atomic():
        again = SelfReset.objects.filter(id=row.id, handled_at=None)
        if not again.update(handled_at=at, typed={}, code_until=until):
            return 0
        if not row.cause and row.member_id and row.organisation_id and row.phone_confirmed_at is None:
            row.code_until = until
            member = organisations.member(organisation_id=row.organisation_id, member_id=row.member_id)
            _post_text(row, member, at)
    return 1


def _cause(row: SelfReset, member: MemberView | None, at: datetime) -> str:
    """Why nothing may be sent to whoever was named, or an empty text."""
    if member is None:
        return UNKNOWN
    found = [
        (NOT_HEAD, Role.HEAD not in member.roles),
        (NO_MAIL, not member.mail),
        (NO_PHONE, not reset_phones.number_of(member_id=member.id)),
        (TEXTING_OFF, texting.choose() is None),
    ]
    causes = [cause for cause, holds in found if holds]
    return causes[0] if causes else _turn(row, member, at)


def _turn(row: SelfReset, member: MemberView, at: datetime) -> str:
    """`TOO_MANY` while somebody asks too often for a member; their own devices wait for nobody else's asking (L-11)."""
    set_at = Password.objects.filter(member_id=member.id).values_list("set_at", flat=True).first()
    is_known = devices.is_known(token=row.typed["device"], member_id=member.id, password_set_at=set_at)
    place = row.typed["device"] if is_known else row.typed["address"]
    try:
        attempts.take(purpose="reset.pair", subject=f"{member.id} {place}", at=at)
        if not is_known:
            attempts.take(purpose="reset.account", subject=str(member.id), at=at)
    except attempts.TooManyAttempts:
        return TOO_MANY
    return ""


def _post_text(row: SelfReset, member: MemberView, at: datetime) -> None:
    text_messages.post(
        organisation_id=member.organisation_id,
        member_id=member.id,
        to_phone=reset_phones.number_of(member_id=member.id),
        code=LateLink(kind="self_reset_code", reference=str(row.id)),
        give_up_at=row.code_until,
        at=at,
    )


def _post_mail(row: SelfReset, member: MemberView, at: datetime) -> None:
    organisation = organisations.organisation(organisation_id=member.organisation_id)
    notices.post(
        letter=kinds.SelfResetLink(
            organisation_name=organisation.name,
            name=member.full_name,
            support_code=signs.grouped(row.support_code),
            valid_until=row.valid_until,
            link=LateLink(kind="self_reset", reference=str(row.id)),
        ),
        organisation_id=member.organisation_id,
        member_id=member.id,
        to_mail=member.mail,
        to_name=member.full_name,
        key=f"self_reset:{row.id}",
        by=SYSTEM,
        at=at,
    )


def _tell_leaders(head: MemberView, row: SelfReset, by: Actor, at: datetime) -> None:
    organisation = organisations.organisation(organisation_id=head.organisation_id)
    for leader in organisations.office_members(organisation_id=head.organisation_id):
        is_leader = may(
            by=organisations.actor_of(member=leader),
            permission=Permission.SECURITY_MANAGE,
            organisation_id=head.organisation_id,
        )
        if not is_leader or not leader.mail:
            continue
        notices.post(
            letter=kinds.SelfResetDone(
                organisation_name=organisation.name,
                name=leader.full_name,
                person=head.full_name,
                changed_at=at,
            ),
            organisation_id=head.organisation_id,
            member_id=leader.id,
            to_mail=leader.mail,
            to_name=leader.full_name,
            key=f"self_reset_done:{row.id}:{leader.id}",
            by=by,
            at=at,
        )


def _living(token: str, at: datetime) -> SelfReset:
    row = SelfReset.objects.filter(
        token_hash=signs.digest(token), used_at=None, ended_at=None, valid_until__gt=at
    ).first()
    if row is None or row.tries >= TRIES:
        raise ResetOver
    return row


def _linked(token: str, at: datetime) -> SelfReset:
    try:
        reset_id = UUID(bytes=base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))[:16])
    except (ValueError, binascii.Error):
        raise MailLinkUnknown from None
    if not hmac.compare_digest(_link_token(reset_id).encode(), token.encode()):
        raise MailLinkUnknown
    row = SelfReset.objects.filter(id=reset_id, used_at=None, ended_at=None, valid_until__gt=at).first()
    if row is None or row.tries >= TRIES or not _is_sent(row):
        raise ResetOver
    return row


def _use_try(row: SelfReset) -> None:
    """Count a try before what was typed is looked at, so that many at once are many."""
    if not SelfReset.objects.filter(id=row.id, tries__lt=TRIES, used_at=None).update(tries=F("tries") + 1):
        raise ResetOver


def _note_proof(row: SelfReset, at: datetime, *, proof: str, costs: int = 1, **values: object) -> None:
    """Write down a proof, give its try back, and record it."""
    with transaction.atomic():
        living = SelfReset.objects.filter(id=row.id, used_at=None, ended_at=None)
        if living.update(tries=F("tries") - costs, **values) != 1:
            raise ResetOver
        audit.record(
            event=Events.SELF_RESET_STEP,
            by=SYSTEM,
            at=at,
            organisation_id=row.organisation_id,
            subject_id=row.member_id,
            proof=proof,
        )


def _progress(row: SelfReset) -> Progress:
    return Progress(
        support_code=signs.grouped(row.support_code),
        phone_is_proven=row.phone_confirmed_at is not None,
        mail_is_proven=row.mail_confirmed_at is not None,
        third_is_proven=row.third_confirmed_at is not None,
        valid_until=row.valid_until,
    )


def _is_sent(row: SelfReset) -> bool:
    return row.member_id is not None and not row.cause


def _code(row: SelfReset) -> str:
    reference = f"{row.id}|{row.code_until.isoformat()}"
    return signs.short_code(key=settings.WARIFU.link_key_bytes, purpose="self_reset", reference=reference)


def _link_token(reset_id: UUID) -> str:
    proof = hmac.new(settings.WARIFU.link_key_bytes, b"self_reset" + reset_id.bytes, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(reset_id.bytes + proof[:_MAC_LENGTH]).decode().rstrip("=")
