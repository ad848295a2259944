"""Looking: one picture, one number, each of them written down (001-26, S-07)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Collection as Events
from warifu.collection.actions.verification.shared import NothingToVerify, submission_of
from warifu.collection.models import Dependent, Document, Look, Submission
from warifu.collection.queries import verification as queries
from warifu.foundation.actor import Actor
from warifu.foundation.purposes import Purpose
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.vault.actions import files, numbers
from warifu.vault.rules import MyNumber


class PictureNotReady(Refused):
    """The worker has not yet made the picture upright and clean, or it cannot be read."""

    code = "WF-C502"
    sentence = _("この写真は、まだ開けません（{state}）。")
    remedy = _("整えているときは1分ほど待ってください。読めない写真のときは、差戻して撮り直しを頼んでください。")


def look(*, organisation_id: UUID, submission_id: UUID, document_id: UUID, by: Actor, at: datetime) -> files.OpenedFile:
    """Open one attachment for a checker's eyes and note that they did; a confirmation needs all of them.

    The vault decides who may, and writes its use record and trail entry at every opening, allowed or denied (S-09);
    the first one of each checker is noted here too. Raises `NotFound`, `NothingToVerify`, `PictureNotReady` and what
    `files.open_picture` raises.
    """
    submission = submission_of(organisation_id=organisation_id, submission_id=submission_id)
    document = Document.objects.filter(id=document_id, submission=submission).first()
    if document is None:
        raise NotFound
    if submission.state not in (Submission.State.SUBMITTED, Submission.State.VERIFIED):
        raise NothingToVerify
    if document.state != Document.State.READY:
        raise PictureNotReady(state=Document.State(document.state).label)
    opened = files.open_picture(
        ref=document.image_ref,
        organisation_id=organisation_id,
        document=queries.document_label(paper=document.paper, side=document.side),
        by=by,
        at=at,
    )
    assert by.id is not None  # noqa: S101
    with transaction.atomic():
        _row, is_first = Look.objects.get_or_create(
            document=document, member_id=by.id, defaults={"submission": submission, "at": at}
        )
        if is_first:
            audit.record(
                event=Events.LOOKED_AT,
                by=by,
                at=at,
                organisation_id=organisation_id,
                subject_id=submission.entry.member_id,
                paper=document.paper,
                side=document.side,
            )
    return opened


def reveal(
    *, organisation_id: UUID, submission_id: UUID, by: Actor, at: datetime, dependent_id: UUID | None = None
) -> MyNumber:
    """Show one number of a waiting submission, the person's own or one family member's (S-07).

    Raises `NotFound`, `NothingToVerify` and what `numbers.reveal` raises: it decides and writes it down (S-09).
    """
    submission = submission_of(organisation_id=organisation_id, submission_id=submission_id)
    if submission.state != Submission.State.SUBMITTED:
        raise NothingToVerify
    ref = submission.number_ref
    if dependent_id is not None:
        dependent = Dependent.objects.filter(id=dependent_id, submission=submission).first()
        ref = dependent.number_ref if dependent else None
    if ref is None:
        raise NotFound
    return numbers.reveal(
        ref=ref,
        organisation_id=organisation_id,
        purpose=Purpose.IDENTITY_VERIFICATION,
        document=_("本人確認の画面"),
        by=by,
        at=at,
    )
