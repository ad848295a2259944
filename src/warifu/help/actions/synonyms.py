"""The operator's own groups of synonyms, beside the dictionary of the repository."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Help as Events
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.help.models import SynonymGroup
from warifu.help.queries.editing import insist_operator
from warifu.help.rules.searching import normal

MOST = 20


class GroupUnusable(Refused):
    """Synonyms are at least two words."""

    code = "WF-H110"
    sentence = _("言い換えは、違う言葉を2つ以上、{most}個まで入れてください。")
    remedy = _("読点かコンマで区切って入れ直してください。かな、全角・半角、長音の違いは書かなくてかまいません。")
    status = 422


def add(*, words: Sequence[str], by: Actor, at: datetime) -> UUID:
    """Let words mean the same to the search. Raises `NotPermitted`, `GroupUnusable`."""
    operator_id = insist_operator(by=by)
    different = {normal(word): word.strip()[:40] for word in words if normal(word)}
    if not 2 <= len(different) <= MOST:
        raise GroupUnusable(most=MOST)
    listed = list(different.values())
    with transaction.atomic():
        row = SynonymGroup.objects.create(words=listed, changed_at=at)
        audit.record(
            event=Events.SYNONYMS_CHANGED, by=by, at=at, organisation_id=operator_id, subject_id=row.id, words=listed
        )
    return row.id


def remove(*, group_id: UUID, by: Actor, at: datetime) -> None:
    """Let a group go. Raises `NotPermitted`, `NotFound`."""
    operator_id = insist_operator(by=by)
    with transaction.atomic():
        if not SynonymGroup.objects.filter(id=group_id).delete()[0]:
            raise NotFound
        audit.record(
            event=Events.SYNONYMS_CHANGED, by=by, at=at, organisation_id=operator_id, subject_id=group_id, words=[]
        )
