"""Export: CSV, originals, history in one streamed ZIP; none, ten thousand, and an S3-compatible store (D-09, D-14)."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import storages

from tests.cast import MORNING, Cast
from tests.rooms.folders.office import Office, fields, open_office
from tests.rooms.folders.test_search import _put
from warifu.audit.models import Entry
from warifu.folders import storage
from warifu.folders.actions import exports, records, uploads
from warifu.folders.actions.intake import Sender
from warifu.folders.models import TransactionRecord
from warifu.folders.queries import search
from warifu.folders.rules.fields import Channel
from warifu.folders.rules.search import Wanted

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(cast: Cast) -> Office:
    """The office."""
    return open_office(cast)


def archive(office: Office, wanted: Wanted | None = None) -> zipfile.ZipFile:
    """The ZIP of a search, unpacked from its stream."""
    wanted = wanted or Wanted()
    reached = exports.begin(**office.named, form="zip", wanted=wanted)
    pieces = exports.archive(reached=reached, wanted=wanted, translate=lambda text: text, at=MORNING)
    packed = zipfile.ZipFile(io.BytesIO(b"".join(pieces)))
    assert packed.testzip() is None
    return packed


def table(packed: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    """A CSV of the ZIP."""
    return list(csv.DictReader(io.StringIO(packed.read(name).decode("utf-8-sig"))))


class TestArchive:
    @pytest.mark.shows("D-14", "D-09", "D-06")
    def test_one_click_gives_list_originals_history_and_comparison(self, office: Office) -> None:
        record_id = office.file(b"%PDF-1.7 first", "=1+1.pdf", amount=Decimal(11000), memo="=cmd()")
        office.file(b"%PDF-1.7 second", "b.pdf", amount=None, counterparty="上田商店")
        records.correct(
            **office.named,
            record_id=record_id,
            given=fields(amount=Decimal(-500), memo="=cmd()"),
            reason="返金",
            version=1,
        )
        office.look()
        packed = archive(office)
        rows = table(packed, "records.csv")
        assert [row["番号"] for row in rows] == ["2", "1"]
        assert (rows[1]["取引金額"], rows[1]["メモ"], rows[0]["取引金額"]) == ("-500", "'=cmd()", "")
        assert packed.read(rows[1]["ZIPの中の名前"].lstrip("'")) == b"%PDF-1.7 first"
        assert {row["行ったこと"] for row in table(packed, "history.csv")} == {"訂正", "確認して保存"}
        assert {row["照合"] for row in table(packed, "checks.csv")} == {"一致"}
        assert Entry.objects.filter(event="folders.records.exported").count() == 1

    @pytest.mark.shows("D-14")
    def test_only_the_hits_go_out(self, office: Office) -> None:
        office.file(b"%PDF-1.7 first", "a.pdf", counterparty="上田商店")
        office.file(b"%PDF-1.7 second", "b.pdf")
        office.look()
        packed = archive(office, Wanted(counterparty="上田"))
        assert [row["取引先"] for row in table(packed, "records.csv")] == ["上田商店"]
        assert len([name for name in packed.namelist() if name.startswith("originals/")]) == 1

    @pytest.mark.shows("D-09")
    def test_no_hit_is_a_list_without_rows(self, office: Office) -> None:
        packed = archive(office, Wanted(counterparty="いない"))
        assert table(packed, "records.csv") == []
        assert packed.namelist() == ["records.csv", "history.csv", "checks.csv"]

    def test_what_was_altered_is_said_in_the_comparison(self, office: Office) -> None:
        office.file(b"%PDF-1.7 first", "a.pdf")
        office.file(b"%PDF-1.7 second", "b.pdf")
        office.look()
        folder = Path(settings.WARIFU.data_dir) / "folders"
        (folder / office.record(1).stored_as).write_bytes(b"%PDF-1.7 fIrst")
        (folder / office.record(2).stored_as).unlink()
        assert [row["照合"] for row in table(archive(office), "checks.csv")] == ["ファイルが見つかりません", "不一致"]

    @pytest.mark.shows("D-09", "D-22")
    def test_ten_thousand_hits_are_written_in_order_in_flat_memory(self, office: Office) -> None:
        import tracemalloc

        _put(office, fields())
        first = TransactionRecord.objects.get()
        rows = []
        for number in range(2, 10_001):
            first.pk, first.number, first.sha256 = None, number, f"{number:064d}"
            rows.append(
                TransactionRecord(
                    **{f.attname: getattr(first, f.attname) for f in first._meta.concrete_fields if f.name != "id"}
                )
            )
        TransactionRecord.objects.bulk_create(rows, batch_size=500)
        del rows
        tracemalloc.start()
        count = sum(1 for _ in exports.records_csv(reached=office.reached, wanted=Wanted(), translate=str))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert count == 10_001
        assert peak < 20 * 1024 * 1024
        assert search.count(reached=office.reached, wanted=Wanted()) == search.COUNTED + 1


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An S3-compatible store on this machine, as the settings would name it."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    told = {"folders_s3_bucket": "originals", "folders_s3_url": address, "folders_s3_region": "us-east-1",
            "folders_s3_key": "k", "folders_s3_secret": "s"}  # fmt: skip
    store = boto3.client(
        "s3", endpoint_url=address, region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key="s"
    )
    store.create_bucket(Bucket="originals")
    chosen = type(settings.WARIFU)(**{**settings.WARIFU.model_dump(), **told}).folders_storage
    monkeypatch.setitem(storages.backends, "folders", chosen)
    storages._storages.pop("folders", None)
    yield server, store
    storages._storages.pop("folders", None)
    try:
        server.stop()
    except Exception:  # noqa: BLE001  (a test may have stopped it)
        return


class TestBucket:
    def test_pieces_originals_and_export_pass_through_an_s3_store(self, office: Office, bucket: Any) -> None:
        _server, store = bucket
        content = b"%PDF-1.7 " + bytes(range(256)) * 40
        owner = uploads.Owner(id=office.kida.id)
        upload = uploads.start(folder=office.folder, file_name="a.pdf", size=len(content), owner=owner, at=MORNING)
        for place in range(0, len(content), 4096):
            uploads.append(
                folder_id=office.folder_id,
                upload_id=upload.id,
                place=place,
                piece=content[place : place + 4096],
                owner=owner,
                sender=Sender(channel=Channel.SCREEN, label="木田"),
                by=office.kida,
                at=MORNING,
            )
        row = office.record(1)
        office.confirm(row.id)
        office.look()
        assert store.get_object(Bucket="originals", Key=row.stored_as)["Body"].read() == content
        assert [one["Key"] for one in store.list_objects_v2(Bucket="originals")["Contents"]] == [row.stored_as]
        packed = archive(office)
        assert packed.read(exports.name_in_archive(line=search.line_of(row=office.record(1)))) == content

    def test_a_store_that_is_down_is_said_before_the_export_begins(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        office.file(b"%PDF-1.7 a")
        office.look()

        def silent(**_: Any) -> Iterator[bytes]:
            raise storage.StoreDown
            yield b""

        monkeypatch.setattr(storage, "pieces", silent)
        with pytest.raises(storage.StoreDown):
            exports.insist_on_store(reached=office.reached, wanted=Wanted())

    def test_a_store_that_falls_silent_leaves_no_zip_that_looks_whole(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for place in range(3):
            office.file(b"%PDF-1.7 " + bytes([place]) * 3_000_000, f"{place}.pdf")
        office.look()
        original, opened = storage.pieces, []

        def fails(*, name: str) -> Iterator[bytes]:
            opened.append(name)
            for number, piece in enumerate(original(name=name)):
                if len(opened) == 2 and number == 1:
                    raise storage.StoreDown
                yield piece

        monkeypatch.setattr(storage, "pieces", fails)
        came = io.BytesIO()
        with pytest.raises(storage.StoreDown):
            came.writelines(exports.archive(reached=office.reached, wanted=Wanted(), translate=str, at=MORNING))
        assert came.tell() > 3_000_000
        with pytest.raises(zipfile.BadZipFile):
            zipfile.ZipFile(came)

    def test_a_store_that_does_not_answer_is_a_refusal(self, office: Office, bucket: Any) -> None:
        server, _store = bucket
        server.stop()
        storages["folders"].connection.meta.client.meta.config.retries = {"max_attempts": 0}
        with pytest.raises(storage.StoreDown):
            office.receive(b"%PDF-1.7 a")
        assert TransactionRecord.objects.count() == 0
