"""Verbs for keys: make, and rotate without downtime.

Rotation re-wraps keys, never contents: organisation keys when the master key changes, data keys when an
organisation's key changes. It works in small batches while seals are opened and made, and each batch stands on its
own: a rotation that was killed goes on where it stopped when it is called again, before another one starts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from warifu.audit import actions as audit
from warifu.audit.events import Vault as Events
from warifu.foundation.actor import OPERATOR, Actor, ActorKind
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations.rules import NotPermitted
from warifu.vault import rules, sealing
from warifu.vault.models import OrganisationKey, SealedFile, SealedNumber

T = TypeVar("T", SealedNumber, SealedFile)

BATCH = 500
OLD_KEY_KEPT = timedelta(days=1)
"""How long a replaced key may still be read: no transaction that sealed under it lasts this long."""


class KeyFileExists(Refused):
    """A key file is never overwritten: what it opens would be lost."""

    code = "WF-V401"
    sentence = _("鍵のファイルがすでにあります: {path}。上書きすると、封緘した番号を二度と開けなくなります。")
    remedy = _("鍵を取り替えるときは `warifu keys rotate` を使ってください。")


def create_master(*, path: Path) -> None:
    """Make the file of master keys with its first key; raises `KeyFileExists`."""
    try:
        sealing.FileMasterKeys.create(path)
    except FileExistsError:
        raise KeyFileExists(path=str(path)) from None


def rotate_master(*, at: datetime) -> int:
    """Make a new master key and re-wrap every organisation's key with it; returns how many were re-wrapped.

    When an earlier rotation stopped half way it is finished instead, with no further key. The older master keys stay
    in the file: copies of the database made before still need them.
    """
    masters = sealing.master_keys()
    if not _under_older_master(masters.current()).exists():
        masters.renew()
    done = 0
    while batch := list(_under_older_master(masters.current()).order_by("id")[:BATCH]):
        for row in batch:
            done += _rewrap_organisation_key(row, at)
    return done


def rotate_organisation(
    *, organisation_id: UUID, by: Actor, at: datetime, progress: Callable[[int], None] = lambda done: None
) -> int:
    """Make a new key for an organisation and re-wrap its data keys; returns how many were re-wrapped.

    Finishes an earlier rotation first when one stopped half way. A replaced key is destroyed by the next call that
    comes `OLD_KEY_KEPT` after its replacement. The operator and the house alone may; raises `NotPermitted`.
    """
    if by.kind not in (ActorKind.OPERATOR, ActorKind.SYSTEM):
        raise NotPermitted
    _destroy_old_keys(organisation_id, at)
    if not _is_half_rotated(organisation_id):
        _replace_key(organisation_id, by, at)
    done = 0
    while count := _rewrap_numbers(organisation_id, at) or _rewrap_files(organisation_id, at):
        done += count
        progress(done)
    return done


def to_rewrap(*, organisation_id: UUID) -> int:
    """How many data keys an organisation has; what a progress bar counts up to."""
    return sum(
        model.objects.filter(organisation_id=organisation_id, destroyed_at=None).count()
        for model in (SealedNumber, SealedFile)
    )


def _under_older_master(current: str) -> QuerySet[OrganisationKey]:
    return OrganisationKey.objects.exclude(master_id=current).exclude(state=OrganisationKey.State.DESTROYED)


def _rewrap_organisation_key(row: OrganisationKey, at: datetime) -> int:
    master_id, wrapped = sealing.rewrapped_for_master(row)
    with transaction.atomic():
        changed = OrganisationKey.objects.filter(id=row.id, master_id=row.master_id).update(
            master_id=master_id, wrapped=wrapped
        )
        if changed:
            audit.record(
                event=Events.KEY_ROTATED,
                by=OPERATOR,
                at=at,
                organisation_id=row.organisation_id,
                key="master",
                master_id=master_id,
            )
    return changed


def _old_key_ids(organisation_id: UUID) -> list[int]:
    old = OrganisationKey.objects.filter(organisation_id=organisation_id, state=OrganisationKey.State.OLD)
    return list(old.values_list("id", flat=True))


def _is_half_rotated(organisation_id: UUID) -> bool:
    old = _old_key_ids(organisation_id)
    return any(
        model.objects.filter(organisation_id=organisation_id, key_id__in=old).exists()
        for model in (SealedNumber, SealedFile)
    )


def _replace_key(organisation_id: UUID, by: Actor, at: datetime) -> None:
    with transaction.atomic():
        OrganisationKey.objects.filter(organisation_id=organisation_id, state=OrganisationKey.State.CURRENT).update(
            state=OrganisationKey.State.OLD
        )
        sealing.new_organisation_secret(organisation_id=organisation_id, at=at)
        audit.record(event=Events.KEY_ROTATED, by=by, at=at, organisation_id=organisation_id, key="organisation")


def _destroy_old_keys(organisation_id: UUID, at: datetime) -> None:
    state = OrganisationKey.State
    keys = OrganisationKey.objects.filter(organisation_id=organisation_id)
    if not keys.filter(state=state.CURRENT, created_at__lte=at - OLD_KEY_KEPT).exists():
        return
    for key_id in _old_key_ids(organisation_id):
        with transaction.atomic():
            in_use = any(model.objects.filter(key_id=key_id).exists() for model in (SealedNumber, SealedFile))
            if not in_use:
                keys.filter(id=key_id).update(state=state.DESTROYED, wrapped=b"")


def _rewrap_numbers(organisation_id: UUID, at: datetime) -> int:
    """One batch of numbers; their tags are made anew too, for which each is opened here and forgotten at once."""
    with transaction.atomic():
        rows = _batch(SealedNumber, organisation_id)
        if not rows:
            return 0
        newer = sealing.current_organisation_secret(organisation_id=organisation_id, at=at)
        changed = []
        for row in rows:
            wrapped = _rewrapped(row, newer, sealing.NUMBER_KEY)
            digits = sealing.open_number(
                organisation_id=organisation_id, ref=row.ref, key_id=newer.id, wrapped=wrapped, box=row.sealed
            )
            changed.append((newer.id, wrapped, newer.tag(digits), row.ref))
        _update(SealedNumber, ("key_id", "wrapped_key", "tag"), changed)
    return len(rows)


def _rewrap_files(organisation_id: UUID, at: datetime) -> int:
    with transaction.atomic():
        rows = _batch(SealedFile, organisation_id)
        if not rows:
            return 0
        newer = sealing.current_organisation_secret(organisation_id=organisation_id, at=at)
        changed = [(newer.id, _rewrapped(row, newer, sealing.FILE_KEY), row.ref) for row in rows]
        _update(SealedFile, ("key_id", "wrapped_key"), changed)
    return len(rows)


def _batch(model: type[T], organisation_id: UUID) -> list[T]:
    return list(model.objects.select_for_update().filter(key_id__in=_old_key_ids(organisation_id))[:BATCH])


def _rewrapped(row: SealedNumber | SealedFile, newer: sealing.OrganisationSecret, field: str) -> bytes:
    if row.key_id is None or row.wrapped_key is None:
        raise rules.SealBroken
    older = sealing.organisation_secret(organisation_id=row.organisation_id, key_id=row.key_id)
    where = sealing.place(row.organisation_id, row.ref, field)
    return newer.rewrap(bytes(row.wrapped_key), where, under=older)


def _update(model: type[SealedNumber] | type[SealedFile], names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    """Set columns of many rows by `ref`, the last value of each, in one statement sent many times."""
    pairs = ", ".join(f"{name} = %s" for name in names)
    convert = model._meta.get_field("ref").get_db_prep_value
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {model._meta.db_table} SET {pairs} WHERE ref = %s",  # noqa: S608
            [(*values, convert(ref, connection)) for *values, ref in rows],
        )
