"""A server that speaks TLS, by itself or behind nginx, and browsers that show certificates or none."""

from __future__ import annotations

import json
import os
import re
import select
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from tests.doors.cli.tls_scene import PASSWORD
from tests.server import ROOT, Installation, free_port, installation

PATIENCE = 60.0
GENEROUS = 20.0
NEEDED, OF_ANOTHER, GONE, NOT_VALID = "WF-S651", "WF-S652", "WF-S653", "WF-S654"


FORGED = (
    "X-SSL-Client-Cert", "x-ssl-client-cert", "X-Ssl-Client-Cert", "X_SSL_CLIENT_CERT", "X_SSL-Client_Cert",
    "X-SSL_CERT", "X-SSL-Cert", "SSL_CLIENT_CERT", "SSL-Client-Cert", "Ssl-Client-S-Dn", "X-Client-Cert",
    "Client-Cert", "X-Forwarded-Client-Cert", "X-Forwarded-Tls-Client-Cert", "X-TLS-Client-Cert",
)  # fmt: skip


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


def _wait(port: int, process: subprocess.Popen[bytes], own: Installation) -> None:
    until = time.monotonic() + PATIENCE
    while not answers(port):
        assert process.poll() is None, own.log.read_text(encoding="utf-8")
        assert time.monotonic() < until, own.log.read_text(encoding="utf-8")
        select.select([], [], [], 0.1)


@contextmanager
def serving(*, tls: tuple[str, ...] = ("--tls",), **settings: str) -> Iterator[Secured]:
    port = free_port()
    with installation(site_url=f"https://localhost:{port}", **settings) as own:
        ids = beside(own, "prepare", str(own.data))
        process = own.begin("serve", "--port", str(port), *tls)
        try:
            _wait(port, process, own)
            yield Secured(own=own, port=port, folder=own.data, ids=ids, process=process)
        finally:
            process.terminate()
            process.wait(timeout=20)


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


def cookie_of(browser: httpx.Client) -> str:
    return "; ".join(f"{each.name}={each.value}" for each in browser.cookies.jar)


def head(cookie: str, *lines: str) -> bytes:
    first = ["GET /desk/ HTTP/1.1", "Host: localhost", f"Cookie: {cookie}", "Connection: close"]
    return "\r\n".join([*first, *lines, "", ""]).encode()


def escaped(server: Secured, name: str) -> str:
    pem = (server.folder / f"{name}.pem").read_bytes()
    return quote(x509.load_pem_x509_certificate(pem).public_bytes(serialization.Encoding.PEM).decode(), safe="")


def make_rogue(folder: Path) -> None:
    """A certificate in Aoki's name that nobody but its holder has signed: `rogue.pem`."""
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "9", "-subj", "/CN=aoki"]
    files = ["-keyout", str(folder / "rogue.key"), "-out", str(folder / "rogue.crt")]
    subprocess.run(["openssl", "req", "-x509", *kind, *files], check=True, capture_output=True)
    (folder / "rogue.pem").write_bytes((folder / "rogue.key").read_bytes() + (folder / "rogue.crt").read_bytes())


@contextmanager
def behind_nginx() -> Iterator[Secured]:
    """`deploy/nginx.conf` on loopback before a server that speaks plain http and trusts the proxy's address."""
    port, inner = free_port(), free_port()
    with installation(site_url=f"https://localhost:{port}", trusted_proxies='["127.0.0.1"]') as own:
        ids = beside(own, "prepare", str(own.data))
        (own.data / "authorities.pem").write_text(own.warifu("ca", "trusted"), encoding="ascii")
        _certify(own.data)
        process = own.begin("serve", "--port", str(inner))
        proxy = subprocess.Popen(["/usr/sbin/nginx", "-e", "stderr", "-c", str(_configuration(own.data, port, inner))])
        try:
            _wait(port, process, own)
            yield Secured(own=own, port=port, folder=own.data, ids=ids, process=process)
        finally:
            for each in (proxy, process):
                each.terminate()
                each.wait(timeout=20)


def _certify(folder: Path) -> None:
    (folder / "tls").mkdir()
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "9", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(folder / "tls.key")]
    made = ["openssl", "req", "-x509", *kind, *names, "-out", str(folder / "tls.pem")]
    subprocess.run(made, check=True, capture_output=True)
    (folder / "tls" / "root.pem").write_bytes((folder / "tls.pem").read_bytes())


def _configuration(folder: Path, port: int, inner: int) -> Path:
    site = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    for example, here in (
        ("listen 80;", f"listen 127.0.0.1:{free_port()};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
        ("127.0.0.1:8000", f"127.0.0.1:{inner}"),
        ("/etc/warifu/", f"{folder}/"),
        ("warifu.example", "localhost"),
    ):
        assert example in site
        site = site.replace(example, here)
    (folder / "site.conf").write_text(site, encoding="utf-8")
    words = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    kept = "".join(f"  {word}_temp_path {folder}/nginx-{word};\n" for word in words)
    user = "user root;\n" if os.geteuid() == 0 else ""
    main = folder / "nginx.conf"
    main.write_text(
        f"{user}daemon off;\npid {folder}/nginx.pid;\nerror_log stderr;\nevents {{}}\n"
        f"http {{\n  access_log off;\n{kept}  include {folder}/site.conf;\n}}\n",
        encoding="utf-8",
    )
    return main
