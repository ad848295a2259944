"""What the certificate of a card has to be, and whether its signature fits (cards.md 2.2, 4.3; RFC 5280).

Pure: no clock, no database, no settings. The authorities that the card carries are never looked at: they come from
the card that is being examined.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from warifu.cards.rules.refusals import (
    AnswerUnreadable,
    CertificateOutOfDate,
    IssuerUnknown,
    SignatureWrong,
    WrongCertificate,
)

POLICY = "1.2.392.200149.8.5.1.3.30"
"""The policy of certificates for user authentication (cards.md 2.2)."""
LARGEST = 8 * 1024
"""Bytes of a certificate; what is longer is not looked at."""
_KNOWN_CRITICAL = frozenset(
    {
        ExtensionOID.KEY_USAGE,
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.CRL_DISTRIBUTION_POINTS,
    }
)
_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """A certificate for user authentication whose chain, dates and use were examined."""

    parsed: x509.Certificate
    issuer: x509.Certificate

    @property
    def key_info(self) -> bytes:
        """The public key (SubjectPublicKeyInfo), by which the card is known again until it is renewed."""
        return self.parsed.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    @property
    def valid_until(self) -> datetime:
        """The end of its time."""
        return self.parsed.not_valid_after_utc


def examined(
    *, der: bytes, anchors: Iterable[x509.Certificate], policies: Collection[str], at: datetime
) -> Certificate:
    """The certificate in `der`, if it is one for user authentication that an anchor has signed and that is in time.

    Every anchor with the issuer's name is tried, because all generations of an authority share one name. Raises
    `AnswerUnreadable`, `IssuerUnknown`, `WrongCertificate`, `CertificateOutOfDate`, in this order.
    """
    parsed = _parsed(der)
    try:
        issuer = _issuer(parsed, anchors)
        _insist_on_use(parsed, policies)
    except _UNREADABLE:
        raise AnswerUnreadable from None
    if not parsed.not_valid_before_utc <= at <= parsed.not_valid_after_utc:
        raise CertificateOutOfDate
    if not issuer.not_valid_before_utc <= at <= issuer.not_valid_after_utc:
        raise IssuerUnknown
    return Certificate(parsed=parsed, issuer=issuer)


def insist_signed(*, certificate: Certificate, signature: bytes, signed: bytes) -> None:
    """That the certificate's key has signed these bytes (RSASSA-PKCS1-v1_5, SHA-256). Raises `SignatureWrong`."""
    key = certificate.parsed.public_key()
    assert isinstance(key, rsa.RSAPublicKey)  # noqa: S101
    try:
        key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        raise SignatureWrong from None


def as_anchor(parsed: x509.Certificate) -> bool:
    """Whether a certificate may be trusted as a root: an authority's, that may sign certificates, signed by itself."""
    try:
        constraints = parsed.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = parsed.extensions.get_extension_for_class(x509.KeyUsage).value
        parsed.verify_directly_issued_by(parsed)
    except (*_UNREADABLE, x509.ExtensionNotFound, InvalidSignature):
        return False
    return constraints.ca and usage.key_cert_sign


def fingerprint(parsed: x509.Certificate) -> str:
    """SHA-256 of the whole."""
    return hashlib.sha256(parsed.public_bytes(serialization.Encoding.DER)).hexdigest()


def _parsed(der: bytes) -> x509.Certificate:
    if len(der) > LARGEST:
        raise AnswerUnreadable
    try:
        parsed = x509.load_der_x509_certificate(der)
        if parsed.version is not x509.Version.v3 or parsed.public_bytes(serialization.Encoding.DER) != der:
            raise AnswerUnreadable
        _ = list(parsed.extensions)
    except _UNREADABLE:
        raise AnswerUnreadable from None
    return parsed


def _issuer(parsed: x509.Certificate, anchors: Iterable[x509.Certificate]) -> x509.Certificate:
    name = parsed.issuer.public_bytes()
    for anchor in anchors:
        if anchor.subject.public_bytes() != name:
            continue
        try:
            parsed.verify_directly_issued_by(anchor)
        except InvalidSignature:
            continue
        return anchor
    raise IssuerUnknown


def _insist_on_use(parsed: x509.Certificate, policies: Collection[str]) -> None:
    found = {one.oid: one for one in parsed.extensions}
    if any(one.critical and oid not in _KNOWN_CRITICAL for oid, one in found.items()):
        raise WrongCertificate
    constraints = found.get(ExtensionOID.BASIC_CONSTRAINTS)
    if constraints is not None and constraints.value.ca:
        raise WrongCertificate
    usage = found.get(ExtensionOID.KEY_USAGE)
    if usage is None or not usage.value.digital_signature:
        raise WrongCertificate
    if usage.value.content_commitment or usage.value.key_cert_sign:
        raise WrongCertificate
    extended = found.get(ExtensionOID.EXTENDED_KEY_USAGE)
    if extended is not None and ExtendedKeyUsageOID.CLIENT_AUTH not in extended.value:
        raise WrongCertificate
    named = found.get(ExtensionOID.CERTIFICATE_POLICIES)
    if named is None or not {one.policy_identifier.dotted_string for one in named.value} & set(policies):
        raise WrongCertificate
    key = parsed.public_key()
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size != 2048 or key.public_numbers().e != 65537:
        raise WrongCertificate
    if not isinstance(parsed.signature_hash_algorithm, hashes.SHA256 | hashes.SHA384 | hashes.SHA512):
        raise WrongCertificate
