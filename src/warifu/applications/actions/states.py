"""How an application changes its state: by one conditional UPDATE along an arrow of `rules.states`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from warifu.applications.models import Application
from warifu.applications.rules.states import ARROWS, NotInThisState, Verb, sources
from warifu.foundation.refusals import NotFound, Refused


def owned(*, organisation_id: UUID, application_id: UUID) -> Application:
    """An organisation's application; raises `NotFound` for anybody else's."""
    row = Application.objects.filter(organisation_id=organisation_id, id=application_id).first()
    if row is None:
        raise NotFound
    return row


def move(
    *,
    application: Application,
    verb: Verb,
    at: datetime,
    must_have: Mapping[str, Any] | None = None,
    refusal: type[Refused] | None = None,
    **values: Any,
) -> None:
    """Do a verb to an application, if its state allows it at this very moment.

    `must_have` are further values it must still have; when only they differ, `refusal` is raised. Raises
    `NotInThisState` otherwise. Exactly one row changes, or none.
    """
    arrows = ARROWS[verb]
    following = arrows.get(application.state)
    if following is not None:
        same = Application.objects.filter(id=application.id, state=application.state, **(must_have or {}))
        if same.update(state=following, changed_at=at, **values) == 1:
            application.state = following
            return
    now = Application.objects.get(id=application.id).state
    if refusal is not None and now in sources(verb):
        raise refusal
    raise NotInThisState(state=Application.State(now).label)
