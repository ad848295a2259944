"""What can be said of a card without any PIN and without costing a try: `warifu-card info`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from warifu_card import jpki
from warifu_card.card import Card
from warifu_card.faults import NoSuchCertificate, NotOnThisCard, PinRequired, WrongCard
from warifu_card.layout import AUTH_PIN, PROFILE_PIN, SIGN_PASSWORD, Kind, Secret


@dataclass(frozen=True)
class Listed:
    """One certificate: `is_present` by EF 0008; dates only where reading needs no PIN."""

    use: str
    is_present: bool
    not_before: datetime | None = None
    not_after: datetime | None = None


@dataclass(frozen=True)
class Survey:
    """A card at a glance; `tries` has None where the card has no such secret or sets no limit."""

    reader: str
    kind: Kind
    tries: dict[str, int | None]
    certificates: tuple[Listed, ...]


def survey(card: Card) -> Survey:
    """Look at a card. Raises `WrongCard` when it has no JPKI, and what the transport raises."""
    kind = jpki.kind(card)
    listed = tuple(_listed(card, which) for which in jpki.BOTH)
    tries = {secret.name: _tries(card, secret) for secret in (AUTH_PIN, SIGN_PASSWORD, PROFILE_PIN)}
    return Survey(card.reader, kind, tries, listed)


def _listed(card: Card, which: jpki.Which) -> Listed:
    if not jpki.is_present(card, which):
        return Listed(which.name, is_present=False)
    if which.is_private:
        return Listed(which.name, is_present=True)
    try:
        found = jpki.certificate(card, which)
    except PinRequired:
        return Listed(which.name, is_present=True)
    except NoSuchCertificate:
        return Listed(which.name, is_present=False)
    return Listed(which.name, is_present=True, not_before=found.not_before, not_after=found.not_after)


def _tries(card: Card, secret: Secret) -> int | None:
    try:
        return card.tries(secret)
    except (WrongCard, NotOnThisCard):
        return None
