"""認証局: made once, replaced before they end, and what they publish about the revoked (C-01, C-02, C-05)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.credentials import authority
from warifu.credentials.models import Authority, Certificate, RevocationList
from warifu.credentials.rules import certificates as rules
from warifu.foundation.actor import SYSTEM, Actor
from warifu.foundation.ids import new_id
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations import queries as organisations

KEPT_ON_LISTS = timedelta(days=2)
"""How long after its end a revoked certificate stays on the lists: at least on one of them (RFC 5280, 3.3)."""


class AuthorityThere(Refused):
    """There is an authority already; a second root would make two truths."""

    code = "WF-S604"
    sentence = _("認証局は、すでに作られています。")
    remedy = _("`warifu ca show` で、いまの認証局を確かめてください。")


class AuthorityMissing(Refused):
    """No authority was made yet, so that nothing can be issued."""

    code = "WF-S605"
    sentence = _("認証局がまだないため、電子証明書を発行できません。")
    remedy = _("運用者に連絡してください。運用者は `warifu ca init` で認証局を作ります。")
    status = 503


@dataclass(frozen=True, kw_only=True)
class Issuer:
    """The authority that issues now: its id, how it signs, and the certificates above the one that it signs."""

    id: UUID
    signer: authority.Signer
    chain: tuple[bytes, ...]
    addresses: authority.Addresses
    valid_until: datetime


def init(*, name: str, by: Actor, at: datetime) -> UUID:
    """Make the root of this installation, and the shared issuing authority when one is set; returns the root's id.

    Raises `AuthorityThere`, `CredentialKeyMissing`, `TokenUnreachable`.
    """
    with transaction.atomic():
        if Authority.objects.filter(kind=Authority.Kind.ROOT, retired_at=None).exists():
            raise AuthorityThere
        key = authority.make_key(id=new_id())
        until = at + rules.ROOT_LIFE
        made = authority.root(key=key, name=name, valid_from=at - rules.CLOCKS_DIFFER, valid_until=until)
        root = _write(made, key, kind=Authority.Kind.ROOT, name=name, valid_until=until, by=by, at=at)
        if settings.WARIFU.ca_issuing == "shared":
            _make_issuing(None, root, by, at)
    return root.id


def issuer_for(*, organisation_id: UUID | None, at: datetime) -> Issuer:
    """The authority that issues for an organisation now; made, or replaced, when that is due.

    None asks for the one that signs this installation's own server. Raises `AuthorityMissing`.
    """
    owner = organisation_id if settings.WARIFU.ca_issuing == "per_organisation" else None
    row = _current(owner, at)
    if row is None:
        with transaction.atomic():
            root = Authority.objects.select_for_update().filter(kind=Authority.Kind.ROOT, retired_at=None).first()
            if root is None:
                raise AuthorityMissing
            row = _current(owner, at) or _make_issuing(owner, root, SYSTEM, at)
    assert row.parent is not None  # noqa: S101
    return Issuer(
        id=row.id,
        signer=signer_of(row=row),
        chain=(bytes(row.der), bytes(row.parent.der)),
        addresses=addresses_of(key_id=row.subject_key_id),
        valid_until=row.valid_until,
    )


def rotate_due(*, at: datetime) -> int:
    """Replace the issuing authorities that could soon no longer give a whole life; returns how many (daily)."""
    soon = at + rules.LIFE + rules.ISSUING_SPARE
    issuing = Authority.objects.filter(kind=Authority.Kind.ISSUING, retired_at=None)
    if settings.WARIFU.ca_issuing == "shared":
        issuing = issuing.filter(organisation__isnull=True)
    due = issuing.filter(valid_until__lt=soon)
    owners = list(due.values_list("organisation_id", flat=True))
    for owner in owners:
        issuer_for(organisation_id=owner, at=at)
    return len(owners)


def publish(*, authority_id: UUID, at: datetime) -> None:
    """Make the list of the revoked of an authority anew, inside the caller's transaction (C-05)."""
    Authority.objects.filter(id=authority_id).update(crl_number=F("crl_number") + 1)
    row = Authority.objects.get(id=authority_id)
    stopped = Certificate.objects.filter(
        authority_id=authority_id, revoked_at__isnull=False, valid_until__gt=at - KEPT_ON_LISTS
    ).values_list("serial", "revoked_at", "reason")
    der = authority.revocation_list(
        signer=signer_of(row=row),
        number=row.crl_number,
        revoked=((serial, revoked_at, rules.flag_of(reason)) for serial, revoked_at, reason in stopped if revoked_at),
        this_update=at,
        next_update=at + rules.LIST_LIFE,
    )
    RevocationList.objects.update_or_create(
        authority_id=authority_id,
        defaults={
            "number": row.crl_number,
            "der": der,
            "this_update": at,
            "next_update": at + rules.LIST_LIFE,
        },
    )


def publish_due(*, at: datetime) -> int:
    """Make every list anew that ends within `rules.LIST_RENEWED`; returns how many (each round of the worker)."""
    fresh = RevocationList.objects.filter(next_update__gt=at + rules.LIST_RENEWED)
    return _publish(Authority.objects.exclude(id__in=fresh.values("authority_id")), at)


def publish_all(*, at: datetime) -> int:
    """Make every list anew now, due or not; returns how many."""
    return _publish(Authority.objects.all(), at)


def signer_of(*, row: Authority) -> authority.Signer:
    """How an authority signs."""
    return authority.signer(id=row.id, der=row.der, sealed_key=row.sealed_key, key_label=row.key_label)


def addresses_of(*, key_id: str) -> authority.Addresses:
    """Where this site publishes an authority's list, certificate and answers."""
    base = f"{settings.WARIFU.site_url}/ca"
    return authority.Addresses(
        revocation_list=f"{base}/{key_id}.crl",
        issuer=f"{base}/{key_id}.crt",
        status=f"{base}/ocsp",
    )


def _publish(authorities: QuerySet[Authority], at: datetime) -> int:
    ids = list(authorities.filter(valid_until__gt=at).values_list("id", flat=True))
    for authority_id in ids:
        with transaction.atomic():
            publish(authority_id=authority_id, at=at)
    return len(ids)


def _issuing_of(owner: UUID | None) -> QuerySet[Authority]:
    rows = Authority.objects.filter(kind=Authority.Kind.ISSUING)
    return rows.filter(organisation_id=owner) if owner else rows.filter(organisation__isnull=True)


def _current(owner: UUID | None, at: datetime) -> Authority | None:
    long_enough = at + rules.LIFE + rules.ISSUING_SPARE
    issuing = _issuing_of(owner).filter(retired_at=None)
    rows = issuing.filter(valid_until__gte=long_enough).select_related("parent")
    wanted = ("subject_key_id", "der", "sealed_key", "key_label", "valid_until", "parent__der")
    return rows.only(*wanted).order_by("-id").first()


def _make_issuing(owner: UUID | None, root: Authority, by: Actor, at: datetime) -> Authority:
    """A new issuing authority below the root; the one before it signs lists and answers only, until it ends."""
    earlier = _issuing_of(owner)
    name = f"{_owner_name(owner)} Issuing CA G{earlier.count() + 1}"
    key = authority.make_key(id=new_id())
    until = min(at + rules.ISSUING_LIFE, root.valid_until)
    parent_addresses = addresses_of(key_id=root.subject_key_id)
    made = authority.issuing(
        signer=signer_of(row=root),
        key=key,
        name=name,
        addresses=authority.Addresses(revocation_list=parent_addresses.revocation_list, issuer=parent_addresses.issuer),
        valid_from=at - rules.CLOCKS_DIFFER,
        valid_until=until,
    )
    retired = list(earlier.filter(retired_at=None).values_list("id", flat=True))
    earlier.filter(id__in=retired).update(retired_at=at)
    for retired_id in retired:
        audit.record(event=Events.AUTHORITY_RETIRED, by=by, at=at, organisation_id=owner, subject_id=retired_id)
    return _write(
        made,
        key,
        kind=Authority.Kind.ISSUING,
        name=name,
        valid_until=until,
        by=by,
        at=at,
        organisation_id=owner,
        parent=root,
    )


def _write(
    made: authority.Signed,
    key: authority.KeyPlace,
    *,
    kind: Authority.Kind,
    name: str,
    valid_until: datetime,
    by: Actor,
    at: datetime,
    organisation_id: UUID | None = None,
    parent: Authority | None = None,
) -> Authority:
    row = Authority.objects.create(
        id=key.id,
        kind=kind,
        organisation_id=organisation_id,
        parent=parent,
        name=name,
        der=made.der,
        subject_key_id=made.subject_key_id,
        sealed_key=key.sealed,
        key_label=key.label,
        valid_until=valid_until,
        created_at=at,
    )
    publish(authority_id=row.id, at=at)
    audit.record(
        event=Events.AUTHORITY_MADE,
        by=by,
        at=at,
        organisation_id=organisation_id,
        subject_id=row.id,
        name=name,
        kind=str(kind),
        fingerprint=made.fingerprint,
        valid_until=valid_until.isoformat(),
    )
    return row


def _owner_name(owner: UUID | None) -> str:
    if owner is None:
        return urlsplit(settings.WARIFU.site_url).hostname or "Warifu"
    return organisations.organisation(organisation_id=owner).code
