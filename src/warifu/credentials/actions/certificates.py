"""電子証明書: issued on a request made where the key was made, looked up when shown, stopped at once (C-02 … C-06)."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, transaction
from django.db.models import Q
from django.db.models.sql.compiler import SQLCompiler

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.credentials import authority
from warifu.credentials.actions import authorities, factors
from warifu.credentials.models import Certificate, Session
from warifu.credentials.rules import certificates as rules
from warifu.credentials.rules.sessions import TOUCH
from warifu.foundation.actor import SYSTEM, Actor
from warifu.foundation.days import jst_day
from warifu.foundation.ids import new_id
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.notices import kinds
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, require


class NameUnusable(Refused):
    """The name to write into the certificate is empty, too long, or holds signs that cannot be written."""

    code = "WF-S606"
    sentence = _("発行先の名前を、{longest}文字までで入れてください。")
    remedy = _("会社名の英語表記など、あとから見分けのつく名前にしてください。改行などの制御文字は使えません。")
    status = 422


class TooManyCertificates(Refused):
    """The person holds as many running certificates as anybody may."""

    code = "WF-S607"
    sentence = _("お一人で同時に使える電子証明書は{most}枚までです。")
    remedy = _("使わなくなった端末の電子証明書を失効させてから、もう一度お試しください。")


class NotToBeRenewed(Refused):
    """The certificate to renew is not this person's, is over or stopped, or was renewed already."""

    code = "WF-S608"
    sentence = _("この電子証明書は更新できません。")
    remedy = _("期限が切れたか、失効したか、すでに更新されています。「新規」で取り直してください。")


class RenewalTooEarly(Refused):
    """The renewal window has not opened yet (C-06)."""

    code = "WF-S609"
    sentence = _("電子証明書を更新できる期間は、{opens_on}からです。")
    remedy = _("その日を過ぎてから更新してください。端末を替えるときは「新規」で取ってください。")


class ReasonUnknown(Refused):
    """The reason of a revocation is none of the list."""

    code = "WF-S610"
    sentence = _("失効の理由を選んでください。")
    remedy = _("一覧から、いちばん近い理由を一つ選んでください。")
    status = 422


@dataclass(frozen=True, kw_only=True)
class Issued:
    """A new certificate: its row, itself, the authorities above it from the issuing one to the root, its end."""

    id: UUID
    der: bytes
    chain: tuple[bytes, ...]
    serial: str
    valid_until: datetime


@dataclass(frozen=True, kw_only=True)
class IssuedServer:
    """A certificate for the server: it and its issuing authority in PEM, the key in PEM, and the end."""

    chain_pem: bytes
    key_pem: bytes
    root_pem: bytes
    serial: str
    valid_until: datetime


@dataclass(frozen=True, kw_only=True)
class Presented:
    """A certificate that a connection showed and that holds: whose it is."""

    id: UUID
    member_id: UUID
    organisation_id: UUID
    valid_until: datetime


def issue(
    *,
    organisation_id: UUID,
    member_id: UUID,
    csr: bytes,
    issued_to: str,
    device_name: str,
    way: str,
    by: Actor,
    at: datetime,
    replaces: UUID | None = None,
) -> Issued:
    """Issue a certificate for a key that its holder made (C-02, C-03), anew or in place of one that ends soon.

    Of the request only the key counts: the profile decides all else. The replaced certificate goes on until the new
    one is used, or `rules.OVERLAP` has passed (C-06). For oneself, or by whoever manages security. Raises
    `NotPermitted`, `LevelTooLow`, `NotFound`, `NameUnusable`, `TooManyCertificates`, `NotToBeRenewed`,
    `RenewalTooEarly`, `AuthorityMissing`, `authority.RequestUnreadable`, `authority.KeyTooWeak`.
    """
    _require_own_or_security(organisation_id, member_id, by)
    public_key = authority.read_request(csr)
    name = _name(issued_to)
    member = organisations.member(organisation_id=organisation_id, member_id=member_id)
    if not member.is_active:
        raise NotFound
    organisation = organisations.organisation(organisation_id=organisation_id)
    issuer = authorities.issuer_for(organisation_id=organisation_id, at=at)
    until = min(at + rules.LIFE, issuer.valid_until)
    with transaction.atomic():
        _insist_on_room(member_id, at)
        if replaces is not None:
            _replace(organisation_id, member_id, replaces, at)
        made = authority.client(
            signer=issuer.signer,
            public_key=public_key,
            issued_to=name,
            organisation=organisation.name,
            member_id=member_id,
            addresses=issuer.addresses,
            valid_from=at - rules.CLOCKS_DIFFER,
            valid_until=until,
        )
        row = Certificate.objects.create(
            id=new_id(),
            authority_id=issuer.id,
            organisation_id=organisation_id,
            member_id=member_id,
            issued_to=name,
            device_name=device_name.strip()[:60],
            way=Certificate.Way(way),
            serial=made.serial,
            fingerprint=made.fingerprint,
            der=made.der,
            valid_from=at - rules.CLOCKS_DIFFER,
            valid_until=until,
            issued_at=at,
            replaces_id=replaces,
        )
        audit.record(
            event=Events.CERTIFICATE_RENEWED if replaces else Events.CERTIFICATE_ISSUED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=member_id,
            certificate=str(row.id),
            name=row.device_name or name,
            serial=made.serial,
            way=way,
            valid_until=until.isoformat(),
        )
        factors.write_to(
            member=member,
            organisation=organisation,
            factor="certificate",
            name=row.device_name or name,
            kind=kinds.FactorAdded,
            by=by,
            at=at,
        )
    return Issued(id=row.id, der=made.der, chain=issuer.chain, serial=made.serial, valid_until=until)


def issue_server(*, names: Sequence[str], at: datetime) -> IssuedServer:
    """A certificate for this installation's own server, with a key that is made in memory and kept nowhere.

    Raises `AuthorityMissing`, `NameUnusable`.
    """
    if not names:
        raise NameUnusable(longest=rules.COMMON_NAME_LENGTH)
    issuer = authorities.issuer_for(organisation_id=None, at=at)
    until = min(at + rules.LIFE, issuer.valid_until)
    made, key = authority.server(
        signer=issuer.signer,
        names=names,
        addresses=issuer.addresses,
        valid_from=at - rules.CLOCKS_DIFFER,
        valid_until=until,
    )
    with transaction.atomic():
        row = Certificate.objects.create(
            authority_id=issuer.id,
            issued_to=", ".join(names)[:100],
            way=Certificate.Way.SERVER,
            serial=made.serial,
            fingerprint=made.fingerprint,
            der=made.der,
            valid_from=at - rules.CLOCKS_DIFFER,
            valid_until=until,
            issued_at=at,
        )
        audit.record(
            event=Events.CERTIFICATE_ISSUED,
            by=SYSTEM,
            at=at,
            subject_id=row.id,
            name=row.issued_to,
            serial=made.serial,
            way=row.way,
            valid_until=until.isoformat(),
        )
    return IssuedServer(
        chain_pem=authority.in_pem(made.der, issuer.chain[0]),
        key_pem=key,
        root_pem=authority.in_pem(issuer.chain[-1]),
        serial=made.serial,
        valid_until=until,
    )


_LOOKED_AT = (
    "id", "member_id", "organisation_id", "way", "valid_from", "valid_until", "replaced_at", "revoked_at",
    "member__organisation_id", "member__state", "authority__valid_until",
)  # fmt: skip


def presented(*, der: bytes, at: datetime) -> Presented | None:
    """Whose a shown certificate is, or None when it does not hold at this moment (C-04). One query.

    The look-up is by the fingerprint of the whole: what is found is bit by bit what this house has signed, so that
    chain, purpose and tenant are those of its row.
    """
    row = _row_of(authority.fingerprint(der))
    if row is None:
        return None
    certificate_id, member_id, organisation_id, way, *dates, members_own, state, authority_until = row
    span = rules.Span(*dates)
    if way == Certificate.Way.SERVER or organisation_id is None or organisation_id != members_own:
        return None
    if state != "active" or at >= authority_until or not rules.holds(span, at=at):
        return None
    return Presented(
        id=certificate_id, member_id=member_id, organisation_id=organisation_id, valid_until=span.valid_until
    )


def note_use(*, certificate_id: UUID, at: datetime) -> None:
    """Note that a certificate was used, once a minute at most; its first use ends the one that it replaced (C-06)."""
    unnoted = Q(used_at=None) | Q(used_at__lte=at - TOUCH)
    if not Certificate.objects.filter(unnoted, id=certificate_id).update(used_at=at):
        return
    with transaction.atomic():
        first = Certificate.objects.filter(id=certificate_id, first_used_at=None)
        if first.update(first_used_at=at):
            _supersede(Q(id__in=Certificate.objects.filter(id=certificate_id).values("replaces_id")), at)


def revoke(*, organisation_id: UUID, certificate_id: UUID, reason: str, by: Actor, at: datetime) -> None:
    """Stop a certificate at once: nobody gets in with it, its sessions end, the list is made anew (C-05).

    One's own, or any by whoever manages security. Raises `NotPermitted`, `LevelTooLow`, `ReasonUnknown`, and
    `NotFound` when it is not there or stopped already.
    """
    row = Certificate.objects.filter(organisation_id=organisation_id, id=certificate_id, member__isnull=False).first()
    if row is None or row.member_id is None:
        raise NotFound
    if row.member_id != by.id:
        require(by=by, permission=Permission.SECURITY_MANAGE, organisation_id=organisation_id)
    if rules.reason_of(reason) is None:
        raise ReasonUnknown
    with transaction.atomic():
        running = Certificate.objects.filter(id=row.id, revoked_at=None)
        if running.update(revoked_at=at, revoked_by=by.id, reason=reason) != 1:
            raise NotFound
        ended = _end_sessions([row.id], at)
        authorities.publish(authority_id=row.authority_id, at=at)
        audit.record(
            event=Events.CERTIFICATE_REVOKED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=row.member_id,
            certificate=str(row.id),
            name=row.device_name or row.issued_to,
            serial=row.serial,
            reason=reason,
            sessions=ended,
        )
        factors.tell(
            organisation_id=organisation_id,
            member_id=row.member_id,
            factor="certificate",
            name=row.device_name or row.issued_to,
            kind=kinds.FactorRevoked,
            by=by,
            at=at,
        )


def revoke_all_of_member(*, organisation_id: UUID, member_id: UUID, reason: str, by: Actor, at: datetime) -> int:
    """Stop every certificate of a member who leaves or hands over; returns how many. The caller has checked the right.

    Inside the caller's transaction.
    """
    running = Certificate.objects.select_for_update().filter(
        organisation_id=organisation_id, member_id=member_id, revoked_at=None, valid_until__gt=at
    )
    rows = list(running.values_list("id", "authority_id"))
    if not rows:
        return 0
    ids = [row[0] for row in rows]
    Certificate.objects.filter(id__in=ids, revoked_at=None).update(revoked_at=at, revoked_by=by.id, reason=reason)
    ended = _end_sessions(ids, at)
    for authority_id in sorted({row[1] for row in rows}):
        authorities.publish(authority_id=authority_id, at=at)
    audit.record(
        event=Events.CERTIFICATE_REVOKED,
        by=by,
        at=at,
        organisation_id=organisation_id,
        subject_id=member_id,
        count=len(rows),
        reason=reason,
        sessions=ended,
    )
    return len(rows)


def record_export(*, organisation_id: UUID, tab: str, by: Actor, at: datetime) -> None:
    """Record that somebody wrote the list of certificates into a file. Raises `NotPermitted`, `LevelTooLow`."""
    require(by=by, permission=Permission.SECURITY_MANAGE, organisation_id=organisation_id)
    with transaction.atomic():
        audit.record(event=Events.CERTIFICATES_EXPORTED, by=by, at=at, organisation_id=organisation_id, tab=tab)


def end_overlaps(*, at: datetime) -> int:
    """Stop the replaced certificates whose overlap is over; returns how many (daily)."""
    with transaction.atomic():
        return _supersede(Q(replaced_at__lte=at - rules.OVERLAP, valid_until__gt=at), at)


def _row_of(fingerprint: str) -> tuple[Any, ...] | None:
    """The columns `_LOOKED_AT` of a certificate: asked at every request, so the statement is compiled only once."""
    sql, compiler, converters = _look_up()
    with connection.cursor() as cursor:
        cursor.execute(sql, (fingerprint,))
        found = cursor.fetchone()
    return tuple(next(iter(compiler.apply_converters([found], converters)))) if found else None


@cache
def _look_up() -> tuple[str, SQLCompiler, Any]:
    rows = Certificate.objects.filter(fingerprint="?").values_list(*_LOOKED_AT)
    compiler = rows.query.get_compiler(using=DEFAULT_DB_ALIAS)
    sql, _params = compiler.as_sql()
    return sql, compiler, compiler.get_converters([column for column, *_ in compiler.select])


def _supersede(which: Q, at: datetime) -> int:
    running = Certificate.objects.select_for_update().filter(which, revoked_at=None)
    rows = list(running.values_list("id", "authority_id", "organisation_id", "member_id", "serial"))
    if not rows:
        return 0
    ids = [row[0] for row in rows]
    Certificate.objects.filter(id__in=ids, revoked_at=None).update(revoked_at=at, reason=rules.Reason.REPLACED.word)
    _end_sessions(ids, at)
    for organisation_id in sorted({row[2] for row in rows if row[2]}):
        audit.record_many(
            event=Events.CERTIFICATE_SUPERSEDED,
            by=SYSTEM,
            at=at,
            organisation_id=organisation_id,
            subjects=[
                (row[3], {"certificate": str(row[0]), "serial": row[4]}) for row in rows if row[2] == organisation_id
            ],
        )
    for authority_id in sorted({row[1] for row in rows}):
        authorities.publish(authority_id=authority_id, at=at)
    return len(rows)


def _end_sessions(certificate_ids: list[UUID], at: datetime) -> int:
    running = Session.objects.filter(certificate_id__in=certificate_ids, ended_at=None)
    return running.update(ended_at=at, end_reason="certificate")


def _require_own_or_security(organisation_id: UUID, member_id: UUID, by: Actor) -> None:
    if by.id == member_id and by.organisation_id == organisation_id:
        factors.insist_may_change(by=by)
    else:
        require(by=by, permission=Permission.SECURITY_MANAGE, organisation_id=organisation_id)


def _insist_on_room(member_id: UUID, at: datetime) -> None:
    running = Certificate.objects.filter(member_id=member_id, revoked_at=None, replaced_at=None, valid_until__gt=at)
    if running.count() >= rules.MOST:
        raise TooManyCertificates(most=rules.MOST)


def _replace(organisation_id: UUID, member_id: UUID, certificate_id: UUID, at: datetime) -> None:
    running = Certificate.objects.filter(
        organisation_id=organisation_id,
        member_id=member_id,
        id=certificate_id,
        revoked_at=None,
        replaced_at=None,
        valid_until__gt=at,
    )
    old = running.first()
    if old is None:
        raise NotToBeRenewed
    opens = rules.renewable_from(rules.Span(valid_from=old.valid_from, valid_until=old.valid_until))
    if at < opens:
        raise RenewalTooEarly(opens_on=jst_day(opens))
    if running.update(replaced_at=at) != 1:
        raise NotToBeRenewed


def _name(issued_to: str) -> str:
    name = unicodedata.normalize("NFC", issued_to).strip()
    printable = all(not unicodedata.category(sign).startswith("C") for sign in name)
    if not name or len(name) > rules.COMMON_NAME_LENGTH or not printable:
        raise NameUnusable(longest=rules.COMMON_NAME_LENGTH)
    return name
