"""Verbs for sealed files: pictures of papers, and rosters. Only cipher text ever touches the disk.

The cipher text lies in `<data_dir>/sealed/<organisation>/<last two of ref>/<ref>.<generation>`, mode 0600; its data key
is in the table. A file without a row (a crash or a rolled-back transaction leaves one) can never be opened again; the
daily round sweeps it up.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Vault as Events
from warifu.foundation.actor import Actor, ActorKind
from warifu.foundation.days import jst_day
from warifu.foundation.ids import new_id
from warifu.foundation.purposes import Purpose
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations import queries as organisations
from warifu.organisations.rules import NotPermitted, Permission, may, require
from warifu.vault import pictures, rules, sealing
from warifu.vault.actions import uses
from warifu.vault.models import OrganisationKey, SealedFile

SWEPT_AFTER = timedelta(days=1)
"""How old a file without a row is when it is swept up: no transaction that might still record it lasts so long."""

_OURS = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.\d+(\.new)?")
_HAND_IN = (Permission.OWN_RECORD, Permission.ENTER_FOR, Permission.VERIFY, Permission.ROSTER_LOAD)


class FileDestroyed(Refused):
    """The file was destroyed; the record of it stays."""

    code = "WF-V301"
    sentence = _("このファイルは、すでに消されています。")
    remedy = _("必要なときは、もう一度提出を依頼してください。")
    status = 410


@dataclass(frozen=True, kw_only=True)
class OpenedFile:
    """A picture as a checker sees it."""

    content: bytes
    media_type: str


@dataclass(frozen=True, kw_only=True)
class Laid:
    """A file that lies sealed on the disk and is recorded nowhere yet: `keep` records it, `drop` gives it up."""

    row: SealedFile


def seal(*, content: bytes, media_type: str, organisation_id: UUID, subject_id: UUID, by: Actor, at: datetime) -> UUID:
    """Seal a picture or roster as it came; returns its reference. Raises `NotPermitted`."""
    laid = lay(
        content=content,
        media_type=media_type,
        organisation_id=organisation_id,
        subject_id=subject_id,
        by=by,
        at=at,
    )
    return keep(laid=laid, by=by, at=at)


def lay(*, content: bytes, media_type: str, organisation_id: UUID, subject_id: UUID, by: Actor, at: datetime) -> Laid:
    """Seal a picture or roster down to the disk; `keep` records it. Raises `NotPermitted`.

    Call it before the transaction, so that no other writer waits for the cipher and the disk. Until it is kept, nobody
    can open it: its key lies in memory only.
    """
    _require_hand_in(by, organisation_id)
    row = SealedFile(
        ref=new_id(),
        organisation_id=organisation_id,
        subject_id=subject_id,
        media_type=media_type,
        size=len(content),
        created_at=at,
    )
    _store(row, content, at)
    return Laid(row=row)


def keep(*, laid: Laid, by: Actor, at: datetime) -> UUID:
    """Record a laid file, in the caller's transaction; returns its reference. Raises `NotPermitted`."""
    row = laid.row
    _require_hand_in(by, row.organisation_id)
    is_picture = _is_picture(row)
    with transaction.atomic():
        row.save(force_insert=True)
        if is_picture:
            use = uses.Use(act="seal_image", organisation_id=row.organisation_id, by=by, at=at)
            uses.write(use=use, of=[(row.ref, row.subject_id)])
        audit.record(
            event=Events.IMAGE_SEALED if is_picture else Events.FILE_SEALED,
            by=by,
            at=at,
            organisation_id=row.organisation_id,
            subject_id=row.subject_id,
        )
    return row.ref


def drop(*, laid: Laid) -> None:
    """Give up a laid file whose keeping was refused. Not for faults: a commit that broke off may have been kept."""
    _remove(_path(laid.row))


def open(*, ref: UUID, organisation_id: UUID, by: Actor, at: datetime) -> bytes:  # noqa: A001
    """The bytes of a sealed roster. Raises `NotPermitted`, `NotFound` (also for pictures), `FileDestroyed`."""
    require(by=by, permission=Permission.ROSTER_LOAD, organisation_id=organisation_id)
    row = SealedFile.objects.filter(ref=ref, organisation_id=organisation_id).first()
    if row is None or _is_picture(row):
        raise NotFound
    return _content(row)


def open_picture(*, ref: UUID, organisation_id: UUID, document: str, by: Actor, at: datetime) -> OpenedFile:
    """Open one picture for a checker's eyes.

    Needs the permission VERIFY and a running appointment. Writes a use record and a trail entry, allowed or denied.
    Raises `NotPermitted`, `NotFound`, `NotAppointed`, `FileDestroyed`, `rules.SealBroken`; RuntimeError inside a
    transaction (see `uses`). Sources: P-07, S-03, S-09.
    """
    purpose = Purpose.IDENTITY_VERIFICATION
    use = uses.Use(act="open_image", organisation_id=organisation_id, by=by, at=at, purpose=purpose, document=document)
    if by.organisation_id not in (None, organisation_id):
        raise uses.deny(
            use=replace(use, organisation_id=by.organisation_id), refusal=NotFound, ref=ref, subject_id=None
        )
    with transaction.atomic(durable=True):
        row = SealedFile.objects.filter(ref=ref, organisation_id=organisation_id).first()
        refusal = _why_not_open(use, row)
        if row is not None and refusal is None:
            try:
                content = _content(row)
            except (rules.SealBroken, FileDestroyed) as broken:
                refusal = type(broken)
            else:
                uses.write(use=use, of=[(ref, row.subject_id)])
                audit.record(
                    event=Events.IMAGE_OPENED,
                    by=by,
                    at=at,
                    organisation_id=organisation_id,
                    subject_id=row.subject_id,
                    document=use.document_name,
                )
                return OpenedFile(content=content, media_type=row.media_type)
    raise uses.deny(use=use, refusal=refusal or NotFound, ref=ref, subject_id=row.subject_id if row else None)


def tidy_picture(*, ref: UUID, organisation_id: UUID, at: datetime) -> bool:
    """Replace a picture as it came by one without hidden data, upright and small; the worker calls this.

    Returns False when it cannot be read as a picture; then nothing is changed. Doing it twice changes nothing. Raises
    `NotFound`, `FileDestroyed`, `rules.SealBroken`.
    """
    row = SealedFile.objects.filter(ref=ref, organisation_id=organisation_id).first()
    if row is None:
        raise NotFound
    if row.generation > 1:
        return True
    tidied = pictures.tidy(_content(row))
    if tidied is None:
        return False
    with transaction.atomic():
        untidied = SealedFile.objects.select_for_update().filter(ref=ref, generation=1, destroyed_at=None).first()
        if untidied is not None:
            _replace(untidied, tidied, at)
    return True


def destroy(*, ref: UUID, organisation_id: UUID, by: Actor, at: datetime) -> None:
    """Destroy a file: its data key is gone with the change, its cipher text right after it; the row stays.

    Raises `NotPermitted`, `NotFound`, `FileDestroyed`.
    """
    _require_hand_in(by, organisation_id)
    with transaction.atomic():
        row = SealedFile.objects.select_for_update().filter(ref=ref, organisation_id=organisation_id).first()
        if row is None:
            raise NotFound
        if row.destroyed_at is not None:
            raise FileDestroyed
        SealedFile.objects.filter(ref=ref).update(key_id=None, wrapped_key=None, destroyed_at=at)
        if _is_picture(row):
            use = uses.Use(act="destroy_image", organisation_id=organisation_id, by=by, at=at, purpose=Purpose.DELETION)
            uses.write(use=use, of=[(ref, row.subject_id)])
        audit.record(
            event=Events.IMAGE_DESTROYED if _is_picture(row) else Events.FILE_DESTROYED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=row.subject_id,
        )
        transaction.on_commit(partial(_remove, _path(row)))


def destroy_pictures_of(
    *, organisation_id: UUID, subject_ids: Collection[UUID], by: Actor, at: datetime
) -> dict[UUID, int]:
    """Destroy the pictures that still lie here of persons whose numbers go; returns how many, by person (R-07).

    For the vault's own verbs, which have asked for permission. Joins the caller's transaction.
    """
    rows = list(
        SealedFile.objects.select_for_update().filter(
            organisation_id=organisation_id,
            subject_id__in=subject_ids,
            destroyed_at=None,
            media_type__startswith="image/",
        )
    )
    if not rows:
        return {}
    SealedFile.objects.filter(ref__in=[row.ref for row in rows]).update(key_id=None, wrapped_key=None, destroyed_at=at)
    use = uses.Use(act="destroy_image", organisation_id=organisation_id, by=by, at=at, purpose=Purpose.DELETION)
    uses.write(use=use, of=[(row.ref, row.subject_id) for row in rows])
    for row in rows:
        transaction.on_commit(partial(_remove, _path(row)))
    return Counter(row.subject_id for row in rows)


def sweep(*, at: datetime) -> int:
    """Remove cipher text that nothing can open: a day old, and no row names it; returns how many files went.

    Part of the daily round. A crash leaves them between writing and recording, or before removing. Only folders of
    organisations whose keys are here are swept, so that a wrong database empties no store.
    """
    before = (at - SWEPT_AFTER).timestamp()
    known = OrganisationKey.objects.values_list("organisation_id", flat=True).distinct()
    folders = (_store_of(organisation_id) for organisation_id in list(known))
    return sum(_sweep(shelf, before) for folder in folders if folder.is_dir() for shelf in sorted(folder.iterdir()))


def _sweep(shelf: Path, before: float) -> int:
    refs = {
        path: UUID(path.name[:36]) for path in shelf.iterdir() if _OURS.fullmatch(path.name) and _is_old(path, before)
    }
    if not refs:
        return 0
    rows = SealedFile.objects.filter(ref__in=set(refs.values()), destroyed_at=None)
    named = {_path(row) for row in rows.only("ref", "organisation_id", "generation")}
    return sum(_remove_unnamed(path, ref) for path, ref in refs.items() if path not in named)


def _remove_unnamed(path: Path, ref: UUID) -> bool:
    """Look once more under the row's lock, where no worker is putting a new generation in its place."""
    with transaction.atomic():
        row = SealedFile.objects.select_for_update().filter(ref=ref, destroyed_at=None).first()
        if row is not None and _path(row) == path:
            return False
        _remove(path)
    return True


def _is_old(path: Path, before: float) -> bool:
    try:
        return path.stat().st_mtime < before
    except FileNotFoundError:
        return False


def _why_not_open(use: uses.Use, row: SealedFile | None) -> type[Refused] | None:
    refusal = rules.why_not_ask(
        by=use.by, permission=Permission.VERIFY, organisation_id=use.organisation_id, purpose=use.purpose
    )
    if refusal is not None:
        return refusal
    if row is None or not _is_picture(row):
        return NotFound
    assert use.by.id is not None  # noqa: S101
    appointed = organisations.appointed_purposes(
        organisation_id=use.organisation_id, member_id=use.by.id, on=jst_day(use.at)
    )
    return None if appointed else rules.NotAppointed


def _require_hand_in(by: Actor, organisation_id: UUID) -> None:
    is_token_for_rosters = by.kind is ActorKind.TOKEN and Permission.ROSTER_LOAD.value in by.scopes
    if by.kind is ActorKind.OPERATOR or (by.kind is ActorKind.TOKEN and not is_token_for_rosters):
        raise NotPermitted
    if not any(may(by=by, permission=one, organisation_id=organisation_id) for one in _HAND_IN):
        raise NotPermitted


def _is_picture(row: SealedFile) -> bool:
    return row.media_type.startswith("image/")


def _store(row: SealedFile, content: bytes, at: datetime) -> None:
    """Seal under a fresh data key into the row's file: written beside it, then renamed."""
    secret = sealing.current_organisation_secret(organisation_id=row.organisation_id, at=at)
    row.key_id = secret.id
    key, row.wrapped_key = secret.fresh_data_key(sealing.place(row.organisation_id, row.ref, sealing.FILE_KEY))
    path = _path(row)
    beside = path.with_name(f"{path.name}.new")
    sealing.write_privately(beside, key.seal(content, _place(row)))
    beside.replace(path)


def tidied(*, content: bytes) -> bytes | None:
    """A picture that is not kept here, drawn anew as JPEG by the child process; None when it cannot be read."""
    return pictures.tidy(content)


def _content(row: SealedFile) -> bytes:
    if row.key_id is None or row.wrapped_key is None:
        raise FileDestroyed
    secret = sealing.organisation_secret(organisation_id=row.organisation_id, key_id=row.key_id)
    key = secret.data_key(bytes(row.wrapped_key), sealing.place(row.organisation_id, row.ref, sealing.FILE_KEY))
    try:
        box = _path(row).read_bytes()
    except OSError:
        raise rules.SealBroken from None
    return key.open(box, _place(row))


def _replace(row: SealedFile, content: bytes, at: datetime) -> None:
    transaction.on_commit(partial(_remove, _path(row)))
    row.media_type, row.size, row.generation = "image/jpeg", len(content), row.generation + 1
    _store(row, content, at)
    row.save(update_fields=["key_id", "wrapped_key", "media_type", "size", "generation"])


def _place(row: SealedFile) -> bytes:
    return sealing.place(row.organisation_id, row.ref, f"file.{row.generation}")


def _path(row: SealedFile) -> Path:
    return _store_of(row.organisation_id) / row.ref.hex[-2:] / f"{row.ref}.{row.generation}"


def _store_of(organisation_id: UUID) -> Path:
    folder: Path = settings.WARIFU.data_dir / "sealed" / str(organisation_id)
    return folder


def _remove(path: Path) -> None:
    with suppress(FileNotFoundError):
        path.unlink()
