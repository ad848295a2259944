"""取扱記録: every reveal and use, allowed or denied, leaves one (S-03).

An allowed use writes its record in the transaction that opens the seal. A denied one raises, and what raises is
rolled back; so a denial is written in a transaction of its own that commits before the refusal leaves the vault.
For that the verbs that open seals (`numbers.reveal`, `numbers.use_many`, `files.open_picture`) insist on being the
outermost transaction: called inside another they raise RuntimeError at once, allowed or not. Call them first, then
open a transaction for changes of one's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Model

from warifu.audit import actions as audit
from warifu.audit.events import Vault as Events
from warifu.foundation.actor import Actor
from warifu.foundation.ids import new_ids
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


def write(*, use: Use, of: Sequence[tuple[UUID | None, UUID | None]], refusal: type[Refused] | None = None) -> None:
    """Write one record for each `(ref, subject)`, inside the caller's transaction, in one statement."""
    insert_many(
        model=UseRecord,
        names=("id", "ref", "subject_id"),
        rows=((record_id, *about) for record_id, about in zip(new_ids(len(of)), of, strict=True)),
        shared={
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
        },
    )


def insert_many(
    *,
    model: type[Model],
    names: Sequence[str],
    rows: Iterable[Sequence[UUID | bytes | None]],
    shared: Mapping[str, Any],
) -> None:
    """Insert rows of a table of the vault without an object a row (perf: six times as fast).

    `names` are the fields that differ from row to row, UUIDs and bytes; `shared` holds the others by name.
    """
    fields = {field.name: field for field in model._meta.concrete_fields}
    same = [fields[name].get_db_prep_save(value, connection) for name, value in shared.items()]
    columns = ", ".join([*names, *(fields[name].attname for name in shared)])
    marks = ", ".join(["%s"] * (len(names) + len(same)))
    is_native = connection.features.has_native_uuid_field
    if is_native:
        ready = [(*row, *same) for row in rows]
    else:
        ready = [(*(value.hex if type(value) is UUID else value for value in row), *same) for row in rows]
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {model._meta.db_table} ({columns}) VALUES ({marks})", ready)  # noqa: S608


def deny(*, use: Use, refusal: type[Refused], ref: UUID | None, subject_id: UUID | None) -> Refused:
    """Write and commit the record and the trail entry of a denied use; returns the refusal to raise."""
    with transaction.atomic(durable=True):
        write(use=use, of=[(ref, subject_id)], refusal=refusal)
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
