"""取扱記録: every reveal and use, allowed or denied, leaves one (S-03).

An allowed use writes its record in the transaction that opens the seal. A denied one raises, and what raises is
rolled back; so a denial is written in a transaction of its own that commits before the refusal leaves the vault.
For that the verbs that open seals (`numbers.reveal`, `numbers.use_many`, `files.open_picture`) insist on being the
outermost transaction: called inside another they raise RuntimeError at once, allowed or not. Call them first, then
open a transaction for changes of one's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from warifu.audit import actions as audit
from warifu.audit.events import Vault as Events
from warifu.foundation.actor import Actor
from warifu.foundation.ids import new_id
from warifu.foundation.masking import mask_numbers
from warifu.foundation.purposes import Purpose
from warifu.foundation.refusals import Refused
from warifu.vault.models import UseRecord

BATCH = 1000


@dataclass(frozen=True, kw_only=True)
class Use:
    """What is being done, for what, by whom: the part of a record that many numbers share."""

    act: str
    organisation_id: UUID
    by: Actor
    at: datetime
    purpose: object = None
    document: str = ""

    @property
    def purpose_code(self) -> str:
        """The purpose's code; empty when none of the closed list was given."""
        return self.purpose.value if isinstance(self.purpose, Purpose) else ""

    @property
    def document_name(self) -> str:
        """The document's name as it may be kept: without twelve-digit runs, and not too long."""
        return mask_numbers(self.document)[:200]


def write(use: Use, *, of: Iterable[tuple[UUID | None, UUID | None]], refusal: type[Refused] | None = None) -> None:
    """Write one record for each `(ref, subject)`, inside the caller's transaction, in a few statements."""
    fields = [field for field in UseRecord._meta.concrete_fields if field.name not in ("id", "ref", "subject_id")]
    values = {
        "organisation": use.organisation_id,
        "act": use.act,
        "allowed": refusal is None,
        "reason": refusal.code if refusal else "",
        "purpose": use.purpose_code,
        "document": use.document_name,
        "actor_kind": use.by.kind.value,
        "actor_id": use.by.id,
        "actor_label": use.by.label[:310],
        "at": use.at,
    }
    shared = [field.get_db_prep_save(values[field.name], connection) for field in fields]
    columns = ", ".join(["id", "ref", "subject_id", *(field.attname for field in fields)])
    marks = ", ".join(["%s"] * (3 + len(fields)))
    rows = [[_column(new_id()), _column(ref), _column(subject_id), *shared] for ref, subject_id in of]
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {UseRecord._meta.db_table} ({columns}) VALUES ({marks})", rows)  # noqa: S608


def deny(use: Use, *, refusal: type[Refused], ref: UUID | None, subject_id: UUID | None) -> Refused:
    """Write and commit the record and the trail entry of a denied use; returns the refusal to raise."""
    with transaction.atomic(durable=True):
        write(use, of=[(ref, subject_id)], refusal=refusal)
        audit.record(
            event=Events.DENIED,
            by=use.by,
            at=use.at,
            organisation_id=use.organisation_id,
            subject_id=subject_id,
            act=use.act,
            reason=refusal.code,
            purpose=use.purpose_code,
        )
    return refusal()


def _column(value: UUID | None) -> Any:
    if value is None or connection.features.has_native_uuid_field:
        return value
    return value.hex
