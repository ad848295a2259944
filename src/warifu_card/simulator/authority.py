"""The simulator's own authorities: the profiles of cards.md 2, under the name `O=WARIFU-TEST`.

For each kind there are two generations with one name and different keys, as there are of the real ones, so that whoever
looks an issuer up by its name fails here already.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from warifu_card import evidence, tlv
from warifu_card.certificate import JPKI
from warifu_card.evidence import PublicKey
from warifu_card.simulator.keys import Keys
from warifu_card.simulator.personas import Persona

Use = Literal["auth", "sign"]
USES: tuple[Use, ...] = ("auth", "sign")
FLAWS = (
    "other-root", "forged-root", "is-authority", "wrong-policy", "unknown-critical", "small-key", "small-exponent",
    "no-usage", "twice-born", "bytes-behind",
)  # fmt: skip
"""What can be wrong with a leaf beside its dates (cards.md 2.5)."""
ISSUER_ID = b"WFTEST01"
"""Tag 42 of EF 0004: the id of the key that signs municipalities' keys."""
_ORGANISATION = "WARIFU-TEST"
_POLICIES = {"auth": f"{JPKI}.1.3.30", "sign": f"{JPKI}.1.1.20"}
_UNITS = {"auth": "JPKI for user authentication", "sign": "JPKI for digital signature"}
_PREFIXES = {
    "name": "1",
    "name_substitutes": "2",
    "sex": "3",
    "birth_date": "4",
    "address": "5",
    "address_substitutes": "6",
}
_DAY = timedelta(days=1)


class Authority:
    """Roots of both kinds, the issuer of cards, and the certificates they give."""

    def __init__(self, keys: Keys, *, at: datetime) -> None:
        self.keys = keys
        self.at = at.astimezone(UTC)
        self._roots: dict[str, x509.Certificate] = {}

    def root(self, use: Use, generation: int = 2) -> x509.Certificate:
        """The self-signed certificate of an authority; all generations of a use have one name."""
        key = f"root-{use}-{generation}"
        if key not in self._roots:
            self._roots[key] = self._root(use, generation, self.keys.rsa(key))
        return self._roots[key]

    def roots(self, use: Use) -> list[x509.Certificate]:
        """Both generations, as a server has them among its anchors."""
        return [self.root(use, generation) for generation in (1, 2)]

    def certify(self, persona: Persona, use: Use, *, flaw: str | None = None) -> bytes:
        """The DER certificate of a persona, with one thing wrong with it if a `flaw` of `FLAWS` is named."""
        leaf = self.leaf_key(persona, use, flaw=flaw)
        begin, end = self._validity(persona)
        other: Use = "sign" if use == "auth" else "auth"
        issuing = other if flaw == "other-root" else use
        root = self.root(issuing, persona.generation)
        signer = self.keys.rsa("forged-root" if flaw == "forged-root" else f"root-{issuing}-{persona.generation}")
        builder = (
            x509.CertificateBuilder()
            .subject_name(_subject(persona, use))
            .issuer_name(root.subject)
            .public_key(leaf.public_key())
            .serial_number(serial(persona, use))
            .not_valid_before(begin)
            .not_valid_after(end)
            .add_extension(_usage(use, flaw=flaw), critical=True)
            .add_extension(_policies(use, flaw=flaw), critical=True)
            .add_extension(x509.IssuerAlternativeName([_service()]), critical=False)
            .add_extension(x509.CRLDistributionPoints([_distribution(persona, use)]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(_public(root)), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(leaf.public_key()), critical=False)
        )
        if use == "auth":
            usages = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
            builder = builder.add_extension(usages, critical=False)
        else:
            names = _particulars(persona, is_twice=flaw == "twice-born")
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        if flaw == "is-authority":
            builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        if flaw == "unknown-critical":
            unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\x05\x00")
            builder = builder.add_extension(unknown, critical=True)
        der = builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
        return der + (b"\0" if flaw == "bytes-behind" else b"")

    def leaf_key(self, persona: Persona, use: Use, *, flaw: str | None = None) -> rsa.RSAPrivateKey:
        """The key on the persona's card."""
        if flaw == "small-key":
            return self.keys.rsa(f"{persona.id}-{use}-small", size=1024)
        if flaw == "small-exponent":
            return self.keys.rsa(f"{persona.id}-{use}-three", exponent=3)
        return self.keys.rsa(f"{persona.id}-{use}")

    def revocation_list(
        self, use: Use, *, revoked: list[Persona], at: datetime, days: int = 2, generation: int = 2
    ) -> bytes:
        """A DER revocation list of one authority."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.root(use, generation).subject)
            .last_update(at)
            .next_update(at + days * _DAY)
        )
        for persona in revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(serial(persona, use)).revocation_date(at - _DAY)
            builder = builder.add_revoked_certificate(entry.build())
        signed = builder.sign(self.keys.rsa(f"root-{use}-{generation}"), hashes.SHA256())
        return signed.public_bytes(serialization.Encoding.DER)

    def card_issuers(self) -> dict[bytes, PublicKey]:
        """The keys that a server must know to believe the card-face data, by their ids."""
        return {ISSUER_ID: public_key(self.keys.rsa("card-issuers"))}

    def issuer_certificate(self) -> bytes:
        """EF 0004: the municipality's key, signed by the key of the cards' issuers; 568 bytes (`evidence`, [INF])."""
        key = _key_object(0x7F49, self.keys.rsa("municipality"))
        body = tlv.encode(0x7F4E, tlv.encode(0x42, ISSUER_ID) + tlv.encode(0x5F20, b"WARIFU-TEST-01") + key)
        signature = sign(self.keys.rsa("card-issuers"), body)
        return tlv.encode(0x7F21, body + tlv.encode(0x5F37, signature))

    def card_key(self, persona: Persona) -> bytes:
        """EF 0007: the card's own key, signed by the municipality."""
        key = _key_object(0xDF51, self.keys.rsa(f"{persona.id}-card"))
        return tlv.encode(0xFF50, key + tlv.encode(0xDF52, sign(self.keys.rsa("municipality"), key)))

    def profile_signature(self, number: bytes, attributes: bytes) -> bytes:
        """EF 0003: the municipality's signature over the hashes of EF 0001 and EF 0002; 336 bytes."""
        signed = tlv.encode(0xDF31, hashlib.sha256(number).digest())
        signed += tlv.encode(0xDF32, hashlib.sha256(evidence.after_offsets(attributes)).digest())
        return tlv.encode(0xFF30, signed + tlv.encode(0xDF33, sign(self.keys.rsa("municipality"), signed)))

    def _validity(self, persona: Persona) -> tuple[datetime, datetime]:
        """Until 23:59:59 in Japan, which is 14:59:59Z (cards.md 2.2)."""
        years = 365 * _DAY
        begin = {"expired": self.at - 6 * years, "not-yet-valid": self.at + 30 * _DAY, "expiring": self.at - 5 * years}
        end = {"expired": self.at - 30 * _DAY, "not-yet-valid": self.at + 4 * years, "expiring": self.at + 30 * _DAY}
        first = begin.get(persona.state, self.at - 365 * _DAY)
        last = end.get(persona.state, self.at + 3 * years)
        return first, last.replace(hour=14, minute=59, second=59, microsecond=0)

    def _root(self, use: Use, generation: int, key: rsa.RSAPrivateKey) -> x509.Certificate:
        name = _root_name(use)
        usage = _key_usage(key_cert_sign=True, crl_sign=True)
        point = x509.DistributionPoint([x509.DirectoryName(name)], None, None, None)
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(0x06D18000 + generation)
            .not_valid_before(self.at - 3650 * _DAY)
            .not_valid_after(self.at + 3650 * _DAY)
            .add_extension(usage, critical=True)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([_service()]), critical=False)
            .add_extension(x509.CRLDistributionPoints([point]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )


def serial(persona: Persona, use: Use) -> int:
    """The 発行番号 of a persona's certificate: the same every time, longer than 24 bits."""
    return int.from_bytes(hashlib.sha256(f"{persona.id} {use}".encode()).digest()[:5], "big") | 1 << 39


def sign(key: rsa.RSAPrivateKey, message: bytes) -> bytes:
    """PKCS#1 v1.5 with SHA-256."""
    return key.sign(message, padding.PKCS1v15(), hashes.SHA256())


def public_key(key: rsa.RSAPrivateKey) -> PublicKey:
    """Its public half as the card library writes it."""
    numbers = key.public_key().public_numbers()
    return PublicKey(numbers.n, numbers.e)


def _key_object(tag: int, key: rsa.RSAPrivateKey) -> bytes:
    public = public_key(key)
    exponent = tlv.encode(0x90, public.exponent.to_bytes(3, "big"))
    return tlv.encode(tag, exponent + tlv.encode(0x91, public.modulus.to_bytes(256, "big")))


def _public(root: x509.Certificate) -> CertificateIssuerPublicKeyTypes:
    key = root.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise TypeError
    return key


def _name(*parts: tuple[x509.ObjectIdentifier, str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(identifier, value) for identifier, value in parts])


def _root_name(use: Use) -> x509.Name:
    return _name(
        (NameOID.COUNTRY_NAME, "JP"),
        (NameOID.ORGANIZATION_NAME, _ORGANISATION),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, _UNITS[use]),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, "Warifu simulator, not for any real use"),
    )


def _service() -> x509.DirectoryName:
    return x509.DirectoryName(
        _name((NameOID.COUNTRY_NAME, "JP"), (NameOID.ORGANIZATION_NAME, "公的個人認証サービス(割符模擬)"))
    )


def _subject(persona: Persona, use: Use) -> x509.Name:
    opaque = hashlib.sha256(f"{persona.id} {use} name".encode()).hexdigest()[:12].upper()
    common = (NameOID.COMMON_NAME, f"1310111{opaque}000A")
    if use == "auth":
        return _name((NameOID.COUNTRY_NAME, "JP"), common)
    place = ((NameOID.LOCALITY_NAME, persona.prefecture), (NameOID.LOCALITY_NAME, persona.municipality))
    return _name((NameOID.COUNTRY_NAME, "JP"), *place, common)


def _distribution(persona: Persona, use: Use) -> x509.DistributionPoint:
    name = _name(
        (NameOID.COUNTRY_NAME, "JP"),
        (NameOID.ORGANIZATION_NAME, _ORGANISATION),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, _UNITS[use]),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, "CRL Distribution Points"),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, persona.prefecture),
        (NameOID.COMMON_NAME, f"{persona.municipality} CRLDP"),
    )
    return x509.DistributionPoint([x509.DirectoryName(name)], None, None, None)


def _particulars(persona: Persona, *, is_twice: bool) -> list[x509.GeneralName]:
    born = persona.birth_date
    era = 5 if f"{born:%Y%m%d}" >= "20190501" else 4 if f"{born:%Y%m%d}" >= "19890108" else 3
    values = {
        "name": persona.name,
        "birth_date": f"{era}{born:%Y%m%d}",
        "sex": persona.sex.value if persona.sex.value in "12" else "3",
        "address": persona.address,
        "name_substitutes": "0" * len(persona.name),
        "address_substitutes": "0" * len(persona.address),
    }
    wanted = [*values, "birth_date"] if is_twice else list(values)
    return [
        x509.OtherName(
            x509.ObjectIdentifier(f"{JPKI}.5.{_PREFIXES[name]}"), tlv.encode(0x0C, values[name].encode("utf-8"))
        )
        for name in wanted
    ]


def _usage(use: Use, *, flaw: str | None) -> x509.KeyUsage:
    if flaw == "no-usage":
        return _key_usage(key_encipherment=True)
    return _key_usage(digital_signature=True, content_commitment=use == "sign")


def _key_usage(**on: bool) -> x509.KeyUsage:
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: on.get(name, False) for name in names})


def _policies(use: Use, *, flaw: str | None) -> x509.CertificatePolicies:
    policy = "1.2.3.4" if flaw == "wrong-policy" else _POLICIES[use]
    statement = "https://warifu.example/cps"
    return x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier(policy), [statement])])
