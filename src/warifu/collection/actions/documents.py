"""Verbs of 書類の画像: receive a picture, make it ready, delete it when its days are over."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from warifu.audit import actions as audit
from warifu.audit.events import Collection as Events
from warifu.collection.actions import drafts
from warifu.collection.models import Document, Submission, Verification
from warifu.collection.queries import submissions as queries
from warifu.collection.rules import pictures
from warifu.foundation.actor import SYSTEM, Actor
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.vault.actions import files
from warifu.vault.rules import SealBroken

LEASE = timedelta(minutes=5)
"""How long a worker may take over one picture before another may try it."""

ROUND = 20
"""Pictures that one round of the worker makes ready, so that letters need not wait for all of them."""


class PictureEmpty(Refused):
    """Nothing was sent."""

    code = "WF-C401"
    sentence = _("写真が届きませんでした。")
    remedy = _("写真を選ぶか、撮ってから、もう一度送ってください。")
    status = 422


class PictureTooLarge(Refused):
    """The file has more bytes than a picture of a paper needs."""

    code = "WF-C402"
    sentence = _("写真のファイルが大きすぎます（{most}MBまで）。")
    remedy = _("カメラの設定で画質を少し下げるか、スマートフォンの画面からそのまま撮って送ってください。")
    status = 413


class PictureTooManyPixels(Refused):
    """The picture is wider and higher than any phone's."""

    code = "WF-C403"
    sentence = _("写真の縦横が大きすぎます（4,000万画素まで）。")
    remedy = _("スキャナーやカメラの設定で、解像度を下げてから送ってください。")
    status = 422


class PictureIsHeif(Refused):
    """A HEIC or HEIF picture; phones convert it themselves when they are asked to."""

    code = "WF-C404"
    sentence = _("この写真はHEICという形式のため、受け取れません。")
    remedy = _(
        "iPhoneでは「設定」→「カメラ」→「フォーマット」で「互換性優先」を選んで撮り直すと、JPEGになります。"
        "この画面の「写真を撮る」から撮っても送れます。"
    )
    status = 415


class PictureIsPdf(Refused):
    """A PDF where a picture is wanted."""

    code = "WF-C405"
    sentence = _("PDFは受け取れません。写真（JPEGかPNG）でお願いします。")
    remedy = _("書類をスマートフォンで撮るか、画面に出して画像として保存してから送ってください。")
    status = 415


class PictureUnknown(Refused):
    """Neither JPEG nor PNG, or broken."""

    code = "WF-C406"
    sentence = _("写真として読めないファイルです。")
    remedy = _("JPEGかPNGの写真を送ってください。ほかの形式や、途中で切れたファイルは受け取れません。")
    status = 415


class TooManyPictures(Refused):
    """More pictures than a submission needs."""

    code = "WF-C407"
    sentence = _("送れる写真の枚数をこえました。")
    remedy = _("何度も撮り直しているときは、会社の担当者にご相談ください。紙で出すこともできます。")
    status = 429


class SlotUnknown(Refused):
    """The chosen papers do not need this picture."""

    code = "WF-C408"
    sentence = _("いま選ばれている書類では、この写真は要りません。")
    remedy = _("写真の画面を開き直して、必要な写真をご確認ください。")


def receive(
    *,
    organisation_id: UUID,
    entry_member_id: UUID,
    submission_id: UUID,
    slot: str,
    dependent_id: UUID | None,
    content: bytes,
    is_masked: bool,
    by: Actor,
    at: datetime,
) -> UUID:
    """Check a picture's header and size, seal it and lay it into its slot; returns the document's id (E2, V-05).

    The request decodes nothing; the worker makes the picture ready later. A picture that lay in the slot is destroyed.
    The bytes are sealed down to the disk before any lock is taken, so that uploads do not wait for one another's disk.
    Raises the refusals of this module for files that are no such picture, and whatever `drafts.held` raises.
    """
    header = _header(content)
    laid = files.lay(
        content=content,
        media_type=header.media_type,
        organisation_id=organisation_id,
        subject_id=entry_member_id,
        by=by,
        at=at,
    )
    try:
        with transaction.atomic():
            row = drafts.held(organisation_id=organisation_id, submission_id=submission_id, by=by)
            if row.entry.member_id != entry_member_id:
                raise NotFound
            return _lay_into_slot(row, laid, slot, dependent_id, size=len(content), is_masked=is_masked, by=by, at=at)
    except Refused:
        files.drop(laid=laid)
        raise


def _lay_into_slot(
    row: Submission,
    laid: files.Laid,
    slot: str,
    dependent_id: UUID | None,
    *,
    size: int,
    is_masked: bool,
    by: Actor,
    at: datetime,
) -> UUID:
    slots = queries.slots_of(submission=row, on=jst_day(at))
    view = next((one for one in slots if (one.slot.slot, one.dependent_id) == (slot, dependent_id)), None)
    if view is None:
        raise SlotUnknown
    _insist_on_room(row)
    lying = row.documents.filter(slot=slot).exclude(state=Document.State.DELETED)
    replaced = [document for document in lying if document.dependent_id == dependent_id]
    drafts.drop_pictures(documents=replaced, organisation_id=row.organisation_id, by=by, at=at)
    document = Document.objects.create(
        submission=row,
        dependent_id=dependent_id,
        paper=view.slot.paper,
        side=view.slot.side,
        slot=slot,
        image_ref=files.keep(laid=laid, by=by, at=at),
        is_masked=is_masked,
        size=size,
        uploaded_at=at,
    )
    drafts.count(row=row)
    audit.record(
        event=Events.PICTURE_RECEIVED,
        by=by,
        at=at,
        organisation_id=row.organisation_id,
        subject_id=row.entry.member_id,
        submission=str(row.id),
        paper=view.slot.paper,
        side=view.slot.side,
    )
    return document.id


def _header(content: bytes) -> pictures.Header:
    if not content:
        raise PictureEmpty
    if len(content) > pictures.MAX_BYTES:
        raise PictureTooLarge(most=pictures.MAX_BYTES // (1024 * 1024))
    if pictures.is_heif(content):
        raise PictureIsHeif
    if pictures.is_pdf(content):
        raise PictureIsPdf
    header = pictures.read_header(content)
    if header is None:
        raise PictureUnknown
    if header.width * header.height > pictures.MAX_PIXELS:
        raise PictureTooManyPixels
    return header


def _insist_on_room(row: Submission) -> None:
    lying = row.documents.exclude(state=Document.State.DELETED).count()
    sent = Document.objects.filter(submission__entry_id=row.entry_id).count()
    if lying >= pictures.MAX_PICTURES or sent >= pictures.MAX_UPLOADS:
        raise TooManyPictures


def prepare_due(*, at: datetime) -> int:
    """Make received pictures upright, small and free of hidden data; returns how many were settled. The worker's duty.

    Each picture is taken under a lease, so that two workers never do the same one and a killed one's is tried again.
    What cannot be read as a picture is marked so and no longer counted among the person's pictures.
    """
    waiting = Document.objects.filter(state=Document.State.RECEIVED).filter(Q(lease_until=None) | Q(lease_until__lt=at))
    settled = 0
    for document in list(waiting.select_related("submission").order_by("uploaded_at")[:ROUND]):
        if waiting.filter(id=document.id).update(lease_until=at + LEASE):
            _prepare(document, at)
            settled += 1
    return settled


def _prepare(document: Document, at: datetime) -> None:
    organisation_id = document.submission.organisation_id
    try:
        is_good = files.tidy_picture(ref=document.image_ref, organisation_id=organisation_id, at=at)
    except files.FileDestroyed:
        return
    except SealBroken:
        is_good = False
    state = Document.State.READY if is_good else Document.State.UNREADABLE
    with transaction.atomic():
        shown = Document.objects.filter(image_ref=document.image_ref, state=Document.State.RECEIVED)
        shown.update(state=state, lease_until=None)
        if is_good:
            return
        drafts.count(row=document.submission)
        audit.record(
            event=Events.PICTURE_UNREADABLE,
            by=SYSTEM,
            at=at,
            organisation_id=organisation_id,
            subject_id=document.submission.entry.member_id,
            paper=document.paper,
            side=document.side,
        )


def delete_due(*, at: datetime) -> int:
    """Destroy the pictures whose day has come, and say so in the verification record (I-20); returns how many.

    Part of the daily round; each person is one transaction, so running it twice or being killed loses nothing.
    """
    today = jst_day(at)
    due = Document.objects.filter(delete_on__lte=today).exclude(state=Document.State.DELETED)
    entries = list(due.order_by("submission__entry").values_list("submission__entry", flat=True).distinct())
    return sum(_delete_of(entry_id, today, at) for entry_id in entries)


def _delete_of(entry_id: UUID, today: date, at: datetime) -> int:
    with transaction.atomic():
        due = list(
            Document.objects.select_for_update(of=("self",))
            .select_related("submission__entry")
            .filter(submission__entry_id=entry_id, delete_on__lte=today)
            .exclude(state=Document.State.DELETED)
        )
        if not due:
            return 0
        entry = due[0].submission.entry
        drafts.drop_pictures(documents=due, organisation_id=entry.organisation_id, by=SYSTEM, at=at)
        submissions = {document.submission_id for document in due}
        Verification.objects.filter(
            submission__in=submissions, result=Verification.Result.CONFIRMED, images_deleted_on=None
        ).update(images_deleted_on=today)
        audit.record(
            event=Events.IMAGES_DELETED,
            by=SYSTEM,
            at=at,
            organisation_id=entry.organisation_id,
            subject_id=entry.member_id,
            count=len({document.image_ref for document in due}),
        )
    return len({document.image_ref for document in due})
