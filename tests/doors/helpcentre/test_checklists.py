"""準備と手順の確認表: from the declaration, on screen and on paper (000-1 … 000-3)."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from django.test import Client
from django.utils.translation import gettext, override

from warifu.web.shared.procedures import ALL, WAY_IN, procedure

pytestmark = pytest.mark.django_db


class TestListing:
    @pytest.mark.shows("000-1")
    def test_the_six_chapters_stand_in_their_order(self) -> None:
        page = Client().get("/help/checklists/").content.decode()
        titles = [procedure(key).title for key in WAY_IN] + ["業務の流れを確かめる", "従業員へのマニュアルを用意する"]
        places = [page.index(title) for title in titles]
        assert len(places) == 6
        assert places == sorted(places)


class TestPage:
    @pytest.mark.shows("000-2", "000-3")
    @pytest.mark.parametrize("key", [found.key for found in ALL])
    def test_it_says_everything_that_is_declared(self, key: str) -> None:
        found = procedure(key)
        page = Client().get(f"/help/checklists/{key}/").content.decode()
        for words in (*found.prepare, *(step.what for step in found.steps), *(note.words for note in found.margins)):
            assert words in page
        assert page.index(found.prepare[0]) < page.index(found.steps[0].what)

    def test_an_unknown_one_is_not_found(self) -> None:
        assert Client().get("/help/checklists/nothing/").status_code == 404


class TestPaper:
    def test_it_is_the_same_sheet_with_the_address_of_the_page(self, tmp_path: Path) -> None:
        answer = Client().get("/help/checklists/start_of_use.pdf")
        (tmp_path / "sheet.pdf").write_bytes(answer.content)
        read = subprocess.run(
            ["pdftotext", tmp_path / "sheet.pdf", "-"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for words in ("製品登録番号カード", "用意するもの", "/help/checklists/start_of_use/"):
            assert words in read.replace("\n", "")

    def test_it_is_in_english_for_who_reads_english(self, tmp_path: Path) -> None:
        client = Client()
        client.cookies["warifu_language"] = "en"
        answer = client.get("/help/checklists/start_of_use.pdf")
        assert answer["Content-Disposition"] == 'attachment; filename="warifu-start-of-use-en.pdf"'
        (tmp_path / "sheet.pdf").write_bytes(answer.content)
        read = subprocess.run(
            ["pdftotext", tmp_path / "sheet.pdf", "-"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        assert not re.search("[ぁ-ゖァ-ヺ一-鿿]", read)
        with override("en"):
            assert gettext(procedure("start_of_use").title) in read
