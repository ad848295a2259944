"""Verbs of letter texts: an organisation's own wording of a letter."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Notices as Events
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import NotFound
from warifu.notices import wording
from warifu.notices.models import LetterText
from warifu.organisations.rules import Permission, require


def edit_text(
    *, organisation_id: UUID, kind: str, subject: str, body: str, by: Actor, at: datetime, language: str = "ja"
) -> None:
    """Give a letter the organisation's own words: plain text with placeholders from the kind's list, link included.

    Raises `NotPermitted`, `NotFound` for an unknown kind, `PlaceholderUnknown`, `LinkMissing`, `TextUnusable`.
    """
    require(by=by, permission=Permission.SETTINGS_MANAGE, organisation_id=organisation_id)
    subject, body = subject.strip(), body.replace("\r\n", "\n").strip() + "\n"
    wording.insist_usable(kind=kind, subject=subject, body=body)
    with transaction.atomic():
        LetterText.objects.update_or_create(
            organisation_id=organisation_id,
            kind=kind,
            language=language,
            defaults={"subject": subject, "body": body, "changed_at": at},
        )
        audit.record(
            event=Events.TEXT_CHANGED, by=by, at=at, organisation_id=organisation_id, kind=kind, language=language
        )


def reset_text(*, organisation_id: UUID, kind: str, by: Actor, at: datetime, language: str = "ja") -> None:
    """Go back to our wording. Raises `NotPermitted`, and `NotFound` when the letter has no wording of its own."""
    require(by=by, permission=Permission.SETTINGS_MANAGE, organisation_id=organisation_id)
    with transaction.atomic():
        own = LetterText.objects.filter(organisation_id=organisation_id, kind=kind, language=language)
        if not own.delete()[0]:
            raise NotFound
        audit.record(
            event=Events.TEXT_RESET, by=by, at=at, organisation_id=organisation_id, kind=kind, language=language
        )
