"""Time stamps: beside a file, inside a PDF, asked of an authority; a changed byte is named (D-05, JA, JB)."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.cast import MORNING, Cast
from tests.rooms.folders import authority
from tests.rooms.folders.office import Office, open_office
from warifu.folders import timestamps
from warifu.folders.actions import stamps
from warifu.folders.models import TimeStamp
from warifu.folders.queries import stamps as queries
from warifu.organisations.rules import NotPermitted

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7 an invoice " + b"x" * 3000


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority."""
    folder = tmp_path_factory.mktemp("tsa")
    authority.make(folder)
    return folder


@pytest.fixture
def office(cast: Cast) -> Office:
    """The office."""
    return open_office(cast)


@pytest.fixture
def trusted(tsa: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The authority, believed by the settings."""
    monkeypatch.setitem(settings.WARIFU.__dict__, "folders_timestamp_roots", tsa / "root.pem")
    return tsa


def add(office: Office, token: bytes, **given: Any) -> str:
    """Add a stamp beside the first record."""
    named = {**office.named, "record_id": office.record(1).id, **given}
    return stamps.add(token=token, **named).value


class TestBeside:
    @pytest.mark.shows("D-01", "D-05", "D-22")
    def test_a_true_stamp_is_valid_with_issuer_and_time(self, office: Office, trusted: Path) -> None:
        office.file(PDF)
        assert add(office, authority.stamp(trusted, PDF)) == "valid"
        (line,) = queries.of_record(record_id=office.record(1).id)
        assert "Stamps" in line.issuer
        assert line.stamped_at is not None

    @pytest.mark.shows("D-05", "D-22")
    def test_a_changed_byte_is_invalid(self, office: Office, trusted: Path) -> None:
        office.file(PDF)
        assert add(office, authority.stamp(trusted, PDF.replace(b"x", b"y", 1))) == "invalid"

    @pytest.mark.shows("D-05")
    def test_an_issuer_who_is_not_believed_is_said_to_be_unknown(
        self, office: Office, tsa: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        office.file(PDF)
        token = authority.stamp(tsa, PDF)
        assert add(office, token) == "unknown_issuer"
        monkeypatch.setitem(settings.WARIFU.__dict__, "folders_timestamp_roots", authority.make(tmp_path))
        assert add(office, token) == "unknown_issuer"

    def test_a_token_whose_signature_was_altered_is_not_valid(self, office: Office, trusted: Path) -> None:
        office.file(PDF)
        token = bytearray(authority.stamp(trusted, PDF))
        token[-3] ^= 1
        assert add(office, bytes(token)) == "unknown_issuer"

    @pytest.mark.parametrize("token", [b"", b"no token", b"\x30\x82\x00", b"0" * 300_000])
    def test_what_is_no_stamp_is_refused(self, office: Office, token: bytes) -> None:
        office.file(PDF)
        with pytest.raises(stamps.NoToken):
            add(office, token)
        assert TimeStamp.objects.count() == 0

    def test_an_auditor_adds_none(self, office: Office, trusted: Path) -> None:
        from warifu.folders.models import FolderAccess

        office.file(PDF)
        office.let_in(office.kubo, FolderAccess.Way.AUDITOR)
        with pytest.raises(NotPermitted):
            add(office, authority.stamp(trusted, PDF), by=office.kubo)


class TestInPdf:
    @pytest.mark.shows("D-01", "D-22")
    @pytest.mark.parametrize(("altered", "verdict"), [(False, "valid"), (True, "invalid")])
    def test_the_stamp_in_a_pdf_is_found_and_checked(
        self, office: Office, trusted: Path, altered: bool, verdict: str
    ) -> None:
        content = stamped_pdf(trusted)
        office.file(content.replace(b"(Invoice 7)", b"(Invoice 8)") if altered else content)
        office.look()
        (line,) = queries.of_record(record_id=office.record(1).id)
        assert (line.verdict, str(line.source_label)) == (verdict, "ファイルの中")


class TestAsked:
    @pytest.mark.shows("D-05", "D-22")
    def test_a_set_authority_stamps_the_digest_only(
        self, office: Office, trusted: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        office.file(PDF)
        with authority.served(trusted) as address:
            monkeypatch.setitem(settings.WARIFU.__dict__, "folders_timestamp_url", address)
            assert timestamps.is_set()
            assert stamps.ask(**office.named, record_id=office.record(1).id).value == "valid"
        asked = (trusted / "query").read_bytes()
        assert hashlib.sha256(PDF).digest() in asked
        assert PDF[:20] not in asked

    def test_without_one_or_when_it_is_silent_nothing_is_stamped(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        office.file(PDF)
        for address in ("", "http://127.0.0.1:9/"):
            monkeypatch.setitem(settings.WARIFU.__dict__, "folders_timestamp_url", address)
            with pytest.raises(stamps.NoAuthority):
                stamps.ask(**office.named, record_id=office.record(1).id)
        assert TimeStamp.objects.count() == 0

    @pytest.mark.shows("D-22")
    def test_of_a_thousand_stamps_the_one_that_does_not_hold_is_named(self, office: Office, trusted: Path) -> None:
        office.file(PDF)
        office.file(b"other", "b.pdf")
        add(office, authority.stamp(trusted, PDF))
        good = TimeStamp.objects.get()
        TimeStamp.objects.bulk_create(
            [
                TimeStamp(
                    record=office.record(1), source="beside", token=good.token, verdict="valid", checked_at=MORNING
                )
                for _ in range(998)
            ]
            + [
                TimeStamp(
                    record=office.record(2), source="beside", token=good.token, verdict="valid", checked_at=MORNING
                )
            ]
        )
        assert stamps.check_all(**office.named, traded_from=None, traded_until=None) == (1000, [2])


def stamped_pdf(folder: Path) -> bytes:
    """A small PDF with a document time stamp (ETSI.RFC3161) over all its bytes but the stamp's own place."""
    room = 16_000
    objects = [
        b"<</Type/Catalog/Pages 2 0 R/AcroForm<</SigFlags 3/Fields[5 0 R]>>>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Annots[5 0 R]>>",
        b"<</Length 30>>stream\nBT (Invoice 7) Tj ET          \nendstream",
        b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Stamp)/Rect[0 0 0 0]/V 6 0 R/P 3 0 R>>",
        b"<</Type/DocTimeStamp/Filter/Adobe.PPKLite/SubFilter/ETSI.RFC3161/ByteRange[0 000000 000000 000000]"
        b"/Contents<" + b"0" * room + b">>>",
    ]
    made, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    made += b"".join(b"%010d 00000 n \n" % place for place in places)
    made += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    before = made.index(b"/Contents<" + b"0" * 10) + len(b"/Contents")
    after = before + room + 2
    ranges = b"[0 %06d %06d %06d]" % (before, after, len(made) - after)
    made = made.replace(b"[0 000000 000000 000000]", ranges)
    token = timestamps._decoded(authority.stamp(folder, made[:before] + made[after:])).time_stamp_token()
    return made[:before] + b"<" + token.hex().encode().ljust(room, b"0") + b">" + made[after:]
