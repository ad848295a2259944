"""Activation links: single use, the newest ends the older ones, and the token stands in no table (L-06, L-08)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Literal
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.credentials.actions import access_keys, attempts, resets, sessions
from warifu.credentials.actions import password as passwords
from warifu.credentials.models import Activation, Password
from warifu.credentials.queries import ids
from warifu.foundation import japanese
from warifu.foundation.actor import SYSTEM, Actor, Role
from warifu.foundation.ids import new_id
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.notices import actions as notices
from warifu.notices import kinds
from warifu.notices.links import LateLink, LinkDead
from warifu.organisations import queries as organisations
from warifu.organisations.queries import MemberView
from warifu.organisations.rules import Permission, require

Reason = Literal["first", "reset"]
BATCH = 500
_MAC_LENGTH = 20


class LinkUnknown(NotFound):
    """The address is no link of this installation."""

    code = "WF-S301"
    sentence = _("このリンクは使えません。")
    remedy = _("メールのリンクを、途中で切れないように最後までコピーして開いてください。")


class LinkOver(Refused):
    """The link was used, replaced by a newer one, or its time is over."""

    code = "WF-S302"
    sentence = _("このリンクは、もう使えません。")
    remedy = _("新しいリンクをメールで受け取り、そちらを開いてください。")
    status = 410


class NoMailAddress(Refused):
    """The member has no mail address to send a link to."""

    code = "WF-S303"
    sentence = _("この人のメールアドレスが登録されていません。")
    remedy = _("メールアドレスを登録してから、もう一度送ってください。")


class LinkState(Enum):
    """What became of a link."""

    GOOD = "good"
    USED = "used"
    REPLACED = "replaced"
    EXPIRED = "expired"
    NEEDLESS = "needless"  # the member has a password already and needs only to sign in


@dataclass(frozen=True, kw_only=True)
class OpenedActivation:
    """A link that somebody holds: from whom, for whom, and whether it still works."""

    id: UUID
    organisation_id: UUID
    organisation_code: str
    organisation_name: str
    member_id: UUID
    family_name: str
    member_mail: str
    user_id: str
    reason: Reason
    valid_until: datetime
    state: LinkState


def issue(
    *,
    organisation_id: UUID,
    member_id: UUID,
    purpose: Reason,
    by: Actor,
    at: datetime,
    days: int = 14,
) -> LateLink:
    """Make a link for one member; older ones are dead from now on. The caller posts the letter and records the verb.

    Raises `NotPermitted`, and `NotFound` for members who have left or belong to another organisation.
    """
    links = issue_many(
        organisation_id=organisation_id, member_ids=[member_id], purpose=purpose, by=by, at=at, days=days
    )
    return links[member_id]


def issue_many(
    *,
    organisation_id: UUID,
    member_ids: Collection[UUID],
    purpose: Reason,
    by: Actor,
    at: datetime,
    days: int = 14,
) -> dict[UUID, LateLink]:
    """Make a link for each of many members in a few statements per five hundred, inside the caller's transaction.

    A member who has a password already gets a link to sign-in when the letter leaves. Raises `NotPermitted`, and
    `NotFound` when one of the members has left or belongs to another organisation.
    """
    permission = Permission.INVITE if purpose == "first" else Permission.MEMBERS_MANAGE
    require(by=by, permission=permission, organisation_id=organisation_id)
    return make_links(organisation_id=organisation_id, member_ids=member_ids, purpose=purpose, at=at, days=days)


def make_links(
    *, organisation_id: UUID, member_ids: Collection[UUID], purpose: Reason, at: datetime, days: int
) -> dict[UUID, LateLink]:
    """What `issue_many` does, for verbs of this room that have checked by another rule who may do it.

    Raises `NotFound` when one of the members has left or belongs to another organisation.
    """
    wanted = list(dict.fromkeys(member_ids))
    rows = [
        Activation(
            id=new_id(),
            member_id=member_id,
            purpose=purpose,
            created_at=at,
            valid_until=at + timedelta(days=days),
        )
        for member_id in wanted
    ]
    with transaction.atomic():
        for start in range(0, len(wanted), BATCH):
            _replace(organisation_id, wanted[start : start + BATCH], at)
        Activation.objects.bulk_create(rows, batch_size=BATCH)
    return {row.member_id: LateLink(kind="activation", reference=str(row.id)) for row in rows}


def _replace(organisation_id: UUID, member_ids: list[UUID], at: datetime) -> None:
    if organisations.count_active(organisation_id=organisation_id, member_ids=set(member_ids)) != len(member_ids):
        raise NotFound
    Activation.objects.filter(member_id__in=member_ids, used_at=None, replaced_at=None).update(replaced_at=at)


def address_of(*, reference: str) -> str:
    """The address of a link, made when its letter leaves. Raises `LinkDead` when the link no longer works."""
    row = Activation.objects.filter(id=reference).select_related("member__organisation").first()
    if row is None or row.replaced_at or row.used_at:
        raise LinkDead(_("リンクはもう使えないため、送りませんでした。"))
    if row.member.state != "active":
        raise LinkDead(_("退職・退出した人のため、送りませんでした。"))
    if row.purpose == "first" and Password.objects.filter(member_id=row.member_id).exists():
        query = urlencode({"o": row.member.organisation.code, "next": "/my/"})
        return f"{settings.WARIFU.site_url}/signin/?{query}"
    return f"{settings.WARIFU.site_url}/a/{_token(row.id)}/"


def look(*, token: str, at: datetime) -> OpenedActivation:
    """What a link is, without changing anything: mail scanners look at links too. Raises `LinkUnknown`."""
    row = _row(token)
    member = organisations.member(organisation_id=row.member.organisation_id, member_id=row.member_id)
    organisation = organisations.organisation(organisation_id=member.organisation_id)
    return OpenedActivation(
        id=row.id,
        organisation_id=organisation.id,
        organisation_code=organisation.code,
        organisation_name=organisation.name,
        member_id=member.id,
        family_name=member.family_name,
        member_mail=member.mail,
        user_id=ids.living_text(member_id=member.id),
        reason="reset" if row.purpose == "reset" else "first",
        valid_until=row.valid_until,
        state=_state(row, member, at),
    )


def open(*, token: str, at: datetime) -> OpenedActivation:  # noqa: A001
    """Note that a person has opened the link, by a button and not by a scanner. Raises `LinkUnknown`, `LinkOver`."""
    found = look(token=token, at=at)
    if found.state is not LinkState.GOOD:
        raise LinkOver
    Activation.objects.filter(id=found.id, opened_at=None).update(opened_at=at)
    return found


def use(*, token: str, password: str, at: datetime, browser: str, address: str, access_key: str = "") -> str:
    """Set the password that the holder of the link chose, sign them in, and return the session's token.

    The link is dead afterwards, and every other session of the member has ended. Raises `LinkUnknown`, `LinkOver`,
    and `DeviceNotAllowed` or a `Password…` refusal, after which the link still works.
    """
    found = look(token=token, at=at)
    if found.state is not LinkState.GOOD:
        raise LinkOver
    member = organisations.member(organisation_id=found.organisation_id, member_id=found.member_id)
    by = organisations.actor_of(member=member, authenticated_at=at)
    key_id = access_keys.insist_allowed(member=member, shown=access_key, address=address, at=at)
    kept = passwords.hash_of_choice(password=password, member=member)
    with transaction.atomic():
        good = Activation.objects.filter(id=found.id, used_at=None, replaced_at=None, valid_until__gt=at)
        if good.update(used_at=at) != 1:
            raise LinkOver
        had_one = passwords.keep(kept=kept, member=member, by=by, at=at)
        event = Events.PASSWORD_CHANGED if had_one else Events.ACTIVATED
        audit.record(event=event, by=by, at=at, subject_id=member.id, factor="mail_link", address=address)
        sessions.end_all_of_member(
            organisation_id=member.organisation_id, member_id=member.id, reason="password", by=by, at=at
        )
        if key_id:
            access_keys.note_use(key_id=key_id, member=member, browser=browser, at=at)
        return sessions.start(
            member_id=member.id,
            level=1,
            browser=browser,
            address=address,
            idle_hours=ids.logout_hours(member_id=member.id),
            access_key_id=key_id,
            at=at,
        )


def send(*, organisation_id: UUID, member_id: UUID, by: Actor, at: datetime) -> Reason:
    """Mail a member a link: the first one, or a new start when there is a password already (L-08).

    Whoever starts it never sees the link nor the password. Returns which of both it was. Raises `NotPermitted`,
    `NotFound`, `NoMailAddress`, and what `resets.insist_may_start` refuses.
    """
    member = resets.insist_may_start(organisation_id=organisation_id, member_id=member_id, by=by)
    if not member.mail:
        raise NoMailAddress
    with transaction.atomic():
        return _mail_link(member, by, at, days=14)


def request(*, organisation_code: str, mail: str, address: str, at: datetime) -> None:
    """Somebody asks for a new link: it is mailed if the address is known; the answer is the same if not (L-10).

    A head who has a password gets no link by mail alone, but is shown the way with three proofs (L-09).

    Raises `TooManyAttempts` for known and unknown addresses alike.
    """
    mail = japanese.to_half_width(mail).lower()
    attempts.take(purpose="link.address", subject=address, at=at)
    attempts.take(purpose="link.account", subject=f"{organisation_code.strip().lower()}/{mail}", at=at)
    organisation = organisations.organisation_by_code(code=organisation_code)
    if organisation is None or not mail:
        return
    member = organisations.member_by_mail(organisation_id=organisation.id, mail=mail)
    if member is not None and not ids.is_stopped(member_id=member.id):
        with transaction.atomic():
            if Role.HEAD in member.roles and Password.objects.filter(member_id=member.id).exists():
                _show_the_heads_way(member, at)
            else:
                _mail_link(member, SYSTEM, at, days=1)


def end_links(*, organisation_id: UUID, member_id: UUID, at: datetime) -> None:
    """Make every link of a member worthless, because the member has left (R-10)."""
    Activation.objects.filter(
        member__organisation_id=organisation_id, member_id=member_id, used_at=None, replaced_at=None
    ).update(replaced_at=at)


def _mail_link(member: MemberView, by: Actor, at: datetime, *, days: int) -> Reason:
    has_password = Password.objects.filter(member_id=member.id).exists()
    reason: Reason = "reset" if has_password else "first"
    link = make_links(organisation_id=member.organisation_id, member_ids=[member.id], purpose=reason, at=at, days=days)[
        member.id
    ]
    organisation = organisations.organisation(organisation_id=member.organisation_id)
    kind = kinds.Reset if has_password else kinds.Activation
    notices.post(
        letter=kind(
            organisation_name=organisation.name,
            name=member.full_name,
            valid_until=at + timedelta(days=days),
            link=link,
        ),
        organisation_id=member.organisation_id,
        member_id=member.id,
        to_mail=member.mail,
        to_name=member.full_name,
        key=f"activation:{link.reference}",
        by=by,
        at=at,
    )
    audit.record(
        event=Events.RESET_STARTED if has_password else Events.LINK_SENT,
        by=by,
        at=at,
        organisation_id=member.organisation_id,
        subject_id=member.id,
    )
    return reason


def _show_the_heads_way(member: MemberView, at: datetime) -> None:
    organisation = organisations.organisation(organisation_id=member.organisation_id)
    notices.post(
        letter=kinds.SelfResetWay(
            organisation_name=organisation.name,
            name=member.full_name,
            link=LateLink(kind="page", reference=f"/self-reset/?{urlencode({'o': organisation.code})}"),
        ),
        organisation_id=member.organisation_id,
        member_id=member.id,
        to_mail=member.mail,
        to_name=member.full_name,
        key=f"self_reset_way:{member.id}:{at.isoformat()}",
        by=SYSTEM,
        at=at,
    )


def _state(row: Activation, member: MemberView, at: datetime) -> LinkState:
    if row.used_at:
        return LinkState.USED
    if not member.is_active or row.replaced_at or ids.is_stopped(member_id=member.id):
        return LinkState.REPLACED
    if at >= row.valid_until:
        return LinkState.EXPIRED
    if row.purpose == "first" and Password.objects.filter(member_id=member.id).exists():
        return LinkState.NEEDLESS
    return LinkState.GOOD


def _token(activation_id: UUID) -> str:
    """The id and 160 bits of its HMAC; whoever has only the database cannot make it."""
    proof = hmac.new(settings.WARIFU.link_key_bytes, b"activation" + activation_id.bytes, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(activation_id.bytes + proof[:_MAC_LENGTH]).decode().rstrip("=")


def _row(token: str) -> Activation:
    try:
        activation_id = UUID(bytes=base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))[:16])
    except (ValueError, binascii.Error):
        raise LinkUnknown from None
    if not hmac.compare_digest(_token(activation_id).encode(), token.encode()):
        raise LinkUnknown
    row = Activation.objects.filter(id=activation_id).select_related("member").first()
    if row is None:
        raise LinkUnknown
    return row
