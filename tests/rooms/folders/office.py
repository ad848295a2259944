"""An office with a folder for a customer: staff, a customer's ID and an auditor, and papers to put in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import UUID

from tests.cast import MORNING, Cast
from warifu.folders.actions import access, folders, intake, links, reading_due, records, uploads
from warifu.folders.actions.folders import Wish
from warifu.folders.models import Folder, FolderAccess, FolderLink, TransactionRecord
from warifu.folders.queries.access import Reached
from warifu.folders.rules.fields import Channel, Direction, Fields, Kind
from warifu.folders.rules.search import NO_LIMITS
from warifu.foundation.actor import SYSTEM, Actor, Role
from warifu.organisations import actions as organisations
from warifu.organisations import queries


@dataclass(frozen=True, kw_only=True)
class Office:
    """Aoba as an accountants' office: Aoki leads, Kida works there, Kikuchi is a customer, Kubo an auditor."""

    id: UUID
    folder_id: UUID
    aoki: Actor
    kida: Actor
    kikuchi: Actor
    kubo: Actor

    @property
    def folder(self) -> Folder:
        """The folder's row as it stands now."""
        return Folder.objects.get(id=self.folder_id)

    @property
    def reached(self) -> Reached:
        """The folder as the office's own people reach it."""
        return Reached(folder=self.folder, limits=NO_LIMITS, is_keeper=False)

    def receive(
        self, content: bytes, name: str = "請求書.pdf", *, by: Actor | None = None, at: datetime = MORNING
    ) -> int:
        """Put a file in; returns its number."""
        return intake.receive(
            organisation_id=self.id,
            folder_id=self.folder_id,
            file_name=name,
            content=content,
            channel=Channel.SCREEN,
            by=by or self.kida,
            at=at,
        )

    def file(self, content: bytes = b"", name: str = "請求書.pdf", *, at: datetime = MORNING, **given: Any) -> UUID:
        """Put a file in and confirm its fields; returns the record's id."""
        number = self.receive(content or f"{name} {given}".encode(), name, at=at)
        record_id = self.record(number).id
        self.confirm(record_id, at=at, **given)
        return record_id

    def confirm(self, record_id: UUID, *, at: datetime = MORNING, by: Actor | None = None, **given: Any) -> None:
        """Confirm the fields of a record that waits."""
        records.confirm(
            organisation_id=self.id,
            folder_id=self.folder_id,
            record_id=record_id,
            given=fields(**given),
            by=by or self.kida,
            at=at,
        )

    def record(self, number: int) -> TransactionRecord:
        """A record by its number."""
        return TransactionRecord.objects.get(folder_id=self.folder_id, number=number)

    def look(self, at: datetime = MORNING) -> int:
        """Let the worker look at what came."""
        return reading_due.read_due(at=at)

    def let_in(self, person: Actor, way: FolderAccess.Way, *, at: datetime = MORNING, **given: Any) -> UUID:
        """Let a customer or an auditor reach the folder."""
        assert person.id is not None
        usual: dict[str, Any] = {"traded_from": None, "traded_until": None, "kinds": [], "valid_until": None}
        return access.give(
            organisation_id=self.id,
            folder_id=self.folder_id,
            member_id=person.id,
            way=way,
            by=self.aoki,
            at=at,
            **(usual | given),
        )

    def link(self, *, at: datetime = MORNING, mail: str = "", most_files: int = 5) -> str:
        """Make a link for 桧 花子; returns its token."""
        address = links.make(
            **{**self.named, "at": at},
            name="桧 花子",
            mail=mail,
            valid_until=at + timedelta(days=7),
            most_files=most_files,
        )
        return address.rstrip("/").rsplit("/", 1)[-1]

    @property
    def named(self) -> dict[str, Any]:
        """The arguments that most actions begin with, as Kida."""
        return {"organisation_id": self.id, "folder_id": self.folder_id, "by": self.kida, "at": MORNING}


def open_office(cast: Cast, at: datetime = MORNING) -> Office:
    """Open the office and the folder of 桧商事."""
    from django.apps import apps

    apps.get_model("organisations.Organisation").objects.filter(id=cast.aoba).update(is_office=True)
    folder_id = folders.open_one(
        organisation_id=cast.aoba, wish=Wish(customer_name="桧商事株式会社", customer_code="C001"), by=cast.aoki, at=at
    )
    return Office(
        id=cast.aoba,
        folder_id=folder_id,
        aoki=cast.aoki,
        kida=_hire(cast, "木田", "s101", Role.STAFF),
        kikuchi=_hire(cast, "菊池", "s102", Role.CUSTOMER),
        kubo=_hire(cast, "久保", "s103", Role.AUDITOR),
    )


@dataclass(frozen=True, kw_only=True)
class Filled:
    """An office whose folder has one of everything, and the ids by the names of a path's parts."""

    office: Office
    ids: dict[str, Any]


def filled(cast: Cast, at: datetime = MORNING) -> Filled:
    """A folder with a filed record, an upload on its way, an access and a link."""
    office = open_office(cast, at)
    record_id = office.file(b"\xff\xd8\xff" + b"0" * 200, "領収書.jpg", at=at)
    office.look(at)
    assert office.kida.id is not None
    assert office.kikuchi.id is not None
    upload = uploads.start(
        folder=office.folder, file_name="途中.pdf", size=10, owner=uploads.Owner(id=office.kida.id), at=at
    )
    access_id = office.let_in(office.kikuchi, FolderAccess.Way.CUSTOMER, at=at)
    token = office.link(at=at)
    return Filled(
        office=office,
        ids={
            "folder_id": office.folder_id,
            "record_id": record_id,
            "upload_id": upload.id,
            "access_id": access_id,
            "link_id": FolderLink.objects.latest("id").id,
            "desk:folder_records.picture:number": 1,
            "desk:folder_records.attachment:number": 1,
            "paper_key": "rules",
            "entrance:folder_link.page:token": token,
            "entrance:folder_link.start:token": token,
            "entrance:folder_link.piece:token": token,
        },
    )


def fields(**given: Any) -> Fields:
    """Fields with values of an ordinary invoice."""
    usual: dict[str, Any] = {
        "traded_on": date(2026, 11, 21),
        "counterparty": "青葉文具株式会社",
        "amount": Decimal(11000),
        "kind": Kind.INVOICE,
        "direction": Direction.RECEIVED,
    }
    return Fields(**(usual | given))


def pdf(*lines: str, word: str = "") -> bytes:
    """A PDF with some lines of Japanese text."""
    from pypdf import PdfReader, PdfWriter

    from warifu.notices import papers

    made = papers.pdf("papers/base.html", {"scan": "", "scan_words": ""}, title="\n".join(lines))
    if not word:
        return made
    writer = PdfWriter(clone_from=PdfReader(BytesIO(made)))
    writer.encrypt(word, algorithm="AES-256")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _hire(cast: Cast, family_name: str, code: str, roles: Role) -> Actor:
    member_id = organisations.add_member(
        organisation_id=cast.aoba,
        roles=roles,
        family_name=family_name,
        mail=f"{code}@example.jp",
        employee_code=code,
        by=SYSTEM,
        at=MORNING,
    )
    member = queries.member(organisation_id=cast.aoba, member_id=member_id)
    return queries.actor_of(member=member, level=2, authenticated_at=MORNING)
