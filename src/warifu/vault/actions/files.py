"""Verbs for sealed files: pictures of papers, and rosters. Only cipher text ever touches the disk.

The cipher text lies in `<data_dir>/sealed/<organisation>/<last two of ref>/<ref>.<generation>`, mode 0600; its data key
is in the table. A file without a row (a crash or a rolled-back transaction leaves one) can never be opened again.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
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
from warifu.vault.models import SealedFile

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


def seal(*, content: bytes, media_type: str, organisation_id: UUID, subject_id: UUID, by: Actor, at: datetime) -> UUID:
    """Seal a picture or roster as it came; returns its reference. Raises `NotPermitted`."""
    _require_hand_in(by, organisation_id)
    row = SealedFile(
        ref=new_id(),
        organisation_id=organisation_id,
        subject_id=subject_id,
        media_type=media_type,
        size=len(content),
        created_at=at,
    )
    with transaction.atomic():
        _store(row, content, at)
        row.save(force_insert=True)
        is_picture = _is_picture(row)
        if is_picture:
            use = uses.Use(act="seal_image", organisation_id=organisation_id, by=by, at=at)
            uses.write(use=use, of=[(row.ref, subject_id)])
        audit.record(
            event=Events.IMAGE_SEALED if is_picture else Events.FILE_SEALED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=subject_id,
        )
    return row.ref


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
    folder = settings.WARIFU.data_dir / "sealed" / str(row.organisation_id) / row.ref.hex[-2:]
    return folder / f"{row.ref}.{row.generation}"


def _remove(path: Path) -> None:
    with suppress(FileNotFoundError):
        path.unlink()
