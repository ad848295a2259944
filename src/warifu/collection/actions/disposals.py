"""廃棄: confirm what the vault destroys, and forget here what pointed at it (R-06 … R-08)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from warifu.collection.models import Dependent, Document, Submission
from warifu.collection.queries import subjects
from warifu.collection.queries.subjects import Subject
from warifu.foundation.actor import Actor
from warifu.foundation.days import jst_day
from warifu.notices import actions as notices
from warifu.notices import kinds
from warifu.organisations import queries as organisations
from warifu.vault.actions import disposing
from warifu.vault.actions.disposing import Disposed


def confirm(*, organisation_id: UUID, keeping_ids: Collection[UUID], by: Actor, at: datetime) -> Disposed:
    """Carry out disposals as `disposing.confirm` does, with its refusals.

    Names and the records of identity verification stay, without numbers and pictures (R-08). Each member whose or whose
    family's numbers went is written to, where an address is known.
    """
    with transaction.atomic():
        done = disposing.confirm(organisation_id=organisation_id, keeping_ids=keeping_ids, by=by, at=at)
        gone = done.subject_ids
        own = Submission.objects.filter(organisation_id=organisation_id, entry__member_id__in=gone)
        own.update(number_ref=None)
        Dependent.objects.filter(submission__organisation_id=organisation_id, subject_id__in=gone).update(
            number_ref=None
        )
        pictures = Document.objects.filter(
            submission__organisation_id=organisation_id, submission__entry__member_id__in=gone
        )
        pictures.exclude(state=Document.State.DELETED).update(state=Document.State.DELETED, deleted_at=at)
        _tell(organisation_id, done, by, at)
    return done


def _tell(organisation_id: UUID, done: Disposed, by: Actor, at: datetime) -> None:
    organisation = organisations.organisation(organisation_id=organisation_id)
    families: dict[UUID, list[Subject]] = {}
    for subject in subjects.named(organisation_id=organisation_id, subject_ids=done.subject_ids).values():
        families.setdefault(subject.member_id, []).append(subject)
    letters = [
        notices.Addressed(
            letter=kinds.NumberDisposed(
                organisation_name=organisation.name,
                name=gone[0].member,
                of_whom=tuple(subject.name for subject in gone),
                done_on=jst_day(at),
                contact=organisation.contact,
            ),
            member_id=member_id,
            to_mail=gone[0].mail,
            to_name=gone[0].member,
            key=f"disposed:{done.batch}:{member_id}",
        )
        for member_id, gone in families.items()
        if gone[0].mail
    ]
    notices.post_many(letters=letters, organisation_id=organisation_id, by=by, at=at)
