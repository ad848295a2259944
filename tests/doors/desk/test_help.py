"""The desk's side of help: articles, words not found, the employees' manual, the business flow."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import docx
import pytest
from django.urls import reverse
from django.utils.translation import gettext, override
from PIL import Image

from tests.cast import MORNING, Cast
from tests.doors.conftest import SignIn
from tests.rooms.applications.office import open_office
from tests.rooms.collection import submitted
from warifu.help.models import Article, EmployeeManual, UnansweredQuestion

pytestmark = pytest.mark.django_db
TYPED = {
    "kind": "faq",
    "reader": "employee",
    "place": "submitting/begin",
    "title": "名札をなくしたとき",
    "lead": "総務課に知らせてください。",
    "body": "**「総務課」**は三階です。",
}

CHOSEN = {
    "title": "提出の手引き",
    "sender_name": "青葉商会 総務課",
    "sender_mail": "mynumber@aoba.example",
    "deadline": "12月4日(金)まで",
    "contact": "総務課 内線210",
    "message": "年末調整のためです。",
    "papers": "card",
    "phones": ["iphone"],
    "carriers": ["au"],
    "with_family": "on",
}


class TestHelpArticles:
    def test_a_draft_is_looked_at_saved_published_and_read(self, cast: Cast, sign_in: SignIn) -> None:
        browser = sign_in(cast.aoki)
        assert "まだ記事がありません" in browser.get(reverse("desk:help_articles.listing")).content.decode()
        preview = browser.post(reverse("desk:help_articles.add"), TYPED | {"do": "preview"}).content.decode()
        assert "<strong>「総務課」</strong>は三階です。" in preview
        assert not Article.objects.exists()
        answer = browser.post(reverse("desk:help_articles.add"), TYPED | {"do": "save"})
        article = Article.objects.get()
        assert answer.headers["Location"] == reverse("desk:help_articles.page", args=[article.id])
        browser.post(reverse("desk:help_articles.hand_in", args=[article.id]))
        page = browser.get(reverse("desk:help_articles.page", args=[article.id])).content.decode()
        assert "公開する" in page
        browser.post(reverse("desk:help_articles.publish", args=[article.id]))
        written = reverse("helpcentre:articles.written", args=[article.id])
        assert "総務課に知らせてください。" in browser.get(written).content.decode()
        assert sign_in(cast.ueno).get(written).status_code == 404
        listing = browser.get(reverse("desk:help_articles.listing"), {"q": "名札"}).content.decode()
        assert "公開中" in listing
        assert (
            "当てはまる記事はありません"
            in browser.get(reverse("desk:help_articles.listing"), {"q": "ない"}).content.decode()
        )

    def test_english_beside_japanese_is_previewed_published_and_read(self, cast: Cast, sign_in: SignIn) -> None:
        browser = sign_in(cast.aoki)
        english = {"title_en": "Name tag lost", "lead_en": "Tell General Affairs.", "body_en": "**Third floor**."}
        refused = browser.post(reverse("desk:help_articles.add"), TYPED | {"lead_en": "x", "do": "save"})
        assert refused.status_code == 422
        assert "英語の題名がない" in refused.content.decode()
        assert "<strong>Third floor</strong>" in (
            browser.post(reverse("desk:help_articles.add"), TYPED | english | {"do": "preview"}).content.decode()
        )
        browser.post(reverse("desk:help_articles.add"), TYPED | english | {"do": "save"})
        article = Article.objects.get()
        assert "Tell General Affairs." in (
            browser.get(reverse("desk:help_articles.edit", args=[article.id])).content.decode()
        )
        browser.post(reverse("desk:help_articles.hand_in", args=[article.id]))
        browser.post(reverse("desk:help_articles.publish", args=[article.id]))
        written = reverse("helpcentre:articles.written", args=[article.id])
        assert "三階" in browser.get(written).content.decode()
        browser.cookies["warifu_language"] = "en"
        page = browser.get(written).content.decode()
        assert "Name tag lost" in page
        assert "<strong>Third floor</strong>" in page
        assert "三階" not in page
        found = browser.get(reverse("helpcentre:search.page"), {"q": "name tags"}).content.decode()
        assert written in found

    def test_a_number_is_refused_beside_the_text(self, cast: Cast, sign_in: SignIn) -> None:
        typed = TYPED | {"body": "1234-5678-9012", "do": "save"}
        answer = sign_in(cast.aoki).post(reverse("desk:help_articles.add"), typed)
        assert answer.status_code == 422
        assert "12桁の数字が入っています" in answer.content.decode()
        assert not Article.objects.exists()

    def test_a_picture_is_added_and_shown(self, cast: Cast, sign_in: SignIn) -> None:
        browser = sign_in(cast.aoki)
        browser.post(reverse("desk:help_articles.add"), TYPED | {"do": "save"})
        article = Article.objects.get()
        file = io.BytesIO()
        Image.new("RGB", (30, 20), "navy").save(file, "PNG")
        file.seek(0)
        file.name = "tag.png"
        address = reverse("desk:help_articles.add_picture", args=[article.id])
        page = browser.post(address, {"picture": file, "alt": "名札"}, follow=True).content.decode()
        picture = article.pictures.get()
        assert f"![名札](picture:{picture.id})" in page
        answer = browser.get(reverse("helpcentre:articles.picture", args=[picture.id]))
        assert answer["Content-Type"] == "image/jpeg"
        refused = browser.post(address, {"picture": io.BytesIO(b"no picture"), "alt": "x"})
        assert refused.status_code == 422


class TestHelpWords:
    @pytest.mark.shows("003-1")
    def test_the_operator_sees_what_was_not_found_and_adds_synonyms(self, cast: Cast, sign_in: SignIn) -> None:
        office = open_office(MORNING)
        UnansweredQuestion.objects.create(
            normal="社保", words="社保", count=3, first_on=MORNING.date(), last_on=MORNING.date()
        )
        browser = sign_in(office.kato)
        address = reverse("desk:help_words.page")
        assert "社保" in browser.get(address).content.decode()
        browser.post(address, {"words": "社保、社会保険"})
        assert "社保、社会保険" in browser.get(address).content.decode()
        assert browser.post(address, {"words": "社保"}).status_code == 422
        browser.post(reverse("desk:help_words.settle", args=[UnansweredQuestion.objects.get().id]))
        assert "答えのなかった質問はありません" in browser.get(address).content.decode()
        assert sign_in(cast.aoki).get(address).status_code == 403


class TestEmployeeManual:
    @pytest.mark.shows("000-42", "000-43")
    def test_is_chosen_and_taken_as_a_file_to_edit(self, cast: Cast, sign_in: SignIn) -> None:
        browser = sign_in(cast.aoki)
        page = browser.post(reverse("desk:employee_manual.page"), CHOSEN, follow=True).content.decode()
        assert "12月4日(金)まで" in page
        assert "iPhone をお使いの方" in page
        assert "Android をお使いの方" not in page
        answer = browser.post(reverse("desk:employee_manual.word"))
        assert answer["Content-Disposition"] == 'attachment; filename="employee-manual.docx"'
        document = docx.Document(io.BytesIO(answer.content))
        styles = [paragraph.style.name for paragraph in document.paragraphs]
        words = [paragraph.text for paragraph in document.paragraphs]
        assert styles[0] == "Title"
        assert words[0] == "提出の手引き"
        assert {"はじめに", "用意するもの", "メールを受け取る設定", "入力の手順", "気をつけること"} <= {
            text for text, style in zip(words, styles, strict=True) if style == "Heading 1"
        }
        facts, mail, steps = document.tables
        assert [cell.text for cell in facts.rows[1].cells] == ["提出の期限", "12月4日(金)まで"]
        assert len(mail.rows) == 2
        assert "au・UQ mobile" in mail.rows[1].cells[0].text
        assert len(steps.rows) == 10
        assert steps.rows[0]._tr.trPr.xpath("w:tblHeader")
        assert len(document.inline_shapes) == 8
        assert all(shape._inline.docPr.get("descr") for shape in document.inline_shapes)

    @pytest.mark.shows("000-43", "A-11")
    def test_is_taken_as_a_tagged_pdf(self, cast: Cast, sign_in: SignIn, tmp_path: Path) -> None:
        browser = sign_in(cast.aoki)
        browser.post(reverse("desk:employee_manual.page"), CHOSEN)
        file = tmp_path / "manual.pdf"
        file.write_bytes(browser.post(reverse("desk:employee_manual.pdf")).content)
        told = subprocess.run(["pdftotext", "-layout", file, "-"], check=True, capture_output=True, text=True).stdout
        for words in ("提出の手引き", "12月4日(金)まで", "mynumber@aoba.example", "控えを見る"):
            assert words in told
        facts = subprocess.run(["pdfinfo", file], check=True, capture_output=True, text=True).stdout
        assert "Tagged:          yes" in facts

    @pytest.mark.shows("000-42", "000-43")
    def test_is_taken_in_english_with_what_the_company_says_in_english(
        self, cast: Cast, sign_in: SignIn, tmp_path: Path
    ) -> None:
        browser = sign_in(cast.aoki)
        address = reverse("desk:employee_manual.page")
        english = {"title_en": "Your number, please", "deadline_en": "4 December", "message_en": "Once a year."}
        browser.post(address, CHOSEN | english)
        answer = browser.post(reverse("desk:employee_manual.word"), {"in": "en"})
        assert answer["Content-Disposition"] == 'attachment; filename="employee-manual-en.docx"'
        document = docx.Document(io.BytesIO(answer.content))
        words = [paragraph.text for paragraph in document.paragraphs]
        assert words[0] == "Your number, please"
        assert "Once a year." in words
        assert document.tables[0].rows[1].cells[1].text == "4 December"
        assert document.core_properties.language == "en-US"
        file = tmp_path / "manual.pdf"
        file.write_bytes(browser.post(reverse("desk:employee_manual.pdf"), {"in": "en"}).content)
        told = subprocess.run(["pdftotext", "-layout", file, "-"], check=True, capture_output=True, text=True).stdout
        assert "Your number, please" in told
        with override("en"):
            assert gettext("控えを見る") in told
        facts = subprocess.run(["pdfinfo", file], check=True, capture_output=True, text=True).stdout
        assert "Tagged:          yes" in facts
        sample = browser.get(address, {"in": "en"}).content.decode()
        assert 'aria-labelledby="sample" lang="en"' in sample
        assert "Once a year." in sample
        assert "年末調整のためです。</p>" in browser.get(address, {"in": "xx"}).content.decode()

    def test_what_cannot_be_used_is_refused(self, cast: Cast, sign_in: SignIn) -> None:
        browser = sign_in(cast.aoki)
        for wrong in (
            {"phones": []},
            {"message": "1234 5678 9012"},
            {"contact_en": "1234 5678 9012"},
            {"sender_mail": "x"},
        ):
            assert browser.post(reverse("desk:employee_manual.page"), CHOSEN | wrong).status_code == 422
        assert not EmployeeManual.objects.exists()


class TestFlow:
    @pytest.mark.shows("000-41")
    def test_says_for_each_role_what_to_do_from_the_own_state(self, cast: Cast, sign_in: SignIn) -> None:
        browser = sign_in(cast.eto)
        empty = browser.get(reverse("desk:flow.page")).content.decode()
        assert "名簿を取り込む" in empty
        submitted.waiting(cast)
        page = browser.get(reverse("desk:flow.page")).content.decode()
        assert page.index("事務取扱担当者") < page.index('id="role-2"')
        assert "本人確認をする" in page
        assert "1件" in page
        assert reverse("desk:verification.queue") in page
        for role in ("管理者", "責任者", "従業員"):
            assert role in page
