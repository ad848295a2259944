"""The letters of an application, to the person in charge and to the responsible manager (002-18, 002-26)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from warifu.applications.models import Application
from warifu.foundation.actor import Actor
from warifu.notices import actions as notices
from warifu.notices import kinds
from warifu.notices.links import LateLink
from warifu.organisations import queries as organisations


def received(*, application: Application, by: Actor, at: datetime) -> None:
    """The application has arrived."""
    _send(application, kinds.ApplicationReceived, by, at, submitted_at=application.submitted_at)


def sent_back(*, application: Application, reasons: tuple[str, ...], by: Actor, at: datetime) -> None:
    """The reviewer asks something."""
    _send(application, kinds.ApplicationSentBack, by, at, reasons=reasons)


def confirmed(*, application: Application, last_day: date, by: Actor, at: datetime) -> None:
    """It is decided; what comes next and until when."""
    _send(
        application,
        kinds.ApplicationConfirmed,
        by,
        at,
        submitted_at=application.submitted_at,
        starts_on=application.confirmed_start,
        settings_deadline=application.settings_deadline,
        last_day=last_day,
        page="result/",
    )


def rejected(*, application: Application, reason: str, by: Actor, at: datetime) -> None:
    """It is not approved, and why."""
    _send(application, kinds.ApplicationRejected, by, at, reason=reason)


def void(*, application: Application, by: Actor, at: datetime) -> None:
    """The settings were not applied for in time."""
    _send(application, kinds.ApplicationVoid, by, at, settings_deadline=application.settings_deadline)


def window_closing(*, application: Application, last_day: date, by: Actor, at: datetime) -> None:
    """Notices that nobody has opened close soon."""
    _send(application, kinds.WindowClosing, by, at, last_day=last_day, page="result/")


def _send(
    application: Application,
    kind: Callable[..., kinds.Letter],
    by: Actor,
    at: datetime,
    *,
    page: str = "",
    **values: Any,
) -> None:
    organisation = organisations.organisation(organisation_id=application.organisation_id)
    link = LateLink(kind="page", reference=f"/desk/applications/{application.id}/{page}")
    told: set[str] = set()
    for role in ("person", "manager"):
        given = application.form.get(role, {})
        mail = str(given.get("mail", "")).strip()
        if not mail or mail in told:
            continue
        told.add(mail)
        letter = kind(
            organisation_name=organisation.name,
            name=str(given.get("name", "")),
            receipt=application.receipt or "",
            link=link,
            **values,
        )
        notices.post(
            letter=letter,
            organisation_id=application.organisation_id,
            member_id=None,
            to_mail=mail,
            to_name=str(given.get("name", "")),
            key=f"{letter.kind()}:{application.id}:{role}:{at.isoformat()}",
            by=by,
            at=at,
        )
