"""利用者ID of an office: issue to many at once, change, set the log-out time, end (003-6, 003-11; C1).

A row stays for ever, so that no ID is ever used twice in an office. Whose last ID is ended cannot sign in until a new
one is issued, by whatever name they used to sign in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.credentials.actions import activation, resets, sessions, slips
from warifu.credentials.actions.access_keys import LeaderLockedOut
from warifu.credentials.actions.activation import NoMailAddress
from warifu.credentials.actions.slips import Slip
from warifu.credentials.models import Password, Session, UserId
from warifu.credentials.queries import access_keys as devices
from warifu.credentials.queries import ids as queries
from warifu.credentials.rules import ids as rules
from warifu.foundation.actor import Actor, Role
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.notices import actions as notices
from warifu.notices import kinds
from warifu.notices.links import LateLink
from warifu.organisations import queries as organisations
from warifu.organisations.queries import MemberView
from warifu.organisations.rules import Permission, require, require_running

LINK_DAYS = 14
"""How long the link in the letter of a new ID works."""


class NotAnOffice(NotFound):
    """The organisation is no office; only offices issue IDs to staff and customers."""

    code = "WF-S700"
    sentence = _("利用者IDの発行は、事務所だけの機能です。")
    remedy = _(
        "会社では、メールアドレスか社員番号でサインインします。事務所として使うときは、運用者に連絡してください。"
    )


class IdsNotGood(Refused):
    """At least one of the IDs cannot be issued; which ones the form says."""

    code = "WF-S701"
    sentence = _("発行できない利用者IDがあります。だれにも発行していません。")
    remedy = _("表の赤い行を直して、もう一度お進みください。")
    status = 422


class NobodyToIssue(Refused):
    """Nobody was picked, too many were, or somebody got an ID meanwhile."""

    code = "WF-S702"
    sentence = _("発行する人を確かめられませんでした。だれにも発行していません。")
    remedy = _("1人から200人までを選び直してください。ほかの人が先に発行したときは、その人は一覧に出なくなります。")
    status = 422


class HoursOutOfRange(Refused):
    """The log-out time is not one of 1 to 8 hours."""

    code = "WF-S703"
    sentence = _("ログアウトの時間は、1時間から8時間までです。")
    remedy = _("1から8までの数字を選んでください。")
    status = 422


@dataclass(frozen=True, kw_only=True)
class Order:
    """What one member is to get: the text, the log-out time, and how they learn of it."""

    member_id: UUID
    text: str
    logout_hours: int = 1
    by_slip: bool = False


@dataclass(frozen=True, kw_only=True)
class Issued:
    """What was issued: how many letters go out, and the slips, which can never be shown again."""

    mailed: int
    slips: tuple[Slip, ...]


def issue(*, organisation_id: UUID, is_staff: bool, orders: Sequence[Order], by: Actor, at: datetime) -> Issued:
    """Issue an ID to each of some people, all or none; running sessions take the log-out time over at once.

    Those without a password get a link by mail, or a slip; those with one only learn their ID. Raises `NotPermitted`,
    `LevelTooLow`, `StandingOver`, `NotAnOffice`, `NobodyToIssue`, `IdsNotGood`, `HoursOutOfRange`, `NoMailAddress`,
    `NotYoursToHelp`.
    """
    insist_office(organisation_id=organisation_id, by=by)
    require_running(by=by)
    members = {
        member.id: member
        for member in queries.without_id(
            organisation_id=organisation_id, is_staff=is_staff, member_ids=[order.member_id for order in orders]
        )
    }
    if not 0 < len(orders) <= rules.MOST or len(members) != len(orders):
        raise NobodyToIssue
    for order in orders:
        _insist_good_order(order, members[order.member_id], by)
    wishes = {order.member_id: rules.normal(order.text) for order in orders}
    if queries.faults(organisation_id=organisation_id, wishes=wishes):
        raise IdsNotGood
    try:
        with transaction.atomic():
            return _issued(organisation_id, is_staff, orders, members, by, at)
    except IntegrityError:
        raise IdsNotGood from None


def change(*, organisation_id: UUID, user_id: UUID, text: str, by: Actor, at: datetime) -> UUID:
    """Give a member another ID; the old one stays retired for ever. Returns the new one's id.

    Raises `NotPermitted`, `LevelTooLow`, `NotFound`, `NotYoursToHelp`, `IdsNotGood`.
    """
    row, member = _living(organisation_id, user_id, by)
    wish = rules.normal(text)
    if queries.faults(organisation_id=organisation_id, wishes={member.id: wish}):
        raise IdsNotGood
    try:
        with transaction.atomic():
            if UserId.objects.filter(id=user_id, ended_at=None).update(ended_at=at) != 1:
                raise NotFound
            new = UserId.objects.create(
                organisation_id=organisation_id,
                member_id=member.id,
                kind=row.kind,
                text=wish,
                logout_hours=row.logout_hours,
                issued_at=at,
            )
            audit.record(
                event=Events.ID_CHANGED,
                by=by,
                at=at,
                organisation_id=organisation_id,
                subject_id=member.id,
                before=row.text,
                after=wish,
            )
            _tell_of_change(member, wish, by, at)
    except IntegrityError:
        raise IdsNotGood from None
    return new.id


def set_logout(*, organisation_id: UUID, user_id: UUID, hours: int, by: Actor, at: datetime) -> None:
    """Change after how many idle hours an ID is logged out; running sessions follow at once.

    Raises `NotPermitted`, `LevelTooLow`, `NotFound`, `NotYoursToHelp`, `HoursOutOfRange`.
    """
    row, member = _living(organisation_id, user_id, by)
    if hours not in rules.HOURS:
        raise HoursOutOfRange
    with transaction.atomic():
        if UserId.objects.filter(id=user_id, ended_at=None).update(logout_hours=hours) != 1:
            raise NotFound
        Session.objects.filter(member_id=member.id, ended_at=None).update(idle_hours=hours)
        audit.record(
            event=Events.ID_LOGOUT_CHANGED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=member.id,
            before=row.logout_hours,
            after=hours,
        )


def end(*, organisation_id: UUID, user_id: UUID, by: Actor, at: datetime) -> None:
    """End an ID: its person's sessions and links die, and they cannot sign in until a new one is issued (L-24).

    Raises `NotPermitted`, `LevelTooLow`, `NotFound`, `NotYoursToHelp`, `LeaderLockedOut`.
    """
    row, member = _living(organisation_id, user_id, by)
    is_leader = bool(member.roles & (Role.ADMINISTRATOR | Role.HEAD))
    if is_leader and not devices.leaders_who_get_in(organisation_id=organisation_id, without=member.id, at=at):
        raise LeaderLockedOut
    with transaction.atomic():
        if UserId.objects.filter(id=user_id, ended_at=None).update(ended_at=at) != 1:
            raise NotFound
        audit.record(
            event=Events.ID_ENDED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=member.id,
            name=row.text,
        )
        activation.end_links(organisation_id=organisation_id, member_id=member.id, at=at)
        sessions.close(
            found=Session.objects.all(),
            organisation_id=organisation_id,
            member_id=member.id,
            reason="id_ended",
            by=by,
            at=at,
        )


def end_of_member(*, member_id: UUID, at: datetime) -> None:
    """End the ID of a member who has left. Inside the caller's transaction."""
    UserId.objects.filter(member_id=member_id, ended_at=None).update(ended_at=at)


def record_export(*, organisation_id: UUID, what: str, by: Actor, at: datetime) -> None:
    """Record that a list of IDs, devices or months leaves as a file. Raises `NotPermitted`, `NotAnOffice`."""
    insist_office(organisation_id=organisation_id, by=by)
    with transaction.atomic():
        audit.record(event=Events.IDS_EXPORTED, by=by, at=at, organisation_id=organisation_id, kind=what)


def insist_office(*, organisation_id: UUID, by: Actor) -> None:
    """Raise `NotPermitted` or `LevelTooLow`, and `NotAnOffice` for a company."""
    require(by=by, permission=Permission.IDS_ISSUE, organisation_id=organisation_id)
    if not organisations.organisation(organisation_id=organisation_id).is_office:
        raise NotAnOffice


def _insist_good_order(order: Order, member: MemberView, by: Actor) -> None:
    if order.logout_hours not in rules.HOURS:
        raise HoursOutOfRange
    if order.by_slip:
        resets.insist_may_touch(by=by, member=member)
    elif not member.mail:
        raise NoMailAddress


def _issued(
    organisation_id: UUID,
    is_staff: bool,
    orders: Sequence[Order],
    members: dict[UUID, MemberView],
    by: Actor,
    at: datetime,
) -> Issued:
    kind = UserId.Kind.STAFF if is_staff else UserId.Kind.CUSTOMER
    UserId.objects.bulk_create(
        UserId(
            organisation_id=organisation_id,
            member_id=order.member_id,
            kind=kind,
            text=rules.normal(order.text),
            logout_hours=order.logout_hours,
            issued_at=at,
        )
        for order in orders
    )
    for order in orders:
        Session.objects.filter(member_id=order.member_id, ended_at=None).update(idle_hours=order.logout_hours)
        audit.record(
            event=Events.ID_ISSUED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=order.member_id,
            name=rules.normal(order.text),
            kind=str(kind),
            channel="slip" if order.by_slip else "mail",
        )
    known = set(Password.objects.filter(member_id__in=members).values_list("member_id", flat=True))
    mailed = [order for order in orders if not order.by_slip]
    links = activation.make_links(
        organisation_id=organisation_id,
        member_ids=[order.member_id for order in mailed],
        purpose="first",
        at=at,
        days=LINK_DAYS,
    )
    for order in mailed:
        _tell_of_issue(members[order.member_id], rules.normal(order.text), links[order.member_id], by, at)
    return Issued(
        mailed=len(mailed),
        slips=tuple(
            slips.make(
                member=members[order.member_id],
                reason="first",
                needs_link=order.member_id not in known,
                by=by,
                at=at,
            )
            for order in orders
            if order.by_slip
        ),
    )


def _living(organisation_id: UUID, user_id: UUID, by: Actor) -> tuple[UserId, MemberView]:
    insist_office(organisation_id=organisation_id, by=by)
    row = UserId.objects.filter(organisation_id=organisation_id, id=user_id, ended_at=None).first()
    if row is None:
        raise NotFound
    member = organisations.member(organisation_id=organisation_id, member_id=row.member_id)
    resets.insist_may_touch(by=by, member=member)
    return row, member


def _tell_of_issue(member: MemberView, text: str, link: LateLink, by: Actor, at: datetime) -> None:
    organisation = organisations.organisation(organisation_id=member.organisation_id)
    notices.post(
        letter=kinds.IdIssued(
            organisation_name=organisation.name,
            name=member.full_name,
            user_id=text,
            organisation_code=organisation.code,
            valid_until=at + timedelta(days=LINK_DAYS),
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


def _tell_of_change(member: MemberView, text: str, by: Actor, at: datetime) -> None:
    if not member.mail:
        return
    organisation = organisations.organisation(organisation_id=member.organisation_id)
    notices.post(
        letter=kinds.IdChanged(organisation_name=organisation.name, name=member.full_name, user_id=text, changed_at=at),
        organisation_id=member.organisation_id,
        member_id=member.id,
        to_mail=member.mail,
        to_name=member.full_name,
        key=f"id_changed:{member.id}:{at.isoformat()}",
        by=by,
        at=at,
    )
