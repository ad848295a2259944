"""Whether a certificate still holds, asked of the one source that the operator has configured (cards.md 2.4).

No address that stands in a certificate is ever called. A list or a responder says more than nothing, yet only an
accredited operator (署名検証者, プラットフォーム事業者) may say 有効; the rest stays 有効性未確認 (I-12). A source that
is configured and does not answer is no source at all: the answer is refused, not passed.
"""

from __future__ import annotations

import base64
import os
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

import httpx
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.conf import settings

from warifu.cards.rules.certificates import Certificate, fingerprint
from warifu.cards.rules.refusals import CertificateRevoked, StatusUnavailable

PATIENCE = 5.0
"""Seconds that a source may take."""
LARGEST = 64 * 1024
SKEW = timedelta(minutes=5)
"""How far the clock of a source may be ahead."""
STALE_AFTER = timedelta(hours=25)
"""How old the answer of a responder may be when it does not say how long it holds; lists are made daily."""


class Status(StrEnum):
    """有効性: what may be said of a certificate whose chain and dates are right."""

    UNCONFIRMED = "unconfirmed"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a source said, and who it was. `status` is confirmed by an accredited operator only (I-12)."""

    status: Status
    source: str = ""


class Source(ABC):
    """Somebody who knows which certificates were revoked."""

    name: str
    is_accredited = False

    @abstractmethod
    def is_revoked(self, certificate: Certificate, at: datetime) -> bool:
        """Whether it was revoked. Raises `StatusUnavailable` when that cannot be told."""


def ask(*, certificate: Certificate, at: datetime) -> Finding:
    """What the configured source says. Raises `CertificateRevoked`, `StatusUnavailable`."""
    source = configured()
    if source is None:
        return Finding(status=Status.UNCONFIRMED)
    if source.is_revoked(certificate, at):
        raise CertificateRevoked
    return Finding(status=Status.CONFIRMED if source.is_accredited else Status.UNCONFIRMED, source=source.name)


def configured() -> Source | None:
    """The source of this installation, or None."""
    house = settings.WARIFU
    if house.card_revocation == "crl":
        return ListSource(Path(house.card_revocation_address))
    if house.card_revocation == "ocsp":
        return ResponderSource(house.card_revocation_address)
    if house.card_revocation == "operator":
        token = house.card_operator_token.get_secret_value()
        return OperatorSource(house.card_revocation_address, token=token, name=house.card_operator_name)
    return None


class ListSource(Source):
    """Lists of revoked certificates (CRL) in a folder that the operator keeps up to date."""

    name = "crl"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def is_revoked(self, certificate: Certificate, at: datetime) -> bool:
        """Look at the newest list that the certificate's own issuer has signed and that is still in time."""
        key = certificate.issuer.public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            raise StatusUnavailable
        issuer = certificate.issuer.subject.public_bytes()
        for path in self._files():
            found = _list(path, path.stat().st_mtime_ns)
            if found is None or found.issuer.public_bytes() != issuer or not found.is_signature_valid(key):
                continue
            until = found.next_update_utc
            if until is None or not found.last_update_utc - SKEW <= at <= until:
                continue
            return found.get_revoked_certificate_by_serial_number(certificate.parsed.serial_number) is not None
        raise StatusUnavailable

    def _files(self) -> list[Path]:
        try:
            files = [path for path in self.folder.iterdir() if path.is_file()]
            return sorted(files, key=lambda path: path.stat().st_mtime_ns, reverse=True)
        except OSError:
            raise StatusUnavailable from None


@lru_cache(maxsize=16)
def _list(path: Path, _edition: int) -> x509.CertificateRevocationList | None:
    try:
        raw = path.read_bytes()
        return x509.load_pem_x509_crl(raw) if raw.startswith(b"-----") else x509.load_der_x509_crl(raw)
    except (OSError, ValueError):
        return None


class ResponderSource(Source):
    """A responder (OCSP, RFC 6960) at the configured address, and at no other."""

    name = "ocsp"

    def __init__(self, address: str) -> None:
        self.address = address

    def is_revoked(self, certificate: Certificate, at: datetime) -> bool:
        """Ask with a nonce; believe an answer signed by the issuer or by a responder that the issuer has named."""
        nonce = os.urandom(16)
        builder = ocsp.OCSPRequestBuilder().add_certificate(certificate.parsed, certificate.issuer, hashes.SHA256())
        asked = builder.add_extension(x509.OCSPNonce(nonce), critical=False).build()
        raw = _post(
            self.address,
            content=asked.public_bytes(serialization.Encoding.DER),
            headers={"Content-Type": "application/ocsp-request"},
        )
        try:
            answer = ocsp.load_der_ocsp_response(raw)
            self._insist_believable(answer, certificate, asked, nonce, at)
            status = answer.certificate_status
        except (ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature, x509.ExtensionNotFound):
            raise StatusUnavailable from None
        if status is ocsp.OCSPCertStatus.UNKNOWN:
            raise StatusUnavailable
        return status is ocsp.OCSPCertStatus.REVOKED

    def _insist_believable(
        self, answer: ocsp.OCSPResponse, certificate: Certificate, asked: ocsp.OCSPRequest, nonce: bytes, at: datetime
    ) -> None:
        if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise StatusUnavailable
        about = (answer.serial_number, answer.issuer_key_hash, answer.issuer_name_hash)
        if about != (asked.serial_number, asked.issuer_key_hash, asked.issuer_name_hash):
            raise StatusUnavailable
        said = [one.value for one in answer.extensions if isinstance(one.value, x509.OCSPNonce)]
        if said and said[0].nonce != nonce:
            raise StatusUnavailable
        until = answer.next_update_utc or answer.this_update_utc + STALE_AFTER
        if not answer.this_update_utc - SKEW <= at <= until:
            raise StatusUnavailable
        signer = _signer(answer, certificate.issuer, at).public_key()
        if not isinstance(signer, rsa.RSAPublicKey) or answer.signature_hash_algorithm is None:
            raise StatusUnavailable
        signer.verify(answer.signature, answer.tbs_response_bytes, padding.PKCS1v15(), answer.signature_hash_algorithm)


def _signer(answer: ocsp.OCSPResponse, issuer: x509.Certificate, at: datetime) -> x509.Certificate:
    """The issuer itself, or a responder's certificate that the issuer has signed for this use."""
    if not answer.certificates:
        return issuer
    named = answer.certificates[0]
    if fingerprint(named) == fingerprint(issuer):
        return issuer
    named.verify_directly_issued_by(issuer)
    use = named.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    if ExtendedKeyUsageOID.OCSP_SIGNING not in use:
        raise StatusUnavailable
    if not named.not_valid_before_utc <= at <= named.not_valid_after_utc:
        raise StatusUnavailable
    return named


class OperatorSource(Source):
    """An accredited operator that tells of certificates: `POST` JSON, a token of the contract, TLS.

    Asked: `{"certificate": Base64 of the DER, "transaction": text}`. Answered: the same transaction, `"result"` valid,
    revoked, expired or unknown, and `"checked_at"`. An operator with other words gets its own class beside this one.
    """

    is_accredited = True

    def __init__(self, address: str, *, token: str, name: str) -> None:
        self.address, self.token, self.name = address, token, name

    def is_revoked(self, certificate: Certificate, at: datetime) -> bool:
        """Ask; whatever is not a clear answer about this very question is none."""
        transaction = base64.urlsafe_b64encode(os.urandom(18)).decode()
        der = certificate.parsed.public_bytes(serialization.Encoding.DER)
        raw = _post(
            self.address,
            json={"certificate": base64.b64encode(der).decode(), "transaction": transaction},
            headers={"Authorization": f"Bearer {self.token}"},
        )
        answer = _object(raw)
        if answer.get("transaction") != transaction or not _is_fresh(answer.get("checked_at"), at):
            raise StatusUnavailable
        result = answer.get("result")
        if result not in ("valid", "revoked", "expired"):
            raise StatusUnavailable
        return bool(result != "valid")


def _object(raw: bytes) -> dict[str, Any]:
    try:
        answer = httpx.Response(200, content=raw).json()
    except ValueError:
        raise StatusUnavailable from None
    if not isinstance(answer, dict):
        raise StatusUnavailable
    return answer


def _is_fresh(told: object, at: datetime) -> bool:
    try:
        checked_at = datetime.fromisoformat(str(told))
        return abs(at - checked_at) <= STALE_AFTER
    except (ValueError, TypeError):
        return False


def _post(address: str, **values: Any) -> bytes:
    """The body of an answer with status 200: no redirect, an end to waiting and to size."""
    try:
        with (
            httpx.Client(timeout=PATIENCE, follow_redirects=False, trust_env=False) as client,
            client.stream("POST", address, **values) as answer,
        ):
            if answer.status_code != 200:
                raise StatusUnavailable
            raw = b""
            for chunk in answer.iter_bytes():
                raw += chunk
                if len(raw) > LARGEST:
                    raise StatusUnavailable
            return raw
    except (httpx.HTTPError, httpx.InvalidURL):
        raise StatusUnavailable from None
