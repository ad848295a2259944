"""RFC 3161: read and check time-stamp tokens, and ask an authority for one. The only place that knows the protocol.

Only stamps of services that the minister has accredited count for the law; whether an authority is one of them is for
the operator to say, by the root certificates that are set (D-05).
"""

from __future__ import annotations

import hashlib
import http.client
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from urllib.parse import urlsplit

from django.conf import settings
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from warifu.credentials.queries import roots

HASHES = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
SECONDS = 20
LARGEST_ANSWER = 1024 * 1024


class Verdict(Enum):
    """What checking said."""

    VALID = "valid"
    UNKNOWN_ISSUER = "unknown_issuer"
    INVALID = "invalid"
    UNREADABLE = "unreadable"


class AuthorityDown(Exception):
    """The authority does not answer, or refuses."""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A token that was checked against bytes."""

    verdict: Verdict
    issuer: str = ""
    stamped_at: datetime | None = None


def check(*, token: bytes, pieces: Iterable[bytes]) -> Checked:
    """Check a token, bare or inside an answer (.tsr), against the bytes that it should cover."""
    try:
        answer = _decoded(token)
        told = answer.tst_info
        name = HASHES[told.message_imprint.hash_algorithm.dotted_string]
        at, issuer = told.gen_time, _issuer(answer)
    except (ValueError, KeyError, TypeError, AttributeError):
        return Checked(verdict=Verdict.UNREADABLE)
    digest = hashlib.new(name)
    for piece in pieces:
        digest.update(piece)
    if digest.digest() != told.message_imprint.message:
        return Checked(verdict=Verdict.INVALID, issuer=issuer, stamped_at=at)
    return Checked(verdict=_chain(answer, digest.digest()), issuer=issuer, stamped_at=at)


def ask(*, content: bytes) -> bytes:
    """Ask the set authority to stamp a file; only its SHA-256 leaves. Returns the answer. Raises `AuthorityDown`."""
    address = urlsplit(settings.WARIFU.folders_timestamp_url)
    if not address.hostname:
        raise AuthorityDown
    built = TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256).cert_request(cert_request=True)
    asked = built.build().as_bytes()
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    connection = kind(address.hostname, address.port, timeout=SECONDS)
    try:
        path = (address.path or "/") + (f"?{address.query}" if address.query else "")
        connection.request("POST", path, asked, {"Content-Type": "application/timestamp-query"})
        answer = connection.getresponse()
        said = answer.read(LARGEST_ANSWER)
        if answer.status != 200:
            raise AuthorityDown
        _decoded(said)
    except (OSError, http.client.HTTPException, ValueError):
        raise AuthorityDown from None
    finally:
        connection.close()
    return said


def is_set() -> bool:
    """Whether an authority is set that stamps can be asked of."""
    return bool(settings.WARIFU.folders_timestamp_url)


def _decoded(token: bytes) -> TimeStampResponse:
    """An answer, or a bare token as an answer that was granted."""
    try:
        return decode_timestamp_response(token)
    except ValueError:
        body = b"\x30\x03\x02\x01\x00" + _trimmed(token)
        return decode_timestamp_response(b"\x30" + _length(len(body)) + body)


def _trimmed(token: bytes) -> bytes:
    """A DER value without the zeros that fill up its place in a PDF."""
    if len(token) < 2 or token[0] != 0x30:
        raise ValueError("no token")
    if token[1] < 0x80:
        return token[: 2 + token[1]]
    count = token[1] & 0x7F
    return token[: 2 + count + int.from_bytes(token[2 : 2 + count], "big")]


def _length(size: int) -> bytes:
    if size < 0x80:
        return bytes([size])
    packed = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(packed)]) + packed


def _issuer(answer: TimeStampResponse) -> str:
    name = answer.tst_info.name
    return str(name.value.rfc4514_string() if hasattr(name.value, "rfc4514_string") else name.value) if name else ""


def _chain(answer: TimeStampResponse, digest: bytes) -> Verdict:
    path = settings.WARIFU.folders_timestamp_roots
    if not path:
        return Verdict.UNKNOWN_ISSUER
    try:
        VerifierBuilder(roots=roots.certificates_in(pem=path.read_bytes())).build().verify(answer, digest)
    except VerificationError:
        return Verdict.UNKNOWN_ISSUER
    return Verdict.VALID
