"""電子証明書のファイル (.p12) made by the server, for those who can use neither the program nor their browser (C-03).

The key exists in memory while the answer is made, and nowhere else: the file can be taken once, in the very answer
that issues the certificate. Its password is in another place: a mail, for which it is derived when the letter leaves.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs12
from django.conf import settings
from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.credentials.actions import certificates, enrolment
from warifu.credentials.models import Certificate, Enrolment
from warifu.credentials.rules import certificates as certificate_rules
from warifu.credentials.rules.secrets import ALPHABET, grouped
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.notices import actions as notices
from warifu.notices import kinds
from warifu.notices.links import LateLink, LinkDead
from warifu.organisations import queries as organisations

LASTS = timedelta(minutes=10)
_SIGNS = 24
_ROUNDS = 100_000


class FileTaken(Refused):
    """The file was taken already, or its ten minutes are over."""

    code = "WF-S662"
    sentence = _("この電子証明書のファイルは、もう受け取れません。")
    remedy = _(
        "ファイルの受け取りは一度だけ、頼んでから10分以内です。保存したファイルが見つからないときは、もう一度頼んでください。"
    )
    status = 410


class NoMailboxForPassword(Refused):
    """The password goes by mail, and there is no address to send it to."""

    code = "WF-S663"
    sentence = _("ファイルのパスワードを送るメールアドレスが、登録されていません。")
    remedy = _("会社の管理者にメールアドレスの登録を依頼するか、ほかの取得の方法を選んでください。")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A file that waits to be taken."""

    issued_to: str
    device_name: str
    mail: str
    valid_until: datetime


@dataclass(frozen=True, kw_only=True)
class Taken:
    """The file: its name and content, to be handed over in this answer and kept nowhere."""

    name: str
    content: bytes


def ask(
    *,
    organisation_id: UUID,
    shown: Collection[str],
    issued_to: str,
    device_name: str,
    replaces: UUID | None,
    by: Actor,
    at: datetime,
) -> UUID:
    """Ask for a file; nothing is made until it is taken. `shown` are the session's factors.

    Raises `ProofTooWeak`, `LevelTooLow`, `NoMailboxForPassword`, `NameUnusable`, `NotFound` (nothing to replace).
    """
    assert by.id is not None  # noqa: S101
    enrolment.insist_proven(shown=shown, by=by)
    member = organisations.member(organisation_id=organisation_id, member_id=by.id)
    if not member.mail:
        raise NoMailboxForPassword
    if not 1 <= len(issued_to.strip()) <= certificate_rules.COMMON_NAME_LENGTH:
        raise certificates.NameUnusable(longest=certificate_rules.COMMON_NAME_LENGTH)
    if replaces and not Certificate.objects.filter(id=replaces, member_id=by.id).exists():
        raise NotFound
    with transaction.atomic():
        row = Enrolment.objects.create(
            member_id=by.id,
            way=Certificate.Way.FILE,
            factors=list(shown),
            issued_to=issued_to.strip(),
            device_name=device_name.strip()[:60],
            replaces_id=replaces,
            started_at=at,
            valid_until=at + LASTS,
        )
        audit.record(event=Events.FILE_PREPARED, by=by, at=at, organisation_id=organisation_id, subject_id=row.id)
    return row.id


def asked(*, organisation_id: UUID, enrolment_id: UUID, by: Actor, at: datetime) -> Asked:
    """A file that waits to be taken. Raises `NotFound` for other people's, `FileTaken` when it is over."""
    row = _row(organisation_id, enrolment_id, by)
    if row.used_at or at >= row.valid_until:
        raise FileTaken
    return Asked(
        issued_to=row.issued_to, device_name=row.device_name, mail=row.member.mail, valid_until=row.valid_until
    )


def take(*, organisation_id: UUID, enrolment_id: UUID, by: Actor, at: datetime) -> Taken:
    """Make key, certificate and file, and hand the file over, once; the password leaves by mail.

    Raises `NotFound`, `FileTaken`, and what `certificates.issue` refuses.
    """
    row = _row(organisation_id, enrolment_id, by)
    key = ec.generate_private_key(ec.SECP256R1())
    with transaction.atomic():
        waiting = Enrolment.objects.filter(id=row.id, used_at=None, valid_until__gt=at)
        if waiting.update(used_at=at) != 1:
            raise FileTaken
        made = certificates.issue(
            organisation_id=organisation_id,
            member_id=row.member_id,
            csr=_request(key),
            issued_to=row.issued_to,
            device_name=row.device_name,
            way=Certificate.Way.FILE.value,
            replaces=row.replaces_id,
            by=by,
            at=at,
        )
        Enrolment.objects.filter(id=row.id).update(certificate_id=made.id)
        _post_password(organisation_id, row, by, at)
        audit.record(
            event=Events.FILE_TAKEN,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=row.id,
            serial=made.serial,
        )
    return Taken(name=f"warifu-{made.serial[-8:].lower()}.p12", content=_packed(key, made, row))


def password_of(*, reference: str) -> str:
    """The password of a file, made when its letter leaves. Raises `LinkDead` when it would be of no use."""
    row = Enrolment.objects.filter(id=reference, way=Certificate.Way.FILE).select_related("certificate").first()
    if row is None or row.certificate is None or row.certificate.revoked_at:
        raise LinkDead(_("電子証明書がもう使えないため、パスワードを送りませんでした。"))
    return _password(row.id)


def _post_password(organisation_id: UUID, row: Enrolment, by: Actor, at: datetime) -> None:
    organisation = organisations.organisation(organisation_id=organisation_id)
    notices.post(
        letter=kinds.CertificatePassword(
            organisation_name=organisation.name,
            name=row.member.full_name,
            issued_to=row.issued_to,
            opening=LateLink(kind="certificate_password", reference=str(row.id)),
        ),
        organisation_id=organisation_id,
        member_id=row.member_id,
        to_mail=row.member.mail,
        to_name=row.member.full_name,
        key=f"certificate_password:{row.id}",
        by=by,
        at=at,
    )


def _row(organisation_id: UUID, enrolment_id: UUID, by: Actor) -> Enrolment:
    assert by.id is not None  # noqa: S101
    own = Enrolment.objects.filter(
        id=enrolment_id, member_id=by.id, member__organisation_id=organisation_id, way=Certificate.Way.FILE
    )
    row = own.select_related("member").first()
    if row is None:
        raise NotFound
    return row


def _request(key: ec.EllipticCurvePrivateKey) -> bytes:
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def _packed(key: ec.EllipticCurvePrivateKey, made: certificates.Issued, row: Enrolment) -> bytes:
    protection = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(_ROUNDS)
        .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
        .hmac_hash(hashes.SHA256())
        .build(_password(row.id).encode())
    )
    own, *above = [x509.load_der_x509_certificate(der) for der in (made.der, *made.chain)]
    return pkcs12.serialize_key_and_certificates(row.issued_to.encode(), key, own, above, protection)


def _password(enrolment_id: UUID) -> str:
    """117 bits from a key that stands in no table; the row's id alone does not give it."""
    secret = hmac.digest(settings.WARIFU.link_key_bytes, f"certificate_password\n{enrolment_id}".encode(), "sha256")
    number = int.from_bytes(secret, "big")
    signs = []
    for _place in range(_SIGNS):
        number, rest = divmod(number, len(ALPHABET))
        signs.append(ALPHABET[rest])
    return grouped("".join(signs))
