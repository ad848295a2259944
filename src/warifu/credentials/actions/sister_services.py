"""姉妹サービス of an organisation: register and end (000-17, 000-18)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.credentials.actions import signing_keys
from warifu.credentials.models import SisterCode, SisterService
from warifu.credentials.rules import sharing as rules
from warifu.credentials.rules.secrets import digest
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations.rules import Permission, require


class AddressUnfit(Refused):
    """Browsers cannot be sent to one of the addresses."""

    code = "WF-S853"
    sentence = _("戻り先のアドレスに、使えないものがあります。")
    remedy = _("https:// で始まるアドレスを、一行に一つ、サービスの説明のとおりに入れてください。")
    status = 422


@dataclass(frozen=True, kw_only=True)
class Registered:
    """What the service's people need: its id, and its secret, which is shown this once."""

    service_id: UUID
    client_id: str
    secret: str


def add(
    *, organisation_id: UUID, name: str, redirect_uris: Sequence[str], shares_roles: bool, by: Actor, at: datetime
) -> Registered:
    """Let a service take in this organisation's people. Raises `NotPermitted`, `LevelTooLow`, `AddressUnfit`."""
    require(by=by, permission=Permission.SECURITY_MANAGE, organisation_id=organisation_id)
    addresses = list(dict.fromkeys(address.strip() for address in redirect_uris if address.strip()))
    if not 0 < len(addresses) <= 10 or not all(rules.is_address_of_service(address) for address in addresses):
        raise AddressUnfit
    signing_keys.current(at=at)
    secret, client_id = f"wfs_{secrets.token_urlsafe(32)}", secrets.token_urlsafe(18)
    with transaction.atomic():
        row = SisterService.objects.create(
            organisation_id=organisation_id,
            name=name.strip(),
            client_id=client_id,
            secret_hash=digest(secret),
            redirect_uris=addresses,
            shares_roles=shares_roles,
            created_at=at,
        )
        audit.record(
            event=Events.SISTER_ADDED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=row.id,
            name=row.name,
            addresses=addresses,
            shares_roles=shares_roles,
        )
    return Registered(service_id=row.id, client_id=client_id, secret=secret)


def end(*, organisation_id: UUID, service_id: UUID, by: Actor, at: datetime) -> None:
    """Stop sharing with a service at once; what it was given can no longer be used. Raises `NotFound`."""
    require(by=by, permission=Permission.SECURITY_MANAGE, organisation_id=organisation_id)
    with transaction.atomic():
        living = SisterService.objects.filter(organisation_id=organisation_id, id=service_id, ended_at=None)
        name = living.values_list("name", flat=True).first()
        if living.update(ended_at=at) != 1:
            raise NotFound
        SisterCode.objects.filter(service_id=service_id, revoked_at=None).update(revoked_at=at)
        audit.record(
            event=Events.SISTER_ENDED, by=by, at=at, organisation_id=organisation_id, subject_id=service_id, name=name
        )
