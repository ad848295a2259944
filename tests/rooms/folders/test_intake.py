"""Intake: bytes as they came, the server's time, doubles, mails, pieces, links, a full and a silent store (B2, D)."""

from __future__ import annotations

import errno
import hashlib
import io
import shutil
import stat
import subprocess
import zipfile
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import FileSystemStorage

from tests.cast import MORNING, Cast
from tests.rooms.folders.clamav import VIRUS, clamav
from tests.rooms.folders.office import Office, open_office, pdf
from tests.rules.folders.test_rules import MAIL, UBL
from warifu.audit.models import Entry
from warifu.folders import reading, scanning, storage
from warifu.folders.actions import checks, folders, intake, links, uploads
from warifu.folders.actions.intake import Sender
from warifu.folders.actions.uploads import Owner
from warifu.folders.models import Folder, FolderLink, TransactionRecord, Upload
from warifu.folders.queries import files
from warifu.folders.rules import invoices
from warifu.folders.rules.fields import MIB, Channel
from warifu.foundation.actor import SYSTEM
from warifu.foundation.refusals import NotFound
from warifu.notices.models import Letter

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7 " + b"x" * 5000


@pytest.fixture
def office(cast: Cast) -> Office:
    """The office."""
    return open_office(cast)


def stored(office: Office) -> list[Path]:
    """The files that lie in the store."""
    return [path for path in (Path(settings.WARIFU.data_dir) / "folders").rglob("*") if path.is_file()]


class TestReceive:
    @pytest.mark.shows("D-06", "D-08", "D-16")
    def test_keeps_the_bytes_as_they_came_with_hash_and_the_servers_time(self, office: Office) -> None:
        office.receive(PDF, "../請求書?.pdf")
        row = office.record(1)
        assert b"".join(storage.pieces(name=row.stored_as)) == PDF
        assert row.sha256 == hashlib.sha256(PDF).hexdigest()
        assert (row.received_at, row.received_by, row.file_name, row.channel) == (
            MORNING,
            "木田",
            "請求書.pdf",
            "screen",
        )
        assert (office.folder.used, office.folder.count) == (len(PDF), 1)

    @pytest.mark.shows("D-06")
    def test_only_the_services_user_reads_the_store(self, office: Office) -> None:
        office.receive(PDF)
        (path,) = stored(office)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700

    def test_a_double_is_recognised_and_not_kept_twice(self, office: Office) -> None:
        office.receive(PDF)
        with pytest.raises(intake.AlreadyThere) as refused:
            office.receive(PDF, "別の名前.pdf")
        assert refused.value.values == {"number": 1}
        assert (office.folder.used, office.folder.count, len(stored(office))) == (len(PDF), 1, 1)

    def test_limits_of_file_and_folder_keep_it_out(self, office: Office) -> None:
        Folder.objects.update(file_limit=100, capacity=150)
        with pytest.raises(intake.FileTooLarge):
            office.receive(b"x" * 101)
        office.receive(b"x" * 90)
        with pytest.raises(intake.FolderFull):
            office.receive(b"y" * 90)
        with pytest.raises(intake.FileEmpty):
            office.receive(b"")
        assert (office.folder.used, len(stored(office))) == (90, 1)

    @pytest.mark.shows("D-20")
    def test_a_folder_that_ends_takes_nothing_in(self, office: Office) -> None:
        folders.end(**{**office.named, "by": office.aoki}, typed_name="桧商事株式会社")
        with pytest.raises(folders.NotOpen):
            office.receive(PDF)

    def test_writes_one_entry(self, office: Office) -> None:
        before = Entry.objects.count()
        office.receive(PDF)
        assert Entry.objects.count() == before + 1


class TestStore:
    @pytest.mark.parametrize(
        ("fault", "refusal"),
        [(OSError(errno.ENOSPC, "full"), storage.StoreFull), (OSError(errno.EIO, "down"), storage.StoreDown)],
    )
    def test_a_full_disk_and_a_silent_store_are_refusals_that_change_nothing(
        self, office: Office, monkeypatch: pytest.MonkeyPatch, fault: OSError, refusal: Any
    ) -> None:
        def save(*_: Any, **__: Any) -> str:
            raise fault

        monkeypatch.setattr(FileSystemStorage, "_save", save)
        with pytest.raises(refusal):
            office.receive(PDF)
        assert TransactionRecord.objects.count() == 0
        assert office.folder.used == 0

    def test_the_nightly_check_names_what_was_altered_lost_or_mended(self, office: Office) -> None:
        office.file(PDF)
        office.file(b"other", "b.pdf")
        first, second = (Path(settings.WARIFU.data_dir) / "folders" / office.record(n).stored_as for n in (1, 2))
        first.chmod(0o600)
        first.write_bytes(PDF.replace(b"x", b"y", 1))
        second.unlink()
        assert checks.check_folder(folder_id=office.folder_id, at=MORNING) == (2, [1, 2])
        assert Entry.objects.filter(event="folders.record.fault_found").count() == 2
        first.write_bytes(PDF)
        nights = sum(checks.check_due(at=MORNING + timedelta(days=day)) for day in range(2))
        assert nights >= 2
        assert (office.record(1).faulty_since, office.record(2).faulty_since) == (None, MORNING)

    def test_every_record_is_looked_at_within_thirty_nights(self, office: Office) -> None:
        for number in range(5):
            office.receive(f"{number}".encode())
        assert sum(checks.check_due(at=MORNING + timedelta(days=day)) for day in range(checks.NIGHTS)) == 5


class TestReading:
    def test_a_pdf_an_invoice_and_a_mail_suggest_their_values(self, office: Office) -> None:
        office.receive(pdf("請求書", "発行日 2026年11月21日", "青葉文具株式会社", "ご請求金額 11,000円"))
        office.receive(UBL.encode(), "invoice.xml")
        office.receive(MAIL, "mail.eml")
        assert office.look() == 3
        assert office.look() == 0
        suggested = [office.record(number).suggested for number in (1, 2, 3)]
        assert [one["amount"] for one in suggested] == ["11000", "110000", "5500"]
        assert [one["traded_on"] for one in suggested] == ["2026-11-21"] * 3
        assert {office.record(number).state for number in (1, 2, 3)} == {"received"}

    def test_a_broken_file_is_kept_and_suggests_nothing(self, office: Office) -> None:
        for place, content in enumerate((b"%PDF-1.7 broken", b"<?xml version='1.0'?><a>", b"\x00\x01")):
            office.receive(content, f"scan{place}.bin")
        assert office.look() == 3
        assert [office.record(number).suggested for number in (1, 2, 3)] == [{}, {}, {}]

    @pytest.mark.shows("D-07")
    def test_a_locked_file_opens_with_the_word_kept_beside_it(self, office: Office) -> None:
        from warifu.folders.actions import records

        content = pdf("請求書", "ご請求金額 7,700円", word="himitsu")
        office.receive(content)
        office.look()
        row = office.record(1)
        assert (row.is_locked, row.pages) == (True, 0)
        records.set_opening_word(**office.named, record_id=row.id, word="himitsu")
        office.look()
        row = office.record(1)
        assert (row.pages, row.suggested["amount"]) == (1, "7700")
        assert files.picture(row=row, number=1).content.startswith(b"\x89PNG")
        assert b"".join(files.original(row=row)) == content

    def test_the_word_stands_in_no_command_line(self, monkeypatch: pytest.MonkeyPatch) -> None:
        run, commands = subprocess.run, []

        def noted(command: list[str], **given: Any) -> Any:
            commands.append(" ".join(command))
            return run(command, **given)

        monkeypatch.setattr(subprocess, "run", noted)
        content = pdf("請求書", "ご請求金額 7,700円", word="himitsu")
        assert reading.pdf(content, word="himitsu").pages == 1
        assert reading.page(content, number=1, word="himitsu").startswith(b"\x89PNG")
        assert len(commands) == len({"read", "unlock", "draw"})
        assert "himitsu" not in " ".join(commands)

    def test_what_reads_files_ends_with_its_limits(self) -> None:
        with pytest.raises(reading.Unreadable):
            reading.pdf(b"%PDF-1.7\n" + b"1 0 obj<<>>endobj " * 1000)
        with pytest.raises(reading.Unreadable):
            reading.page(b"no pdf", number=1)

    def test_nobody_opens_a_file_before_the_scanner_has(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        office.receive(PDF)
        with pytest.raises(files.NotLookedAt):
            files.original(row=office.record(1))
        said = iter((scanning.ScannerDown(), scanning.Finding.INFECTED))

        def look(_pieces: Any) -> scanning.Finding:
            answer = next(said)
            if isinstance(answer, Exception):
                raise answer
            return answer

        monkeypatch.setattr(scanning, "look", look)
        assert office.look() == 0
        assert office.record(1).read_at is None
        assert office.look(MORNING + timedelta(minutes=6)) == 1
        with pytest.raises(files.NotLookedAt):
            files.original(row=office.record(1))
        assert Entry.objects.filter(event="folders.record.infected").count() == 1

    @pytest.mark.parametrize(
        ("said", "status", "finding"),
        [
            ("stream: OK", 0, "clean"),
            ("stream: Eicar-Test FOUND", 1, "infected"),
            ("stream: Heuristics.Limits.Exceeded.MaxScanSize FOUND", 1, "skipped"),
            ("stream: Heuristics.Encrypted.PDF FOUND", 1, "skipped"),
            ("ERROR: Could not connect to clamd", 2, ""),
        ],
    )
    def test_clamdscan_is_asked_by_standard_input(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, status: int, finding: str
    ) -> None:
        fake = tmp_path / "clamdscan"
        fake.write_text(f"#!/bin/sh\ncat > {tmp_path}/seen\necho '{said}'\nexit {status}\n")
        fake.chmod(0o700)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        monkeypatch.setitem(settings.WARIFU.__dict__, "folders_scanner", "clamdscan")
        if finding:
            assert scanning.look([b"ab", b"cd"]).value == finding
            assert (tmp_path / "seen").read_bytes() == b"abcd"
        else:
            with pytest.raises(scanning.ScannerDown):
                scanning.look([b"ab"])

    @pytest.mark.skipif(not (shutil.which("clamd") and shutil.which("clamdscan")), reason="ClamAV is not installed")
    @pytest.mark.shows("V-05")
    def test_clamav_itself_finds_what_it_knows_and_is_not_believed_beyond_its_limits(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with clamav(tmp_path) as configuration:
            monkeypatch.setattr(scanning, "CONFIGURATION", configuration)
            monkeypatch.setitem(settings.WARIFU.__dict__, "folders_scanner", "clamdscan")
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("請求書.txt", VIRUS)
            assert scanning.look([b"%PDF-1.7 a"]) is scanning.Finding.CLEAN
            assert scanning.look([VIRUS[:10], VIRUS[10:]]) is scanning.Finding.INFECTED
            assert scanning.look([packed.getvalue()]) is scanning.Finding.INFECTED
            assert scanning.look([b"0" * 700_000] * 5) is scanning.Finding.SKIPPED
        with pytest.raises(scanning.ScannerDown):
            scanning.look([b"%PDF-1.7 a"])

    def test_a_file_that_a_reader_stumbles_over_holds_up_nobody(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        office.receive(b"<?xml version='1.0'?><a>1</a>", "a.xml")
        office.receive(pdf("請求書", "合計 1,100円"), "b.pdf")

        def stumbles(*_: Any, **__: Any) -> None:
            raise RecursionError

        monkeypatch.setattr(invoices, "suggested", stumbles)
        assert office.look() == 2
        assert office.record(1).read_at is not None
        assert office.record(2).suggested["amount"] == "1100"

    def test_a_store_that_falls_silent_while_reading_is_tried_again(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        office.receive(PDF)

        def silent(**_: Any) -> bytes:
            raise storage.StoreDown

        with monkeypatch.context() as patch:
            patch.setattr(storage, "content", silent)
            assert office.look() == 0
        assert office.look(MORNING + timedelta(minutes=6)) == 1


class TestMail:
    @pytest.mark.shows("D-06", "D-22")
    def test_a_mail_is_kept_whole_for_the_folder_of_its_code(self, office: Office) -> None:
        assert intake.receive_mail(mail_code=office.folder.mail_code, content=MAIL, at=MORNING) == 1
        row = office.record(1)
        assert (row.channel, row.received_by, row.file_name) == ("mail", "bill@aoba.example", "請求書.eml")
        assert storage.content(name=row.stored_as) == MAIL

    def test_a_wrong_code_and_no_mail_are_refused(self, office: Office) -> None:
        for code in ("", "0" * 16):
            with pytest.raises(NotFound):
                intake.receive_mail(mail_code=code, content=MAIL, at=MORNING)
        with pytest.raises(intake.NoMail):
            intake.receive_mail(mail_code=office.folder.mail_code, content=b"hello", at=MORNING)


class TestUploads:
    def _start(self, office: Office, size: int = len(PDF)) -> uploads.Standing:
        return uploads.start(
            folder=office.folder, file_name="大.pdf", size=size, owner=Owner(id=office.kida.id), at=MORNING
        )

    def _append(self, office: Office, upload: uploads.Standing, place: int, piece: bytes) -> uploads.Standing:
        return uploads.append(
            folder_id=office.folder_id,
            upload_id=upload.id,
            place=place,
            piece=piece,
            owner=Owner(id=office.kida.id),
            sender=Sender(channel=Channel.SCREEN, label="木田"),
            by=office.kida,
            at=MORNING,
        )

    def test_a_file_broken_in_the_middle_goes_on_where_it_stopped(self, office: Office) -> None:
        upload = self._start(office)
        self._append(office, upload, 0, PDF[:2000])
        with pytest.raises(uploads.WrongPlace) as refused:
            self._append(office, upload, 0, PDF[:2000])
        assert refused.value.values == {"received": 2000}
        again = uploads.standing(folder_id=office.folder_id, upload_id=upload.id, owner=Owner(id=office.kida.id))
        assert again.received == 2000
        done = self._append(office, upload, 2000, PDF[2000:])
        assert done.number == 1
        assert storage.content(name=office.record(1).stored_as) == PDF
        assert len(stored(office)) == 1
        assert self._append(office, upload, 0, b"x").number == 1

    def test_a_store_that_is_full_at_the_end_loses_no_piece(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        upload = self._start(office)
        self._append(office, upload, 0, PDF[:2000])
        with monkeypatch.context() as patch:
            patch.setattr(storage, "keep", lambda **_: (_ for _ in ()).throw(storage.StoreFull()))
            with pytest.raises(storage.StoreFull):
                self._append(office, upload, 2000, PDF[2000:])
        assert self._append(office, upload, len(PDF), b"").number == 1

    def test_only_its_owner_sees_an_upload(self, office: Office) -> None:
        upload = self._start(office)
        with pytest.raises(NotFound):
            uploads.standing(folder_id=office.folder_id, upload_id=upload.id, owner=Owner(id=office.aoki.id))

    def test_more_than_was_announced_is_refused(self, office: Office) -> None:
        upload = self._start(office, size=10)
        with pytest.raises(uploads.PieceTooLarge):
            self._append(office, upload, 0, b"x" * 11)
        with pytest.raises(intake.FileTooLarge):
            self._start(office, size=101 * MIB)

    def test_a_double_gives_the_upload_up(self, office: Office) -> None:
        office.receive(PDF)
        upload = self._start(office)
        with pytest.raises(intake.AlreadyThere):
            self._append(office, upload, 0, PDF)
        assert Upload.objects.get().state == "given_up"
        assert len(stored(office)) == 1

    def test_what_lies_too_long_is_tidied(self, office: Office) -> None:
        upload = self._start(office)
        self._append(office, upload, 0, PDF[:10])
        assert uploads.tidy(at=MORNING + timedelta(days=1)) == 0
        assert uploads.tidy(at=MORNING + timedelta(days=3)) == 1
        assert stored(office) == []


class TestLinks:
    def test_a_link_takes_files_until_its_number_is_used(self, office: Office) -> None:
        opened = links.opened(token=office.link(most_files=1), at=MORNING)
        owner = Owner(link_id=opened.link_id)
        upload = uploads.start(folder=opened.folder, file_name="a.pdf", size=3, owner=owner, at=MORNING)
        sender = Sender(channel=Channel.LINK, label=opened.name)
        uploads.append(
            folder_id=office.folder_id,
            upload_id=upload.id,
            place=0,
            piece=b"abc",
            owner=owner,
            sender=sender,
            by=SYSTEM,
            at=MORNING,
        )
        assert (office.record(1).received_by, office.record(1).channel) == ("桧 花子", "link")
        with pytest.raises(links.LinkOver):
            links.opened(token=office_token(opened), at=MORNING)

    def test_two_files_that_end_together_do_not_pass_the_number(self, office: Office) -> None:
        opened = links.opened(token=office.link(most_files=1), at=MORNING)
        owner, sender = Owner(link_id=opened.link_id), Sender(channel=Channel.LINK, label=opened.name)
        begun = [
            uploads.start(folder=opened.folder, file_name=f"{name}.pdf", size=1, owner=owner, at=MORNING)
            for name in "ab"
        ]
        given: dict[str, Any] = {"folder_id": office.folder_id, "place": 0, "owner": owner, "sender": sender}
        uploads.append(**given, upload_id=begun[0].id, piece=b"a", by=SYSTEM, at=MORNING)
        with pytest.raises(links.LinkOver):
            uploads.append(**given, upload_id=begun[1].id, piece=b"b", by=SYSTEM, at=MORNING)
        assert (FolderLink.objects.get().files, TransactionRecord.objects.count()) == (1, 1)
        assert len(stored(office)) == 1

    def test_time_hand_and_the_folders_end_stop_a_link(self, office: Office) -> None:
        token = office.link()
        with pytest.raises(links.LinkOver):
            links.opened(token=token, at=MORNING + timedelta(days=8))
        links.end(**office.named, link_id=FolderLink.objects.get().id)
        with pytest.raises(links.LinkOver):
            links.opened(token=token, at=MORNING)

    @pytest.mark.parametrize("change", ["short", "flipped", "no"])
    def test_a_guessed_link_is_none(self, office: Office, change: str) -> None:
        token = office.link()
        wrong = {"short": token[:-1], "flipped": token[:-1] + ("0" if token[-1] != "0" else "1"), "no": "x"}[change]
        with pytest.raises(NotFound):
            links.opened(token=wrong, at=MORNING)

    def test_the_letter_carries_the_link_and_the_table_no_secret(self, office: Office) -> None:
        token = office.link(mail="hanako@hinoki.example")
        letter = Letter.objects.get(kind="folder_link_sent")
        assert letter.to_mail == "hanako@hinoki.example"
        assert token not in str(letter.__dict__)
        assert links.address_of(reference=str(FolderLink.objects.get().id)).endswith(f"{token}/")


def office_token(opened: links.Opened) -> str:
    """The token of a link that was opened."""
    return links.address_of(reference=str(opened.link_id)).rstrip("/").rsplit("/", 1)[-1]


def test_an_amount_suggested_is_never_filed_by_itself(cast: Cast) -> None:
    office = open_office(cast)
    office.receive(UBL.encode(), "a.xml")
    office.look()
    assert (office.record(1).amount, office.record(1).suggested["amount"]) == (None, str(Decimal(110000)))
