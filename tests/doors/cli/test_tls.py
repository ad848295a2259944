"""TLS at the real server: certificates good, foreign, ended, stopped and forged; clients that stall (B4, B5, G)."""

from __future__ import annotations

import json
import re
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from tests.doors.cli.tls_scene import PASSWORD
from tests.server import ROOT, Installation, free_port, installation

PATIENCE = 60.0
GENEROUS = 20.0
NEEDED, OF_ANOTHER, GONE, NOT_VALID = "WF-S651", "WF-S652", "WF-S653", "WF-S654"


@dataclass(frozen=True, kw_only=True)
class Secured:
    """A server that speaks TLS, with the certificates of its people in `folder`."""

    own: Installation
    port: int
    folder: Path
    ids: dict[str, str]
    process: subprocess.Popen[bytes]

    @property
    def site(self) -> str:
        """Its address."""
        return f"https://localhost:{self.port}"

    def scene(self, verb: str, value: str) -> dict[str, Any]:
        """Change something beside the server."""
        return beside(self.own, verb, value)

    @contextmanager
    def browser(self, certificate: str | None = None) -> Iterator[httpx.Client]:
        """A browser that shows a certificate (`aoki`, a file's name) or none, and trusts the root."""
        with httpx.Client(base_url=self.site, verify=self.trusting(certificate), timeout=GENEROUS) as client:
            yield client

    def trusting(self, certificate: str | None = None) -> ssl.SSLContext:
        """TLS of a client."""
        made = ssl.create_default_context(cafile=str(self.own.data / "tls" / "root.pem"))
        if certificate:
            made.load_cert_chain(self.folder / f"{certificate}.pem")
        return made


def beside(own: Installation, verb: str, value: str) -> dict[str, Any]:
    words = [sys.executable, "-m", "tests.doors.cli.tls_scene", verb, value]
    done = subprocess.run(words, env=own.environment, cwd=ROOT, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def answers(port: int) -> bool:
    blind = ssl.create_default_context()
    blind.check_hostname, blind.verify_mode = False, ssl.CERT_NONE
    try:
        return httpx.get(f"https://localhost:{port}/healthz", verify=blind, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def serving(*, tls: tuple[str, ...] = ("--tls",), **settings: str) -> Iterator[Secured]:
    port = free_port()
    with installation(site_url=f"https://localhost:{port}", **settings) as own:
        ids = beside(own, "prepare", str(own.data))
        process = own.begin("serve", "--port", str(port), *tls)
        try:
            until = time.monotonic() + PATIENCE
            while not answers(port):
                assert process.poll() is None and time.monotonic() < until, own.log.read_text(encoding="utf-8")
            yield Secured(own=own, port=port, folder=own.data, ids=ids, process=process)
        finally:
            process.terminate()
            process.wait(timeout=20)


@pytest.fixture(scope="module")
def server() -> Iterator[Secured]:
    """One server for all tests of this file that leave it as it was."""
    with serving() as found:
        yield found


def signed_in(client: httpx.Client, who: str, organisation: str = "aoba") -> httpx.Client:
    """Sign in by the form; the organisations of this scene ask for a password alone."""
    form = client.get("/signin/").text
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)
    assert token
    words = {"organisation": organisation, "identifier": who, "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
    answer = client.post("/signin/", data=words, headers={"Referer": f"{client.base_url}/signin/"})
    assert answer.status_code == 302, answer.text
    return client


def code_of(answer: httpx.Response) -> str:
    found = re.search(r"WF-S\d{3}", answer.text)
    return found[0] if found else ""


def raw(server: Secured, head: bytes, certificate: str | None = None) -> bytes:
    """Send bytes as they are, and read the answer to its end."""
    with (
        socket.create_connection(("localhost", server.port), timeout=GENEROUS) as plain,
        server.trusting(certificate).wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        connection.sendall(head)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        return answer


class TestHandshake:
    @pytest.mark.shows("V-10", "C-04")
    def test_it_answers_with_and_without_a_certificate(self, server: Secured) -> None:
        for certificate in (None, "aoki"):
            with server.browser(certificate) as browser:
                assert browser.get("/healthz").json() == {"alive": True}

    @pytest.mark.shows("V-10")
    def test_it_speaks_tls_1_2_and_1_3_and_nothing_older(self, server: Secured) -> None:
        for version, speaks in (("-tls1_1", False), ("-tls1_2", True), ("-tls1_3", True)):
            words = ["openssl", "s_client", "-connect", f"localhost:{server.port}", version]
            done = subprocess.run(
                [*words, "-cipher", "DEFAULT:@SECLEVEL=0"], input=b"", check=False, capture_output=True, timeout=60
            )
            assert (b"BEGIN CERTIFICATE" in done.stdout) is speaks, version

    def test_it_names_its_authorities_and_no_other(self, server: Secured) -> None:
        words = ["openssl", "s_client", "-connect", f"localhost:{server.port}"]
        said = subprocess.run(words, input=b"", check=False, capture_output=True, timeout=60).stdout.decode()
        named = said.partition("Acceptable client certificate CA names\n")[2].partition("Requested")[0]
        assert "Aoba Root CA" in named
        assert len(named.splitlines()) == 2, "the root and the issuing authority"

    @pytest.mark.shows("C-04")
    def test_it_refuses_a_certificate_of_a_foreign_authority(self, server: Secured, tmp_path: Path) -> None:
        words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -subj /CN=aoki".split()
        files = ["-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "certificate")]
        subprocess.run(["openssl", *words, *files], check=True, capture_output=True)
        (server.folder / "rogue.pem").write_bytes(
            (tmp_path / "key").read_bytes() + (tmp_path / "certificate").read_bytes()
        )
        with server.browser("rogue") as browser, pytest.raises(httpx.TransportError):
            browser.get("/healthz")

    @pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
    def test_a_resumed_connection_still_shows_its_certificate(self, version: str, server: Secured) -> None:
        with server.browser("aoki") as browser:
            request = head(cookie_of(signed_in(browser, "aoki")))
        ticket = str(server.folder / f"ticket{version}")
        first = by_openssl(server, request, version, "-sess_out", ticket, "-cert", str(server.folder / "aoki.pem"))
        again = by_openssl(server, request, version, "-sess_in", ticket)
        without = by_openssl(server, request, version)
        assert b"New, TLS" in first
        assert b"HTTP/1.1 200" in first
        assert b"Reused, TLS" in again
        assert b"HTTP/1.1 200" in again
        assert GONE.encode() in without


def by_openssl(server: Secured, request: bytes, *words: str) -> bytes:
    every = ["openssl", "s_client", "-connect", f"localhost:{server.port}", "-ign_eof", *words]
    return subprocess.run(every, input=request, check=False, capture_output=True, timeout=60).stdout


def cookie_of(browser: httpx.Client) -> str:
    return "; ".join(f"{each.name}={each.value}" for each in browser.cookies.jar)


def head(cookie: str, *lines: str) -> bytes:
    first = ["GET /desk/ HTTP/1.1", "Host: localhost", f"Cookie: {cookie}", "Connection: close"]
    return "\r\n".join([*first, *lines, "", ""]).encode()


class TestSession:
    @pytest.mark.shows("C-04", "000-32")
    def test_a_certificate_alone_signs_nobody_in(self, server: Secured) -> None:
        with server.browser("aoki") as browser:
            answer = browser.get("/desk/")
            assert answer.status_code == 302 and "/signin/" in answer.headers["location"]

    @pytest.mark.shows("C-04")
    def test_a_session_opened_with_a_certificate_is_worth_nothing_without_it(self, server: Secured) -> None:
        with server.browser("aoki") as own, server.browser() as thief, server.browser("inoue") as colleague:
            signed_in(own, "aoki")
            assert own.get("/desk/").status_code == 200
            for other in (thief, colleague):
                other.cookies = own.cookies
                answer = other.get("/desk/")
                assert (answer.status_code, code_of(answer)) == (403, GONE)
                assert other.get("/session/").status_code == 403
            assert own.get("/desk/").status_code == 200, "the holder goes on"

    @pytest.mark.shows("C-04")
    def test_cookies_are_bound_to_the_host_and_to_tls(self, server: Secured) -> None:
        with server.browser() as browser:
            signed_in(browser, "inoue")
            names = {cookie.name: cookie for cookie in browser.cookies.jar}
            assert "__Host-warifu" in names
            assert all(cookie.secure for cookie in names.values())

    @pytest.mark.shows("C-04")
    def test_an_ended_certificate_adds_nothing(self, server: Secured) -> None:
        with server.browser("ended") as browser:
            signed_in(browser, "aoki")
            assert browser.get("/desk/").status_code == 200, "this organisation demands no certificate"


class TestRevoked:
    @pytest.mark.shows("C-05")
    def test_the_next_request_is_refused(self) -> None:
        with serving() as server, server.browser("aoki") as browser:
            signed_in(browser, "aoki")
            assert browser.get("/desk/").status_code == 200
            server.scene("revoke", server.ids["aoki"])
            answer = browser.get("/desk/")
            assert (answer.status_code, code_of(answer)) == (403, NOT_VALID)
            assert "/certificate" in answer.text or "/signin/" in answer.text


class TestDemand:
    @pytest.mark.shows("000-34")
    def test_the_desk_opens_only_to_the_persons_own_certificate(self) -> None:
        with serving() as server:
            server.scene("policy", "1")
            expected = {"aoki": (200, ""), None: (403, NEEDED), "inoue": (403, OF_ANOTHER), "ueno": (403, OF_ANOTHER)}
            for certificate, told in (expected | {"ended": (403, NOT_VALID)}).items():
                with server.browser(certificate) as browser:
                    signed_in(browser, "aoki")
                    answer = browser.get("/desk/")
                    assert (answer.status_code, code_of(answer)) == told, certificate
                    assert browser.get("/session/").status_code == 200, "one's own record stays open"


FORGED = (
    "X-SSL-Client-Cert", "x-ssl-client-cert", "X-Ssl-Client-Cert", "X_SSL_CLIENT_CERT", "X_SSL-Client_Cert",
    "X-SSL_CERT", "X-SSL-Cert", "SSL_CLIENT_CERT", "SSL-Client-Cert", "Ssl-Client-S-Dn", "X-Client-Cert",
    "Client-Cert", "X-Forwarded-Client-Cert", "X-Forwarded-Tls-Client-Cert", "X-TLS-Client-Cert",
)  # fmt: skip


def escaped(server: Secured, name: str) -> str:
    pem = (server.folder / f"{name}.pem").read_bytes()
    return quote(x509.load_pem_x509_certificate(pem).public_bytes(serialization.Encoding.PEM).decode(), safe="")


class TestForgedHeaders:
    """The desk demands a certificate; whoever says one in a header does not get in, however it is spelled (C-07)."""

    @pytest.fixture(scope="class")
    def demanding(self) -> Iterator[tuple[Secured, str]]:
        with serving() as server:
            server.scene("policy", "1")
            with server.browser() as browser:
                signed_in(browser, "aoki")
                cookie = cookie_of(browser)
            yield server, cookie

    @pytest.mark.shows("C-07")
    @pytest.mark.parametrize("name", FORGED)
    def test_no_spelling_is_believed(self, name: str, demanding: tuple[Secured, str]) -> None:
        server, cookie = demanding
        pem = escaped(server, "aoki")
        verdict = "X-SSL-Client-Verify: SUCCESS"
        folded = pem[:60] + "\r\n " + pem[60:]
        for lines in ((f"{name}: {pem}",), (f"{name}: {pem}", f"{name}: {pem}"), (f"{name}:\t {folded}",)):
            answer = raw(server, head(cookie, *lines, verdict))
            assert answer.startswith(b"HTTP/1.1 403") and NEEDED.encode() in answer, lines

    @pytest.mark.shows("C-07")
    def test_a_name_with_spaces_is_no_request(self, demanding: tuple[Secured, str]) -> None:
        server, cookie = demanding
        pem = escaped(server, "aoki")
        for line in (f"X-SSL-Client-Cert : {pem}", f" X-SSL-Client-Cert: {pem}", f"X-SSL-Client-Cert\x00: {pem}"):
            answer = raw(server, head(cookie, line, "X-SSL-Client-Verify: SUCCESS"))
            assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 403")), line


class TestStalled:
    @pytest.mark.shows("V-10")
    def test_sixty_stalled_handshakes_and_half_headers_hold_up_nobody(self, server: Secured) -> None:
        with ExitStack() as open_ones:
            for _ in range(60):
                stalled = open_ones.enter_context(socket.create_connection(("localhost", server.port)))
                stalled.sendall(b"\x16")
            for _ in range(60):
                plain = open_ones.enter_context(socket.create_connection(("localhost", server.port)))
                half = open_ones.enter_context(server.trusting().wrap_socket(plain, server_hostname="localhost"))
                half.sendall(b"GET /desk/ HTTP/1.1\r\nHost: local")
            for _ in range(20):
                plain = open_ones.enter_context(socket.create_connection(("localhost", server.port)))
                slow = open_ones.enter_context(server.trusting("aoki").wrap_socket(plain, server_hostname="localhost"))
                slow.sendall(b"POST /signin/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\nhalf a bo")
            with server.browser("aoki") as browser:
                signed_in(browser, "aoki")
                assert browser.get("/desk/").status_code == 200
