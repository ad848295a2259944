"""What the authorities publish under /ca/: asked by OpenSSL over HTTP, as any relying program would."""

from __future__ import annotations

import base64
import subprocess
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from django.test import Client
from django.utils import timezone

from tests.cast import Cast
from tests.rooms.credentials.test_certificates import issue
from warifu.credentials import authority
from warifu.credentials.actions import authorities, certificates
from warifu.foundation.actor import OPERATOR

PATIENCE = 60


class Desk(BaseHTTPRequestHandler):
    """Hands every request to the house, with the forms' token enforced."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._send(Client(enforce_csrf_checks=True).post(self.path, body, content_type=self.headers["Content-Type"]))

    def _send(self, answer: Any) -> None:
        self.send_response(answer.status_code)
        self.send_header("Content-Type", answer.headers["Content-Type"])
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Quiet."""


class House:
    """An installation with two people's certificates, one of them stopped."""

    def __init__(self, cast: Cast, folder: Path) -> None:
        now = timezone.now()
        authorities.init(name="Warifu Root CA", by=OPERATOR, at=now - timedelta(hours=1))
        self.good, self.stopped = issue(cast, cast.aoki, at=now), issue(cast, cast.eto, at=now)
        certificates.revoke(
            organisation_id=cast.aoba, certificate_id=self.stopped.id, reason="exposed", by=cast.eto, at=now
        )
        self.folder = folder
        ders = {"good": self.good.der, "revoked": self.stopped.der}
        for name, der in {**ders, "issuing": self.good.chain[0], "root": self.good.chain[1]}.items():
            (folder / f"{name}.pem").write_bytes(authority.in_pem(der))
        issuing = x509.load_der_x509_certificate(self.good.chain[0])
        self.key_id = issuing.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest.hex()

    def question(self, der: bytes) -> bytes:
        builder = ocsp.OCSPRequestBuilder().add_certificate(
            x509.load_der_x509_certificate(der),
            x509.load_der_x509_certificate(self.good.chain[0]),
            authority.hashes.SHA256(),
        )
        return builder.build().public_bytes(Encoding.DER)


@pytest.fixture
def house(cast: Cast, tmp_path: Path) -> House:
    return House(cast, tmp_path)


@pytest.fixture
def door() -> Iterator[HTTPServer]:
    """A port on which one request at a time is answered in the test's own thread, which holds the database."""
    Client().get("/ca/root.crt")
    with HTTPServer(("127.0.0.1", 0), Desk) as server:
        server.timeout = PATIENCE
        yield server


def ask(house: House, door: HTTPServer, *which: str) -> str:
    """What `openssl ocsp` says, having asked over HTTP and checked the signature of the answer."""
    folder, found = house.folder, {}
    address = f"http://127.0.0.1:{door.server_port}/ca/ocsp"
    command = [
        "openssl", "ocsp", "-issuer", str(folder / "issuing.pem"), *which, "-url", address,
        "-CAfile", str(folder / "root.pem"), "-verify_other", str(folder / "issuing.pem"),
    ]  # fmt: skip

    def run() -> None:
        found["done"] = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)

    asking = threading.Thread(target=run)
    asking.start()
    door.handle_request()
    asking.join()
    done = found["done"]
    assert "Response verify OK" in done.stderr, done.stderr
    assert "WARNING: no nonce" not in done.stderr
    return done.stdout


class TestOcsp:
    @pytest.mark.shows("C-05")
    @pytest.mark.parametrize("digest", ["-sha1", "-sha256"])
    @pytest.mark.parametrize("nonce", ["-nonce", "-no_nonce"])
    def test_openssl_accepts_good_revoked_and_unknown(
        self, house: House, door: HTTPServer, digest: str, nonce: str
    ) -> None:
        cert = {name: str(house.folder / f"{name}.pem") for name in ("good", "revoked")}
        assert f"{cert['good']}: good" in ask(house, door, digest, "-cert", cert["good"], nonce)
        told = ask(house, door, digest, "-cert", cert["revoked"], nonce)
        assert f"{cert['revoked']}: revoked" in told
        assert "Reason: keyCompromise" in told
        assert "0x1234: unknown" in ask(house, door, digest, "-serial", "0x1234", nonce)

    def test_answers_by_get_too(self, house: House) -> None:
        from urllib.parse import quote

        for der, status in ((house.good.der, "GOOD"), (house.stopped.der, "REVOKED")):
            asked = quote(base64.b64encode(house.question(der)), safe="")
            answer = Client().get(f"/ca/ocsp/{asked}")
            assert answer.headers["Content-Type"] == "application/ocsp-response"
            assert ocsp.load_der_ocsp_response(answer.content).certificate_status.name == status

    @pytest.mark.parametrize("question", [b"", b"nonsense", b"\x30" * 5000])
    def test_says_malformed_to_what_it_cannot_read(self, db: None, question: bytes) -> None:
        for answer in (
            Client().post("/ca/ocsp", question, content_type="application/ocsp-request"),
            Client().get("/ca/ocsp/%21%21"),
        ):
            assert answer.status_code == 200
            assert ocsp.load_der_ocsp_response(answer.content).response_status.name == "MALFORMED_REQUEST"

    def test_says_nothing_about_other_houses(self, house: House) -> None:
        root = x509.load_der_x509_certificate(house.good.chain[1])
        builder = ocsp.OCSPRequestBuilder().add_certificate(root, root, authority.hashes.SHA1())
        asked = builder.build().public_bytes(Encoding.DER)
        answer = Client().post("/ca/ocsp", asked, content_type="application/ocsp-request")
        assert ocsp.load_der_ocsp_response(answer.content).response_status.name == "UNAUTHORIZED"


class TestFiles:
    def test_certificates_and_lists_are_where_certificates_say(self, house: House, settings: Any) -> None:
        client = Client()
        read = x509.load_der_x509_certificate(house.good.der)
        point = read.extensions.get_extension_for_class(x509.CRLDistributionPoints).value[0]
        access = read.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
        addresses = {item.access_method._name: item.access_location.value for item in access}
        site = settings.WARIFU.site_url
        listed = client.get(point.full_name[0].value.removeprefix(site))  # type: ignore[index]
        assert listed.headers["Content-Type"] == "application/pkix-crl"
        serials = [item.serial_number for item in x509.load_der_x509_crl(listed.content)]
        assert serials == [int(house.stopped.serial, 16)]
        issuer = client.get(addresses["caIssuers"].removeprefix(site))
        assert issuer.content == house.good.chain[0]
        assert addresses["OCSP"] == f"{site}/ca/ocsp"
        assert client.get("/ca/root.crt").content == house.good.chain[1]

    @pytest.mark.parametrize("path", ["/ca/root.crt", "/ca/00.crt", "/ca/00.crl"])
    def test_says_not_found_when_there_is_none(self, db: None, path: str) -> None:
        assert Client().get(path).status_code == 404
        assert Client().post(path).status_code in (403, 405)
