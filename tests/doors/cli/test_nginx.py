"""`deploy/nginx.conf` in a real nginx: certificates good, foreign, ended and forged (C-07)."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.doors.cli.secured import (
    FORGED,
    GONE,
    NEEDED,
    OF_ANOTHER,
    Secured,
    behind_nginx,
    code_of,
    cookie_of,
    escaped,
    head,
    make_rogue,
    raw,
    signed_in,
)


@pytest.fixture(scope="module")
def server() -> Iterator[Secured]:
    """nginx and the server; administrators must show a certificate."""
    with behind_nginx() as found:
        found.scene("policy", "1")
        make_rogue(found.folder)
        yield found


@pytest.mark.shows("C-07", "000-34")
@pytest.mark.parametrize(
    ("certificate", "told"), [("aoki", ""), (None, NEEDED), ("inoue", OF_ANOTHER), ("rogue", NEEDED)]
)
def test_the_desk_opens_only_to_the_persons_own_certificate(
    certificate: str | None, told: str, server: Secured
) -> None:
    with server.browser(certificate) as browser:
        signed_in(browser, "aoki")
        answer = browser.get("/desk/")
        assert (answer.status_code, code_of(answer)) == (403 if told else 200, told)


@pytest.mark.shows("C-04")
def test_a_session_is_worth_nothing_without_its_certificate(server: Secured) -> None:
    with server.browser("aoki") as own, server.browser() as thief:
        thief.cookies = signed_in(own, "aoki").cookies
        assert code_of(thief.get("/my/")) == GONE
        assert own.get("/my/").status_code == 200


def test_an_ended_certificate_gets_the_page_that_helps(server: Secured) -> None:
    with server.browser("ended") as browser:
        for answer in (browser.get("/desk/"), browser.post("/signin/", data={"identifier": "aoki"})):
            assert answer.status_code == 403
            assert "電子証明書" in answer.text
            assert "X-Request-ID" in answer.headers, "the page is ours, not the proxy's"


@pytest.mark.shows("C-05")
def test_a_revoked_certificate_is_refused_at_the_next_request(server: Secured) -> None:
    with server.browser("spare") as browser:
        signed_in(browser, "aoki")
        assert browser.get("/desk/").status_code == 200
        server.scene("revoke", server.ids["spare"])
        assert browser.get("/desk/").status_code == 403


@pytest.mark.shows("C-07")
def test_no_forged_header_passes_the_proxy(server: Secured) -> None:
    with server.browser() as browser:
        cookie = cookie_of(signed_in(browser, "okada"))
    pem = escaped(server, "okada")
    for name in FORGED:
        for verdict in ("X-SSL-Client-Verify: SUCCESS", "X_SSL_CLIENT_VERIFY: SUCCESS"):
            answer = raw(server, head(cookie, f"{name}: {pem}", verdict))
            assert answer.startswith(b"HTTP/1.1 403"), name
            assert NEEDED.encode() in answer, name
    assert raw(server, head(cookie), "okada").startswith(b"HTTP/1.1 200"), "the true one opens"


def test_the_server_believes_the_proxy_only_when_each_header_stands_there_once(server: Secured) -> None:
    inner = (server.folder / "site.conf").read_text(encoding="utf-8").partition("server 127.0.0.1:")[2].split(";")[0]
    with server.browser() as browser:
        cookie = cookie_of(signed_in(browser, "okada"))
    pem, own = escaped(server, "okada"), escaped(server, "aoki")
    certificate, good = ("X-SSL-Client-Cert", pem), ("X-SSL-Client-Verify", "SUCCESS")
    cases = {
        200: [[certificate, good]],
        403: [
            [certificate],
            [certificate, ("X-SSL-Client-Verify", "FAILED:certificate has expired")],
            [certificate, good, good],
            [certificate, certificate, good],
            [certificate, ("X-SSL-Client-Cert", own), good],
            [("X-SSL-Client-Cert", f"{pem}, {own}"), good],
            [("X-SSL-Client-Cert", pem[:-90]), good],
            [("X_SSL_CLIENT_CERT", pem), good],
        ],
    }
    for status, lists in cases.items():
        for headers in lists:
            every = [("Cookie", cookie), ("X-Forwarded-Proto", "https"), ("Host", "localhost"), *headers]
            answer = httpx.get(f"http://127.0.0.1:{inner}/desk/", headers=every)
            assert answer.status_code == status, headers
