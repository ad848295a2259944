"""The key, the request and the certificate: what belongs together on this computer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import PrivateFormat, PublicFormat, pkcs12
from cryptography.x509.oid import NameOID

from warifu_agent.faults import KeyDiffers

_ROUNDS = 100_000


@dataclass(frozen=True, kw_only=True)
class Credential:
    """A key with its certificate, the certificates above it, and the name under which it is kept."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    name: str

    def as_file(self, *, password: str, is_old_style: bool = False) -> bytes:
        """The whole as a .p12 file: AES-256 and SHA-256, or 3DES and SHA-1 for importers that know nothing newer."""
        if is_old_style:
            protection = (
                PrivateFormat.PKCS12.encryption_builder()
                .kdf_rounds(_ROUNDS)
                .key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
                .hmac_hash(hashes.SHA1())  # noqa: S303 - what old importers read; the file lives for a moment
                .build(password.encode())
            )
        else:
            protection = (
                PrivateFormat.PKCS12.encryption_builder()
                .kdf_rounds(_ROUNDS)
                .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
                .hmac_hash(hashes.SHA256())
                .build(password.encode())
            )
        return pkcs12.serialize_key_and_certificates(
            self.name.encode(), self.key, self.certificate, list(self.chain), protection
        )


@dataclass(frozen=True, kw_only=True)
class Details:
    """What 証明書表示 shows."""

    issued_to: str
    issuer: str
    serial: str
    valid_from: datetime
    valid_until: datetime
    fingerprint: str


def new_key() -> ec.EllipticCurvePrivateKey:
    """A new P-256 key."""
    return ec.generate_private_key(ec.SECP256R1())


def request(*, key: ec.EllipticCurvePrivateKey, issued_to: str) -> bytes:
    """The signed request (PKCS#10, DER) that the server gets instead of the key."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issued_to)])
    return (
        x509.CertificateSigningRequestBuilder()
        .subject_name(name)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.DER)
    )


def assembled(*, key: ec.EllipticCurvePrivateKey, certificate: str, chain: list[str], name: str) -> Credential:
    """Key and certificate (PEM) put together. Raises `KeyDiffers` when they are not of one piece."""
    own, *above = [x509.load_pem_x509_certificate(text.encode()) for text in (certificate, *chain)]
    shape = serialization.Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    if own.public_key().public_bytes(*shape) != key.public_key().public_bytes(*shape):
        raise KeyDiffers
    return Credential(key=key, certificate=own, chain=tuple(above), name=name)


def details(certificate: x509.Certificate) -> Details:
    """What a certificate says of itself."""
    return Details(
        issued_to=_common_name(certificate.subject),
        issuer=_common_name(certificate.issuer),
        serial=_pairs(f"{certificate.serial_number:X}"),
        valid_from=certificate.not_valid_before_utc,
        valid_until=certificate.not_valid_after_utc,
        fingerprint=_pairs(certificate.fingerprint(hashes.SHA256()).hex().upper()),
    )


def _common_name(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else name.rfc4514_string()


def _pairs(digits: str) -> str:
    digits = digits if len(digits) % 2 == 0 else f"0{digits}"
    return ":".join(digits[place : place + 2] for place in range(0, len(digits), 2))
