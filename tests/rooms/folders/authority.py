"""A time-stamp authority made with `openssl ts`, for tests."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
CONFIG = """
[tsa]
default_tsa = stamps
[stamps]
serial = {folder}/serial
signer_cert = {folder}/stamp.pem
signer_key = {folder}/stamp.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ordering = no
tsa_name = yes
ess_cert_id_chain = no
"""


def make(folder: Path) -> Path:
    """Keys and certificates of an authority in a folder; returns the PEM file of its root."""
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder))
    (folder / "ext.cnf").write_text("extendedKeyUsage=critical,timeStamping\nbasicConstraints=CA:FALSE\n")
    _openssl(
        *(
            [
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "30",
                "-subj",
                "/CN=Root",
            ]
        ),
        *("-keyout", folder / "root.key", "-out", folder / "root.pem"),
    )
    _openssl(
        *("req", *EC),
        *("-subj", "/O=Practice/CN=Stamps", "-keyout", folder / "stamp.key", "-out", folder / "stamp.csr"),
    )
    _openssl(
        *("x509", "-req", "-days", "30", "-in", folder / "stamp.csr", "-CA", folder / "root.pem"),
        *("-CAkey", folder / "root.key", "-extfile", folder / "ext.cnf", "-out", folder / "stamp.pem"),
    )
    return folder / "root.pem"


def stamp(folder: Path, content: bytes) -> bytes:
    """The answer (.tsr) for some bytes."""
    (folder / "data").write_bytes(content)
    _openssl("ts", "-query", "-data", folder / "data", "-sha256", "-cert", "-out", folder / "query")
    return answer(folder, (folder / "query").read_bytes())


def answer(folder: Path, query: bytes) -> bytes:
    """The answer to a query."""
    (folder / "query").write_bytes(query)
    _openssl(
        *("ts", "-reply", "-config", folder / "tsa.cnf", "-queryfile", folder / "query", "-out", folder / "answer")
    )
    return (folder / "answer").read_bytes()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The authority at an address on this machine."""

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            said = answer(folder, query)
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/stamp"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _openssl(*words: object) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)
