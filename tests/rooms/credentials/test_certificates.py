"""Electronic certificates: issued, shown, renewed, stopped."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from tests.cast import MORNING, Cast
from warifu.audit.queries import timeline
from warifu.credentials import authority
from warifu.credentials.actions import authorities, certificates
from warifu.foundation.actor import OPERATOR, Actor


@pytest.fixture
def ca(cast: Cast) -> UUID:
    return authorities.init(name="Aoba Root CA", by=OPERATOR, at=MORNING - timedelta(days=1))


def request_for(key: Any = None) -> bytes:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ignored")])
    key = key or ec.generate_private_key(ec.SECP256R1())
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, algorithm)
    return request.public_bytes(serialization.Encoding.PEM)


def issue(cast: Cast, who: Actor, *, at: datetime = MORNING, **values: Any) -> certificates.Issued:
    asked: dict[str, Any] = {
        "organisation_id": cast.aoba, "member_id": who.id, "csr": request_for(), "issued_to": "Aoba Trading",
        "device_name": "経理のノートPC", "way": "agent", "by": who, "at": at,
    } | values  # fmt: skip
    return certificates.issue(**asked)


class TestIssue:
    def test_it_follows_the_profile(self, ca: UUID, cast: Cast) -> None:
        made = issue(cast, cast.aoki)
        read = x509.load_der_x509_certificate(made.der)
        assert read.version is x509.Version.v3

    def test_it_is_known_when_shown(self, ca: UUID, cast: Cast) -> None:
        made = issue(cast, cast.aoki)
        found = certificates.presented(der=made.der, at=MORNING)
        assert found and (found.member_id, found.organisation_id) == (cast.aoki.id, cast.aoba)

    def test_revoke(self, ca: UUID, cast: Cast) -> None:
        made = issue(cast, cast.aoki)
        certificates.revoke(organisation_id=cast.aoba, certificate_id=made.id, reason="lost", by=cast.aoki, at=MORNING)
        assert certificates.presented(der=made.der, at=MORNING) is None
