"""Reads of the authorities: what they publish to everybody, and what an operator sees of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from warifu.credentials import authority
from warifu.credentials.models import Authority, Certificate, RevocationList
from warifu.credentials.rules import certificates as rules
from warifu.foundation.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class AuthorityLine:
    """An authority as an operator sees it."""

    kind: str
    name: str
    organisation_code: str
    fingerprint: str
    subject_key_id: str
    key_place: str
    valid_until: datetime
    retired_at: datetime | None
    list_number: int | None
    list_until: datetime | None
    revoked_count: int


def authorities() -> list[AuthorityLine]:
    """All authorities, the root first. Three queries and one for each authority's count of the revoked."""
    lists = {row.authority_id: row for row in RevocationList.objects.defer("der")}
    rows = Authority.objects.select_related("organisation").order_by("-kind", "id")
    return [
        AuthorityLine(
            kind=row.kind,
            name=row.name,
            organisation_code=row.organisation.code if row.organisation else "",
            fingerprint=authority.fingerprint(bytes(row.der)),
            subject_key_id=row.subject_key_id,
            key_place="pkcs11" if row.sealed_key is None else "sealed",
            valid_until=row.valid_until,
            retired_at=row.retired_at,
            list_number=lists[row.id].number if row.id in lists else None,
            list_until=lists[row.id].next_update if row.id in lists else None,
            revoked_count=Certificate.objects.filter(authority_id=row.id, revoked_at__isnull=False).count(),
        )
        for row in rows
    ]


def root_certificate() -> bytes:
    """The certificate of the root, in DER. Raises `NotFound`."""
    der = Authority.objects.filter(kind=Authority.Kind.ROOT).order_by("-id").values_list("der", flat=True).first()
    return _bytes(der)


def root_in_pem() -> bytes:
    """The certificate of the root, in PEM. Raises `NotFound`."""
    return authority.in_pem(root_certificate())


def trusted_in_pem() -> bytes:
    """Every authority that may stand in a shown certificate's chain, in PEM: what a server that ends TLS trusts."""
    ders = Authority.objects.order_by("-kind", "id").values_list("der", flat=True)
    return authority.in_pem(*(bytes(der) for der in ders))


def authority_certificate(*, key_id: str) -> bytes:
    """The certificate of an authority by the id of its key, in DER. Raises `NotFound`."""
    return _bytes(Authority.objects.filter(subject_key_id=key_id).values_list("der", flat=True).first())


def revocation_list(*, key_id: str) -> bytes:
    """The newest list of the revoked of an authority, in DER. Raises `NotFound`."""
    rows = RevocationList.objects.filter(authority__subject_key_id=key_id)
    return _bytes(rows.values_list("der", flat=True).first())


def status_answer(*, question: bytes, at: datetime) -> bytes:
    """The answer to an OCSP request (RFC 6960), signed by the authority that issued; at most two queries.

    Good, revoked or unknown for serials of this house's issuing authorities; `unauthorized` about any other house,
    `malformedRequest` to what cannot be read.
    """
    asked = authority.read_question(question)
    if asked is None:
        return authority.no_answer(is_readable=False)
    known = Certificate.objects.filter(serial=asked.serial).select_related("authority").defer("der").first()
    if known is not None and authority.is_of(asked, _signer(known.authority)):
        revoked = (known.revoked_at, rules.flag_of(known.reason)) if known.revoked_at else None
        return _answered(asked, known.authority, at, is_known=True, revoked=revoked)
    issuing = Authority.objects.filter(kind=Authority.Kind.ISSUING).order_by("-id")
    if asked.algorithm.name == "sha1":
        issuing = issuing.filter(subject_key_id=asked.issuer_key_hash.hex())
    for row in issuing.iterator():
        if authority.is_of(asked, _signer(row)):
            return _answered(asked, row, at, is_known=False, revoked=None)
    return authority.no_answer(is_readable=True)


def _answered(asked: authority.Asked, row: Authority, at: datetime, **answer: Any) -> bytes:
    until = at + rules.LIST_LIFE
    return authority.answer(asked, signer=_signer(row), this_update=at, next_update=until, **answer)


def _signer(row: Authority) -> authority.Signer:
    return authority.signer(id=row.id, der=row.der, sealed_key=row.sealed_key, key_label=row.key_label)


def _bytes(der: bytes | memoryview | None) -> bytes:
    if der is None:
        raise NotFound
    return bytes(der)
