"""TLS at the real server: certificates good, foreign, ended, stopped and forged; clients that stall (B4, B5, G)."""

from __future__ import annotations

import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from tests.doors.cli.secured import (
    FORGED,
    GENEROUS,
    GONE,
    NEEDED,
    NOT_VALID,
    OF_ANOTHER,
    Secured,
    code_of,
    cookie_of,
    escaped,
    head,
    make_rogue,
    raw,
    serving,
    signed_in,
)


@pytest.fixture(scope="module")
def server() -> Iterator[Secured]:
    """One server for all tests of this file that leave it as it was."""
    with serving() as found:
        yield found


@pytest.fixture(scope="module")
def demanding() -> Iterator[tuple[Secured, str]]:
    """A server that demands a certificate of administrators, and the cookies of Okada, who showed none."""
    with serving() as found:
        found.scene("policy", "1")
        with found.browser() as browser:
            cookie = cookie_of(signed_in(browser, "okada"))
        yield found, cookie


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
    def test_it_refuses_a_certificate_of_a_foreign_authority(self, server: Secured) -> None:
        make_rogue(server.folder)
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


def test_a_running_server_takes_a_new_certificate_when_told(server: Secured) -> None:
    address = ("localhost", server.port)
    before = ssl.get_server_certificate(address)
    (server.own.data / "tls" / "server.names").write_text("another.example\n2000-01-01", encoding="utf-8")
    server.process.send_signal(signal.SIGHUP)
    until = time.monotonic() + GENEROUS
    while ssl.get_server_certificate(address) == before:
        assert time.monotonic() < until
    with server.browser() as browser:
        assert browser.get("/healthz").status_code == 200, "nobody noticed"


def by_openssl(server: Secured, request: bytes, *words: str) -> bytes:
    every = ["openssl", "s_client", "-connect", f"localhost:{server.port}", "-ign_eof", *words]
    return subprocess.run(every, input=request, check=False, capture_output=True, timeout=60).stdout


class TestSession:
    @pytest.mark.shows("C-04", "000-32")
    def test_a_certificate_alone_signs_nobody_in(self, server: Secured) -> None:
        with server.browser("aoki") as browser:
            answer = browser.get("/desk/")
            assert answer.status_code == 302
            assert "/signin/" in answer.headers["location"]

    @pytest.mark.shows("C-04")
    def test_a_session_opened_with_a_certificate_is_worth_nothing_without_it(self, server: Secured) -> None:
        with server.browser("aoki") as own, server.browser() as thief, server.browser("inoue") as colleague:
            signed_in(own, "aoki")
            assert own.get("/desk/").status_code == 200
            for other in (thief, colleague):
                other.cookies = own.cookies
                answer = other.get("/desk/")
                assert (answer.status_code, code_of(answer)) == (403, GONE)
                assert other.get("/my/").status_code == 403
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
    def test_the_next_request_is_refused_and_the_page_says_what_to_do(self, server: Secured) -> None:
        with server.browser("spare") as browser:
            signed_in(browser, "aoki")
            assert browser.get("/desk/").status_code == 200
            server.scene("revoke", server.ids["spare"])
            answer = browser.get("/desk/")
            assert (answer.status_code, code_of(answer)) == (403, NOT_VALID)
            assert 'href="/signin/"' in answer.text
            signed_in(browser, "aoki")
            assert browser.get("/desk/").status_code == 200, "by password alone, as this organisation allows"


class TestDemand:
    @pytest.mark.shows("000-34")
    @pytest.mark.parametrize(
        ("certificate", "told"),
        [("aoki", ""), (None, NEEDED), ("inoue", OF_ANOTHER), ("ueno", OF_ANOTHER), ("ended", NOT_VALID)],
    )
    def test_the_desk_opens_only_to_the_persons_own_certificate(
        self, certificate: str | None, told: str, demanding: tuple[Secured, str]
    ) -> None:
        with demanding[0].browser(certificate) as browser:
            signed_in(browser, "aoki")
            answer = browser.get("/desk/")
            assert (answer.status_code, code_of(answer)) == (403 if told else 200, told)
            assert browser.get("/my/").status_code == 200, "one's own record stays open"


class TestForgedHeaders:
    """The desk demands a certificate; whoever says one in a header does not get in, however it is spelled (C-07)."""

    @pytest.mark.shows("C-07")
    @pytest.mark.parametrize("name", FORGED)
    def test_no_spelling_is_believed(self, name: str, demanding: tuple[Secured, str]) -> None:
        server, cookie = demanding
        pem = escaped(server, "okada")
        verdict = "X-SSL-Client-Verify: SUCCESS"
        folded = pem[:60] + "\r\n " + pem[60:]
        for lines in ((f"{name}: {pem}",), (f"{name}: {pem}", f"{name}: {pem}"), (f"{name}:\t {folded}",)):
            answer = raw(server, head(cookie, *lines, verdict))
            assert answer.startswith(b"HTTP/1.1 403"), lines
            assert NEEDED.encode() in answer, lines

    @pytest.mark.shows("C-07")
    def test_a_name_with_spaces_is_no_request(self, demanding: tuple[Secured, str]) -> None:
        server, cookie = demanding
        pem = escaped(server, "okada")
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
