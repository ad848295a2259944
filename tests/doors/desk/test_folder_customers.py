"""Folders beside the office's customers: picked by search, tied, seen by the client at its own desk (D-21)."""

from __future__ import annotations

import io
import zipfile
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.cast import Cast
from tests.doors.conftest import SignIn
from tests.rooms.credentials.office import Office
from tests.rooms.credentials.office import office as office  # noqa: PLC0414
from tests.rooms.customers import clients
from tests.rooms.folders.office import fields
from warifu.audit.models import Entry
from warifu.folders.actions import folders, intake, reading_due, records
from warifu.folders.actions.folders import Wish
from warifu.folders.models import Folder, TransactionRecord
from warifu.folders.rules.fields import Channel

FORM = {"customer_name": "株式会社青葉商会", "capacity_mb": "500", "file_mb": "20", "form": "company",
        "year_end_month": "3", "keeping_years": "10", "extension_months": "0"}  # fmt: skip


def at(name: str, **parts: Any) -> str:
    return reverse(name, kwargs=parts)


def filed(office: Office, folder_id: UUID, content: bytes) -> TransactionRecord:
    """One record, filed by the office's staff."""
    from django.utils import timezone

    now = timezone.now()
    given: dict[str, Any] = {"organisation_id": office.id, "folder_id": folder_id, "by": office.staff, "at": now}
    number = intake.receive(**given, file_name="請求書.pdf", content=content, channel=Channel.SCREEN)
    reading_due.read_due(at=now)
    row = TransactionRecord.objects.get(folder_id=folder_id, number=number)
    records.confirm(**given, record_id=row.id, given=fields())
    return row


class TestAdd:
    @pytest.mark.shows("003-9")
    def test_an_office_picks_the_customer_and_the_form_knows_it(
        self, office: Office, cast: Cast, sign_in: SignIn
    ) -> None:
        served, _entrustment = clients.entrusted(office, cast)
        clients.serve(office, name="上田物産", code="B-01")
        browser = sign_in(office.head)
        found = browser.get(at("desk:folders.add"), {"q": "青葉"}).content.decode()
        assert "株式会社青葉商会" in found
        assert "上田物産" not in found
        address = f"{at('desk:folders.add')}?customer={served.customer_id}"
        shown = browser.get(address).content.decode()
        assert 'value="A-01"' in shown
        assert "委託に同意している会社です" in shown
        made = browser.post(address, FORM | {"customer_code": "A-01"}, follow=True)
        folder = Folder.objects.get()
        assert (folder.customer_id, folder.keeper_id) == (served.customer_id, cast.aoba)
        page = made.content.decode()
        assert at("desk:customers.page", customer_id=served.customer_id) in page
        back = browser.get(at("desk:customers.page", customer_id=served.customer_id)).content.decode()
        assert at("desk:folders.page", folder_id=folder.id) in back
        listed = browser.get(at("desk:folders.listing"), {"customer": str(served.customer_id)})
        assert listed.headers["Location"] == at("desk:folders.page", folder_id=folder.id)
        again = browser.post(address, FORM)
        assert again.status_code == 422
        assert "すでにあります" in again.content.decode()

    def test_another_offices_customer_cannot_be_picked(self, office: Office, cast: Cast, sign_in: SignIn) -> None:
        from django.apps import apps

        served = clients.serve(office)
        apps.get_model("organisations.Organisation").objects.filter(id=cast.ueda).update(is_office=True)
        browser = sign_in(cast.ueno)
        assert browser.post(f"{at('desk:folders.add')}?customer={served.customer_id}", FORM).status_code == 404
        assert Folder.objects.count() == 0

    def test_a_list_ties_by_the_code(self, office: Office, cast: Cast, sign_in: SignIn) -> None:
        served, _entrustment = clients.entrusted(office, cast)
        rows = "顧客の名前,顧客コード\n青葉,A-01\n乙商店,K2\n".encode()
        sign_in(office.head).post(at("desk:folder_lists.upload"), {"file": SimpleUploadedFile("a.csv", rows)})
        found = dict(Folder.objects.values_list("customer_code", "customer_id"))
        assert found == {"A-01": served.customer_id, "K2": None}


class TestPage:
    @pytest.mark.shows("D-21")
    def test_a_folder_is_tied_later_and_the_client_reads_searches_and_exports_it(
        self, office: Office, cast: Cast, sign_in: SignIn
    ) -> None:
        from django.utils import timezone

        wish = Wish(customer_name="青葉")
        folder_id = folders.open_one(organisation_id=office.id, wish=wish, by=office.head, at=timezone.now())
        filed(office, folder_id, b"%PDF-1.7 a")
        client, page = sign_in(cast.aoki), at("desk:folders.page", folder_id=folder_id)
        assert client.get(page).status_code == 404
        served, _entrustment = clients.entrusted(office, cast)
        tie = at("desk:folder_customers.page", folder_id=folder_id)
        head = sign_in(office.head)
        assert "株式会社青葉商会" in head.get(tie).content.decode()
        assert "この会社が保存義務者になり" in head.get(f"{tie}?customer={served.customer_id}").content.decode()
        done = head.post(tie, {"customer": str(served.customer_id)}, follow=True).content.decode()
        assert "保存義務者: " in done
        listed = client.get(at("desk:folders.listing")).content.decode()
        assert "預け先: 岡田会計事務所" in listed
        assert "青葉文具株式会社" in client.get(page, {"party": "青葉文具"}).content.decode()
        packed = b"".join(client.get(at("desk:folder_exports.archive", folder_id=folder_id)))  # type: ignore[arg-type]
        assert len(zipfile.ZipFile(io.BytesIO(packed)).namelist()) == 4
        noted = Entry.objects.filter(event="folders.records.exported").values_list("organisation_id", flat=True)
        assert set(noted) == {office.id, cast.aoba}
        assert client.get(at("desk:folder_intake.page", folder_id=folder_id)).status_code == 403
        assert client.get(tie).status_code in (403, 404)

    @pytest.mark.shows("D-21")
    def test_agreeing_names_the_keeper_and_a_change_of_office_keeps_it(
        self, office: Office, cast: Cast, sign_in: SignIn
    ) -> None:
        from django.utils import timezone

        served = clients.serve(office)
        wish = Wish(customer_name="青葉", customer_id=served.customer_id)
        folder_id = folders.open_one(organisation_id=office.id, wish=wish, by=office.head, at=timezone.now())
        offered = clients.offer(office, served.customer_id)
        client = sign_in(cast.aoki)
        client.post(at("desk:entrustments.agree", entrustment_id=offered))
        page = at("desk:folders.page", folder_id=folder_id)
        assert client.get(page).status_code == 200
        moved = client.post(at("desk:folders.hand_over", folder_id=folder_id), {"to_code": "ueda"}, follow=True)
        assert "引き継ぎました" in moved.content.decode()
        assert "上田物産株式会社に預けている" in client.get(page).content.decode()
        assert sign_in(office.head).get(page).status_code == 404
        assert Folder.objects.get().customer_id is None
