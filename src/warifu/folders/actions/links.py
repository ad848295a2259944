"""提出リンク: a client without an ID hands files in by a link that ends by day, by number, or by hand (B2)."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Folders as Events
from warifu.folders.actions.folders import NotOpen
from warifu.folders.models import Folder, FolderLink
from warifu.folders.queries.access import reach
from warifu.foundation.actor import SYSTEM, Actor
from warifu.foundation.ids import new_id
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.notices import actions as notices
from warifu.notices import kinds
from warifu.notices.links import LateLink, LinkDead
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission

MOST_FILES = 500
LONGEST_DAYS = 90


class LinkOver(Refused):
    """The link's time is over, its files are used up, or it was stopped."""

    code = "WF-F601"
    sentence = _("この提出リンクは、もう使えません。")
    remedy = _("リンクを送ってきた担当者に、新しい提出リンクを頼んでください。送り終えたファイルは届いています。")
    status = 410


class LinkWrong(Refused):
    """Name, day or number of a link cannot be so."""

    code = "WF-F602"
    sentence = _("提出リンクの名前、期限、件数を見直してください。")
    remedy = _("名前を入れ、期限は90日以内、件数は500件以内にしてください。")
    status = 422


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A link that somebody holds."""

    link_id: UUID
    folder: Folder
    office_name: str
    name: str
    valid_until: datetime
    files_left: int


def make(
    *,
    organisation_id: UUID,
    folder_id: UUID,
    name: str,
    mail: str,
    valid_until: datetime,
    most_files: int,
    by: Actor,
    at: datetime,
) -> str:
    """Make a link; returns its address, to be shown once. With `mail` a letter with it is sent as well.

    Raises `NotPermitted`, `NotFound`, `NotOpen`, `LinkWrong`, `AddressUnusable`.
    """
    permission = Permission.FOLDERS_FILE
    reached = reach(organisation_id=organisation_id, folder_id=folder_id, permission=permission, by=by, at=at)
    folder = reached.folder
    if folder.state != Folder.State.OPEN:
        raise NotOpen(state=folder.get_state_display())
    days = (valid_until - at).total_seconds() / 86400
    if not name.strip() or len(name) > 100 or not 0 < days <= LONGEST_DAYS or not 0 < most_files <= MOST_FILES:
        raise LinkWrong
    link = FolderLink(
        id=new_id(),
        folder=folder,
        name=name.strip(),
        mail=mail.strip(),
        valid_until=valid_until,
        most_files=most_files,
        made_at=at,
        made_by=by.label,
    )
    with transaction.atomic():
        link.save(force_insert=True)
        if link.mail:
            _write_letter(link, by, at)
        audit.record(
            event=Events.LINK_MADE,
            by=by,
            at=at,
            organisation_id=folder.organisation_id,
            subject_id=folder.id,
            name=link.name,
            count=most_files,
        )
    return _address(link.id)


def end(*, organisation_id: UUID, folder_id: UUID, link_id: UUID, by: Actor, at: datetime) -> None:
    """Stop a link. Raises `NotPermitted`, `NotFound`."""
    permission = Permission.FOLDERS_FILE
    reached = reach(organisation_id=organisation_id, folder_id=folder_id, permission=permission, by=by, at=at)
    with transaction.atomic():
        rows = FolderLink.objects.filter(id=link_id, folder=reached.folder, ended_at=None)
        if rows.update(ended_at=at) != 1:
            raise NotFound
        audit.record(
            event=Events.LINK_ENDED, by=by, at=at, organisation_id=reached.folder.organisation_id, subject_id=folder_id
        )


def opened(*, token: str, at: datetime) -> Opened:
    """The link of a token. Raises `NotFound` for what is no link, `LinkOver` for one that works no more."""
    try:
        link_id = UUID(token[:32])
    except ValueError:
        raise NotFound from None
    if not hmac.compare_digest(_token(link_id), token):
        raise NotFound
    link = FolderLink.objects.select_related("folder").filter(id=link_id).first()
    if link is None:
        raise NotFound
    is_over = link.ended_at is not None or link.valid_until <= at or link.files >= link.most_files
    if is_over or link.folder.state != Folder.State.OPEN:
        raise LinkOver
    return Opened(
        link_id=link.id,
        folder=link.folder,
        office_name=organisations.organisation(organisation_id=link.folder.organisation_id).name,
        name=link.name,
        valid_until=link.valid_until,
        files_left=link.most_files - link.files,
    )


def address_of(*, reference: str) -> str:
    """The address for a letter. Raises `LinkDead` once the link was stopped."""
    if not FolderLink.objects.filter(id=reference, ended_at=None).exists():
        raise LinkDead(_("提出リンクが止められたため、送りませんでした。"))
    return _address(UUID(reference))


def _write_letter(link: FolderLink, by: Actor, at: datetime) -> None:
    office = organisations.organisation(organisation_id=link.folder.organisation_id)
    notices.post(
        letter=kinds.FolderLinkSent(
            organisation_name=office.name,
            name=link.name,
            valid_until=link.valid_until,
            most_files=str(link.most_files),
            link=LateLink(kind="folder_link", reference=str(link.id)),
        ),
        organisation_id=office.id,
        member_id=None,
        to_mail=link.mail,
        to_name=link.name,
        key=f"folder_link:{link.id}",
        by=SYSTEM,
        at=at,
    )


def _address(link_id: UUID) -> str:
    return f"{settings.WARIFU.site_url}/folder-link/{_token(link_id)}/"


def _token(link_id: UUID) -> str:
    """The id of a link and its proof, derived from the house's key: nothing secret stands in the table."""
    proof = hmac.new(settings.WARIFU.link_key_bytes, f"folder_link:{link_id}".encode(), hashlib.sha256)
    return link_id.hex + proof.hexdigest()[:32]
