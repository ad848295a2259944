"""What the applicant notes as done after the decision (C4)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from warifu.applications.actions.states import owned
from warifu.applications.models import Application, Tick
from warifu.applications.rules.after import BY_HAND, PointUnknown
from warifu.applications.rules.states import NotInThisState
from warifu.audit import actions as audit
from warifu.audit.events import Applications as Events
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import NotFound
from warifu.organisations.rules import Permission, require


def mark(*, organisation_id: UUID, application_id: UUID, item: str, is_done: bool, by: Actor, at: datetime) -> None:
    """Note a point of the checklist as done, or take the note away; twice the same changes nothing.

    Raises `NotPermitted`, `NotFound`, `PointUnknown` for what is not ticked by hand, `NotInThisState` before approval.
    """
    require(by=by, permission=Permission.APPLY, organisation_id=organisation_id)
    row = owned(organisation_id=organisation_id, application_id=application_id)
    if item not in BY_HAND:
        raise PointUnknown
    if row.state != Application.State.APPROVED:
        raise NotInThisState(state=Application.State(row.state).label)
    if by.id is None:
        raise NotFound
    with transaction.atomic():
        if is_done:
            _tick, changed = Tick.objects.get_or_create(application=row, item=item, defaults={"by_id": by.id, "at": at})
        else:
            changed = Tick.objects.filter(application=row, item=item).delete()[0] == 1
        if changed:
            event = Events.TICKED if is_done else Events.UNTICKED
            audit.record(event=event, by=by, at=at, organisation_id=organisation_id, subject_id=row.id, item=item)
