"""提出リンク at the door: files come in without an ID, nothing is shown (B2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.cast import MORNING, Cast
from tests.rooms.folders.office import Office, open_office
from warifu.folders.models import FolderLink, TransactionRecord

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Office:
    """The office, this morning."""
    monkeypatch.setattr(timezone, "now", lambda: MORNING)
    return open_office(cast)


class TestPage:
    def test_takes_files_by_a_plain_form_and_shows_nothing_of_the_folder(self, office: Office) -> None:
        office.file(b"secret", "ひみつ.pdf")
        address = f"/folder-link/{office.link()}/"
        page = Client().get(address).content.decode()
        assert "株式会社青葉商会" in page
        assert "ひみつ" not in page
        sent = {"files": [SimpleUploadedFile("a.pdf", b"%PDF-1.7 a"), SimpleUploadedFile("b.pdf", b"secret")]}
        said = Client().post(address, sent, follow=True).content.decode()
        assert "1件を受け取りました" in said
        assert "すでに受け取っています" in said
        assert office.record(2).received_by == "桧 花子"

    def test_pieces_pass_through_the_link_alone(self, office: Office) -> None:
        address = f"/folder-link/{office.link()}/"
        told = {"Upload-Length": "4", "Upload-Name": "a.pdf"}
        place = Client().post(f"{address}uploads/", headers=told).headers["Location"]
        sent: dict[str, Any] = {"content_type": "application/offset+octet-stream"}
        Client().patch(place, b"ab", headers={"Upload-Offset": "0"}, **sent)
        assert Client().head(place).headers["Upload-Offset"] == "2"
        assert Client().patch(place, b"cd", headers={"Upload-Offset": "2"}, **sent).json()["number"] == 1
        other = f"/folder-link/{office.link()}/uploads/{place.rstrip('/').rsplit('/', 1)[-1]}/"
        assert Client().head(other).status_code == 404

    def test_a_link_that_ended_meanwhile_says_so_to_the_script(self, office: Office) -> None:
        address = f"/folder-link/{office.link()}/"
        told = {"Upload-Length": "4", "Upload-Name": "a.pdf"}
        place = Client().post(f"{address}uploads/", headers=told).headers["Location"]
        FolderLink.objects.update(ended_at=MORNING)
        sent = Client().patch(
            place, b"abcd", headers={"Upload-Offset": "0"}, content_type="application/offset+octet-stream"
        )
        assert (sent.status_code, sent.json()["code"]) == (410, "WF-F601")
        assert Client().post(f"{address}uploads/", headers=told).json()["code"] == "WF-F601"
        assert TransactionRecord.objects.count() == 0

    def test_an_old_or_guessed_link_says_what_to_do(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        token = office.link()
        assert Client().get(f"/folder-link/{token[:-2]}00/").status_code == 404
        monkeypatch.setattr(timezone, "now", lambda: MORNING + timedelta(days=8))
        answer = Client().get(f"/folder-link/{token}/")
        assert answer.status_code == 410
        assert "新しい提出リンクを頼んでください" in answer.content.decode()
        assert TransactionRecord.objects.count() == 0
