"""Verbs for 個人番号: seal, reveal, use, allow purposes, destroy.

`reveal` and `use_many` are their own outermost transaction (see `uses`); the others join the caller's.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from warifu.audit import actions as audit
from warifu.audit.events import Vault as Events
from warifu.foundation.actor import Actor, ActorKind
from warifu.foundation.days import jst_day
from warifu.foundation.ids import new_ids
from warifu.foundation.purposes import CHOOSABLE, Purpose
from warifu.foundation.refusals import NotFound, Refused
from warifu.organisations import queries as organisations
from warifu.organisations.rules import NotPermitted, Permission, may
from warifu.vault import rules, sealing
from warifu.vault.actions import uses
from warifu.vault.models import SealedNumber
from warifu.vault.rules import MyNumber


class _Row(NamedTuple):
    ref: UUID
    subject_id: UUID
    key_id: int | None
    wrapped_key: bytes | None
    sealed: bytes | None
    purposes: frozenset[str]


def seal(
    *, number: MyNumber, organisation_id: UUID, subject_id: UUID, purposes: Collection[Purpose], by: Actor, at: datetime
) -> UUID:
    """Seal a person's number for the purposes they were told of; returns its reference.

    Raises `NotPermitted` unless the actor hands in or enters for somebody, and `NoPurposes`. Writes a use record and
    a trail entry.
    """
    return seal_many(numbers=[(subject_id, number)], organisation_id=organisation_id, purposes=purposes, by=by, at=at)[
        0
    ]


def seal_many(
    *,
    numbers: Sequence[tuple[UUID, MyNumber]],
    organisation_id: UUID,
    purposes: Collection[Purpose],
    by: Actor,
    at: datetime,
) -> list[UUID]:
    """Seal the numbers of many persons as `seal` does, in a few statements; references in the order of `numbers`."""
    _require_hand_in(by, organisation_id)
    codes = _codes(purposes)
    use = uses.Use(act="seal", organisation_id=organisation_id, by=by, at=at)
    with transaction.atomic():
        secret = sealing.current_organisation_secret(organisation_id=organisation_id, at=at)
        refs = new_ids(len(numbers))
        rows = [
            _sealed(secret, organisation_id, ref, subject_id, number)
            for ref, (subject_id, number) in zip(refs, numbers, strict=True)
        ]
        uses.insert_many(
            model=SealedNumber,
            names=("ref", "subject_id", "wrapped_key", "sealed", "tag"),
            rows=rows,
            shared={"organisation": organisation_id, "key_id": secret.id, "purposes": codes, "created_at": at},
        )
        uses.write(use=use, of=[(ref, subject_id) for ref, subject_id, *_ in rows])
        audit.record_many(
            event=Events.SEALED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subjects=[(subject_id, {"purposes": codes}) for subject_id, _ in numbers],
        )
    return refs


def reveal(*, ref: UUID, organisation_id: UUID, purpose: Purpose, document: str, by: Actor, at: datetime) -> MyNumber:
    """Open one number for a handler's eyes.

    Needs the permission NUMBER_REVEAL, a running appointment that covers the purpose, a purpose that the person was
    told of (or the handling's own work), and a sign-in of the last five minutes. Writes a use record and a trail
    entry, allowed or denied. Raises `NotPermitted`, `PurposeNeeded`, `NotFound`, `NumberDestroyed`,
    `PurposeNotAnnounced`, `NotAppointed`, `SignInNotRecent`, `rules.SealBroken`; RuntimeError inside a transaction.
    Sources: P-01, P-07, S-03, S-07, S-09, L-25.
    """
    use = uses.Use(act="reveal", organisation_id=organisation_id, by=by, at=at, purpose=purpose, document=document)
    return _take(use, [ref])[ref]


def use_many(
    *, refs: Collection[UUID], organisation_id: UUID, purpose: Purpose, document: str, by: Actor, at: datetime
) -> dict[UUID, MyNumber]:
    """Open many numbers for one document, all or none; the conditions and refusals of `reveal`.

    Writes one use record a number and one trail entry with their count; no query or key derivation a number.
    """
    use = uses.Use(act="use", organisation_id=organisation_id, by=by, at=at, purpose=purpose, document=document)
    return _take(use, list(dict.fromkeys(refs)))


def allow_purposes(
    *, subject_id: UUID, organisation_id: UUID, purposes: Collection[Purpose], by: Actor, at: datetime
) -> None:
    """Add purposes to a person's numbers, once the notice that names them has been delivered (P-03)."""
    _require_hand_in(by, organisation_id)
    codes = _codes(purposes)
    with transaction.atomic():
        rows = SealedNumber.objects.select_for_update().filter(
            organisation_id=organisation_id, subject_id=subject_id, destroyed_at=None
        )
        for row in rows:
            added = [code for code in codes if code not in row.purposes]
            if added:
                SealedNumber.objects.filter(ref=row.ref).update(purposes=[*row.purposes, *added])
                audit.record(
                    event=Events.PURPOSES_ADDED,
                    by=by,
                    at=at,
                    organisation_id=organisation_id,
                    subject_id=subject_id,
                    purposes=added,
                )


def destroy(*, ref: UUID, organisation_id: UUID, reason: str, by: Actor, at: datetime) -> None:
    """Destroy a number: its data key, cipher text and tag are gone; the row and its records stay (R-06, R-07).

    Raises `NotPermitted`, `NotFound`, `NumberDestroyed`.
    """
    _require_hand_in(by, organisation_id)
    use = uses.Use(
        act="destroy", organisation_id=organisation_id, by=by, at=at, purpose=Purpose.DELETION, document=reason
    )
    with transaction.atomic():
        row = SealedNumber.objects.filter(ref=ref, organisation_id=organisation_id).first()
        if row is None:
            raise NotFound
        changed = SealedNumber.objects.filter(ref=ref, destroyed_at=None).update(
            key_id=None, wrapped_key=None, sealed=None, tag=None, destroyed_at=at
        )
        if changed != 1:
            raise rules.NumberDestroyed
        uses.write(use=use, of=[(ref, row.subject_id)])
        audit.record(
            event=Events.NUMBER_DESTROYED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=row.subject_id,
            reason=use.document_name,
        )


def _take(use: uses.Use, refs: list[UUID]) -> dict[UUID, MyNumber]:
    if use.by.organisation_id not in (None, use.organisation_id):
        elsewhere = replace(use, organisation_id=use.by.organisation_id)
        raise uses.deny(use=elsewhere, refusal=NotFound, ref=_only(refs), subject_id=None)
    with transaction.atomic(durable=True):
        rows = list(_rows(use.organisation_id, refs))
        refusal = _why_not(use, refs, rows)
        if refusal is None:
            try:
                opened = _opened(use.organisation_id, rows)
            except rules.SealBroken:
                refusal = rules.SealBroken
            else:
                _record(use, rows)
                return opened
    subject_id = rows[0].subject_id if len(refs) == len(rows) == 1 else None
    raise uses.deny(use=use, refusal=refusal, ref=_only(refs), subject_id=subject_id)


def _why_not(use: uses.Use, refs: list[UUID], rows: list[_Row]) -> type[Refused] | None:
    permission = Permission.NUMBER_REVEAL
    refusal = rules.why_not_ask(
        by=use.by, permission=permission, organisation_id=use.organisation_id, purpose=use.purpose
    )
    if refusal is not None:
        return refusal
    if len(rows) < len(refs):
        return NotFound
    if any(row.sealed is None for row in rows):
        return rules.NumberDestroyed
    assert isinstance(use.purpose, Purpose)  # noqa: S101
    return rules.why_not_have(
        by=use.by,
        permission=permission,
        purpose=use.purpose,
        announced=[use.purpose] if all(use.purpose.value in row.purposes for row in rows) else [],
        appointed=_appointed(use),
        at=use.at,
    )


def _appointed(use: uses.Use) -> frozenset[Purpose]:
    """The purposes that the actor of a use is appointed for today."""
    if use.by.id is None:
        return frozenset()
    return organisations.appointed_purposes(
        organisation_id=use.organisation_id, member_id=use.by.id, on=jst_day(use.at)
    )


def _record(use: uses.Use, rows: list[_Row]) -> None:
    uses.write(use=use, of=[(row.ref, row.subject_id) for row in rows])
    audit.record(
        event=Events.REVEALED if use.act == "reveal" else Events.USED,
        by=use.by,
        at=use.at,
        organisation_id=use.organisation_id,
        subject_id=rows[0].subject_id if len(rows) == 1 else None,
        purpose=use.purpose_code,
        document=use.document_name,
        count=len(rows),
    )


def _rows(organisation_id: UUID, refs: list[UUID]) -> Iterator[_Row]:
    """The rows of refs that belong to the organisation, without the converters of a query set a value.

    COALESCE hides the organisation from SQLite's planner, which else walks all of its rows for every batch of refs.
    """
    is_native = connection.features.has_native_uuid_field
    stored = {ref if is_native else ref.hex: ref for ref in refs}
    keys = list(stored)
    with connection.cursor() as cursor:
        for start in range(0, len(keys), uses.BATCH):
            chunk = keys[start : start + uses.BATCH]
            marks = ", ".join(["%s"] * len(chunk))
            cursor.execute(
                f"SELECT {', '.join(_Row._fields)} FROM {SealedNumber._meta.db_table} "  # noqa: S608
                f"WHERE COALESCE(organisation_id, organisation_id) = %s AND ref IN ({marks})",
                [organisation_id if is_native else organisation_id.hex, *chunk],
            )
            for ref, subject_id, key_id, wrapped, sealed, purposes in cursor:
                subject = subject_id if is_native else UUID(subject_id)
                yield _Row(stored[ref], subject, key_id, wrapped, sealed, _announced(purposes))


@lru_cache(maxsize=1024)
def _announced(purposes: str) -> frozenset[str]:
    return frozenset(json.loads(purposes))


def _opened(organisation_id: UUID, rows: list[_Row]) -> dict[UUID, MyNumber]:
    return {
        row.ref: MyNumber.opened(
            sealing.open_number(
                organisation_id=organisation_id, ref=row.ref, key_id=row.key_id, wrapped=row.wrapped_key, box=row.sealed
            )
        )
        for row in rows
    }


def _sealed(
    secret: sealing.OrganisationSecret, organisation_id: UUID, ref: UUID, subject_id: UUID, number: MyNumber
) -> tuple[UUID, UUID, bytes, bytes, bytes]:
    """One row: ref, subject, wrapped key, sealed number, tag."""
    digits = number.digits_for_sealing()
    wrapped, box = sealing.seal_number(secret, organisation_id=organisation_id, ref=ref, digits=digits)
    return ref, subject_id, wrapped, box, secret.tag(digits)


def _require_hand_in(by: Actor, organisation_id: UUID) -> None:
    """Persons hand in and withdraw their own, handlers enter for them; operators and tokens have no part in it."""
    if by.kind not in (ActorKind.MEMBER, ActorKind.SYSTEM):
        raise NotPermitted
    own, other = Permission.OWN_RECORD, Permission.ENTER_FOR
    if not any(may(by=by, permission=one, organisation_id=organisation_id) for one in (own, other)):
        raise NotPermitted


def _codes(purposes: Collection[Purpose]) -> list[str]:
    if not purposes or not set(purposes) <= set(CHOOSABLE):
        raise rules.NoPurposes
    return [purpose.value for purpose in CHOOSABLE if purpose in purposes]


def _only(refs: list[UUID]) -> UUID | None:
    return refs[0] if len(refs) == 1 else None
