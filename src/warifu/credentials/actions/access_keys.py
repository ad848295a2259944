"""アクセスキー: restrict an ID to registered browsers, register one by a one-time link, refuse all others (003-13).

A key is a bearer token in a cookie: it limits from where an ID is used and does not prove the device (C-08). The link
that an administrator issues gives the browser its token; the token counts from the member's next sign-in in it on, so
that nobody registers a device without proving to be that member.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.credentials.actions import attempts, factors, resets, sessions
from warifu.credentials.models import AccessKey, DeviceRestriction, Passkey, Session
from warifu.credentials.queries import access_keys as queries
from warifu.credentials.queries import ids
from warifu.credentials.queries.access_keys import MOST_IN_A_BROWSER
from warifu.credentials.rules.secrets import digest
from warifu.foundation.actor import SYSTEM, Actor, Role
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations import queries as organisations
from warifu.organisations.queries import MemberView
from warifu.organisations.rules import Permission, require

LINK_DAYS = 3
"""How long the link of a key may wait to be opened on its device."""


class DeviceNotAllowed(Refused):
    """The password was right, but the ID is used on registered devices only, and this browser is none of them."""

    code = "WF-S740"
    sentence = _("この端末では、{user_id}を使えません。管理者が、使える端末を決めています。")
    remedy = _(
        "この端末を使うには、管理者に「アクセスキーの発行」を頼み、受け取ったリンクをこの端末のこのブラウザーで開いてください。登録してある別の端末からは、いままでどおりサインインできます。"
    )
    status = 403


class KeyLinkUnknown(NotFound):
    """The address is no link of an access key."""

    code = "WF-S741"
    sentence = _("このリンクは使えません。")
    remedy = _("リンクやQRコードが途中で切れていないか、確かめてください。")


class KeyLinkOver(Refused):
    """The link has registered its device, was stopped, or its time is over."""

    code = "WF-S742"
    sentence = _("このリンクは、もう使えません。")
    remedy = _(
        "登録のリンクは1回だけ、発行から3日のあいだ使えます。管理者に、新しいアクセスキーを発行してもらってください。"
    )
    status = 410


class LeaderLockedOut(Refused):
    """The change would leave no administrator who can sign in."""

    code = "WF-S743"
    sentence = _("サインインできる管理者が一人もいなくなるため、変えられません。")
    remedy = _("先に、この人の端末にアクセスキーを登録するか、ほかの管理者がサインインできるようにしてください。")


class NoIdToRestrict(Refused):
    """The member has no living user ID."""

    code = "WF-S744"
    sentence = _("この人には、使える利用者IDがありません。")
    remedy = _("先に利用者IDを発行してください。")


class RestrictedAlready(Refused):
    """The ID is restricted already."""

    code = "WF-S745"
    sentence = _("この利用者IDは、すでに端末を制限しています。")
    remedy = _("画面を読み込み直して、いまの状態を確かめてください。")


class NoDevicePasskey(Refused):
    """The strong form needs a registered device whose passkey is bound to it."""

    code = "WF-S746"
    sentence = _("この人には、端末のパスキーと結び付いたアクセスキーがまだありません。")
    remedy = _("本人に、登録した端末でパスキーを作り、「登録した端末」の画面で結び付けてもらってください。")


class PasskeyNotOfDevice(Refused):
    """The passkey is synced to other devices, so it proves none of them (C-08)."""

    code = "WF-S747"
    sentence = _("このパスキーは、ほかの端末にも写されるため、端末の証しになりません。")
    remedy = _("端末の中だけに置かれるパスキー（セキュリティキーや、写しを作らない設定のもの）を登録してください。")


@dataclass(frozen=True, kw_only=True)
class KeyLink:
    """A fresh link for one device, shown once."""

    address: str
    name: str
    person: str
    valid_until: datetime


@dataclass(frozen=True, kw_only=True)
class OpenedLink:
    """A link that somebody holds: for whom, for which device, and whether it still works."""

    organisation_name: str
    organisation_code: str
    family_name: str
    name: str
    valid_until: datetime
    is_good: bool


def restrict(*, organisation_id: UUID, member_id: UUID, from_day: date, by: Actor, at: datetime) -> None:
    """Let an ID in from registered devices only, from a day on; sessions without a key end when it begins.

    Raises `NotPermitted`, `LevelTooLow`, `NotFound`, `NotYoursToHelp`, `NoIdToRestrict`, `RestrictedAlready`,
    `LeaderLockedOut`.
    """
    member = _touched(organisation_id, member_id, by)
    if not ids.living_text(member_id=member_id):
        raise NoIdToRestrict
    has_key = queries.registered_keys(member_id=member_id).exists()
    if not has_key:
        _insist_leader_left(member, at)
    begins = max(from_day, jst_day(at))
    try:
        with transaction.atomic():
            DeviceRestriction.objects.create(organisation_id=organisation_id, member_id=member_id, from_day=begins)
            audit.record(
                event=Events.DEVICES_RESTRICTED,
                by=by,
                at=at,
                organisation_id=organisation_id,
                subject_id=member_id,
                from_day=begins.isoformat(),
            )
            if begins <= jst_day(at):
                _end_keyless_sessions(member, by, at)
    except IntegrityError:
        raise RestrictedAlready from None


def lift(*, organisation_id: UUID, member_id: UUID, by: Actor, at: datetime) -> None:
    """Let an ID in from anywhere again, at once; today still counts in the month.

    Raises `NotPermitted`, `LevelTooLow`, `NotYoursToHelp`, and `NotFound` when it is not restricted.
    """
    _touched(organisation_id, member_id, by)
    with transaction.atomic():
        running = DeviceRestriction.objects.filter(organisation_id=organisation_id, member_id=member_id, until_day=None)
        if running.update(until_day=jst_day(at)) != 1:
            raise NotFound
        audit.record(event=Events.DEVICES_FREED, by=by, at=at, organisation_id=organisation_id, subject_id=member_id)


def begin_due(*, at: datetime) -> int:
    """End sessions without a key where a restriction has begun today; for the daily round. Returns how many people."""
    begun = DeviceRestriction.objects.filter(until_day=None, from_day=jst_day(at))
    ended = 0
    for organisation_id, member_id in begun.values_list("organisation_id", "member_id"):
        member = organisations.member(organisation_id=organisation_id, member_id=member_id)
        with transaction.atomic():
            ended += bool(_end_keyless_sessions(member, SYSTEM, at))
    return ended


def issue(*, organisation_id: UUID, member_id: UUID, name: str, by: Actor, at: datetime) -> KeyLink:
    """Make a key for one device of a member; the link that registers it is returned and can never be read again.

    Raises `NotPermitted`, `LevelTooLow`, `NotFound`, `NotYoursToHelp`, `NoIdToRestrict`.
    """
    member = _touched(organisation_id, member_id, by)
    if not ids.living_text(member_id=member_id):
        raise NoIdToRestrict
    token, until = secrets.token_urlsafe(32), at + timedelta(days=LINK_DAYS)
    with transaction.atomic():
        AccessKey.objects.create(
            member_id=member_id, name=name, link_hash=digest(token), link_until=until, issued_at=at
        )
        audit.record(
            event=Events.ACCESS_KEY_ISSUED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=member_id,
            name=name,
        )
    return KeyLink(
        address=f"{settings.WARIFU.site_url}/device/{token}/",
        name=name,
        person=member.full_name,
        valid_until=until,
    )


def look(*, token: str, at: datetime) -> OpenedLink:
    """What a link is, without changing anything. Raises `KeyLinkUnknown`."""
    row = _row(token)
    organisation = organisations.organisation(organisation_id=row.member.organisation_id)
    return OpenedLink(
        organisation_name=organisation.name,
        organisation_code=organisation.code,
        family_name=row.member.family_name,
        name=row.name,
        valid_until=row.link_until,
        is_good=_is_open(row, at),
    )


def take(*, token: str, shown: str, at: datetime) -> str:
    """Give the browser that opened a link its token, beside those that it shows; returns what its cookie is to hold.

    The token counts once its member has signed in with it; until then the link can be opened again, and the newest
    browser is the one. Raises `KeyLinkUnknown`, `KeyLinkOver`.
    """
    row = _row(token)
    bearer = secrets.token_urlsafe(32)
    waiting = AccessKey.objects.filter(id=row.id, registered_at=None, revoked_at=None, link_until__gt=at)
    if not _is_open(row, at) or waiting.update(token_hash=digest(bearer)) != 1:
        raise KeyLinkOver
    kept = [token for token in shown.split(".") if token]
    return ".".join([bearer, *kept][:MOST_IN_A_BROWSER])


def insist_allowed(*, member: MemberView, shown: str, address: str, at: datetime) -> UUID | None:
    """The member's key among those that a browser shows; None when it has none and needs none.

    Raises `DeviceNotAllowed`, noted in the trail, when the member is restricted to registered devices.
    """
    key_id = queries.good_key(member_id=member.id, shown=shown, at=at)
    if key_id is None and queries.is_restricted(member_id=member.id, at=at):
        _note_refusal(member, address, at)
        text = ids.living_text(member_id=member.id)
        raise DeviceNotAllowed(user_id=text or member.mail or member.employee_code)
    return key_id


def note_use(*, key_id: UUID, member: MemberView, browser: str, at: datetime) -> None:
    """Note that a session begins with a key; the first one registers it. Inside the caller's transaction."""
    waiting = AccessKey.objects.filter(id=key_id, member_id=member.id, registered_at=None, revoked_at=None)
    if waiting.update(registered_at=at, used_at=at, browser=browser[:200]):
        name = AccessKey.objects.values_list("name", flat=True).get(id=key_id)
        factors.note_added(
            organisation_id=member.organisation_id,
            factor="access_key",
            name=name,
            by=organisations.actor_of(member=member, authenticated_at=at),
            at=at,
        )
    else:
        AccessKey.objects.filter(id=key_id, revoked_at=None).update(used_at=at, browser=browser[:200])


def bind(*, organisation_id: UUID, key_id: UUID, passkey_id: UUID, by: Actor, at: datetime) -> None:
    """Bind one of one's own registered devices to a passkey that stays in it: the strong form (C-08).

    Raises `NotFound` for keys and passkeys that are not one's own or not living, `PasskeyNotOfDevice`, `LevelTooLow`.
    """
    assert by.id is not None  # noqa: S101
    factors.insist_may_change(by=by)
    passkey = Passkey.objects.filter(
        id=passkey_id, member_id=by.id, member__organisation_id=organisation_id, revoked_at=None
    ).first()
    if passkey is None:
        raise NotFound
    if passkey.is_synced:
        raise PasskeyNotOfDevice
    with transaction.atomic():
        own = AccessKey.objects.filter(id=key_id, member_id=passkey.member_id, revoked_at=None)
        if own.exclude(registered_at=None).update(passkey=passkey) != 1:
            raise NotFound
        audit.record(
            event=Events.ACCESS_KEY_BOUND,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=passkey.member_id,
            name=passkey.name,
        )


def strengthen(*, organisation_id: UUID, member_id: UUID, by: Actor, at: datetime) -> None:
    """Want the passkey of a registered device from now on; sessions that did not show one end (C-08).

    Raises `NotPermitted`, `LevelTooLow`, `NotYoursToHelp`, `NoDevicePasskey`, and `NotFound` without a restriction.
    """
    member = _touched(organisation_id, member_id, by)
    if not queries.bound_keys(member_id=member_id).exists():
        raise NoDevicePasskey
    with transaction.atomic():
        _set_wish(organisation_id, member_id, wish=True)
        audit.record(
            event=Events.DEVICES_STRENGTHENED, by=by, at=at, organisation_id=organisation_id, subject_id=member_id
        )
        running = Session.objects.filter(member_id=member_id, ended_at=None)
        weak = [row.id for row in running if "device_passkey" not in row.factors]
        sessions.close(
            found=Session.objects.filter(id__in=weak),
            organisation_id=organisation_id,
            member_id=member.id,
            reason="restricted",
            by=by,
            at=at,
        )


def soften(*, organisation_id: UUID, member_id: UUID, by: Actor, at: datetime) -> None:
    """Let the access key of a registered device do again.

    Raises `NotPermitted`, `LevelTooLow`, `NotYoursToHelp`, and `NotFound` where no passkey is wanted.
    """
    _touched(organisation_id, member_id, by)
    with transaction.atomic():
        _set_wish(organisation_id, member_id, wish=False)
        audit.record(event=Events.DEVICES_SOFTENED, by=by, at=at, organisation_id=organisation_id, subject_id=member_id)


def rename(*, organisation_id: UUID, key_id: UUID, name: str, by: Actor, at: datetime) -> None:
    """Give a key another name: the owner, or an administrator.

    Raises `NotFound`, `NotPermitted`, `LevelTooLow`, `NotYoursToHelp`.
    """
    row = _living(organisation_id, key_id, by)
    with transaction.atomic():
        if AccessKey.objects.filter(id=key_id, revoked_at=None).update(name=name) != 1:
            raise NotFound
        audit.record(
            event=Events.ACCESS_KEY_RENAMED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=row.member_id,
            before=row.name,
            after=name,
        )


def revoke(*, organisation_id: UUID, key_id: UUID, by: Actor, at: datetime) -> UUID:
    """Stop a key: the owner, or an administrator. Sessions that it opened end at once; the owner is told by mail.

    Returns the owner's id. Raises `NotFound`, `NotPermitted`, `LevelTooLow`, `NotYoursToHelp`, `LeaderLockedOut`.
    """
    row = _living(organisation_id, key_id, by)
    member = organisations.member(organisation_id=organisation_id, member_id=row.member_id)
    others = queries.registered_keys(member_id=member.id).exclude(id=key_id)
    if row.registered_at and queries.restricted_from(member_id=member.id) and not others.exists():
        _insist_leader_left(member, at)
    with transaction.atomic():
        if AccessKey.objects.filter(id=key_id, revoked_at=None).update(revoked_at=at) != 1:
            raise NotFound
        factors.note_revoked(
            organisation_id=organisation_id,
            member_id=member.id,
            factor="access_key",
            name=row.name,
            by=by,
            at=at,
        )
        opened = Session.objects.filter(access_key_id=key_id)
        if row.passkey_id:
            opened |= Session.objects.filter(factors__icontains="device_passkey")
        sessions.close(
            found=opened,
            organisation_id=organisation_id,
            member_id=member.id,
            reason="access_key",
            by=by,
            at=at,
        )
    return member.id


def end_of_member(*, member_id: UUID, at: datetime) -> None:
    """End the restriction and the keys of a member who has left. Inside the caller's transaction."""
    DeviceRestriction.objects.filter(member_id=member_id, until_day=None).update(until_day=jst_day(at))
    AccessKey.objects.filter(member_id=member_id, revoked_at=None).update(revoked_at=at)


def _set_wish(organisation_id: UUID, member_id: UUID, *, wish: bool) -> None:
    running = DeviceRestriction.objects.filter(organisation_id=organisation_id, member_id=member_id, until_day=None)
    if running.filter(wants_passkey=not wish).update(wants_passkey=wish) != 1:
        raise NotFound


def _touched(organisation_id: UUID, member_id: UUID, by: Actor) -> MemberView:
    require(by=by, permission=Permission.IDS_ISSUE, organisation_id=organisation_id)
    member = organisations.member(organisation_id=organisation_id, member_id=member_id)
    if not member.is_active:
        raise NotFound
    resets.insist_may_touch(by=by, member=member)
    return member


def _living(organisation_id: UUID, key_id: UUID, by: Actor) -> AccessKey:
    row = AccessKey.objects.filter(member__organisation_id=organisation_id, id=key_id, revoked_at=None).first()
    if row is None:
        raise NotFound
    if row.member_id != by.id:
        _touched(organisation_id, row.member_id, by)
    return row


def _insist_leader_left(member: MemberView, at: datetime) -> None:
    if not member.roles & (Role.ADMINISTRATOR | Role.HEAD):
        return
    if not queries.leaders_who_get_in(organisation_id=member.organisation_id, without=member.id, at=at):
        raise LeaderLockedOut


def _end_keyless_sessions(member: MemberView, by: Actor, at: datetime) -> int:
    good = queries.registered_keys(member_id=member.id).values("id")
    return sessions.close(
        found=Session.objects.exclude(access_key_id__in=good) | Session.objects.filter(access_key_id=None),
        organisation_id=member.organisation_id,
        member_id=member.id,
        reason="restricted",
        by=by,
        at=at,
    )


def _note_refusal(member: MemberView, address: str, at: datetime) -> None:
    """An entry for each refusal, but never a flood of them."""
    try:
        attempts.take(purpose="denial", subject=f"{member.id} device", at=at)
    except attempts.TooManyAttempts:
        return
    with transaction.atomic():
        audit.record(
            event=Events.DEVICE_REFUSED,
            by=SYSTEM,
            at=at,
            organisation_id=member.organisation_id,
            subject_id=member.id,
            address=address,
        )


def _row(token: str) -> AccessKey:
    row = AccessKey.objects.filter(link_hash=digest(token)).select_related("member").first()
    if row is None:
        raise KeyLinkUnknown
    return row


def _is_open(row: AccessKey, at: datetime) -> bool:
    is_there = row.member.state == "active" and not ids.is_stopped(member_id=row.member_id)
    return is_there and row.registered_at is None and row.revoked_at is None and at < row.link_until
