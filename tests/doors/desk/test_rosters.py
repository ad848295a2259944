"""名簿の取込み: upload, check, mend, load, undo in the browser."""

from __future__ import annotations

import csv
import re
from io import BytesIO, StringIO
from uuid import UUID

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.cast import Cast
from tests.doors.conftest import signed_in_client as visit
from warifu.collection.actions import rosters
from warifu.collection.queries import rosters as queries
from warifu.organisations import queries as organisations

pytestmark = pytest.mark.django_db

BARE = "m01@example.jp,佐藤,,一郎\nm02@example.jp,鈴木,,花子\n"
BROKEN = "m01@example.jp,佐藤,,一郎\nm02@example,jp,鈴木,花子\n=1+1,田中,,愛\n"


def send(client: Client, text: str | bytes, name: str = "名簿.csv") -> str:
    content = text.encode() if isinstance(text, str) else text
    answer = client.post("/desk/rosters/upload/", {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def roster_id_of(address: str) -> UUID:
    return UUID(address.strip("/").rsplit("/", maxsplit=1)[-1])


class TestListing:
    def test_says_what_will_stand_here(self, cast: Cast) -> None:
        assert "まだ名簿はありません" in text_of(visit(cast.eto), "/desk/rosters/")

    def test_shows_rosters_with_their_state_in_two_queries(self, cast: Cast, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
        client = visit(cast.eto)
        for _ in range(3):
            send(client, BARE)
        assert text_of(client, "/desk/rosters/").count("確認してください") == 3
        with django_assert_num_queries(2):
            assert len(queries.listing(organisation_id=cast.aoba)) == 3
        assert queries.listing(organisation_id=cast.ueda) == []


class TestUpload:
    @pytest.mark.shows("001-9", "001-10")
    def test_a_file_leads_to_its_check(self, cast: Cast) -> None:
        client = visit(cast.eto)
        text = text_of(client, send(client, BARE))
        assert "名簿の点検" in text
        assert "いま進むと、2人を加え、0人の内容を変えます。" in text

    @pytest.mark.shows("001-12", "V-05")
    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "ファイルの中身が空です"),
            (b"\x89PNG\r\n\x1a\n" + bytes(99), "名簿ではないファイルです"),
            (b"a@x.jp,\xff\xfe,b", "文字コードを読み取れません"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "古い形式のExcel"),
        ],
    )
    def test_what_is_no_roster_is_refused_with_a_sentence(self, cast: Cast, content: bytes, words: str) -> None:
        client = visit(cast.eto)
        answer = client.post("/desk/rosters/upload/", {"file": SimpleUploadedFile("名簿.csv", content)})
        assert answer.status_code == 422
        assert words in answer.content.decode()
        assert queries.listing(organisation_id=cast.aoba) == []

    def test_only_those_who_may(self, cast: Cast) -> None:
        for actor in (cast.inoue, cast.okada):
            assert visit(actor).get("/desk/rosters/upload/").status_code == 403


class TestTemplate:
    def test_csv_opens_in_excel_and_is_read_again(self, cast: Cast) -> None:
        answer = visit(cast.eto).get("/desk/rosters/template/full.csv")
        content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
        assert content.startswith(b"\xef\xbb\xbf" + "社員番号,姓,名".encode())
        assert "filename*=utf-8''" in answer["Content-Disposition"]

    def test_the_workbooks_columns_are_text(self, cast: Cast) -> None:
        answer = visit(cast.eto).get("/desk/rosters/template/full.xlsx")
        sheet = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content))).active  # type: ignore[attr-defined]
        assert [cell.value for cell in sheet[1]][:2] == ["社員番号", "姓"]
        assert {sheet.column_dimensions[letter].number_format for letter in "ABCL"} == {"@"}

    def test_other_kinds_are_not_there(self, cast: Cast) -> None:
        assert visit(cast.eto).get("/desk/rosters/template/full.exe").status_code == 404


class TestPage:
    def test_problems_stand_in_their_rows(self, cast: Cast) -> None:
        client = visit(cast.eto)
        address = send(client, BROKEN)
        text = text_of(client, address)
        assert "メールアドレスの形が違います" in text
        assert "数式のように始まっています" in text
        assert text_of(client, address + "?severity=warning").count("数式のように") == 0

    def test_long_lists_go_on_by_key(self, cast: Cast) -> None:
        client = visit(cast.eto)
        address = send(client, "".join(f"x{number}@example,山田,太郎\n" for number in range(60)) + "a@b.jp,山田,太郎\n")
        first = text_of(client, address)
        following = re.search(r'href="(\?severity=error&amp;after=[^"]+)"', first)
        assert following
        rest = text_of(client, address + following[1].replace("&amp;", "&"))
        assert "x59@example" in rest
        assert "x49@example" not in rest

    def test_nobody_elses(self, cast: Cast) -> None:
        address = send(visit(cast.eto), BARE)
        for more in ("", "columns/", "problems.csv"):
            assert visit(cast.ueno).get(address + more).status_code == 404
        for more in ("load/", "undo/", "discard/", "mend/", "check/"):
            assert visit(cast.ueno).post(address + more).status_code == 404
            assert visit(cast.eto).get(address + more).status_code == 405

    def test_a_number_never_comes_back(self, cast: Cast) -> None:
        client = visit(cast.eto)
        number = "1234-5678-9012"
        address = send(client, f"m01@example.jp,佐藤,,{number}\n")
        assert "12桁の番号が書かれています" in text_of(client, address)
        assert number not in text_of(client, address + "?severity=all")
        assert number not in text_of(client, address + "columns/")
        answer = client.get(address + "problems.csv")
        assert number not in b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]


class TestColumns:
    def test_any_file_by_hand(self, cast: Cast) -> None:
        client = visit(cast.eto)
        address = send(client, "あ,い,う,え,お\n佐藤,一郎,m01@example.jp,x,y\n".encode("cp932"))
        assert "どの列がメールアドレスや氏名なのか" in text_of(client, address)
        assert "m01@example.jp" in text_of(client, address + "columns/")
        chosen = {"column-0": "family_name", "column-1": "given_name", "column-2": "mail", "has_header": "on"}
        assert client.post(address + "columns/", chosen | {"encoding": "cp932"}).status_code == 302
        rosters.work_due(at=timezone.now())
        assert "いま進むと、1人を加え" in text_of(client, address)

    def test_a_wrong_encoding_is_told(self, cast: Cast) -> None:
        client = visit(cast.eto)
        address = send(client, "m01@example.jp,佐藤,一郎\n".encode("cp932"))
        answer = client.get(address + "columns/?encoding=utf-8")
        assert answer.status_code == 422
        assert "文字コードを読み取れません" in answer.content.decode()

    def test_a_choice_without_a_name_is_told(self, cast: Cast) -> None:
        client = visit(cast.eto)
        address = send(client, BARE)
        answer = client.post(address + "columns/", {"column-0": "mail", "encoding": "utf-8"})
        assert answer.status_code == 422


class TestMend:
    def test_a_mended_cell_is_taken(self, cast: Cast) -> None:
        client = visit(cast.eto)
        address = send(client, "m01@example.jp,佐藤,一郎\nm02@example,鈴木,花子\n")
        answer = client.post(address + "mend/", {"row": "2", "column": "メールアドレス", "value": "m02@example.jp"})
        assert answer.status_code == 302
        text = text_of(client, address)
        assert "直すところはありません" in text
        assert "1か所" in text

    def test_a_row_that_is_none(self, cast: Cast) -> None:
        client = visit(cast.eto)
        address = send(client, BARE)
        for row in ("", "x", "99", "9" * 30):
            given = {"row": row, "column": "姓", "value": "x"}
            assert client.post(address + "mend/", given).status_code == 404


class TestLoad:
    def test_load_progress_and_undo(self, cast: Cast) -> None:
        client = visit(cast.eto)
        address = send(client, BARE)
        assert client.post(address + "load/").status_code == 302
        working = text_of(client, address)
        assert 'hx-trigger="every 1s"' in working
        assert client.get(address + "progress/", headers={"HX-Request": "true"}).status_code == 200
        rosters.work_due(at=timezone.now())
        done = client.get(address + "progress/", headers={"HX-Request": "true"})
        assert (done.status_code, done["HX-Refresh"]) == (204, "true")
        assert "新しい人 2人" in text_of(client, address)
        assert client.post(address + "undo/").status_code == 302
        assert organisations.member_by_mail(organisation_id=cast.aoba, mail="m01@example.jp") is None

    def test_the_same_file_again_says_so(self, cast: Cast) -> None:
        client = visit(cast.eto)
        client.post(send(client, BARE) + "load/")
        rosters.work_due(at=timezone.now())
        address = send(client, BARE)
        assert "この名簿の人は、すべて同じ内容で登録されています。" in text_of(client, address)
        assert client.post(address + "load/").status_code == 409


class TestDiscard:
    def test_the_file_goes(self, cast: Cast) -> None:
        client = visit(cast.eto)
        address = send(client, BARE)
        assert client.post(address + "discard/").status_code == 302
        assert "消しました" in text_of(client, address)


class TestProblemFile:
    @pytest.mark.shows("V-06")
    def test_problem_rows_come_with_reasons_and_go_in_again(self, cast: Cast) -> None:
        client = visit(cast.eto)
        address = send(client, BROKEN)
        answer = client.get(address + "problems.csv")
        content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
        rows = list(csv.reader(StringIO(content.decode("utf-8-sig"))))
        assert rows[0] == ["メールアドレス", "姓", "ミドルネーム", "名", "元の行", "直すところ"]
        assert [row[4] for row in rows[1:]] == ["2", "3"]
        assert rows[2][0] == "'=1+1"
        assert "メールアドレスの形が違います" in rows[1][5]
        mended = (
            content.decode("utf-8-sig").replace("m02@example,jp", "m02@example.jp").replace("'=1+1", "m03@example.jp")
        )
        again = text_of(client, send(client, mended.replace("m02@example,", "m02@example.jp,")))
        assert "名簿の点検" in again
        assert queries.roster(organisation_id=cast.aoba, roster_id=roster_id_of(address)).accepted == 1

    def test_the_workbook_holds_no_formula(self, cast: Cast) -> None:
        client = visit(cast.eto)
        answer = client.get(send(client, BROKEN) + "problems.xlsx")
        sheet = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content))).active  # type: ignore[attr-defined]
        assert all(cell.data_type == "s" for row in sheet.iter_rows(min_row=2) for cell in row if cell.value)
        assert sheet["A3"].value == "'=1+1"
