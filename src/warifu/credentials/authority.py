"""How certificates are built and signed: X.509 (RFC 5280), lists of the revoked, answers about one (RFC 6960).

A key of an authority is sealed in the database, or it lies in a PKCS#11 token and never leaves it. Keys are opened
once in a process and kept: opening one costs more than signing with it.
"""

from __future__ import annotations

import hashlib
import ipaddress
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID
from django.conf import settings

from warifu.credentials import sealing
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _

LONGEST_REQUEST = 16 * 1024
"""Bytes of a request for a certificate; what is longer is not looked at."""
LONGEST_NONCE = 32
"""Bytes of a nonce that an answer repeats (RFC 9654)."""
_RSA_BITS = range(3072, 8193)
_NO_USE = dict.fromkeys(
    (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    ),
    False,
)  # fmt: skip


class RequestUnreadable(Refused):
    """What was sent is no PKCS#10 request, or its signature does not fit its key."""

    code = "WF-S601"
    sentence = _("電子証明書の申請を読み取れません。")
    remedy = _("電子証明書ツールまたはブラウザーの画面から、もう一度はじめからお試しください。")
    status = 422


class KeyTooWeak(Refused):
    """The key of the request is of another kind than C-02 allows."""

    code = "WF-S602"
    sentence = _("この種類の鍵では、電子証明書を発行できません。")
    remedy = _("鍵は P-256、P-384、または 3072 ビット以上の RSA で作り直してください。")
    status = 422


class TokenUnreachable(Refused):
    """The PKCS#11 token does not answer, lacks the key, or its settings are wrong."""

    code = "WF-S603"
    sentence = _("認証局の鍵を入れた装置(PKCS#11)を使えません。")
    remedy = _("運用者に連絡してください。運用者は WARIFU_PKCS11_ で始まる設定と、装置の接続を確かめます。")
    status = 503


@dataclass(frozen=True, kw_only=True)
class KeyPlace:
    """Where the key of an authority is: sealed (with the id that binds the box), or in a token under a label."""

    id: UUID
    sealed: bytes | None
    label: str


@dataclass(frozen=True, kw_only=True)
class Signer:
    """An authority that signs: its own certificate and the place of its key."""

    der: bytes
    key: KeyPlace


@dataclass(frozen=True, kw_only=True)
class Signed:
    """A certificate as made."""

    der: bytes
    serial: str
    subject_key_id: str

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the whole, by which it is found again."""
        return fingerprint(self.der)


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where the world finds what it needs to check a certificate."""

    revocation_list: str
    issuer: str
    status: str = ""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a program asks about one certificate (RFC 6960)."""

    serial: str
    issuer_key_hash: bytes
    issuer_name_hash: bytes
    algorithm: hashes.HashAlgorithm
    nonce: bytes


def signer(
    *,
    id: UUID,  # noqa: A002
    der: bytes | memoryview,
    sealed_key: bytes | memoryview | None,
    key_label: str,
) -> Signer:
    """How the authority of a row signs."""
    sealed = bytes(sealed_key) if sealed_key is not None else None
    return Signer(der=bytes(der), key=KeyPlace(id=id, sealed=sealed, label=key_label))


def make_key(*, id: UUID) -> KeyPlace:  # noqa: A002
    """A new P-256 key for an authority: in the token when one is set, sealed otherwise. Raises `TokenUnreachable`."""
    if settings.WARIFU.pkcs11_module:
        label = f"warifu-{id}"
        _Token.of_settings().generate(label)
        return KeyPlace(id=id, sealed=None, label=label)
    private = ec.generate_private_key(ec.SECP256R1())
    raw = private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return KeyPlace(id=id, sealed=sealing.seal(raw, place=f"authority|{id}"), label="")


def root(*, key: KeyPlace, name: str, valid_from: datetime, valid_until: datetime) -> Signed:
    """The certificate of a root authority, signed by itself."""
    private = _opened(key)
    subject = _name(name)
    builder = _builder(subject, private.public_key(), subject, private.public_key(), valid_from, valid_until)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    builder = builder.add_extension(_usage("key_cert_sign", "crl_sign"), critical=True)
    return _signed(builder, private)


def issuing(
    *, signer: Signer, key: KeyPlace, name: str, addresses: Addresses, valid_from: datetime, valid_until: datetime
) -> Signed:
    """The certificate of an issuing authority, below which no other authority may stand (C-02: pathlen 0)."""
    private, parent = _opened(signer.key), x509.load_der_x509_certificate(signer.der)
    public = _opened(key).public_key()
    builder = _builder(_name(name), public, parent.subject, private.public_key(), valid_from, valid_until)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage("key_cert_sign", "crl_sign", "digital_signature"), critical=True)
    return _signed(_with_addresses(builder, addresses), private)


def client(
    *,
    signer: Signer,
    public_key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey,
    issued_to: str,
    organisation: str,
    member_id: UUID,
    addresses: Addresses,
    valid_from: datetime,
    valid_until: datetime,
) -> Signed:
    """The certificate of a member's device (C-02): for signing in alone; its alternative name is the member's id."""
    private, issuer = _issuer(signer)
    builder = _builder(
        _name(issued_to, organisation), public_key, issuer, private.public_key(), valid_from, valid_until
    )
    builder = _end_entity(builder, ExtendedKeyUsageOID.CLIENT_AUTH)
    user_id = x509.Name([x509.NameAttribute(NameOID.USER_ID, str(member_id))])
    names = x509.SubjectAlternativeName([x509.DirectoryName(user_id)])
    return _signed(_with_addresses(builder.add_extension(names, critical=False), addresses), private)


def server(
    *, signer: Signer, names: Sequence[str], addresses: Addresses, valid_from: datetime, valid_until: datetime
) -> tuple[Signed, bytes]:
    """A certificate for this installation's own server, with its key in PEM, which nobody keeps."""
    private, issuer = _issuer(signer)
    own = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(_name(names[0][:64]), own.public_key(), issuer, private.public_key(), valid_from, valid_until)
    builder = _end_entity(builder, ExtendedKeyUsageOID.SERVER_AUTH)
    alternatives = x509.SubjectAlternativeName([_general_name(name) for name in names])
    builder = builder.add_extension(alternatives, critical=False)
    pem = own.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return _signed(_with_addresses(builder, addresses), private), pem


def revocation_list(
    *,
    signer: Signer,
    number: int,
    revoked: Iterable[tuple[str, datetime, str]],
    this_update: datetime,
    next_update: datetime,
) -> bytes:
    """A list of the revoked (RFC 5280, 5): serial, moment and reason of each, the last one
    left out when it is `unspecified` (5.3.1)."""
    private, issuer = _issuer(signer)
    entries = [_entry(serial, revoked_at, flag) for serial, revoked_at, flag in revoked]
    builder = x509.CertificateRevocationListBuilder(issuer, this_update, next_update, [], entries)
    builder = builder.add_extension(x509.CRLNumber(number), critical=False)
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(private.public_key()), critical=False
    )
    return builder.sign(private, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def read_request(csr: bytes) -> ec.EllipticCurvePublicKey | rsa.RSAPublicKey:
    """The key of a PKCS#10 request in PEM or DER, whose holder proved to have its other half; the rest is ignored.

    Raises `RequestUnreadable`, `KeyTooWeak`.
    """
    if len(csr) > LONGEST_REQUEST:
        raise RequestUnreadable
    try:
        is_pem = csr.lstrip().startswith(b"-----BEGIN")
        request = x509.load_pem_x509_csr(csr) if is_pem else x509.load_der_x509_csr(csr)
        public = request.public_key()
        is_allowed = _is_allowed(public)
        fits = is_allowed and request.is_signature_valid
    except Exception:  # noqa: BLE001
        raise RequestUnreadable from None
    if not is_allowed:
        raise KeyTooWeak
    if not fits:
        raise RequestUnreadable
    return public  # type: ignore[return-value]


def fingerprint(der: bytes) -> str:
    """SHA-256 of a certificate."""
    return hashlib.sha256(der).hexdigest()


def in_pem(*ders: bytes) -> bytes:
    """Certificates one below the other, in PEM."""
    found = (x509.load_der_x509_certificate(der).public_bytes(serialization.Encoding.PEM) for der in ders)
    return b"".join(found)


def read_question(question: bytes) -> Asked | None:
    """What an OCSP request asks, or None when it cannot be read."""
    try:
        asked = ocsp.load_der_ocsp_request(question)
        nonce = next((item.value.nonce for item in asked.extensions if isinstance(item.value, x509.OCSPNonce)), b"")
        return Asked(
            serial=_hex(asked.serial_number),
            issuer_key_hash=asked.issuer_key_hash,
            issuer_name_hash=asked.issuer_name_hash,
            algorithm=asked.hash_algorithm,
            nonce=nonce if len(nonce) <= LONGEST_NONCE else b"",
        )
    except Exception:  # noqa: BLE001
        return None


def is_of(asked: Asked, signer: Signer) -> bool:
    """Whether a question is about a certificate of this authority."""
    read = x509.load_der_x509_certificate(signer.der)
    raw = read.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    return (
        _hash(asked.algorithm, raw) == asked.issuer_key_hash
        and _hash(asked.algorithm, read.subject.public_bytes()) == asked.issuer_name_hash
    )


def answer(
    asked: Asked,
    *,
    signer: Signer,
    is_known: bool,
    revoked: tuple[datetime, str] | None,
    this_update: datetime,
    next_update: datetime,
) -> bytes:
    """A signed OCSP answer: good, revoked (moment and reason) or unknown."""
    status = ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD
    if not is_known:
        status = ocsp.OCSPCertStatus.UNKNOWN
    builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
        issuer_name_hash=asked.issuer_name_hash,
        issuer_key_hash=asked.issuer_key_hash,
        serial_number=int(asked.serial, 16),
        algorithm=asked.algorithm,
        cert_status=status,
        this_update=this_update,
        next_update=next_update,
        revocation_time=revoked[0] if revoked else None,
        revocation_reason=_flag(revoked[1]) if revoked else None,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, x509.load_der_x509_certificate(signer.der))
    if asked.nonce:
        builder = builder.add_extension(x509.OCSPNonce(asked.nonce), critical=False)
    signed = builder.sign(_opened(signer.key), hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.DER)


def no_answer(*, is_readable: bool) -> bytes:
    """The OCSP answer to what cannot be read, or is about another house's certificates."""
    status = ocsp.OCSPResponseStatus.UNAUTHORIZED if is_readable else ocsp.OCSPResponseStatus.MALFORMED_REQUEST
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(serialization.Encoding.DER)


def _is_allowed(public: object) -> bool:
    if isinstance(public, ec.EllipticCurvePublicKey):
        return isinstance(public.curve, ec.SECP256R1 | ec.SECP384R1)
    return isinstance(public, rsa.RSAPublicKey) and public.key_size in _RSA_BITS


def _builder(
    subject: x509.Name,
    public_key: Any,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePublicKey,
    valid_from: datetime,
    valid_until: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid_from)
        .not_valid_after(valid_until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    )


def _end_entity(builder: x509.CertificateBuilder, purpose: x509.ObjectIdentifier) -> x509.CertificateBuilder:
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage("digital_signature"), critical=True)
    return builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)


def _with_addresses(builder: x509.CertificateBuilder, addresses: Addresses) -> x509.CertificateBuilder:
    point = x509.DistributionPoint([x509.UniformResourceIdentifier(addresses.revocation_list)], None, None, None)
    builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
    access = [(AuthorityInformationAccessOID.CA_ISSUERS, addresses.issuer)]
    if addresses.status:
        access.insert(0, (AuthorityInformationAccessOID.OCSP, addresses.status))
    described_as = [x509.AccessDescription(kind, x509.UniformResourceIdentifier(url)) for kind, url in access]
    return builder.add_extension(x509.AuthorityInformationAccess(described_as), critical=False)


def _signed(builder: x509.CertificateBuilder, private: ec.EllipticCurvePrivateKey) -> Signed:
    made = builder.sign(private, hashes.SHA256())
    key_id = made.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    return Signed(
        der=made.public_bytes(serialization.Encoding.DER), serial=_hex(made.serial_number), subject_key_id=key_id.hex()
    )


def _usage(*uses: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{**_NO_USE, **dict.fromkeys(uses, True)})


def _name(common: str, organisation: str = "") -> x509.Name:
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation[:64])] if organisation else []
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _entry(serial: str, revoked_at: datetime, flag: str) -> x509.RevokedCertificate:
    builder = x509.RevokedCertificateBuilder().serial_number(int(serial, 16)).revocation_date(revoked_at)
    reason = _flag(flag)
    if reason is not None:
        builder = builder.add_extension(x509.CRLReason(reason), critical=False)
    return builder.build()


def _flag(name: str) -> x509.ReasonFlags | None:
    flag = x509.ReasonFlags[name]
    return None if flag is x509.ReasonFlags.unspecified else flag


def _hex(serial: int) -> str:
    return format(serial, "040x")


def _hash(algorithm: hashes.HashAlgorithm, content: bytes) -> bytes:
    digest = hashes.Hash(algorithm)
    digest.update(content)
    return digest.finalize()


def _issuer(signer: Signer) -> tuple[ec.EllipticCurvePrivateKey, x509.Name]:
    return _opened(signer.key), _subject(signer.der)


@cache
def _subject(der: bytes) -> x509.Name:
    return x509.load_der_x509_certificate(der).subject


@cache
def _opened(key: KeyPlace) -> ec.EllipticCurvePrivateKey:
    if key.sealed is None:
        return _Token.of_settings().key(key.label)
    raw = sealing.open_box(key.sealed, place=f"authority|{key.id}")
    private = serialization.load_der_private_key(raw, password=None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)  # noqa: S101
    return private


class _Token:
    """The PKCS#11 token of the settings; one session in a process, used by one thread at a time."""

    def __init__(self, module: str, name: str, pin: str) -> None:
        import pkcs11  # noqa: PLC0415

        self.guard = threading.Lock()
        self.pkcs11 = pkcs11
        self.session = pkcs11.lib(module).get_token(token_label=name).open(rw=True, user_pin=pin)

    @classmethod
    def of_settings(cls) -> _Token:
        house = settings.WARIFU
        return _token(house.pkcs11_module, house.pkcs11_token, house.pkcs11_pin.get_secret_value())

    def generate(self, label: str) -> None:
        """Make a key that can never leave the token."""
        from pkcs11.util.ec import encode_named_curve_parameters  # noqa: PLC0415

        kinds = self.pkcs11.Attribute
        with self.guard, _reaching():
            curve = self.session.create_domain_parameters(
                self.pkcs11.KeyType.EC, {kinds.EC_PARAMS: encode_named_curve_parameters("secp256r1")}, local=True
            )
            curve.generate_keypair(
                store=True,
                label=label,
                private_template={kinds.SENSITIVE: True, kinds.EXTRACTABLE: False, kinds.SIGN: True},
            )

    def key(self, label: str) -> ec.EllipticCurvePrivateKey:
        """The key of a label, which signs inside the token."""
        from pkcs11.util.ec import encode_ec_public_key  # noqa: PLC0415

        classes = self.pkcs11.ObjectClass
        with self.guard, _reaching():
            private = self.session.get_key(label=label, object_class=classes.PRIVATE_KEY)
            public: Any = self.session.get_key(label=label, object_class=classes.PUBLIC_KEY)
            spki = encode_ec_public_key(public)
        read = serialization.load_der_public_key(spki)
        assert isinstance(read, ec.EllipticCurvePublicKey)  # noqa: S101
        return _TokenKey(self, private, read)


@cache
def _token(module: str, name: str, pin: str) -> _Token:
    with _reaching():
        return _Token(module, name, pin)


class _reaching:  # noqa: N801
    """Turns whatever a token says when it does not answer into `TokenUnreachable`."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is not None and not isinstance(error, Refused):
            raise TokenUnreachable from error


class _TokenKey(ec.EllipticCurvePrivateKey):
    """A private key of which only its token knows the secret; it can do nothing but sign."""

    def __init__(self, token: _Token, handle: Any, public: ec.EllipticCurvePublicKey) -> None:
        self._token, self._handle, self._public = token, handle, public

    def sign(self, data: Any, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:
        """An ECDSA signature over SHA-256 of the content, in DER."""
        digest = hashlib.sha256(bytes(data)).digest()
        with self._token.guard, _reaching():
            raw = self._handle.sign(digest, mechanism=self._token.pkcs11.Mechanism.ECDSA)
        half = len(raw) // 2
        return encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))

    def public_key(self) -> ec.EllipticCurvePublicKey:
        """Its other half."""
        return self._public

    @property
    def curve(self) -> ec.EllipticCurve:
        """P-256."""
        return self._public.curve

    @property
    def key_size(self) -> int:
        """256 bits."""
        return self._public.key_size

    def exchange(self, algorithm: ec.ECDH, peer_public_key: ec.EllipticCurvePublicKey) -> bytes:
        """Never: this key signs."""
        raise TokenUnreachable

    def private_numbers(self) -> ec.EllipticCurvePrivateNumbers:
        """Never: the secret does not leave the token."""
        raise TokenUnreachable

    def private_bytes(self, *_arguments: Any) -> bytes:
        """Never: the secret does not leave the token."""
        raise TokenUnreachable

    def __copy__(self) -> _TokenKey:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> _TokenKey:
        return self
