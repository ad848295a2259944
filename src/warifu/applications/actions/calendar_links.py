"""Calendar feeds of an application: made, replaced and revoked by the applicant (B4)."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

from django.db import transaction

from warifu.applications.actions.states import owned
from warifu.applications.models import CalendarLink
from warifu.audit import actions as audit
from warifu.audit.events import Applications as Events
from warifu.credentials.rules.secrets import digest
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import NotFound
from warifu.notices import links
from warifu.notices.links import LateLink
from warifu.organisations.rules import Permission, require


def make(*, organisation_id: UUID, application_id: UUID, by: Actor, at: datetime) -> str:
    """The address at which a calendar program may read the application's days; an earlier one is dead.

    It is told this once; the table keeps a hash of its token only. Raises `NotPermitted`, `NotFound`.
    """
    require(by=by, permission=Permission.APPLY, organisation_id=organisation_id)
    row = owned(organisation_id=organisation_id, application_id=application_id)
    if by.id is None:
        raise NotFound
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        CalendarLink.objects.filter(application=row, revoked_at=None).update(revoked_at=at)
        CalendarLink.objects.create(application=row, token_hash=digest(token), made_by_id=by.id, made_at=at)
        audit.record(event=Events.CALENDAR_SHARED, by=by, at=at, organisation_id=organisation_id, subject_id=row.id)
    return links.resolve(LateLink(kind="page", reference=f"/calendar/{token}.ics"))


def revoke(*, organisation_id: UUID, application_id: UUID, by: Actor, at: datetime) -> None:
    """End the feed. Raises `NotPermitted`, `NotFound`, also when there is none."""
    require(by=by, permission=Permission.APPLY, organisation_id=organisation_id)
    row = owned(organisation_id=organisation_id, application_id=application_id)
    with transaction.atomic():
        if CalendarLink.objects.filter(application=row, revoked_at=None).update(revoked_at=at) != 1:
            raise NotFound
        audit.record(event=Events.CALENDAR_ENDED, by=by, at=at, organisation_id=organisation_id, subject_id=row.id)
