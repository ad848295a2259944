"""Letting people into sister services: OpenID Connect, authorisation code with PKCE, by Authlib's server (000-18).

A service of an organisation takes in that organisation's people and nobody else. It gets what the person agreed to:
a name for itself alone, the person's name, mail address and roles. Numbers have no scope (P-07).
"""

from __future__ import annotations

import hmac
import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import AuthorizationServer, OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Payload
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode, UserInfo
from authlib.oidc.core.errors import ConsentRequiredError, LoginRequiredError
from django.conf import settings
from django.db import transaction
from joserfc.jwk import ECKey

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.credentials import federation
from warifu.credentials.actions import signing_keys
from warifu.credentials.models import Session, SisterCode, SisterService
from warifu.credentials.queries import sharing as queries
from warifu.credentials.rules import sharing as rules
from warifu.credentials.rules.secrets import digest
from warifu.foundation.actor import SYSTEM, Actor
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _

CODE_LASTS = timedelta(minutes=2)
KEPT = timedelta(days=400)
"""How long it is remembered that somebody agreed."""


class ServiceAsksWrong(Refused):
    """The address that a service sent somebody with is not right; nothing is sent back to it."""

    code = "WF-S854"
    sentence = _("サービスからの依頼を受け付けられません。")
    remedy = _("サービスの画面からやり直してください。続くときは、サービスの担当者に知らせてください。")
    status = 400


class NotOfTheService(Refused):
    """The service belongs to another organisation than the person (000-18: sharing is per company)."""

    code = "WF-S855"
    sentence = _("このサービスは、いまサインインしている組織とは共有していません。")
    remedy = _("サービスと共有している組織のIDで、サインインし直してください。")
    status = 403


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """What a service asks of a person. `address` is set when the browser can go back at once, without asking."""

    service_name: str
    scope: tuple[str, ...]
    is_known: bool
    wants_login: bool
    address: str = ""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a machine is answered."""

    status: int
    body: Any
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who is at the browser: the actor and the session."""

    actor: Actor
    session_id: UUID


def ask(*, query: Mapping[str, Sequence[str]], person: Person | None, at: datetime) -> Agreement:
    """Look at what a service asks; `address` leads back with an error that the service is to hear.

    Raises `ServiceAsksWrong` when nothing may be sent back, `NotOfTheService`.
    """
    request = _Request("GET", query, {})
    try:
        grant = _Server(at).get_consent_grant(request, end_user=person)
    except OAuth2Error as error:
        return _back_with(error)
    service, prompt = grant.client.row, " ".join(query.get("prompt", ())).split()
    if person is not None and person.actor.organisation_id != service.organisation_id:
        raise NotOfTheService
    scope = grant.request.scope
    is_known = person is not None and _has_agreed(service, person, scope)
    wants_login = "login" in prompt or _is_stale(person, "".join(query.get("max_age", ())), at)
    if "none" in prompt and (wants_login or not is_known):
        fault = LoginRequiredError if wants_login else ConsentRequiredError
        return _back_with(fault(redirect_uri=grant.redirect_uri, state=grant.request.payload.state))
    return Agreement(
        service_name=service.name,
        scope=tuple(scope.split()),
        is_known=is_known and "consent" not in prompt,
        wants_login=wants_login,
    )


def answer(*, query: Mapping[str, Sequence[str]], agrees: bool, person: Person, at: datetime) -> str:
    """The address with which a browser goes back to the service: with a code when the person agrees.

    Raises `ServiceAsksWrong`, `NotOfTheService`.
    """
    request = _Request("GET", query, {})
    server = _Server(at)
    try:
        grant = server.get_consent_grant(request, end_user=person)
    except OAuth2Error as error:
        return _back_with(error).address
    service = grant.client.row
    if person.actor.organisation_id != service.organisation_id:
        raise NotOfTheService
    with transaction.atomic():
        done: Answer = server.create_authorization_response(
            grant.request, grant_user=person if agrees else None, grant=grant
        )
        if agrees:
            audit.record(
                event=Events.SISTER_TOLD,
                by=person.actor,
                at=at,
                organisation_id=service.organisation_id,
                subject_id=service.id,
                name=service.name,
                scope=grant.request.scope,
            )
    return _with_issuer(dict(done.headers)["Location"])


def redeem(*, form: Mapping[str, Sequence[str]], headers: Mapping[str, str], at: datetime) -> Answer:
    """The token endpoint: a code for an access token and an ID token, once (RFC 6749 4.1.3, RFC 7636)."""
    with transaction.atomic():
        done: Answer = _Server(at).create_token_response(_Request("POST", form, headers))
    return done


def address_after_logout(*, hint: str, wanted: str) -> str:
    """Where a browser may go after its session has ended: an address registered by the service that the hint, an ID
    token of this house, was made for; empty for every other. Past tokens do as hints."""
    try:
        claims = federation.read_own(hint, queries.jwks())
    except federation.NotBelieved:
        return ""
    audience = claims.get("aud")
    client_id = audience[0] if isinstance(audience, list) and audience else audience
    service = _living(client_id)
    return wanted if service and rules.is_registered(wanted, service.redirect_uris) else ""


def tidy(*, at: datetime) -> int:
    """Forget codes and agreements of long ago; for the daily round. Returns how many."""
    return SisterCode.objects.filter(issued_at__lt=at - KEPT).delete()[0]


def _back_with(error: OAuth2Error) -> Agreement:
    if not error.redirect_uri:
        raise ServiceAsksWrong from None
    _status, _body, headers = error()
    address = _with_issuer(dict(headers)["Location"])
    return Agreement(service_name="", scope=(), is_known=False, wants_login=False, address=address)


def _with_issuer(address: str) -> str:
    """The address back with `iss`, so that nobody mixes up who answered (RFC 9207)."""
    return str(add_params_to_uri(address, [("iss", settings.WARIFU.site_url)]))


def _is_stale(person: Person | None, max_age: str, at: datetime) -> bool:
    """Whether the service wants a newer proof of identity than the session has."""
    if person is None or not max_age.isdecimal() or len(max_age) > 9:
        return False
    proven = person.actor.authenticated_at
    return proven is None or at - proven > timedelta(seconds=int(max_age))


def _has_agreed(service: SisterService, person: Person, scope: str) -> bool:
    assert person.actor.id is not None  # noqa: S101
    earlier = SisterCode.objects.filter(
        service=service, member_id=person.actor.id, used_at__isnull=False, revoked_at=None
    )
    return any(rules.covers(given=given, asked=scope) for given in earlier.values_list("scope", flat=True).distinct())


class _Payload(OAuth2Payload):
    def __init__(self, values: Mapping[str, Sequence[str]]) -> None:
        self._values = {name: list(given) for name, given in values.items() if given}

    @property
    def data(self) -> dict[str, str]:
        return {name: given[0] for name, given in self._values.items()}

    @property
    def datalist(self) -> defaultdict[str, list[str]]:
        return defaultdict(list, self._values)


class _Request(OAuth2Request):
    def __init__(self, method: str, values: Mapping[str, Sequence[str]], headers: Mapping[str, str]) -> None:
        super().__init__(method, "https://warifu.invalid/", headers=headers)
        self.payload = _Payload(values)

    @property
    def form(self) -> dict[str, str]:
        return self.payload.data


def _living(client_id: object) -> SisterService | None:
    """The service of a client id that still runs; strangers send any text, and PostgreSQL takes no NUL."""
    text = str(client_id)
    return None if "\0" in text else SisterService.objects.filter(client_id=text, ended_at=None).first()


class _Client:
    """A sister service as Authlib asks about it."""

    id_token_signed_response_alg = "ES256"  # noqa: S105

    def __init__(self, row: SisterService) -> None:
        self.row = row

    def get_client_id(self) -> str:
        return self.row.client_id

    def get_default_redirect_uri(self) -> None:
        return None

    def get_allowed_scope(self, scope: str | None) -> str | None:
        return rules.shared_scope(asked=scope, shares_roles=self.row.shares_roles)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return rules.is_registered(redirect_uri, self.row.redirect_uris)

    def check_client_secret(self, client_secret: str) -> bool:
        return hmac.compare_digest(digest(client_secret), self.row.secret_hash)

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        return method in ("client_secret_basic", "client_secret_post")

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


class _Code:
    """A code as Authlib asks about it."""

    code_challenge_method = "S256"

    def __init__(self, row: SisterCode) -> None:
        self.row = row
        self.code_challenge = row.challenge

    def get_redirect_uri(self) -> str:
        return self.row.redirect_uri

    def get_scope(self) -> str:
        return self.row.scope

    def get_nonce(self) -> str:
        return self.row.nonce

    def get_auth_time(self) -> int:
        return int(self.row.authenticated_at.timestamp())

    def get_acr(self) -> str:
        return rules.level_name(self.row.level)

    def get_amr(self) -> list[str]:
        factors = Session.objects.filter(id=self.row.session_id).values_list("factors", flat=True).first()
        return rules.methods(factors or ())


class _Pkce(CodeChallenge):
    """PKCE by S256 and nothing less, also for services with a secret (RFC 9700)."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        data = grant.request.payload.data
        if not data.get("code_challenge") or data.get("code_challenge_method") != "S256":
            raise InvalidRequestError("PKCE with S256 is required.")
        super().validate_code_challenge(grant, redirect_uri)


class _IdToken(OpenIDCode):
    """What the ID token says; signed by the key of the house."""

    def __init__(self, at: datetime) -> None:
        super().__init__(require_nonce=False)
        self._at = at

    def exists_nonce(self, nonce: str, request: OAuth2Request) -> bool:
        """Services prove their nonces themselves; codes are good once anyway."""
        return False

    def resolve_client_private_key(self, _client: _Client) -> ECKey:
        kid, private = signing_keys.current(at=self._at)
        return federation.signing_key(private, kid)

    def get_encode_header(self, _client: _Client) -> dict[str, str]:
        return {"alg": "ES256", "kid": signing_keys.current(at=self._at)[0]}

    def get_client_claims(self, client: _Client) -> dict[str, Any]:
        now = int(self._at.timestamp())
        return {
            "iss": settings.WARIFU.site_url,
            "aud": [client.get_client_id()],
            "iat": now,
            "exp": now + 300,
        }

    def generate_user_info(self, user: SisterCode, _scope: str) -> UserInfo:
        return UserInfo(queries.claims_of(row=user))


class _Grant(AuthorizationCodeGrant):
    server: _Server

    def generate_authorization_code(self) -> str:
        return secrets.token_urlsafe(32)

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        person, data = request.user, request.payload.data
        SisterCode.objects.create(
            service=request.client.row,
            member_id=person.actor.id,
            session_id=person.session_id,
            code_hash=digest(code),
            redirect_uri=data["redirect_uri"],
            challenge=data["code_challenge"],
            nonce=data.get("nonce", "")[:200],
            scope=request.scope,
            level=person.actor.level,
            authenticated_at=person.actor.authenticated_at or self.server.at,
            issued_at=self.server.at,
        )

    def query_authorization_code(self, code: str, client: _Client) -> _Code | None:
        rows = SisterCode.objects.select_for_update(of=("self",)).filter(code_hash=digest(code), service=client.row)
        row = rows.select_related("service", "member__organisation").first()
        if row is None:
            return None
        if row.used_at is not None:
            self._stop(row)
            return None
        is_young = self.server.at - row.issued_at <= CODE_LASTS
        return _Code(row) if is_young and row.revoked_at is None else None

    def authenticate_user(self, authorization_code: _Code) -> SisterCode | None:
        row = authorization_code.row
        return row if queries.lives(row=row, at=self.server.at) else None

    def delete_authorization_code(self, authorization_code: _Code) -> None:
        """`save_token` has used it up."""

    def _stop(self, row: SisterCode) -> None:
        """A code that comes twice was stolen by one of the two: what it became is dead (RFC 6749 4.1.2)."""
        if SisterCode.objects.filter(id=row.id, revoked_at=None).update(revoked_at=self.server.at):
            audit.record(
                event=Events.SISTER_REPLAYED,
                by=SYSTEM,
                at=self.server.at,
                organisation_id=row.service.organisation_id,
                subject_id=row.service_id,
                name=row.service.name,
            )


class _Server(AuthorizationServer):
    def __init__(self, at: datetime) -> None:
        super().__init__()
        self.at = at
        self.register_grant(_Grant, [_Pkce(required=True), _IdToken(at)])
        self.register_token_generator(
            "default",
            BearerTokenGenerator(
                lambda **_given: secrets.token_urlsafe(32),
                expires_generator=int(queries.TOKEN_LASTS.total_seconds()),
            ),
        )

    def query_client(self, client_id: str) -> _Client | None:
        row = _living(client_id)
        return _Client(row) if row else None

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        row = request.authorization_code.row
        unused = SisterCode.objects.filter(id=row.id, used_at=None)
        unused.update(token_hash=digest(token["access_token"]), used_at=self.at)

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: OAuth2Request) -> OAuth2Request:
        return request

    def handle_response(self, status: int, body: Any, headers: Sequence[tuple[str, str]]) -> Answer:
        return Answer(status=status, body=body, headers=tuple(headers))
