"""How this room speaks with other services: whom it calls, what it takes, when it believes them (L-26, V-03 13.2.4).

Only hosts of the allow-list are called, in production never one inside the own network, with an end to every wait and
to every answer's size. Nothing follows a redirect. Signatures and claims are checked by joserfc and Authlib.
"""

from __future__ import annotations

import base64
import ipaddress
import json
import socket
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache as once
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpcore
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from django.conf import settings
from django.core.cache import cache
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from warifu.credentials.rules.secrets import digest
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _

ALGORITHMS = ("RS256", "PS256", "ES256")
"""Signatures that are believed: never `none`, never a shared secret (RFC 8725)."""
PATIENCE = 5.0
"""Seconds that one step of a call may take; the whole call may take twice as long."""
LARGEST = 256 * 1024
KEPT = timedelta(hours=1)
"""How long a provider's description and keys are kept."""
KEYS_AGAIN = timedelta(minutes=1)
"""How often a provider's keys are fetched anew for a key that is not known."""
LEEWAY = 60
STRONG_FOR = timedelta(hours=12)
"""A proof at the provider older than this counts as weak, whatever it was (AAL2, as L-23)."""
_NEAR = ("localhost", "127.0.0.1", "::1")


class ProviderSilent(Refused):
    """The provider does not answer, or with something else than JSON."""

    code = "WF-S841"
    sentence = _("外部のID基盤「{host}」から返事がありません。")
    remedy = _("しばらくしてからもう一度お試しください。お急ぎのときは、パスワードでサインインしてください。")
    status = 424


class HostRefused(Refused):
    """The address is not on the list of hosts that this installation calls."""

    code = "WF-S842"
    sentence = _("「{host}」は、この割符から呼び出してよい相手に入っていません。")
    remedy = _("アドレスを確かめてください。正しければ、運用者に WARIFU_OUTGOING_HOSTS に加えてもらってください。")
    status = 422


class ProviderStrange(Refused):
    """The provider describes itself otherwise than it was registered."""

    code = "WF-S843"
    sentence = _("外部のID基盤「{host}」の説明が、登録した発行者と合いません。")
    remedy = _("発行者(issuer)のアドレスを、末尾の「/」まで同じに登録してください。")
    status = 422


class NotBelieved(Refused):
    """What came back cannot be believed; which check failed is told to the trail alone."""

    code = "WF-S844"
    sentence = _("外部のID基盤から戻った内容を確かめられなかったため、サインインできません。")
    remedy = _("サインインの画面からやり直してください。続くときは、会社の管理者に知らせてください。")
    status = 403

    def __init__(self, fault: str = "") -> None:
        super().__init__()
        self.fault = fault


@dataclass(frozen=True, kw_only=True)
class Description:
    """What a provider says of itself (OpenID Connect Discovery)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    names_issuer: bool
    basic: bool


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a believed ID token says: who, how strongly and when they proved it."""

    subject: str
    acr: str
    amr: tuple[str, ...]
    proven_at: datetime | None


def strength(told: Told, *, strong: Iterable[str], at: datetime) -> str:
    """The factor that an external sign-in proves: `external_strong` only for a named strength that is not too old.

    `strong` are the values of acr or amr that the organisation trusts; without a time of proof it is weak (L-26).
    """
    named = {told.acr, *told.amr} & set(strong)
    is_fresh = told.proven_at is not None and at - told.proven_at <= STRONG_FOR
    return "external_strong" if named and is_fresh else "external"


def describe(issuer: str) -> Description:
    """What a provider says of itself, kept for `KEPT`.

    Raises `ProviderSilent`, `HostRefused`, `ProviderStrange` when its issuer is not exactly the registered one.
    """
    address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    own = _host(issuer)
    document = _kept(address, own_host=own)
    parts = [document.get(name) for name in ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")]
    if parts[0] != issuer or not all(isinstance(part, str) and part for part in parts):
        raise ProviderStrange(host=own)
    for part in parts[1:]:
        _insist_protected(str(part))
    ways = document.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return Description(
        issuer=issuer,
        authorization_endpoint=str(parts[1]),
        token_endpoint=str(parts[2]),
        jwks_uri=str(parts[3]),
        names_issuer=document.get("authorization_response_iss_parameter_supported") is True,
        basic="client_secret_basic" in ways,
    )


def leave_for(
    found: Description, *, client_id: str, back: str, state: str, nonce: str, verifier: str, again: bool
) -> str:
    """The address at the provider to which a browser goes; `again` wants a fresh proof of identity."""
    asked = [
        ("response_type", "code"),
        ("client_id", client_id),
        ("redirect_uri", back),
        ("scope", "openid"),
        ("state", state),
        ("nonce", nonce),
        ("code_challenge", create_s256_code_challenge(verifier)),
        ("code_challenge_method", "S256"),
        ("max_age", "0" if again else str(int(STRONG_FOR.total_seconds()))),
    ]
    if again:
        asked.append(("prompt", "login"))
    return str(add_params_to_uri(found.authorization_endpoint, asked))


def exchange(
    found: Description, *, client_id: str, secret: str, code: str, back: str, verifier: str
) -> tuple[str, str]:
    """The ID token and the access token for a code. Raises `ProviderSilent`, `HostRefused`, `NotBelieved`."""
    asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
    headers = [("Content-Type", "application/x-www-form-urlencoded")]
    if found.basic:
        pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
        headers.append(("Authorization", f"Basic {base64.b64encode(pair.encode()).decode()}"))
    else:
        asked |= {"client_id": client_id, "client_secret": secret}
    answer = _call("POST", found.token_endpoint, own_host=_host(found.issuer), headers=headers, content=asked)
    id_token, access_token = answer.get("id_token"), answer.get("access_token", "")
    if not isinstance(id_token, str) or not isinstance(access_token, str):
        raise NotBelieved("id_token")
    return id_token, access_token


def believe(found: Description, *, client_id: str, id_token: str, access_token: str, nonce: str, at: datetime) -> Told:
    """Check signature, issuer, audience, times, nonce and at_hash of an ID token. Raises `NotBelieved`."""
    try:
        claims = _claims(found, client_id, id_token, access_token, nonce)
        claims.validate(now=int(at.timestamp()), leeway=LEEWAY)
        return _told(claims, at)
    except (JoseError, ValueError, TypeError, OverflowError) as fault:
        raise NotBelieved(type(fault).__name__) from None


def new_signing_key() -> tuple[str, dict[str, Any], bytes]:
    """A new key for ES256: its id (RFC 7638), its public half, its private half as JSON."""
    key = ECKey.generate_key("P-256")
    kid = key.thumbprint()
    public = {**key.as_dict(private=False), "kid": kid, "alg": "ES256", "use": "sig"}
    return kid, public, json.dumps(key.as_dict(private=True)).encode()


def signing_key(private: bytes, kid: str) -> ECKey:
    """The key that `new_signing_key` packed."""
    return ECKey.import_key({**json.loads(private), "kid": kid})


def read_own(token: str, public_keys: list[dict[str, Any]]) -> dict[str, Any]:
    """The claims of an ID token that this house signed, past or not, for the end of a session. Raises `NotBelieved`."""
    try:
        return dict(jwt.decode(token, KeySet.import_key_set({"keys": public_keys}), algorithms=["ES256"]).claims)
    except (JoseError, ValueError) as fault:
        raise NotBelieved(type(fault).__name__) from None


def insist_callable(issuer: str) -> None:
    """Refuse an issuer that this installation would never call. Raises `HostRefused`."""
    _insist_protected(issuer)
    _insist_listed(issuer, _host(issuer))


def _claims(found: Description, client_id: str, id_token: str, access_token: str, nonce: str) -> CodeIDToken:
    own = _host(found.issuer)
    try:
        token = jwt.decode(id_token, _keys(_kept(found.jwks_uri, own_host=own)), algorithms=list(ALGORITHMS))
    except (JoseError, ValueError) as fault:
        fresh = _keys_anew(found.jwks_uri, own)
        if fresh is None:
            raise NotBelieved(type(fault).__name__) from None
        token = jwt.decode(id_token, _keys(fresh), algorithms=list(ALGORITHMS))
    options = {
        "iss": {"essential": True, "value": found.issuer},
        "aud": {"essential": True, "value": client_id},
        "sub": {"essential": True},
        "nonce": {"essential": True, "value": nonce},
    }
    params = {"nonce": nonce, "client_id": client_id, "access_token": access_token}
    return CodeIDToken(token.claims, token.header, options, params)


def _told(claims: CodeIDToken, at: datetime) -> Told:
    subject, proven, methods = claims["sub"], claims.get("auth_time"), claims.get("amr") or []
    issued = claims["iat"]
    if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not isinstance(issued, int | float):
        raise NotBelieved("sub")
    if issued > at.timestamp() + LEEWAY or at.timestamp() - issued > 600:
        raise NotBelieved("iat")
    moment = None if proven is None else datetime.fromtimestamp(int(proven), at.tzinfo)
    return Told(
        subject=subject,
        acr=str(claims.get("acr") or ""),
        amr=tuple(str(method) for method in methods) if isinstance(methods, list) else (),
        proven_at=moment if moment is None or moment <= at + timedelta(seconds=LEEWAY) else None,
    )


def _keys(document: dict[str, Any]) -> KeySet:
    found = document.get("keys")
    fitting = [key for key in found if _may_sign(key)] if isinstance(found, list) else []
    if not fitting:
        raise NotBelieved("jwks")
    return KeySet.import_key_set({"keys": fitting})


def _may_sign(key: Any) -> bool:
    return isinstance(key, dict) and key.get("kty") in ("RSA", "EC") and key.get("use", "sig") == "sig"


def _keys_anew(address: str, own_host: str) -> dict[str, Any] | None:
    """The provider's keys once more, unless that was done a moment ago."""
    if not cache.add(f"{_place(address)}:again", 1, KEYS_AGAIN.total_seconds()):
        return None
    cache.delete(_place(address))
    return _kept(address, own_host=own_host)


def _kept(address: str, *, own_host: str) -> dict[str, Any]:
    document: dict[str, Any] | None = cache.get(_place(address))
    if document is None:
        document = _call("GET", address, own_host=own_host)
        cache.set(_place(address), document, KEPT.total_seconds())
    return document


def _place(address: str) -> str:
    return f"federation:{digest(address)}"


def _host(address: str) -> str:
    return urlsplit(address).hostname or ""


def _insist_protected(address: str) -> None:
    parts = urlsplit(address)
    is_near = not settings.WARIFU.is_production and parts.hostname in _NEAR
    is_protected = parts.scheme == "https" or (parts.scheme == "http" and is_near)
    if not is_protected or not parts.hostname or parts.username or parts.password or parts.fragment:
        raise HostRefused(host=parts.hostname or address[:80])


def _insist_listed(address: str, own_host: str) -> None:
    listed = set(settings.WARIFU.outgoing_hosts)
    if not settings.WARIFU.is_production:
        listed.add(own_host)
    if _host(address) not in listed:
        raise HostRefused(host=_host(address))


class _GuardedNetwork(httpcore.SyncBackend):
    """Looks at the addresses behind a name, and connects to those: a name cannot lead inside (SSRF, rebinding)."""

    def connect_tcp(self, host: str, port: int, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        if settings.WARIFU.is_production and not all(ipaddress.ip_address(one).is_global for one in found):
            raise httpcore.ConnectError("an address inside")
        for one in found[:-1]:
            try:
                return super().connect_tcp(one, port, *args, **kwargs)
            except httpcore.ConnectError:
                continue
        return super().connect_tcp(found[-1], port, *args, **kwargs)


@once
def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context()


def _call(
    method: str,
    address: str,
    *,
    own_host: str,
    headers: list[tuple[str, str]] | None = None,
    content: dict[str, str] | None = None,
) -> dict[str, Any]:
    _insist_protected(address)
    _insist_listed(address, own_host)
    body = b""
    until = time.monotonic() + 2 * PATIENCE
    waits = dict.fromkeys(("connect", "read", "write", "pool"), PATIENCE)
    try:
        with (
            httpcore.ConnectionPool(ssl_context=_trusted(), network_backend=_GuardedNetwork()) as pool,
            pool.stream(
                method,
                address,
                headers=[("Accept", "application/json"), *(headers or [])],
                content=urlencode(content).encode() if content else None,
                extensions={"timeout": waits},
            ) as answer,
        ):
            for part in answer.iter_stream():
                body += part
                if len(body) > LARGEST or time.monotonic() > until:
                    raise ProviderSilent(host=_host(address))
            if answer.status != 200:
                raise ProviderSilent(host=_host(address))
        document = json.loads(body)
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError, ValueError):
        raise ProviderSilent(host=_host(address)) from None
    if not isinstance(document, dict):
        raise ProviderSilent(host=_host(address))
    return document
