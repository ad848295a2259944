"""The catalogue of every room's procedures: steppers, check-list pages and manual pages read it (ADR 0014)."""

from __future__ import annotations

from warifu.applications.rules import procedures as applications
from warifu.cards.rules import procedures as cards
from warifu.collection.rules import procedures as collection
from warifu.credentials.rules import procedures as credentials
from warifu.customers.rules import procedures as customers
from warifu.folders.rules import procedures as folders
from warifu.foundation.procedures import Procedure
from warifu.foundation.refusals import NotFound
from warifu.licences.rules import procedures as licences
from warifu.vault.rules import procedures as vault

ALL: tuple[Procedure, ...] = (
    *licences.ALL,
    *credentials.ALL,
    *collection.ALL,
    *vault.ALL,
    *cards.ALL,
    *customers.ALL,
    *folders.ALL,
    *applications.ALL,
)
"""Every procedure of the house, in the order in which organisations meet them."""


def procedure(key: str) -> Procedure:
    """A procedure by its key. Raises `NotFound`."""
    found = next((one for one in ALL if one.key == key), None)
    if found is None:
        raise NotFound
    return found


def with_screen(screen: str) -> list[Procedure]:
    """The procedures that have a step on a screen, by its URL name."""
    return [one for one in ALL if any(step.screen == screen for step in one.steps)]


WAY_IN = ("registration", "start_of_use", "certificate", "sign_in")
"""The first four chapters of the way in, in their order; the flow of the business and a manual for employees follow
(000-1)."""
