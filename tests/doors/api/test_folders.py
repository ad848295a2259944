"""Folders by the API: received at the server's time, searched, read, never deleted (D-03, D-08)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.cast import MORNING, Cast
from tests.doors.api.conftest import Program
from tests.rooms.folders.office import Office, open_office
from warifu.audit.models import Entry

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7 by a program"
GIVEN = {
    "traded_on": "2026-11-21",
    "counterparty": "青葉文具",
    "kind": "invoice",
    "direction": "sent",
    "amount": "5500",
}


@pytest.fixture
def office(cast: Cast) -> Office:
    """The office."""
    return open_office(cast)


class TestReceive:
    @pytest.mark.shows("D-08", "D-22", "D-06")
    def test_the_moment_is_the_servers_whatever_the_program_says(
        self, office: Office, program: Callable[..., Program]
    ) -> None:
        sent = SimpleUploadedFile("a.pdf", PDF)
        long_ago = (MORNING - timedelta(days=365)).isoformat()
        before = timezone.now()
        answer = program("folders:write").post(
            f"/folders/{office.folder_id}/records", file=sent, received_at=long_ago, at=long_ago
        )
        assert answer.status_code == 201, answer.content
        assert office.record(1).received_at >= before
        assert answer.json()["state"] == "received"

    @pytest.mark.shows("D-16")
    def test_with_its_fields_it_is_filed_at_once_and_found(
        self, office: Office, program: Callable[..., Program]
    ) -> None:
        made = program("folders:write").post(
            f"/folders/{office.folder_id}/records", file=SimpleUploadedFile("a.pdf", PDF), **GIVEN
        )
        assert (made.status_code, made.json()["state"]) == (201, "filed"), made.content
        reading = program("folders:read")
        found = reading.get(f"/folders/{office.folder_id}/records", amount_from="5000", direction="sent")
        assert [one["number"] for one in found.json()["records"]] == [1]
        assert reading.get(f"/folders/{office.folder_id}/records", counterparty="いない").json()["records"] == []
        assert reading.get("/folders").json()["folders"][0]["records"] == 1

    def test_a_wrong_field_or_a_double_keeps_nothing(self, office: Office, program: Callable[..., Program]) -> None:
        writing = program("folders:write")
        wrong = writing.post(
            f"/folders/{office.folder_id}/records",
            file=SimpleUploadedFile("a.pdf", PDF),
            **(GIVEN | {"registration_number": "T1"}),
        )
        assert (wrong.status_code, wrong.json()["code"], office.folder.count) == (422, "WF-F202", 0)
        for status in (201, 409):
            sent = SimpleUploadedFile("a.pdf", PDF)
            assert writing.post(f"/folders/{office.folder_id}/records", file=sent).status_code == status


class TestDelete:
    @pytest.mark.shows("D-03")
    def test_is_refused_with_405_and_noted(self, office: Office, program: Callable[..., Program]) -> None:
        record_id = office.file(PDF)
        caller = program("folders:read", "folders:write")
        answer = caller.client.delete(
            f"/api/v1/folders/{office.folder_id}/records/{record_id}",
            headers={"Authorization": f"Bearer {caller.token}"},
        )
        assert (answer.status_code, answer.json()["code"]) == (405, "WF-F206")
        assert Entry.objects.filter(event="folders.record.deletion_refused").count() == 1

    def test_the_original_comes_as_it_was(self, office: Office, program: Callable[..., Program]) -> None:
        record_id = office.file(PDF)
        office.look()
        answer = program("folders:read").get(f"/folders/{office.folder_id}/records/{record_id}/original")
        assert b"".join(answer) == PDF
