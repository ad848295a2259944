"""パスキー: WebAuthn credentials of a person, bound to this site, used only with the person's own verification (L-18).

A ceremony has two steps. `options_for_…` draws 32 random bytes and gives the browser what it has to sign; the answer
comes back as JSON. The challenge is consumed in one statement before anything in the answer is believed, so that no
answer can be looked at twice.
"""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorData,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialParameters,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.credentials.actions import attempts, factors
from warifu.credentials.models import Passkey, PasskeyChallenge
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations import queries as organisations

LASTS = timedelta(minutes=5)
"""How long a browser may take for its answer."""
CHALLENGE_BYTES = 32
MOST = 20
"""Living passkeys of one person at most."""
_LONGEST_ANSWER = 32_000
_ALGORITHMS = (-7, -8, -257)  # ES256, EdDSA, RS256
_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, IndexError, AssertionError, NotImplementedError)

ENROL, SIGN_IN, SECOND, PROVE = "enrol", "signin", "second", "prove"
"""What a challenge was drawn for; an answer counts for that and nothing else."""


class PasskeyNotAccepted(Refused):
    """The answer was not signed by a living passkey, for this site and this question, after the person's check."""

    code = "WF-S222"
    sentence = _("パスキーで確認できませんでした。")
    remedy = _(
        "もう一度お試しください。止めたパスキーや、ほかのサイトのパスキーは使えません。うまくいかないときは、ほかの方法で確認してください。"
    )
    status = 422


class PasskeyTooLate(Refused):
    """The question is older than five minutes, was answered already, or was put to somebody else."""

    code = "WF-S223"
    sentence = _("時間がたったため、パスキーの確認をやり直してください。")
    remedy = _("ボタンをもう一度押し、5分のうちに端末の画面で確認してください。")
    status = 422


class PasskeyKnown(Refused):
    """This passkey is registered already."""

    code = "WF-S225"
    sentence = _("このパスキーは、すでに登録されています。")
    remedy = _("別の端末で登録するか、登録済みのパスキーをそのままお使いください。")


class PersonNotVerified(Refused):
    """The device did not check who is in front of it: no finger, face or device PIN (L-18)."""

    code = "WF-S226"
    sentence = _("端末で、指紋・顔・暗証番号による確認が行われませんでした。")
    remedy = _("端末の画面ロックを設定してから、もう一度お試しください。")
    status = 422


class TooManyPasskeys(Refused):
    """A person has as many passkeys as anybody needs."""

    code = "WF-S227"
    sentence = _("登録できるパスキーは{most}個までです。")
    remedy = _("使っていないパスキーを止めてから、登録してください。")


REFUSALS = (PasskeyNotAccepted, PasskeyTooLate, PersonNotVerified)
"""Why an answer is not taken."""


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Who answered with a passkey."""

    organisation_id: UUID
    member_id: UUID
    passkey_id: UUID


def options_for_enrolment(*, organisation_id: UUID, by: Actor, at: datetime) -> dict[str, Any]:
    """What a browser needs to make a new passkey: discoverable, and with the person's verification.

    Raises `LevelTooLow` when the member has another factor and has not shown it, `TooManyPasskeys`.
    """
    assert by.id is not None  # noqa: S101
    factors.insist_may_change(by=by)
    member = organisations.member(organisation_id=organisation_id, member_id=by.id)
    known = list(Passkey.objects.filter(member_id=member.id, revoked_at=None))
    if len(known) >= MOST:
        raise TooManyPasskeys(most=MOST)
    options, _state = _server().register_begin(
        PublicKeyCredentialUserEntity(
            id=member.id.bytes, name=member.mail or member.employee_code, display_name=member.full_name
        ),
        credentials=[_descriptor(row) for row in known],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
        challenge=_draw(purpose=ENROL, member_id=member.id, at=at),
    )
    return dict(options.public_key)


def options_for_anybody(*, address: str, at: datetime) -> dict[str, Any]:
    """What a browser needs to sign somebody in with a passkey alone; the same for everybody (L-10).

    Raises `TooManyAttempts` for an address that asks without end.
    """
    attempts.take(purpose="passkey.address", subject=address, at=at)
    return _request_options(challenge=_draw(purpose=SIGN_IN, member_id=None, at=at), known=None)


def options_for_member(*, member_id: UUID, purpose: str, at: datetime) -> dict[str, Any]:
    """What a browser needs to answer as one member: at the `SECOND` stage of a sign-in, or to `PROVE` it once more."""
    known = [_descriptor(row) for row in Passkey.objects.filter(member_id=member_id, revoked_at=None)]
    return _request_options(challenge=_draw(purpose=purpose, member_id=member_id, at=at), known=known)


def enrol(*, organisation_id: UUID, name: str, answer: str, by: Actor, at: datetime) -> UUID:
    """Keep a new passkey under a name; tells the owner by mail. Returns its id.

    Raises `PasskeyTooLate`, `PersonNotVerified`, `PasskeyNotAccepted`, `PasskeyKnown`, `LevelTooLow`.
    """
    assert by.id is not None  # noqa: S101
    factors.insist_may_change(by=by)
    given = _parsed(answer)
    try:
        registration = RegistrationResponse.from_dict(given)
        challenge = registration.response.client_data.challenge
    except _UNREADABLE:
        raise PasskeyNotAccepted from None
    _consume(challenge=challenge, purpose=ENROL, member_id=by.id, at=at)
    try:
        made = _server().register_complete(_asked(challenge), registration)
        credential = made.credential_data
        assert credential is not None  # noqa: S101
        is_allowed = credential.public_key[3] in _ALGORITHMS
    except _UNREADABLE:
        raise PasskeyNotAccepted from None
    _insist_verified(made)
    if not is_allowed:
        raise PasskeyNotAccepted
    try:
        with transaction.atomic():
            row = Passkey.objects.create(
                member_id=by.id,
                name=name[:60],
                credential_id=credential.credential_id,
                public_key=bytes(credential),
                sign_count=made.counter,
                aaguid=str(credential.aaguid),
                transports=_transports(given),
                is_synced=_has(made, AuthenticatorData.FLAG.BE),
                is_backed_up=_has(made, AuthenticatorData.FLAG.BS),
                created_at=at,
            )
            factors.note_added(organisation_id=organisation_id, factor="passkey", name=row.name, by=by, at=at)
    except IntegrityError:
        raise PasskeyKnown from None
    return row.id


def holder_of(*, answer: str, purpose: str, at: datetime, member_id: UUID | None = None) -> Holder:
    """Who signed the answer to a question put for `purpose` (and to `member_id`, when it was put to one).

    Raises `PasskeyTooLate`, `PersonNotVerified`, and `PasskeyNotAccepted` for everything else: an unknown or stopped
    passkey, another site, a wrong signature, a counter that went back.
    """
    try:
        response = AuthenticationResponse.from_dict(_parsed(answer))
        challenge, signed = response.response.client_data.challenge, response.response.authenticator_data
        handle = response.response.user_handle
    except _UNREADABLE:
        raise PasskeyNotAccepted from None
    _consume(challenge=challenge, purpose=purpose, member_id=member_id, at=at)
    row = (
        Passkey.objects.filter(credential_id=response.raw_id, revoked_at=None, member__state="active")
        .select_related("member")
        .first()
    )
    if row is None or (member_id is not None and row.member_id != member_id):
        raise PasskeyNotAccepted
    if handle is None and member_id is None:
        raise PasskeyNotAccepted
    if handle is not None and not hmac.compare_digest(handle, row.member_id.bytes):
        raise PasskeyNotAccepted
    try:
        kept = AttestedCredentialData(bytes(row.public_key))
        _server().authenticate_complete(_asked(challenge), [kept], response)
    except _UNREADABLE:
        raise PasskeyNotAccepted from None
    _insist_verified(signed)
    _note_use(row, signed, at)
    return Holder(organisation_id=row.member.organisation_id, member_id=row.member_id, passkey_id=row.id)


def claimed(*, answer: str) -> tuple[UUID | None, UUID | None]:
    """The organisation and the member whose passkey an answer names, proven or not; for the trail of failures."""
    try:
        named = AuthenticationResponse.from_dict(_parsed(answer)).raw_id
    except (*_UNREADABLE, PasskeyNotAccepted):
        return None, None
    found = Passkey.objects.filter(credential_id=named).values_list("member__organisation_id", "member_id").first()
    return found or (None, None)


def rename(*, organisation_id: UUID, passkey_id: UUID, name: str, by: Actor, at: datetime) -> None:
    """Give one of one's own passkeys another name. Raises `NotFound`."""
    with transaction.atomic():
        if _own(organisation_id, passkey_id, by).update(name=name[:60]) != 1:
            raise NotFound
        audit.record(
            event=Events.PASSKEY_RENAMED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=by.id,
            factor="passkey",
            name=name[:60],
        )


def revoke(*, organisation_id: UUID, passkey_id: UUID, by: Actor, at: datetime) -> None:
    """Stop one of one's own passkeys; its line stays in the list (L-21). Raises `NotFound`, `LevelTooLow`."""
    factors.insist_may_change(by=by)
    with transaction.atomic():
        own = _own(organisation_id, passkey_id, by)
        name = own.values_list("name", flat=True).first()
        if name is None or own.update(revoked_at=at) != 1:
            raise NotFound
        factors.note_revoked(
            organisation_id=organisation_id, member_id=by.id, factor="passkey", name=name, by=by, at=at
        )


def tidy(*, at: datetime) -> int:
    """Forget questions that are over; for the daily round. Returns how many."""
    return PasskeyChallenge.objects.filter(valid_until__lt=at).delete()[0]


def _server() -> Fido2Server:
    """The library's checks for this site: only its own address, exactly, is the right origin."""
    site = urlsplit(settings.WARIFU.site_url)
    usual = {"https": 443, "http": 80}[site.scheme]
    port = f":{site.port}" if site.port and site.port != usual else ""
    origin = f"{site.scheme}://{site.hostname}{port}"
    server = Fido2Server(
        PublicKeyCredentialRpEntity(id=site.hostname, name="割符"), verify_origin=lambda given: given == origin
    )
    server.timeout = int(LASTS / timedelta(milliseconds=1))  # type: ignore[assignment]
    server.allowed_algorithms = [
        PublicKeyCredentialParameters(type=PublicKeyCredentialType.PUBLIC_KEY, alg=number) for number in _ALGORITHMS
    ]
    return server


def _request_options(*, challenge: bytes, known: list[PublicKeyCredentialDescriptor] | None) -> dict[str, Any]:
    options, _state = _server().authenticate_begin(
        known, user_verification=UserVerificationRequirement.REQUIRED, challenge=challenge
    )
    return dict(options.public_key)


def _draw(*, purpose: str, member_id: UUID | None, at: datetime) -> bytes:
    challenge = os.urandom(CHALLENGE_BYTES)
    PasskeyChallenge.objects.create(
        challenge=challenge, purpose=purpose, member_id=member_id, made_at=at, valid_until=at + LASTS
    )
    return challenge


def _consume(*, challenge: bytes, purpose: str, member_id: UUID | None, at: datetime) -> None:
    """Use a challenge up, in one statement, whatever becomes of the answer."""
    living = PasskeyChallenge.objects.filter(
        challenge=challenge, purpose=purpose, member_id=member_id, used_at=None, valid_until__gt=at
    )
    if living.update(used_at=at) != 1:
        raise PasskeyTooLate


def _asked(challenge: bytes) -> dict[str, Any]:
    """What the library wants to remember of a question. Verification is looked at apart, for a sentence of its own."""
    return {"challenge": websafe_encode(challenge), "user_verification": UserVerificationRequirement.PREFERRED}


def _parsed(answer: str) -> Mapping[str, Any]:
    try:
        given = json.loads(answer) if len(answer) <= _LONGEST_ANSWER else None
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise PasskeyNotAccepted
    return given


def _insist_verified(given: AuthenticatorData) -> None:
    if not given.is_user_verified():
        raise PersonNotVerified


def _note_use(row: Passkey, signed: AuthenticatorData, at: datetime) -> None:
    """Note a use; a counter that does not grow betrays a copy, and of two uses at the same moment one is refused."""
    grows = signed.counter > row.sign_count or signed.counter == row.sign_count == 0
    if not grows or _has(signed, AuthenticatorData.FLAG.BE) != row.is_synced:
        raise PasskeyNotAccepted
    living = Passkey.objects.filter(id=row.id, revoked_at=None, sign_count=row.sign_count)
    is_backed_up = _has(signed, AuthenticatorData.FLAG.BS)
    if living.update(sign_count=signed.counter, used_at=at, is_backed_up=is_backed_up) != 1:
        raise PasskeyNotAccepted


def _has(given: AuthenticatorData, flag: AuthenticatorData.FLAG) -> bool:
    return bool(given.flags & flag)


def _transports(given: Mapping[str, Any]) -> list[str]:
    """How the browser says it reaches the passkey; only words that are known."""
    found = given["response"].get("transports") or []
    known = ("usb", "nfc", "ble", "smart-card", "hybrid", "internal")
    return [word for word in known if word in found]


def _descriptor(row: Passkey) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(
        type=PublicKeyCredentialType.PUBLIC_KEY, id=bytes(row.credential_id), transports=row.transports or None
    )


def _own(organisation_id: UUID, passkey_id: UUID, by: Actor) -> QuerySet[Passkey]:
    assert by.id is not None  # noqa: S101
    return Passkey.objects.filter(
        id=passkey_id, member_id=by.id, member__organisation_id=organisation_id, revoked_at=None
    )
