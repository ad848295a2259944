"""One's own mail address: asked for after re-login, proven at the new mailbox, told to both (L-12, L-25)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F

from warifu.credentials.actions import activation, attempts, factors
from warifu.credentials.models import MailChange
from warifu.credentials.rules.secrets import short_code
from warifu.foundation import japanese
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.notices import actions as notices
from warifu.notices import kinds
from warifu.notices.links import LateLink, LinkDead
from warifu.organisations import actions as organisation_actions
from warifu.organisations import queries as organisations
from warifu.organisations.rules import may_change_own_mail

LASTS = timedelta(minutes=10)
TRIES = 5


class SameMail(Refused):
    """The address is the one that is registered already."""

    code = "WF-S251"
    sentence = _("いま登録されているメールアドレスと同じです。")
    remedy = _("新しいメールアドレスを入れてください。")
    status = 422


class MailNotProven(Refused):
    """The code from the new mailbox does not fit."""

    code = "WF-S252"
    sentence = _("確認コードが合いません。メールアドレスは、まだ変わっていません。")
    remedy = _("新しいメールアドレスに届いた、いちばん新しい6桁のコードを入れてください。")
    status = 422


class MailChangeOver(Refused):
    """The change was left for too long, tried too often, replaced by a newer one, or is done."""

    code = "WF-S253"
    sentence = _("この確認コードは、もう使えません。メールアドレスは変わっていません。")
    remedy = _("「サインインと安全」の画面から、もう一度はじめてください。新しい確認コードを送ります。")
    status = 410


@dataclass(frozen=True, kw_only=True)
class Pending:
    """A change that waits for the code: where it went and until when it is good."""

    id: UUID
    mail: str
    valid_until: datetime


def start(*, organisation_id: UUID, mail: str, by: Actor, at: datetime) -> UUID:
    """Mail a code to the new address; nothing is changed yet. An older change of the person is dead.

    Whether somebody else has the address is told only to who can read its mail (`confirm`). Raises `OfficeMail` for
    people with a role in the office, `LevelTooLow` when a second factor was not shown, `SameMail`, `TooManyAttempts`.
    """
    assert by.id is not None  # noqa: S101
    if not may_change_own_mail(roles=by.roles):
        raise organisation_actions.OfficeMail
    factors.insist_may_change(by=by)
    member = organisations.member(organisation_id=organisation_id, member_id=by.id)
    wanted = japanese.to_half_width(mail).lower()
    if wanted == member.mail:
        raise SameMail
    attempts.take(purpose="code.account", subject=f"{by.id} mail", at=at)
    organisation = organisations.organisation(organisation_id=organisation_id)
    with transaction.atomic():
        MailChange.objects.filter(member_id=by.id, confirmed_at=None, replaced_at=None).update(replaced_at=at)
        row = MailChange.objects.create(member_id=by.id, mail=wanted, asked_at=at, valid_until=at + LASTS)
        notices.post(
            letter=kinds.NewMailCode(
                organisation_name=organisation.name,
                name=member.full_name,
                code=LateLink(kind="mail_change", reference=str(row.id)),
                valid_until=row.valid_until,
            ),
            organisation_id=organisation_id,
            member_id=member.id,
            to_mail=wanted,
            to_name=member.full_name,
            key=f"mail_change:{row.id}",
            by=by,
            at=at,
        )
    return row.id


def pending(*, change_id: UUID, by: Actor, at: datetime) -> Pending:
    """A change of one's own that waits for its code. Raises `NotFound`, `MailChangeOver`."""
    row = _own(change_id, by)
    if row.confirmed_at or row.replaced_at or at >= row.valid_until or row.tries >= TRIES:
        raise MailChangeOver
    return Pending(id=row.id, mail=row.mail, valid_until=row.valid_until)


def confirm(*, organisation_id: UUID, change_id: UUID, code: str, by: Actor, at: datetime) -> None:
    """Prove the new mailbox: from now on letters go there; both addresses hear of it, and links on their way are dead.

    Raises `MailNotProven` (a try is spent), `MailChangeOver`, `NotFound`, `LevelTooLow`, `OfficeMail`, `MailTaken`.
    """
    assert by.id is not None  # noqa: S101
    factors.insist_may_change(by=by)
    pending(change_id=change_id, by=by, at=at)
    row = _own(change_id, by)
    open_still = MailChange.objects.filter(
        id=row.id, confirmed_at=None, replaced_at=None, valid_until__gt=at, tries__lt=TRIES
    )
    if open_still.update(tries=F("tries") + 1) != 1:
        raise MailChangeOver
    typed = "".join(sign for sign in japanese.to_half_width(code) if sign.isdigit())
    if not hmac.compare_digest(typed.encode(), _code(row.id).encode()):
        raise MailNotProven
    member = organisations.member(organisation_id=organisation_id, member_id=by.id)
    with transaction.atomic():
        unconfirmed = MailChange.objects.filter(id=row.id, confirmed_at=None, replaced_at=None)
        if unconfirmed.update(confirmed_at=at) != 1:
            raise MailChangeOver
        organisation_actions.change_own_mail(organisation_id=organisation_id, mail=row.mail, by=by, at=at)
        activation.end_links(organisation_id=organisation_id, member_id=by.id, at=at)
        for mail in filter(None, (member.mail, row.mail)):
            _tell(organisation_id, by, mail, member.full_name, at)
    attempts.clear(purpose="code.account", subject=f"{by.id} mail")


def code_of(*, reference: str) -> str:
    """The code of a change, made when its letter leaves. Raises `LinkDead` when it would no longer work."""
    row = MailChange.objects.filter(id=reference).first()
    if row is None or row.confirmed_at or row.replaced_at:
        raise LinkDead(_("メールアドレスの確認コードはもう使えないため、送りませんでした。"))
    return _code(row.id)


def tidy(*, at: datetime) -> int:
    """Forget changes that were never confirmed; for the daily round. Returns how many."""
    return MailChange.objects.filter(confirmed_at=None, valid_until__lt=at - timedelta(days=1)).delete()[0]


def _own(change_id: UUID, by: Actor) -> MailChange:
    assert by.id is not None  # noqa: S101
    row = MailChange.objects.filter(id=change_id, member_id=by.id).first()
    if row is None:
        raise NotFound
    return row


def _tell(organisation_id: UUID, by: Actor, mail: str, name: str, at: datetime) -> None:
    organisation = organisations.organisation(organisation_id=organisation_id)
    notices.post(
        letter=kinds.OwnMailChanged(
            organisation_name=organisation.name, name=name, changed_at=at, contact=organisation.contact
        ),
        organisation_id=organisation_id,
        member_id=by.id,
        to_mail=mail,
        to_name=name,
        key=f"own_mail_changed:{by.id}:{mail}:{at.isoformat()}",
        by=by,
        at=at,
    )


def _code(change_id: UUID) -> str:
    return short_code(key=settings.WARIFU.link_key_bytes, purpose="mail_change", reference=str(change_id))
