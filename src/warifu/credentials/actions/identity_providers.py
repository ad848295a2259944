"""外部のID基盤 of an organisation: add, end, and bind a member's identity beforehand (L-26, 000-18)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.credentials import federation, sealing
from warifu.credentials.actions import factors
from warifu.credentials.models import ExternalIdentity, IdentityProvider
from warifu.foundation.actor import Actor, Role
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, require

MAY_BE_BOUND = Role.EMPLOYEE | Role.CUSTOMER
"""Whom an administrator may bind beforehand; everybody who works with others' data binds their own identity (S-09)."""


class ProviderThere(Refused):
    """The organisation has this provider already."""

    code = "WF-S845"
    sentence = _("この外部のID基盤は、もう登録されています。")
    remedy = _("一覧で確かめてください。設定を変えるときは、いったん使うのをやめてから登録し直します。")


class IdentityTaken(Refused):
    """The identity at the provider belongs to somebody already."""

    code = "WF-S846"
    sentence = _("この外部のIDは、すでに結び付いています。")
    remedy = _("別の外部のIDでやり直すか、いまの結び付きを外してから、もう一度お試しください。")


class BindsOwn(Refused):
    """An administrator would open the way in for somebody who works with others' data."""

    code = "WF-S847"
    sentence = _("会社側の役割を持つ人の外部のIDは、本人だけが結び付けられます。")
    remedy = _("本人に、サインインして「外部のID」の画面から結び付けてもらってください。")
    status = 403


def add(
    *,
    organisation_id: UUID,
    name: str,
    issuer: str,
    client_id: str,
    secret: str,
    level_two_acr: Sequence[str],
    by: Actor,
    at: datetime,
    provider_id: UUID | None = None,
) -> UUID:
    """Let an organisation's people sign in with a provider that describes itself by exactly this issuer.

    `level_two_acr` are the values of acr or amr that count as two factors. `provider_id` is the one whose way back the
    provider has been told already. Raises `NotPermitted`, `LevelTooLow`,
    `ProviderThere`, and what `federation.describe` refuses.
    """
    require(by=by, permission=Permission.SECURITY_MANAGE, organisation_id=organisation_id)
    issuer = issuer.strip()
    federation.insist_callable(issuer)
    federation.describe(issuer)
    provider_id = provider_id or uuid4()
    try:
        with transaction.atomic():
            IdentityProvider.objects.create(
                id=provider_id,
                organisation_id=organisation_id,
                name=name.strip(),
                issuer=issuer,
                client_id=client_id.strip(),
                sealed_secret=sealing.seal(secret.strip().encode(), place=_place(provider_id)),
                level_two_acr=[value.strip() for value in level_two_acr if value.strip()],
                created_at=at,
            )
            audit.record(
                event=Events.PROVIDER_ADDED,
                by=by,
                at=at,
                organisation_id=organisation_id,
                subject_id=provider_id,
                name=name.strip(),
                issuer=issuer,
                strong=list(level_two_acr),
            )
    except IntegrityError:
        raise ProviderThere from None
    return provider_id


def end(*, organisation_id: UUID, provider_id: UUID, by: Actor, at: datetime) -> None:
    """Stop signing in by a provider at once; what was bound to it stays in the record. Raises `NotFound`."""
    require(by=by, permission=Permission.SECURITY_MANAGE, organisation_id=organisation_id)
    with transaction.atomic():
        living = IdentityProvider.objects.filter(organisation_id=organisation_id, id=provider_id, ended_at=None)
        name = living.values_list("name", flat=True).first()
        if living.update(ended_at=at) != 1:
            raise NotFound
        ended = ExternalIdentity.objects.filter(provider_id=provider_id, ended_at=None).update(ended_at=at)
        audit.record(
            event=Events.PROVIDER_ENDED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=provider_id,
            name=name,
            count=ended,
        )


def bind_for(
    *, organisation_id: UUID, provider_id: UUID, member_id: UUID, subject: str, by: Actor, at: datetime
) -> None:
    """Bind a member's identity beforehand, by the provider's subject; the member hears of it.

    Raises `NotPermitted`, `NotFound`, `IdentityTaken`, and `BindsOwn` for everybody beyond `MAY_BE_BOUND`.
    """
    require(by=by, permission=Permission.SECURITY_MANAGE, organisation_id=organisation_id)
    member = organisations.member(organisation_id=organisation_id, member_id=member_id)
    if not member.is_active:
        raise NotFound
    if member.roles & ~MAY_BE_BOUND:
        raise BindsOwn
    bind(
        organisation_id=organisation_id,
        provider_id=provider_id,
        member_id=member_id,
        subject=subject.strip(),
        by=by,
        at=at,
    )


def bind(*, organisation_id: UUID, provider_id: UUID, member_id: UUID, subject: str, by: Actor, at: datetime) -> None:
    """Tie a subject of a provider to a member, with the letter that every new factor brings.

    For `bind_for`, and for `external.finish` when the provider has just said who it is. Raises `NotFound`,
    `IdentityTaken`.
    """
    with transaction.atomic():
        provider = living(organisation_id=organisation_id, provider_id=provider_id)
        if ExternalIdentity.objects.filter(provider=provider, member_id=member_id, ended_at=None).exists():
            raise IdentityTaken
        try:
            with transaction.atomic():
                ExternalIdentity.objects.create(provider=provider, member_id=member_id, subject=subject, bound_at=at)
        except IntegrityError:
            raise IdentityTaken from None
        factors.note_added(
            organisation_id=organisation_id,
            factor="external",
            name=provider.name,
            by=by,
            at=at,
            member_id=member_id,
        )


def unbind(*, organisation_id: UUID, identity_id: UUID, by: Actor, at: datetime) -> None:
    """Untie an identity: one's own, or a member's by an administrator. Raises `NotFound`, `NotPermitted`."""
    with transaction.atomic():
        bound = ExternalIdentity.objects.filter(
            id=identity_id, provider__organisation_id=organisation_id, ended_at=None
        )
        row = bound.select_related("provider").first()
        if row is None:
            raise NotFound
        if row.member_id != by.id:
            require(by=by, permission=Permission.SECURITY_MANAGE, organisation_id=organisation_id)
        else:
            factors.insist_may_change(by=by)
        if bound.update(ended_at=at) != 1:
            raise NotFound
        factors.note_revoked(
            organisation_id=organisation_id,
            member_id=row.member_id,
            factor="external",
            name=row.provider.name,
            by=by,
            at=at,
        )


def living(*, organisation_id: UUID | None, provider_id: UUID) -> IdentityProvider:
    """A provider that is in use, of one organisation or of any (None). Raises `NotFound`."""
    rows = IdentityProvider.objects.filter(id=provider_id, ended_at=None)
    if organisation_id is not None:
        rows = rows.filter(organisation_id=organisation_id)
    row = rows.first()
    if row is None:
        raise NotFound
    return row


def secret_of(*, provider: IdentityProvider) -> str:
    """The client secret that the provider gave. Raises `BoxBroken`."""
    return sealing.open_box(provider.sealed_secret, place=_place(provider.id)).decode()


def _place(provider_id: UUID) -> str:
    return f"identity_provider|{provider_id}"
