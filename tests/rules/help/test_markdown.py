"""Articles as HTML: Japanese emphasis as people expect, and nothing dangerous whatever an author types."""

from __future__ import annotations

import re

import pytest

from warifu.help.rules import markdown


def html(text: str) -> str:
    return markdown.html(text, address=lambda target: f"/at/{target.replace(':', '/')}" if "none" not in target else "")


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("**「OK」**を押す", "<strong>「OK」</strong>を押す"),
        ("これは**「重要」**です", "これは<strong>「重要」</strong>です"),
        ("**注意：**読む", "<strong>注意：</strong>読む"),
        ("番号は**12桁**です。", "番号は<strong>12桁</strong>です。"),
        ("*「強く」*言う", "<em>「強く」</em>言う"),
        ("a*b*c foo_bar_baz", "a<em>b</em>c foo_bar_baz"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("** 空白 **", "** 空白 **"),
    ],
)
def test_emphasis_beside_japanese_marks(text: str, drawn: str) -> None:
    assert html(text).strip() == f"<p>{drawn}</p>"


@pytest.mark.shows("V-08")
@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt:alert(1))",
        "[a](data:text/html,<script>alert(1)</script>)",
        "![a](https://elsewhere.example/x.png)",
        "![a](//elsewhere.example/x.png)",
        "![a](data:image/svg+xml,<svg/onload=alert(1)>)",
        '<a href="x" onclick="alert(1)">a</a>',
        "<iframe src=x></iframe><style>*{}</style>",
    ],
)
def test_nothing_dangerous_is_left(text: str) -> None:
    tags = " ".join(re.findall(r"<[^>]*>", html(text)))
    for word in ("script", "iframe", "style", "<img src", "onerror", "onclick", "data:", "elsewhere"):
        assert word not in tags.lower()


def test_own_pictures_and_links_lead_to_this_site() -> None:
    assert '<img src="/at/shot/home-phone" alt="はじめの画面">' in html("![はじめの画面](shot:home-phone)")
    assert 'href="/at/article/family"' in html("[家族](article:family)")
    assert html("![なし](shot:none)").strip() == "<p>なし</p>"


def test_headings_begin_below_the_title_and_tables_have_heads() -> None:
    drawn = html("# 大\n\n##### 小\n\n|a|b|\n|-|-|\n|1|2|")
    assert "<h2>大</h2>" in drawn
    assert "<h4>小</h4>" in drawn
    assert '<th scope="col">a</th>' in drawn


def test_words_and_pictures_are_read_out_for_the_index() -> None:
    text = "## 見出し\n\n**太字**と[リンク](article:x)\n\n- 点\n\n![写真](shot:x)\n\n`符号`"
    assert markdown.plain(text) == "見出し 太字とリンク 点 写真 符号"
    assert markdown.pictures(text) == 1
