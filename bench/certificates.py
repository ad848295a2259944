"""電子証明書: issued a second with row, record and letter, beside `openssl ca` and cfssl; looked up when shown.

The limit is what building and signing cost in memory. `openssl ca` writes its whole index anew for each certificate;
cfssl keeps a table in SQLite (one connection, HTTP, as it is meant to be used) or nothing at all. A peer that is not
installed is left out.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone

from warifu.credentials import authority
from warifu.credentials.actions import authorities, certificates
from warifu.credentials.models import Certificate
from warifu.foundation.actor import OPERATOR, SYSTEM, Role
from warifu.foundation.ids import new_id
from warifu.organisations import actions as organisations

T = TypeVar("T")
SIZES = (1_000, 10_000, 100_000)
COUNT = 300
PEOPLE = 60
_TABLE = """CREATE TABLE certificates (
    serial_number blob NOT NULL, authority_key_identifier blob NOT NULL, ca_label blob, status blob NOT NULL,
    reason int, expiry timestamp, revoked_at timestamp, pem blob NOT NULL,
    PRIMARY KEY(serial_number, authority_key_identifier))"""


def workloads() -> Iterator[dict[str, Any]]:
    """Issue and look up with 1,000 to 100,000 certificates issued before."""
    at = timezone.now()
    authorities.init(name="Bench Root CA", by=OPERATOR, at=at)
    organisation_id = organisations.create(code="bench", name="計測商会", by=OPERATOR, at=at)
    requests = [_request() for _ in range(COUNT)]
    limit = _limit(requests, at)
    peers = {n: _openssl(requests[:20], issued=n) for n in (0, SIZES[-1])}
    with_table, bare = _cfssl(requests, with_table=True), _cfssl(requests, with_table=False)
    for n in SIZES:
        _fill(organisation_id, n, at)
        people = [_person(organisation_id, at) for _ in range(PEOPLE)]
        took, made = _timed(partial(_issue_all, organisation_id, people, requests, at))
        ours = COUNT / took
        yield _line("certificates.issue with row, record and letter", n, ours, with_table, limit, "certificates/s") | {
            "peer_name": "cfssl with a table (SQLite)",
            "ratio_bare_cfssl": _ratio(ours, bare),
            "ratio_openssl_ca_empty": _ratio(ours, peers[0]),
            "ratio_openssl_ca_100000": _ratio(ours, peers[SIZES[-1]]),
        }
        took, count = _timed(partial(_present_all, made, at + timedelta(minutes=1)))
        yield _line("certificates.presented", n, count / took, None, None, "checks/s") | {
            "ms": round(took / count * 1000, 3)
        }


def _issue_all(organisation_id: UUID, people: list[UUID], requests: list[bytes], at: datetime) -> list[bytes]:
    made = []
    for index, csr in enumerate(requests):
        moment = at + timedelta(microseconds=index)
        made.append(_issue(organisation_id, people[index % PEOPLE], csr, moment).der)
    return made


def _present_all(ders: list[bytes], at: datetime) -> int:
    found = [certificates.presented(der=der, at=at) for der in ders * 5]
    if None in found:
        raise RuntimeError("a certificate was not known again")
    return len(found)


def _issue(organisation_id: UUID, member_id: UUID, csr: bytes, at: datetime) -> certificates.Issued:
    return certificates.issue(
        organisation_id=organisation_id, member_id=member_id, csr=csr, issued_to="Bench Trading",
        device_name="PC", way="agent", by=SYSTEM, at=at,
    )  # fmt: skip


def _person(organisation_id: UUID, at: datetime) -> UUID:
    return organisations.add_member(
        organisation_id=organisation_id, roles=Role.EMPLOYEE, family_name="計測", mail=f"{new_id().hex}@example.jp",
        by=SYSTEM, at=at,
    )  # fmt: skip


def _fill(organisation_id: UUID, n: int, at: datetime) -> None:
    """Bring the table to so many certificates, without making them."""
    issuing = authorities.issuer_for(organisation_id=organisation_id, at=at).id
    member_id, der = _person(organisation_id, at), b"x" * 700
    wanting = range(n - Certificate.objects.count())
    rows = (
        Certificate(
            authority_id=issuing, organisation_id=organisation_id, member_id=member_id, issued_to="x", way="agent",
            serial=hashlib.sha1(f"{n}-{i}".encode()).hexdigest(),  # noqa: S324
            fingerprint=hashlib.sha256(f"{n}-{i}".encode()).hexdigest(), der=der, valid_from=at,
            valid_until=at + timedelta(days=390), issued_at=at,
        )
        for i in wanting
    )  # fmt: skip
    Certificate.objects.bulk_create(rows, batch_size=1000)


def _request() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"bench {new_id()}")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM)


def _limit(requests: list[bytes], at: datetime) -> float:
    issuer = authorities.issuer_for(organisation_id=None, at=at)
    member_id = new_id()

    def build(csr: bytes) -> authority.Signed:
        return authority.client(
            signer=issuer.signer, public_key=authority.read_request(csr), issued_to="x", organisation="x",
            member_id=member_id, addresses=issuer.addresses, valid_from=at, valid_until=at + timedelta(days=390),
        )  # fmt: skip

    took, _ = _timed(lambda: [build(csr) for csr in requests])
    return len(requests) / took


def _openssl(requests: list[bytes], *, issued: int) -> float | None:
    """`openssl ca`, a process each, with so many certificates in its index."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _make_ca(folder)
        lines = (f"V\t360101000000Z\t\t{i + 4096:040X}\tunknown\t/CN=old {i}\n" for i in range(issued))
        (folder / "index.txt").write_text("".join(lines), encoding="ascii")
        (folder / "new").mkdir()
        (folder / "ca.cnf").write_text(
            f"[ca]\ndefault_ca=it\n[it]\ndatabase={name}/index.txt\nnew_certs_dir={name}/new\nrand_serial=yes\n"
            f"certificate={name}/ca.pem\nprivate_key={name}/ca.key\ndefault_md=sha256\ndefault_days=390\n"
            "policy=any\nunique_subject=no\nx509_extensions=client\n[any]\ncommonName=supplied\n"
            "[client]\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"
            "extendedKeyUsage=clientAuth\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
        )
        for i, csr in enumerate(requests):
            (folder / f"{i}.csr").write_bytes(csr)
        words = ["openssl", "ca", "-batch", "-notext", "-config", str(folder / "ca.cnf"), "-out", str(folder / "out")]
        took, _ = _timed(
            lambda: [
                subprocess.run([*words, "-in", str(folder / f"{i}.csr")], check=True, capture_output=True)
                for i in range(len(requests))
            ]
        )
        return len(requests) / took


def _cfssl(requests: list[bytes], *, with_table: bool) -> float | None:
    """`cfssl serve`, asked over one HTTP connection at a time; None where it is not installed."""
    if not shutil.which("cfssl"):
        return None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _make_ca(folder)
        profile = {"expiry": "9360h", "usages": ["digital signature", "client auth"]}
        (folder / "config.json").write_text(json.dumps({"signing": {"default": profile}}))
        words = ["-ca", f"{name}/ca.pem", "-ca-key", f"{name}/ca.key", "-config", f"{name}/config.json"]
        if with_table:
            import sqlite3

            with sqlite3.connect(folder / "certs.db") as database:
                database.execute(_TABLE)
            database.close()
            (folder / "db.json").write_text(json.dumps({"driver": "sqlite3", "data_source": f"{name}/certs.db"}))
            words += ["-db-config", f"{name}/db.json"]
        with _served(words) as address:
            bodies = [json.dumps({"certificate_request": csr.decode()}).encode() for csr in requests]
            try:
                _ask(address, bodies[0])
            except OSError:
                return None
            took, _ = _timed(lambda: [_ask(address, body) for body in bodies])
    return len(requests) / took


@contextmanager
def _served(words: list[str]) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["cfssl", "serve", "-address", "127.0.0.1", "-port", str(port), *words]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            for _ in range(100):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}/api/v1/cfssl/sign"
        finally:
            server.terminate()


def _ask(address: str, body: bytes) -> None:
    asked = urllib.request.Request(address, data=body, headers={"Content-Type": "application/json"})  # noqa: S310
    with urllib.request.urlopen(asked) as answer:  # noqa: S310
        if not json.load(answer)["success"]:
            raise OSError("cfssl refused")


def _make_ca(folder: Path) -> None:
    key, pem = str(folder / "ca.key"), str(folder / "ca.pem")
    subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key], check=True)
    made = ["openssl", "req", "-x509", "-new", "-key", key, "-days", "3650", "-subj", "/CN=peer", "-out", pem]
    subprocess.run(made, check=True, capture_output=True)


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    started = time.perf_counter()
    done = work()
    return time.perf_counter() - started, done


def _ratio(ours: float, peer: float | None) -> float | None:
    return round(ours / peer, 2) if peer else None


def _line(name: str, n: int, ours: float, peer: float | None, limit: float | None, unit: str) -> dict[str, Any]:
    return {
        "name": name,
        "n": n,
        "ours": round(ours, 1),
        "peer": round(peer, 1) if peer else None,
        "limit": round(limit) if limit else None,
        "ratio": _ratio(ours, peer or limit),
        "unit": unit,
    }
