"""Verbs of the room 監査証跡: record, seal, verify."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Field, QuerySet, TextField
from django.db.models.functions import Cast

from warifu.audit import rules
from warifu.audit.events import Event, Trail
from warifu.audit.models import THE_HOUSE, Entry, Seal
from warifu.foundation.actor import Actor
from warifu.foundation.ids import new_id, new_ids

BATCH = 1000
"""Entries under one seal at most; bounds the memory of sealing and verifying."""


def record(
    *,
    event: Event,
    by: Actor,
    at: datetime,
    organisation_id: UUID | None = None,
    subject_id: UUID | None = None,
    **values: Any,
) -> None:
    """Append one entry to the trail, inside the caller's transaction.

    `organisation_id` defaults to the actor's. `subject_id` is what the event is about: a member, a roster, a number's
    reference. `values` are JSON values that the timeline may show; never a number, a password or a code.
    Raises RuntimeError outside a transaction: an entry and its change stand or fall together.
    """
    record_many(event=event, by=by, at=at, organisation_id=organisation_id, subjects=[(subject_id, values)])


def record_many(
    *,
    event: Event,
    by: Actor,
    at: datetime,
    subjects: list[tuple[UUID | None, dict[str, Any]]],
    organisation_id: UUID | None = None,
) -> None:
    """Append one entry for each `(subject_id, values)`, as `record` does, in one statement for all."""
    if not _in_transaction():
        raise RuntimeError("an entry is written in the transaction of its change")
    chain_id = organisation_id or by.organisation_id or THE_HOUSE
    actor = {"kind": by.kind.value, "id": str(by.id or ""), "label": by.label, "level": by.level}
    told = {"organisation": str(chain_id), "at": at.isoformat(), "event": event.key, "actor": actor}
    key = _key()
    rows = []
    for entry_id, (subject_id, values) in zip(new_ids(len(subjects)), subjects, strict=True):
        body = rules.canonical({**told, "id": str(entry_id), "subject": str(subject_id or ""), "values": values})
        rows.append((entry_id, subject_id, body, rules.mac(key=key, text=body)))
    _insert(rows, organisation_id=chain_id, at=at, event=event.key, actor_id=by.id)


def _in_transaction() -> bool:
    return connection.in_atomic_block


def _insert(rows: list[tuple[UUID, UUID | None, str, str]], **same: Any) -> None:
    """Insert entries without making a model object of each: the trail is on every path of the house.

    A row is id, subject, body and mac; `same` holds the columns that all of them share.
    """
    columns = ", ".join(("id", "subject_id", "body", "mac", *same))
    places = ", ".join(["%s"] * (4 + len(same)))
    shared = [_field(name).get_db_prep_save(value, connection) for name, value in same.items()]
    is_native = connection.features.has_native_uuid_field
    ready = [
        (
            entry_id if is_native else entry_id.hex,
            subject_id if is_native or subject_id is None else subject_id.hex,
            body,
            mac,
            *shared,
        )
        for entry_id, subject_id, body, mac in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {Entry._meta.db_table} ({columns}) VALUES ({places})", ready)  # noqa: S608


def _field(name: str) -> Field[Any, Any]:
    return next(field for field in Entry._meta.concrete_fields if field.attname == name)


def record_export(*, organisation_id: UUID, by: Actor, at: datetime, **values: Any) -> None:
    """Record that somebody wrote the trail into a file; the door has checked that they may."""
    with transaction.atomic():
        record(event=Trail.EXPORTED, by=by, at=at, organisation_id=organisation_id, **values)


def seal_due(*, at: datetime) -> int:
    """Give positions to the entries that have none and link them into their chains; returns how many were sealed.

    Only one sealer wins a batch: a second one at the same moment loses on the seal's number and changes nothing.
    """
    sealed = 0
    chains = Entry.objects.filter(position=None).order_by("organisation_id").values_list("organisation_id", flat=True)
    for chain_id in list(chains.distinct()):
        while count := _seal_batch(chain_id, at):
            sealed += count
            if count < BATCH:
                break
    return sealed


def _seal_batch(chain_id: UUID, at: datetime) -> int:
    waiting = Entry.objects.filter(organisation_id=chain_id, position=None).order_by("id").values_list("id", "mac")
    try:
        with transaction.atomic():
            previous = Seal.objects.filter(organisation_id=chain_id).order_by("-number").first()
            batch = list(waiting[:BATCH])
            if not batch:
                return 0
            first = previous.last + 1 if previous else 1
            links = [(first + offset, mac) for offset, (_, mac) in enumerate(batch)]
            seal = _seal(chain_id, previous, links, at)
            seal.save(force_insert=True)
            _give_positions([(position, entry_id) for (position, _), (entry_id, _) in zip(links, batch, strict=True)])
    except IntegrityError:
        return 0
    _anchor(seal)
    return len(batch)


def _seal(chain_id: UUID, previous: Seal | None, links: list[tuple[int, str]], at: datetime) -> Seal:
    number = previous.number + 1 if previous else 1
    first, last = links[0][0], links[-1][0]
    batch_root = rules.root(links=links)
    link = rules.chain(
        previous=previous.chain if previous else "",
        number=number,
        first=first,
        last=last,
        batch_root=batch_root,
    )
    return Seal(
        id=new_id(),
        organisation_id=chain_id,
        number=number,
        first=first,
        last=last,
        marks="".join(mac[:8] for _, mac in links),
        root=batch_root,
        chain=link,
        mac=rules.mac(key=_key(), text=f"{chain_id}\n{link}"),
        at=at,
    )


def _give_positions(pairs: list[tuple[int, UUID]]) -> None:
    table = Entry._meta.db_table
    convert = Entry._meta.pk.get_db_prep_value
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {table} SET position = %s WHERE id = %s",  # noqa: S608
            [(position, convert(entry_id, connection)) for position, entry_id in pairs],
        )


def _anchor(seal: Seal) -> None:
    """Note the chain's newest link outside the database, so that a tail cut off there is missed here."""
    path = settings.WARIFU.anchor_file
    path.parent.mkdir(parents=True, exist_ok=True)
    line = {
        "organisation": str(seal.organisation_id),
        "number": seal.number,
        "last": seal.last,
        "mac": seal.mac,
    }
    with path.open("a", encoding="utf-8") as file:
        file.write(rules.canonical(line) + "\n")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that does not fit: `kind` is changed, removed, added, reordered, broken or cut_off."""

    kind: str
    organisation_id: str
    position: int | None
    entry_id: str | None
    detail: str


def verify(*, organisation_id: UUID | None = None) -> Iterator[Fault | int]:
    """Walk the trail and yield every fault, and after each seal the number of entries walked so far.

    Checks each entry's authenticity and its columns, each batch's order and completeness, each link of the chain,
    and that no chain is shorter than its anchor says. Memory does not grow with the trail.
    """
    seals = Seal.objects.order_by("organisation_id", "number")
    anchors = _anchors()
    if organisation_id is not None:
        seals = seals.filter(organisation_id=organisation_id)
        anchors = {key: value for key, value in anchors.items() if key == str(organisation_id)}
    walked = 0
    for chain_id, links in groupby(seals.iterator(), key=lambda seal: str(seal.organisation_id)):
        previous: Seal | None = None
        for seal in links:
            yield from _check_link(seal, previous)
            yield from _check_batch(seal)
            walked += seal.last - seal.first + 1
            yield walked
            previous = seal
        anchor = anchors.pop(chain_id, None)
        if anchor and previous and (previous.number, previous.mac) != (anchor["number"], anchor["mac"]):
            yield from _check_anchor(previous, anchor)
    for chain_id, anchor in anchors.items():
        yield Fault(
            kind="cut_off",
            organisation_id=chain_id,
            position=1,
            entry_id=None,
            detail=f"the whole chain of {anchor['last']} entries is gone",
        )
    yield from _check_unsealed(organisation_id)


def _check_link(seal: Seal, previous: Seal | None) -> Iterator[Fault]:
    fits = rules.chain(
        previous=previous.chain if previous else "",
        number=previous.number + 1 if previous else 1,
        first=previous.last + 1 if previous else 1,
        last=seal.last,
        batch_root=seal.root,
    )
    genuine = rules.mac(key=_key(), text=f"{seal.organisation_id}\n{seal.chain}")
    if fits != seal.chain or genuine != seal.mac:
        yield Fault(
            kind="broken",
            organisation_id=str(seal.organisation_id),
            position=seal.first,
            entry_id=None,
            detail=f"seal {seal.number} does not follow the one before it",
        )


def _check_batch(seal: Seal) -> Iterator[Fault]:
    inside = Entry.objects.filter(
        organisation_id=seal.organisation_id, position__gte=seal.first, position__lte=seal.last
    )
    entries = {row.position: row for row in _rows(inside.order_by("position"))}
    yield from _check_entries(entries.values())
    if rules.root(links=((position, row.mac) for position, row in entries.items() if position)) == seal.root:
        return
    marks = {seal.first + index: seal.marks[8 * index : 8 * index + 8] for index in range(len(seal.marks) // 8)}
    known = set(marks.values())
    for position, mark in marks.items():
        found = entries.get(position)
        if found is None:
            yield _fault("removed", seal.organisation_id, position, None, "an entry is missing")
        elif found.mac[:8] != mark:
            moved = found.mac[:8] in known
            detail = "another entry stands in this place" if moved else "the entry is not the one that was sealed"
            kind = "reordered" if moved else "changed"
            yield _fault(kind, seal.organisation_id, position, found.id, detail)


class _Row(NamedTuple):
    """The columns of an entry as text, without a model object around them: verification reads millions."""

    id: str
    organisation_id: str
    subject_id: str
    actor_id: str
    at: datetime
    event: str
    body: str
    mac: str
    position: int | None


def _rows(entries: QuerySet[Entry]) -> Iterator[_Row]:
    ids = {f"{name}_text": Cast(name, TextField()) for name in ("id", "organisation_id", "subject_id", "actor_id")}
    plain = entries.annotate(**ids).values_list(*ids, "at", "event", "body", "mac", "position")
    return (_Row._make(values) for values in plain.iterator())


def _check_entries(rows: Iterable[_Row]) -> Iterator[Fault]:
    key = _key()
    for row in rows:
        if rules.mac(key=key, text=row.body) != row.mac:
            yield _fault("changed", row.organisation_id, row.position, row.id, "the entry's text was altered")
        elif _columns(row) != _told(row):
            detail = "the entry's columns no longer match its text"
            yield _fault("changed", row.organisation_id, row.position, row.id, detail)


def _columns(row: _Row) -> tuple[Any, ...]:
    ids = f"{row.id} {row.organisation_id} {row.subject_id or ''} {row.actor_id or ''}"
    return ids.replace("-", ""), row.event, row.at


def _told(row: _Row) -> tuple[Any, ...]:
    told = json.loads(row.body)
    ids = f"{told['id']} {told['organisation']} {told['subject']} {told['actor']['id']}"
    return ids.replace("-", ""), told["event"], datetime.fromisoformat(told["at"])


def _check_anchor(last: Seal, anchor: dict[str, Any]) -> Iterator[Fault]:
    if last.number < anchor["number"]:
        detail = f"entries {last.last + 1} to {anchor['last']} are cut off"
        yield _fault("cut_off", last.organisation_id, last.last + 1, None, detail)
    elif last.number == anchor["number"]:
        detail = "the newest seal is not the one noted outside the database"
        yield _fault("broken", last.organisation_id, last.last, None, detail)


def _check_unsealed(organisation_id: UUID | None) -> Iterator[Fault]:
    unsealed = Entry.objects.filter(position=None)
    if organisation_id is not None:
        unsealed = unsealed.filter(organisation_id=organisation_id)
    yield from _check_entries(_rows(unsealed))


def _fault(kind: str, organisation_id: UUID | str, position: int | None, entry_id: str | None, detail: str) -> Fault:
    return Fault(
        kind=kind,
        organisation_id=str(UUID(str(organisation_id))),
        position=position,
        entry_id=entry_id and str(UUID(entry_id)),
        detail=detail,
    )


def _anchors() -> dict[str, dict[str, Any]]:
    newest: dict[str, dict[str, Any]] = {}
    path = settings.WARIFU.anchor_file
    if path.exists():
        with path.open(encoding="utf-8") as file:
            for line in file:
                noted = json.loads(line)
                newest[noted["organisation"]] = noted
    return newest


def _key() -> bytes:
    return settings.WARIFU.trail_key_bytes
