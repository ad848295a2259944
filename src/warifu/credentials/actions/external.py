"""Going to an organisation's identity provider and coming back: sign in, bind an identity, prove oneself again (L-26).

Each way out is a row with state, nonce and PKCE verifier, good for ten minutes, once, and for the one browser that
holds the state in its cookie. Who comes back is known by issuer and subject, never by a mail address.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.credentials import federation
from warifu.credentials.actions import attempts, factors, identity_providers, signin, stepup
from warifu.credentials.actions.stages import Visitor
from warifu.credentials.federation import NotBelieved, Told
from warifu.credentials.models import ExternalIdentity, ExternalSignIn, IdentityProvider
from warifu.credentials.rules.secrets import digest
from warifu.foundation.actor import SYSTEM, Actor
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations import queries as organisations

LASTS = timedelta(minutes=10)
"""How long one may be away at the provider."""
Purpose = Literal["sign_in", "bind", "again"]


class WayOver(Refused):
    """The way back was used already, is too old, or belongs to another browser or provider."""

    code = "WF-S848"
    sentence = _("時間がたったか、別の画面で始めた確認のため、続けられません。")
    remedy = _("サインインの画面からやり直してください。確認の途中で、別のタブを開かないでください。")
    status = 410


class ProviderRefused(Refused):
    """The provider itself said no, or the person turned back there."""

    code = "WF-S849"
    sentence = _("外部のID基盤で、確認が取り消されたか断られました。")
    remedy = _("もう一度お試しになるか、パスワードでサインインしてください。")
    status = 403


class IdentityUnknown(Refused):
    """Nobody of the organisation is bound to this identity; nothing was made."""

    code = "WF-S850"
    sentence = _("この外部のIDは、まだどの利用者とも結び付いていません。")
    remedy = _(
        "パスワードでサインインして「外部のID」の画面で結び付けるか、会社の管理者に知らせてください。自動では登録されません。"
    )
    status = 403


class OtherPerson(Refused):
    """The identity that came back is not that of the person who is signed in."""

    code = "WF-S851"
    sentence = _("外部のID基盤で確認された人が、いまサインインしている人と違います。")
    remedy = _("外部のID基盤からいったんサインアウトし、自分のIDで確認してください。")
    status = 403


@dataclass(frozen=True, kw_only=True)
class Leaving:
    """A way out: the address at the provider, and the state that the browser keeps in a cookie until it is back."""

    address: str
    state: str


@dataclass(frozen=True, kw_only=True)
class Here:
    """The session of the browser that comes back, where binding and proving again happen."""

    session_id: UUID
    actor: Actor


@dataclass(frozen=True, kw_only=True)
class Back:
    """What a way back ends in: a sign-in that goes on, a bound identity, or a session's new token."""

    purpose: Purpose
    goes_to: str
    process: str = ""
    session_token: str = ""


def start(
    *, provider_id: UUID, purpose: Purpose, back: str, visitor: Visitor, at: datetime, by: Actor | None = None
) -> Leaving:
    """Send a browser to a provider; `by` is the person who binds or proves themselves again, at their organisation's.

    Raises `NotFound`, `LevelTooLow`, `TooManyAttempts`, and what `federation.describe` refuses.
    """
    attempts.take(purpose="external.address", subject=visitor.address, at=at)
    if purpose == "bind" and by is not None:
        factors.insist_may_change(by=by)
    provider = identity_providers.living(organisation_id=by.organisation_id if by else None, provider_id=provider_id)
    found = federation.describe(provider.issuer)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _each in range(3))
    ExternalSignIn.objects.create(
        state_hash=digest(state),
        provider=provider,
        nonce=nonce,
        verifier=verifier,
        purpose=purpose,
        binds_member_id=by.id if by else None,
        back=back[:500],
        started_at=at,
    )
    address = federation.leave_for(
        found,
        client_id=provider.client_id,
        back=way_back(provider_id=provider.id),
        state=state,
        nonce=nonce,
        verifier=verifier,
        again=purpose != "sign_in",
    )
    return Leaving(address=address, state=state)


def finish(
    *,
    provider_id: UUID,
    answer: Mapping[str, str],
    kept_state: str,
    here: Here | None,
    visitor: Visitor,
    at: datetime,
) -> Back:
    """Take what a browser brought back from a provider, believe it or not, and do what it left for.

    `answer` is the query of the way back, `kept_state` the browser's cookie. Raises `WayOver`, `ProviderRefused`,
    `NotBelieved`, `IdentityUnknown`, `OtherPerson`, `IdentityTaken`, and what the provider's silence raises.
    """
    row = _taken(provider_id, answer.get("state", ""), kept_state, at)
    provider = row.provider
    try:
        told = _told(row, answer, at)
    except NotBelieved as fault:
        _note(provider, None, visitor, at, fault=fault.fault)
        raise
    if row.purpose == "sign_in":
        process = _begin(provider, told, visitor, at)
        return Back(purpose="sign_in", goes_to=row.back, process=process)
    if here is None or here.actor.id is None or here.actor.id != row.binds_member_id:
        raise WayOver
    if told.proven_at is None or told.proven_at < row.started_at - timedelta(seconds=federation.LEEWAY):
        _note(provider, here.actor.id, visitor, at, fault="auth_time")
        raise NotBelieved("auth_time")
    if row.purpose == "bind":
        identity_providers.bind(
            organisation_id=provider.organisation_id,
            provider_id=provider.id,
            member_id=here.actor.id,
            subject=told.subject,
            by=here.actor,
            at=at,
        )
        return Back(purpose="bind", goes_to=row.back)
    return Back(purpose="again", goes_to=row.back, session_token=_again(provider, told, here, visitor, at))


def way_back(*, provider_id: UUID) -> str:
    """The address that a provider has to know and to send browsers back to; each provider has its own (RFC 9700)."""
    path = reverse("entrance:external.back", kwargs={"provider_id": provider_id})
    return f"{settings.WARIFU.site_url}{path}"


def tidy(*, at: datetime) -> int:
    """Forget ways out that are over; for the daily round. Returns how many."""
    return ExternalSignIn.objects.filter(started_at__lt=at - LASTS).delete()[0]


def _taken(provider_id: UUID, state: str, kept_state: str, at: datetime) -> ExternalSignIn:
    """The row of a way out, used up by this call whatever comes of it."""
    if not state or not hmac.compare_digest(state.encode(), kept_state.encode()):
        raise WayOver
    running = ExternalSignIn.objects.filter(
        state_hash=digest(state),
        provider_id=provider_id,
        provider__ended_at=None,
        used_at=None,
        started_at__gt=at - LASTS,
    )
    row = running.select_related("provider").first()
    if row is None or running.update(used_at=at) != 1:
        raise WayOver
    return row


def _told(row: ExternalSignIn, answer: Mapping[str, str], at: datetime) -> Told:
    provider = row.provider
    found = federation.describe(provider.issuer)
    named = answer.get("iss", "")
    if named != provider.issuer and (named or found.names_issuer):
        raise NotBelieved("iss")
    if "error" in answer or not answer.get("code"):
        raise ProviderRefused
    id_token, access_token = federation.exchange(
        found,
        client_id=provider.client_id,
        secret=identity_providers.secret_of(provider=provider),
        code=answer["code"],
        back=way_back(provider_id=provider.id),
        verifier=row.verifier,
    )
    return federation.believe(
        found, client_id=provider.client_id, id_token=id_token, access_token=access_token, nonce=row.nonce, at=at
    )


def _begin(provider: IdentityProvider, told: Told, visitor: Visitor, at: datetime) -> str:
    identity = _identity(provider, told, at)
    if identity is None:
        _note(provider, None, visitor, at, fault="unknown")
        raise IdentityUnknown
    member = organisations.member(organisation_id=provider.organisation_id, member_id=identity.member_id)
    if not member.is_active:
        _note(provider, member.id, visitor, at, fault="left")
        raise IdentityUnknown
    return signin.begin_for(
        organisation_id=provider.organisation_id,
        member=member,
        subject="",
        factors=(federation.strength(told, strong=provider.level_two_acr, at=at),),
        at=at,
    )


def _again(provider: IdentityProvider, told: Told, here: Here, visitor: Visitor, at: datetime) -> str:
    identity = _identity(provider, told, at)
    if identity is None or identity.member_id != here.actor.id:
        _note(provider, here.actor.id, visitor, at, fault="other person")
        raise OtherPerson
    return stepup.raise_level(
        session_id=here.session_id,
        factor=federation.strength(told, strong=provider.level_two_acr, at=at),
        address=visitor.address,
        by=here.actor,
        at=at,
    )


def _identity(provider: IdentityProvider, told: Told, at: datetime) -> ExternalIdentity | None:
    bound = ExternalIdentity.objects.filter(provider=provider, subject=told.subject, ended_at=None)
    row = bound.first()
    if row is not None:
        bound.update(used_at=at)
    return row


def _note(provider: IdentityProvider, member_id: UUID | None, visitor: Visitor, at: datetime, *, fault: str) -> None:
    with transaction.atomic():
        audit.record(
            event=Events.SIGN_IN_FAILED,
            by=SYSTEM,
            at=at,
            organisation_id=provider.organisation_id,
            subject_id=member_id,
            factor="external",
            provider=provider.name,
            fault=fault,
            address=visitor.address,
        )
