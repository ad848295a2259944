"""The employees' manual: what the organisation chooses for it, and its making as a file (000-42, 000-43)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Help as Events
from warifu.foundation.actor import Actor
from warifu.help.models import EmployeeManual
from warifu.help.rules.manuals import Choices, insist_on_choices
from warifu.organisations.rules import Permission, require


def choose(*, organisation_id: UUID, choices: Choices, by: Actor, at: datetime) -> None:
    """Keep what the manual shall say. Raises `NotPermitted`, `ChoicesUnusable`."""
    require(by=by, permission=Permission.INVITE, organisation_id=organisation_id)
    insist_on_choices(choices=choices)
    with transaction.atomic():
        EmployeeManual.objects.update_or_create(
            organisation_id=organisation_id, defaults={"choices": choices.kept(), "changed_at": at}
        )
        audit.record(event=Events.MANUAL_CHOSEN, by=by, at=at, organisation_id=organisation_id)


def note_made(*, organisation_id: UUID, form: str, by: Actor, at: datetime) -> None:
    """Keep that a file of the manual was made. Raises `NotPermitted`."""
    require(by=by, permission=Permission.INVITE, organisation_id=organisation_id)
    with transaction.atomic():
        audit.record(event=Events.MANUAL_MADE, by=by, at=at, organisation_id=organisation_id, form=form)
