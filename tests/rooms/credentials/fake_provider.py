"""A small identity provider on the loopback address, which tells what a test wants it to tell, true or forged."""

from __future__ import annotations

import base64
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

Claims = dict[str, Any]
KEY = RSAKey.generate_key(2048, {"kid": "one"})


@dataclass
class FakeProvider:
    """A provider with one client; `forge` changes the claims, `sign` how they are signed."""

    issuer: str = ""
    client_id: str = "warifu-here"
    secret: str = "s3cret of the client"
    key: RSAKey = field(default_factory=lambda: KEY)
    subject: str = "subject-of-inoue"
    forge: Callable[[Claims], Claims] = lambda claims: claims
    sign: Callable[[FakeProvider, Claims], str] = lambda provider, claims: provider.signed(claims)
    changes: dict[str, Any] = field(default_factory=dict)
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    nonce: str = ""
    at: datetime | None = None
    shown_keys: list[Any] = field(default_factory=list)

    def visit(self, address: str) -> dict[str, list[str]]:
        """What the browser was sent with; the nonce is kept for the token."""
        query = parse_qs(urlsplit(address).query)
        self.nonce = query["nonce"][0]
        return query

    def signed(self, claims: Claims, *, alg: str = "RS256", key: Any = None, kid: str = "one") -> str:
        """An ID token."""
        return jwt.encode({"alg": alg, "kid": kid}, claims, key or self.key, algorithms=[alg])

    def claims(self) -> Claims:
        """What an honest provider says."""
        assert self.at is not None
        now = int(self.at.timestamp())
        return {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": self.client_id,
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            "nonce": self.nonce,
        }

    def answers(self, path: str, form: dict[str, list[str]], authorization: str) -> tuple[int, Any]:
        """The answer of an address."""
        self.calls.append(path)
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
            } | self.changes
        if path == "/keys":
            return 200, {"keys": self.shown_keys or [self.key.as_dict(private=False) | {"kid": "one", "use": "sig"}]}
        if path == "/token":
            self.asked.append(form)
            wanted = base64.b64encode(f"{self.client_id}:{self.secret.replace(' ', '%20')}".encode()).decode()
            if authorization != f"Basic {wanted}":
                return 401, {"error": "invalid_client"}
            return 200, {
                "access_token": "at",
                "token_type": "Bearer",
                "id_token": self.sign(self, self.forge(self.claims())),
            }
        return 404, {}


def _packed(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def unsigned(claims: Claims) -> str:
    """An ID token that says `alg: none`."""
    parts = ({"alg": "none"}, claims)
    return ".".join(_packed(json.dumps(part).encode()) for part in parts) + "."


def signed_with_the_public_key(provider: FakeProvider, claims: Claims) -> str:
    """An ID token by HS256 whose secret is the provider's public key, which everybody knows."""
    parts = ({"alg": "HS256", "kid": "one"}, claims)
    signed = ".".join(_packed(json.dumps(part).encode()) for part in parts)
    proof = hmac.digest(provider.key.as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{_packed(proof)}"


def signed_by_somebody_else(claims: Claims, kid: str) -> str:
    """An ID token by a key that the provider does not have."""
    key = ECKey.generate_key("P-256", {"kid": kid})
    return jwt.encode({"alg": "ES256", "kid": kid}, claims, key, algorithms=["ES256"])


@contextmanager
def fake_provider() -> Iterator[FakeProvider]:
    """A provider that answers for the length of the block."""
    provider = FakeProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            self._answer(parse_qs(self.rfile.read(length).decode()))

        def _answer(self, form: dict[str, list[str]]) -> None:
            status, document = provider.answers(self.path, form, self.headers.get("Authorization", ""))
            body = document if isinstance(document, bytes) else json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if status == 302:
                self.send_header("Location", "http://localhost:1/")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
