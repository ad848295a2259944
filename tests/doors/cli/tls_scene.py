"""What the tests of TLS prepare beside the server, in a process of its own; the environment names the installation.

`python -m tests.doors.cli.tls_scene prepare FOLDER` makes an authority, two organisations and certificates as PEM files
(`aoki.pem` holds key and certificate); `… revoke ID` and `… policy 1` change what a running server must notice.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import django

PASSWORD = "correct horse battery staple"


def prepare(folder: str) -> dict[str, Any]:
    """Aoba with administrators Aoki and Okada, and Inoue, Ueda with Ueno; a certificate each, an old one."""
    from django.apps import apps
    from django.utils import timezone

    from warifu.credentials import passwords
    from warifu.credentials.actions import authorities
    from warifu.foundation.actor import OPERATOR, SYSTEM, Role
    from warifu.organisations import actions

    now = timezone.now()
    long_ago = now - timedelta(days=400)
    authorities.init(name="Aoba Root CA", by=OPERATOR, at=long_ago)
    ids: dict[str, Any] = {}
    for code, people in (("aoba", ("aoki", "okada", "inoue")), ("ueda", ("ueno",))):
        organisation_id = actions.create(code=code, name=code, by=OPERATOR, at=long_ago)
        for name in people:
            member_id = actions.add_member(
                organisation_id=organisation_id,
                roles=Role.EMPLOYEE if name == "inoue" else Role.ADMINISTRATOR,
                family_name=name,
                mail=f"{name}@{code}.example",
                employee_code=name,
                by=SYSTEM,
                at=long_ago,
            )
            apps.get_model("credentials.Password").objects.create(
                member_id=member_id, hash=passwords.hashed(PASSWORD), set_at=now
            )
            ids[name] = str(_issue(Path(folder) / f"{name}.pem", organisation_id, member_id, now))
            if name == "aoki":
                _issue(Path(folder) / "ended.pem", organisation_id, member_id, long_ago)
                ids["spare"] = str(_issue(Path(folder) / "spare.pem", organisation_id, member_id, now))
    policy("")
    return ids


def policy(demands: str) -> dict[str, Any]:
    """Ask the administrators of Aoba for a password alone, or for a certificate besides."""
    from django.apps import apps

    asked = {"administrator": {"certificate": bool(demands)}}
    apps.get_model("organisations.Organisation").objects.update(sign_in_policy=asked)
    return {}


def revoke(certificate_id: str) -> dict[str, Any]:
    """Stop a certificate, as its holder."""
    from django.utils import timezone

    from warifu.credentials.actions import certificates
    from warifu.credentials.models import Certificate

    row = Certificate.objects.get(id=certificate_id)
    assert row.organisation_id
    assert row.member_id
    certificates.revoke(
        organisation_id=row.organisation_id,
        certificate_id=row.id,
        reason="lost",
        by=_actor(row.organisation_id, row.member_id, timezone.now()),
        at=timezone.now(),
    )
    return {}


def _issue(path: Path, organisation_id: UUID, member_id: UUID, at: datetime) -> UUID:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    from warifu.credentials.actions import certificates

    key = ec.generate_private_key(ec.SECP256R1())
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    made = certificates.issue(
        organisation_id=organisation_id,
        member_id=member_id,
        csr=request.public_bytes(serialization.Encoding.PEM),
        issued_to="Aoba",
        device_name="PC",
        way="agent",
        by=_actor(organisation_id, member_id, at),
        at=at,
    )
    pem = serialization.Encoding.PEM
    bare = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(bare + x509.load_der_x509_certificate(made.der).public_bytes(pem))
    return made.id


def _actor(organisation_id: UUID, member_id: UUID, at: datetime) -> Any:
    from warifu.organisations import queries

    member = queries.member(organisation_id=organisation_id, member_id=member_id)
    return queries.actor_of(member=member, level=2, authenticated_at=at)


if __name__ == "__main__":
    django.setup()
    verbs = {"prepare": prepare, "policy": policy, "revoke": revoke}
    sys.stdout.write(json.dumps(verbs[sys.argv[1]](sys.argv[2])))
