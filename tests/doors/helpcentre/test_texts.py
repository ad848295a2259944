"""The articles say what the screens say, the same in both languages, and a newcomer finds the paragraph they need."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from fnmatch import fnmatchcase

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from tools import extract_messages

from tests.cast import MORNING, Cast
from tests.doors.conftest import SignIn
from warifu.folders.actions import folders
from warifu.folders.actions.folders import Wish
from warifu.foundation.refusals import Refused
from warifu.help.actions import index
from warifu.help.articles import sources
from warifu.help.queries.search import search
from warifu.organisations.actions import organisations
from warifu.web.shared import tool_faults

PRESSED = re.compile(r"「([^「」]+)」を(?:もう一度)?(?:押|開)")
PRESSED_IN_ENGLISH = re.compile(r"\b[Pp]ress “([^”]+)”")
NAMED = re.compile(r"\((?:article|shot|screen|procedure):[\w:.-]+\)|WF-[A-Z]\d{3}")
TABLE_OR_STEP = re.compile(r"^(?:\||\d+\. )", re.MULTILINE)
NOT_OURS = {"CSV UTF-8", "CSV"}


@pytest.fixture(scope="module")
def catalogue() -> dict[str, str]:
    """Every text of every screen with its English."""
    texts: dict[str, str] = {}
    for message in extract_messages.read():
        japanese = [message.id] if isinstance(message.id, str) else list(message.id)
        english = message.string if isinstance(message.string, str) else (message.string or [""])[0]
        texts.update(dict.fromkeys(japanese, english))
    return texts


def test_what_is_pressed_and_opened_stands_on_a_screen(catalogue: dict[str, str]) -> None:
    for source in sources():
        assert set(PRESSED.findall(source.body)) - NOT_OURS <= catalogue.keys(), source.slug


def test_english_bodies_name_buttons_by_their_english_texts(catalogue: dict[str, str]) -> None:
    known = set(catalogue.values())
    for source in sources():
        assert set(PRESSED_IN_ENGLISH.findall(source.body_en)) <= known, source.slug


def test_the_english_body_leads_to_the_same_and_has_the_same_steps() -> None:
    for source in sources():
        assert source.body_en, source.slug
        assert set(NAMED.findall(source.body_en)) == set(NAMED.findall(source.body)), source.slug
        lines, english = TABLE_OR_STEP.findall(source.body), TABLE_OR_STEP.findall(source.body_en)
        assert len(english) == len(lines), source.slug


def test_refusals_that_articles_explain_exist() -> None:
    assert get_resolver().url_patterns, "every wing has been read, with its refusals"
    known = {refusal.code for refusal in Refused.catalogue()} | {fault.code for fault in tool_faults.catalogue()}
    said = {code for source in sources() for code in re.findall(r"WF-[A-Z]\d{3}", source.body)}
    assert said <= known


def screens(patterns: list[URLPattern | URLResolver], space: str = "") -> list[str]:
    """The URL names of all screens."""
    found: list[str] = []
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            found += screens(pattern.url_patterns, pattern.namespace or space)
        elif hasattr(pattern.callback, "rule"):
            found.append(f"{space}:{pattern.name}")
    return found


@pytest.mark.shows("A-07")
def test_help_of_a_screen_is_of_its_task_and_not_of_a_whole_wing() -> None:
    every = screens(get_resolver().url_patterns)
    explained: Counter[str] = Counter()
    for source in sources():
        for pattern in source.screens:
            assert not pattern.startswith("*"), source.slug
            known = any(fnmatchcase(screen, pattern) for screen in every)
            assert known or pattern.startswith("demo:"), (source.slug, pattern)
        own = {screen for screen in every if source.explains(screen)}
        explained.update(own)
        modules = {screen.rpartition(".")[0] for screen in own if not screen.startswith("helpcentre:")}
        assert len(modules) <= 4, f"{source.slug} stands for {sorted(modules)}"
    assert {screen for screen, count in explained.items() if count > 2} == set()


@pytest.mark.shows("A-07", "003-9")
def test_every_screen_of_a_folder_has_its_own_help(cast: Cast, sign_in: SignIn, indexed: None) -> None:
    folder_id = folders.open_one(
        organisation_id=cast.aoba, wish=Wish(customer_name="青葉商会"), by=cast.aoki, at=timezone.now()
    )
    browser = sign_in(cast.aoki)
    for view, words in (
        ("folder_access.page", "フォルダを見られる人を決める"),
        ("folder_access.link_list", "IDのない人に、ファイルを送ってもらう"),
        ("folder_history.page", "訂正・取消の履歴を探す"),
        ("folder_stamps.page", "タイムスタンプを照合する"),
        ("folders.change", "容量の上限・決算月"),
    ):
        page = browser.get(reverse(f"desk:{view}", args=[folder_id])).content.decode()
        address = reverse("helpcentre:screens.page", args=[f"desk:{view}"])
        assert f'href="{address}"' in page, view
        assert words in browser.get(address, follow=True).content.decode(), view


@pytest.fixture
def indexed(db: None, at: datetime) -> None:
    index.refresh_due(at=at)


def first_answer(client: Client, question: str) -> tuple[str, str]:
    """The article that stands first for a question, and its page."""
    hits = search(query=question, organisation_id=None).hits
    kind, _colon, slug = hits[0].key.partition(":") if hits else ("", "", "")
    assert kind == "article", question
    return slug, client.get(reverse("helpcentre:articles.page", args=[slug])).content.decode()


ASKED = [
    pytest.param(
        ("電子取引 紙で保存", "請求書 電子のまま", "電子帳簿保存法 いつから"),
        "folder-duty",
        ("2024年1月", "データのまま保存"),
        id="duty",
        marks=pytest.mark.shows("003-8"),
    ),
    pytest.param(
        ("検索の要件 小さな会社", "売上高 5000万円", "検索機能 不要"),
        "folder-reliefs",
        (
            "すべて渡せる",
            "2年前（前々事業年度）の売上高が5,000万円以下",
            "日付と取引先ごとに整理した印刷",
            "設定はありません",
        ),
        id="reliefs",
        marks=pytest.mark.shows("D-13"),
    ),
    pytest.param(
        ("電子取引 猶予", "猶予措置 相当の理由"),
        "folder-reliefs",
        ("相当の理由", "ダウンロードして渡す", "はっきり読める印刷"),
        id="grace",
        marks=pytest.mark.shows("D-15"),
    ),
    pytest.param(
        ("タイムスタンプ 期限", "タイムスタンプ 照合"),
        "folder-stamps",
        ("総務大臣が認定した", "法令のタイムスタンプではありません", "7営業日", "タイムスタンプがなくても足ります"),
        id="stamps",
        marks=pytest.mark.shows("D-05"),
    ),
    pytest.param(
        ("電子取引 200dpi", "帳簿と書類をつなぐ 必要", "スキャナ保存"),
        "folder-not-required",
        ("解像度200dpi以上", "二人で確かめる", "相互につなぐ"),
        id="not-required",
        marks=pytest.mark.shows("D-18"),
    ),
    pytest.param(
        ("電子インボイス", "ペポル", "重加算税"),
        "folder-invoices",
        ("2027年1月1日から", "10％", "割符だけでこの扱いにはなりません", "1文字も変えずに保存"),
        id="invoices",
        marks=pytest.mark.shows("D-23"),
    ),
    pytest.param(
        ("罰則", "番号法 罰金 いくら", "担当者の研修"),
        "handlers-training",
        ("4年以下", "200万円以下", "3年以下", "150万円以下", "1億円以下", "48条", "49条", "51条", "57条"),
        id="penalties",
        marks=pytest.mark.shows("S-19"),
    ),
    pytest.param(
        ("誤送信", "ノートパソコンをなくした", "まちがえて送った これは漏えい"),
        "mishaps",
        ("見られていないと確かめられれば、漏えいではありません", "失ったことにはなりません", "1人分でも報告が要ります"),
        id="mishaps",
        marks=pytest.mark.shows("B-09"),
    ),
    pytest.param(
        ("だれに聞けばよい", "問合せ先", "連絡先を知りたい"),
        "contact",
        ("使い道のお知らせ", "メールの終わり"),
        id="contact",
        marks=pytest.mark.shows("001-29"),
    ),
    pytest.param(
        ("iPhone Android 順番", "カードが先", "読み取りの順番"),
        "card-order",
        ("逆にすると失敗します", "<strong>カードが先。</strong>", "<strong>暗証番号が先。</strong>", "MKCZ405E"),
        id="order",
        marks=pytest.mark.shows("004-2"),
    ),
    pytest.param(
        ("スマホがない", "紙で出したい", "障がい 配慮"),
        "on-paper",
        ("画面を使わなくても出せます", "担当者が代わりに入力し", "窓口で書類を見せるだけ", "読み上げソフト"),
        id="another-way",
        marks=pytest.mark.shows("J-15"),
    ),
    pytest.param(
        ("番号 何年 保存", "書類ごとの保存期間"),
        "keeping-periods",
        ("2034年1月10日", "2030年3月31日"),
        id="periods",
    ),
    pytest.param(("訴訟 廃棄を止める", "保全"), "hold", ("受け持つ人", "終わりの日"), id="hold"),
    pytest.param(("請求書を探す", "領収書 検索 日付"), "folder-search", ("範囲", "すべて"), id="search"),
    pytest.param(("顧問先を登録",), "customers", ("顧問先を加える",), id="customers"),
    pytest.param(("委託 同意する",), "entrustment-answer", ("同意する",), id="agree"),
    pytest.param(("税務調査",), "folder-audit", ("前の日までに",), id="audit"),
]
"""What a newcomer types, the article that must stand first, and what they must read there."""


@pytest.mark.parametrize(("questions", "slug", "words"), ASKED)
def test_a_newcomer_finds_the_paragraph(
    client: Client, indexed: None, questions: tuple[str, ...], slug: str, words: tuple[str, ...]
) -> None:
    for question in questions:
        found, page = first_answer(client, question)
        assert found == slug, question
        for said in words:
            assert said in page, said


@pytest.mark.shows("001-29")
def test_the_contact_of_the_company_stands_where_the_article_says(cast: Cast, sign_in: SignIn) -> None:
    organisations.change_settings(
        organisation_id=cast.aoba,
        name="青葉商会",
        auto_logout_hours=1,
        contact="総務課 内線 21",
        by=cast.aoki,
        at=MORNING,
    )
    page = sign_in(cast.inoue).get(reverse("mypage:submission.on_paper")).content.decode()
    assert "総務課 内線 21" in page
