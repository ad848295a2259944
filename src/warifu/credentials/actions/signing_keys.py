"""署名鍵 of the installation: made, replaced, forgotten (ES256; the private half is sealed)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.credentials import federation, sealing
from warifu.credentials.models import SigningKey
from warifu.foundation.actor import OPERATOR, SYSTEM, Actor
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _

OLDEST = timedelta(days=90)
"""A key is replaced after this."""
STILL_SHOWN = timedelta(days=2)
"""A replaced key stays in the list of keys for so long, for those who keep the list for a day."""


class OperatorsOnly(Refused):
    """Keys of the installation are replaced by its operator or by the house itself."""

    code = "WF-S852"
    sentence = _("署名の鍵は、この割符の運用者だけが取り替えられます。")
    remedy = _("運用者に `warifu keys rotate --signing` を依頼してください。")
    status = 403


def current(*, at: datetime) -> tuple[str, bytes]:
    """The id and the private half of the key that signs now; makes the first one. Raises `CredentialKeyMissing`."""
    row = SigningKey.objects.filter(retired_at=None).order_by("-created_at").first()
    if row is None:
        rotate(by=SYSTEM, at=at)
        row = SigningKey.objects.filter(retired_at=None).order_by("-created_at")[0]
    return row.id, sealing.open_box(row.sealed_key, place=_place(row.id))


def rotate(*, by: Actor, at: datetime) -> str:
    """Make a new key that signs from now on, and retire those before it; returns its id. Raises `OperatorsOnly`."""
    if by not in (SYSTEM, OPERATOR):
        raise OperatorsOnly
    kid, public, private = federation.new_signing_key()
    with transaction.atomic():
        SigningKey.objects.filter(retired_at=None).update(retired_at=at)
        SigningKey.objects.create(
            id=kid, public_jwk=public, sealed_key=sealing.seal(private, place=_place(kid)), created_at=at
        )
        audit.record(event=Events.SIGNING_KEY_MADE, by=by, at=at, organisation_id=None, kid=kid)
    return kid


def daily(*, at: datetime) -> int:
    """Replace a key that is older than `OLDEST` and forget those long retired. Returns how many were touched."""
    gone = SigningKey.objects.filter(retired_at__lt=at - STILL_SHOWN).delete()[0]
    if SigningKey.objects.filter(retired_at=None, created_at__lt=at - OLDEST).exists():
        rotate(by=SYSTEM, at=at)
        return gone + 1
    return gone


def _place(kid: str) -> str:
    return f"signing_key|{kid}"
