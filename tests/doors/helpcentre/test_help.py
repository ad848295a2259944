"""The help centre at its door: search, articles, volumes, manuals, and a help page for every screen."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from fnmatch import fnmatchcase

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils.translation import gettext, override

from tests.cast import Cast
from tests.doors.conftest import SignIn
from warifu.foundation.refusals import Refused
from warifu.help.actions import index
from warifu.help.articles import sources
from warifu.help.models import UnansweredQuestion, Verdict
from warifu.help.queries import articles as queries
from warifu.web.desk.settings import CollectingForm, OrganisationForm
from warifu.web.shared import help_addresses, procedures

pytestmark = pytest.mark.django_db


@pytest.fixture
def indexed(db: None, at: datetime) -> None:
    index.refresh_due(at=at)


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined,no-any-return]


class TestSearch:
    @pytest.mark.shows("003-1", "003-2", "003-3")
    def test_shows_title_lead_excerpt_place_and_pictures(self, client: Client, indexed: None) -> None:
        page = text(client.get(reverse("helpcentre:search.page"), {"q": "写真 ぼやける"}))
        assert "<mark>ぼやける</mark>" in page
        assert "明るい机に平らに置き" in page
        assert "画像1点" in page
        for crumb in ("よくあるご質問", "従業員の方", "番号を出す編", "書類と写真"):
            assert crumb in page
        assert "…" in page

    def test_narrows_by_reader_and_kind_and_pages(self, client: Client, indexed: None) -> None:
        address = reverse("helpcentre:search.page")
        everything = text(client.get(address, {"q": "番号"}))
        assert 'rel="next"' in everything
        assert 'rel="prev"' in text(client.get(address, {"q": "番号", "page": "2"}))
        refusals = text(client.get(address, {"q": "番号", "kind": "refusal"}))
        assert reverse("helpcentre:articles.page", args=["typing-number"]) not in refusals
        assert client.get(address, {"q": "番号", "kind": "x", "for": "y", "page": "-1"}).status_code == 200

    @pytest.mark.shows("N-06")
    def test_tells_authors_what_was_not_found_but_no_number(self, client: Client, indexed: None) -> None:
        address = reverse("helpcentre:search.page")
        page = text(client.get(address, {"q": "ペンギン"}))
        assert "見つかりませんでした" in page
        client.get(address, {"q": "1234 5678 9012"})
        client.get(address, {"q": "ペンギン", "kind": "faq"})
        assert list(UnansweredQuestion.objects.values_list("words", "count")) == [("ペンギン", 1)]

    def test_asks_for_words_where_there_are_none(self, client: Client, indexed: None) -> None:
        for query in ("", "  ", "!?%&=#", "「」"):
            page = text(client.get(reverse("helpcentre:search.page"), {"q": query}))
            assert "言葉を入れてください" in page, query
            assert "見つかりませんでした" not in page
        assert not UnansweredQuestion.objects.exists()

    def test_a_long_question_leaves_room_for_the_answers(self, client: Client, indexed: None) -> None:
        for query in ("パスワードを忘れた" * 20, "a" * 300):
            page = text(client.get(reverse("helpcentre:search.page"), {"q": query}))
            heading = page.partition("<h1>")[2].partition("</h1>")[0]
            assert len(heading) < 40
            assert "…" in heading

    def test_offers_to_narrow_only_what_was_found_or_narrowed(self, client: Client, indexed: None) -> None:
        address = reverse("helpcentre:search.page")
        assert 'class="help-filters"' in text(client.get(address, {"q": "番号"}))
        assert 'class="help-filters"' not in text(client.get(address, {"q": "ペンギン"}))
        assert 'class="help-filters"' in text(client.get(address, {"q": "ペンギン", "kind": "faq"}))

    @pytest.mark.parametrize("query", ["ﾏｲﾅﾝﾊﾞｰｶｰﾄﾞ", "まいなんばーかーど", "マイナンバカード", "ＰＩＮ", "pin", "本"])
    def test_kana_width_and_single_letters_find(self, client: Client, indexed: None, query: str) -> None:
        assert "<mark>" in text(client.get(reverse("helpcentre:search.page"), {"q": query}))

    def test_shows_what_was_typed_as_text(self, client: Client, indexed: None) -> None:
        assert "<script>alert" not in text(client.get(reverse("helpcentre:search.page"), {"q": "<script>alert(1)"}))

    def test_speaks_english(self, client: Client, indexed: None) -> None:
        client.cookies["warifu_language"] = "en"
        assert "The picture is blurred" in text(client.get(reverse("helpcentre:search.page"), {"q": "写真 ぼやける"}))


class TestArticles:
    @pytest.mark.shows("003-2")
    def test_every_article_of_the_repository_is_drawn(self, client: Client) -> None:
        for source in sources():
            answer = client.get(reverse("helpcentre:articles.page", args=[source.slug]))
            assert answer.status_code == 200, source.slug
            page = text(answer)
            assert "shot:" not in page, f"{source.slug} asks for a picture that was not taken"
            assert 'href=""' not in page, f"{source.slug} has a link that leads nowhere"

    def test_an_english_reader_gets_the_english_text(self, client: Client) -> None:
        client.cookies["warifu_language"] = "en"
        page = text(client.get(reverse("helpcentre:articles.page", args=["blurred-picture"])))
        assert "only in Japanese" not in page
        assert "フラッシュ" not in page
        assert "flash" in page

    def test_it_is_said_when_an_article_is_only_in_japanese(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        japanese_only = replace(queries.source(slug="blurred-picture"), body_en="")
        monkeypatch.setattr(queries, "source", lambda slug: japanese_only)
        address = reverse("helpcentre:articles.page", args=["blurred-picture"])
        assert "まだ日本語だけです" not in text(client.get(address))
        client.cookies["warifu_language"] = "en"
        page = text(client.get(address))
        with override("en"):
            assert gettext("この記事は、まだ日本語だけです。") in page
        assert '<div class="sheet article" lang="ja">' in page
        assert "フラッシュ" in page

    def test_unknown_ones_are_not_found(self, client: Client) -> None:
        assert client.get(reverse("helpcentre:articles.page", args=["nothing"])).status_code == 404
        assert client.get(reverse("helpcentre:volumes.page", args=["nothing"])).status_code == 404
        assert client.get(reverse("helpcentre:manual.page", args=["nothing"])).status_code == 404

    def test_counts_whether_it_helped(self, client: Client, indexed: None) -> None:
        key = "article:family"
        answer = client.post(reverse("helpcentre:articles.judge"), {"key": key, "helpful": "no"}, follow=True)
        assert "ありがとうございます" in text(answer)
        assert list(Verdict.objects.values_list("key", "helpful", "unhelpful")) == [(key, 0, 1)]
        for wrong in ("", "refusal:WF-A404", "article:nothing", "written:x"):
            assert client.post(reverse("helpcentre:articles.judge"), {"key": wrong}).status_code == 404


class TestVolumes:
    @pytest.mark.shows("003-2")
    def test_lists_articles_by_chapters(self, client: Client, indexed: None) -> None:
        page = text(client.get(reverse("helpcentre:volumes.page", args=["submitting"])))
        places = [
            page.index(f">{words}</h2>") for words in ("はじめる前に", "入力する", "書類と写真", "ご家族", "出したあと")
        ]
        assert places == sorted(places)

    def test_start_leads_to_all_of_them(self, client: Client, indexed: None) -> None:
        page = text(client.get(reverse("helpcentre:start.page")))
        assert reverse("helpcentre:volumes.page", args=["auditing"]) in page
        assert page.count("/help/articles/") == 18  # six each for employees, administrators and offices


class TestManual:
    def test_every_procedure_has_its_page(self, client: Client) -> None:
        listing = text(client.get(reverse("helpcentre:manual.listing")))
        for procedure in procedures.ALL:
            address = reverse("helpcentre:manual.page", args=[procedure.key])
            assert address in listing
            page = text(client.get(address))
            for step in procedure.steps:
                assert step.title in page, procedure.key

    @pytest.mark.shows("000-2", "000-3")
    def test_shows_what_to_prepare_margins_deadlines_and_refusals(self, client: Client) -> None:
        page = text(client.get(reverse("helpcentre:manual.page", args=["registration"])))
        for words in ("用意するもの", "製品登録番号カード", "注意", "確認番号は2種類あります", "期限", "WF-L103"):
            assert words in page

    def test_has_the_pictures_of_its_screens(self) -> None:
        assert {shot.name for shot in help_addresses.shots_of("mypage:submission.purpose")} == {"purpose-phone"}
        for shot in help_addresses.shots().values():
            assert shot.file.exists()
            assert shot.screen, f"{shot.name} shows a screen that is no longer there"


def screens(patterns: list[URLPattern | URLResolver], space: str = "") -> list[str]:
    """The URL names of all screens."""
    found: list[str] = []
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            found += screens(pattern.url_patterns, pattern.namespace or space)
        elif hasattr(pattern.callback, "rule"):
            found.append(f"{space}:{pattern.name}")
    return found


class TestScreens:
    def test_every_screen_has_an_article_or_a_procedure(self) -> None:
        patterns = {pattern for source in sources() for pattern in source.screens}
        steps = {step.screen for procedure in procedures.ALL for step in procedure.steps}
        lacking = [
            screen
            for screen in screens(get_resolver().url_patterns)
            if screen not in steps and not any(fnmatchcase(screen, pattern) for pattern in patterns)
        ]
        assert lacking == [], "name them under `screens:` of an article in src/warifu/help/articles"

    def test_every_refusal_is_found_by_its_code(self, indexed: None) -> None:
        from warifu.help.models import IndexEntry

        codes = {refusal.code for refusal in Refused.catalogue() if refusal.__module__.startswith("warifu.")}
        found = set(IndexEntry.objects.filter(kind="refusal").values_list("key", flat=True))
        assert {f"refusal:{code}" for code in codes} <= found

    def test_every_setting_has_an_article(self) -> None:
        explained = {name for source in sources() for name in source.settings}
        assert {*OrganisationForm.base_fields, *CollectingForm.base_fields} <= explained

    @pytest.mark.shows("A-07")
    def test_help_link_of_a_screen_leads_to_what_explains_it(self, cast: Cast, sign_in: SignIn, indexed: None) -> None:
        browser = sign_in(cast.aoki)
        address = reverse("helpcentre:screens.page", args=["desk:settings.page"])
        assert f'href="{address}"' in text(browser.get(reverse("desk:settings.page")))
        answer = browser.get(address, follow=True)
        assert "会社の設定を変える" in text(answer)

    def test_unknown_screens_lead_to_the_start(self, client: Client) -> None:
        answer = client.get(reverse("helpcentre:screens.page", args=["desk:nothing.page"]))
        assert answer.headers["Location"] == reverse("helpcentre:start.page")


class TestSettings:
    def test_lists_every_setting_and_no_value(self, client: Client) -> None:
        page = text(client.get(reverse("helpcentre:settings.page")))
        assert "WARIFU_SITE_URL" in page
        assert "tests-only" not in page
