"""What proves possession of a card or a licence: derived from the row, never kept (A1)."""

from __future__ import annotations

import hmac
from uuid import UUID

from django.conf import settings

from warifu.foundation.refusals import translatable as _
from warifu.licences.models import Licence, RegistrationCard
from warifu.licences.rules import codes
from warifu.licences.rules.codes import Code
from warifu.notices.links import LinkDead


def of_row(*, kind: Code, row_id: UUID) -> str:
    """The confirmation number of a card, or the key of a licence."""
    return codes.derived(kind=kind, key=settings.WARIFU.link_key_bytes, reference=str(row_id))


def fits(*, kind: Code, row_id: UUID, code: str) -> bool:
    """Whether a code is the one of a row; takes as long for a wrong one."""
    return hmac.compare_digest(of_row(kind=kind, row_id=row_id), code)


def registering_of(*, reference: str) -> str:
    """The registration confirmation for a letter. Raises `LinkDead` once the card is used or revoked."""
    return _of_card(Code.REGISTERING, reference)


def support_of(*, reference: str) -> str:
    """The support confirmation for a letter. Raises `LinkDead` once the card is used or revoked."""
    return _of_card(Code.SUPPORT, reference)


def key_of(*, reference: str) -> str:
    """The licence key for a letter. Raises `LinkDead` once the licence is revoked."""
    if not Licence.objects.filter(id=reference).exclude(state=Licence.State.REVOKED).exists():
        raise LinkDead(_("ライセンスが取り消されたため、送りませんでした。"))
    return codes.shown(of_row(kind=Code.KEY, row_id=UUID(reference)))


def _of_card(kind: Code, reference: str) -> str:
    if not RegistrationCard.objects.filter(id=reference, state=RegistrationCard.State.ISSUED).exists():
        raise LinkDead(_("カードは登録済みか取り消されたため、送りませんでした。"))
    return codes.shown(of_row(kind=kind, row_id=UUID(reference)))
