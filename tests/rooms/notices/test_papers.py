"""Papers: what their readers get, people and programs."""

from __future__ import annotations

import builtins
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.template import engines
from django.utils.safestring import SafeString
from weasyprint.urls import FatalURLFetchingError

from warifu.notices import papers

WORDS = "利用者コードの割当てをお知らせします。髙橋・齋藤・株式会社あおば商事"


@pytest.fixture
def paper(monkeypatch: pytest.MonkeyPatch) -> str:
    """A template of one paper, beside the real ones."""
    text = """{% extends "papers/base.html" %}
{% block number %}<p class="paper-number">A-0001</p>{% endblock %}
{% block body %}<h2>割当て</h2><p>{{ words }}</p>{{ more }}
<table class="sheet"><tr><th scope="col">利用者ID</th></tr><tr><td>1ANACA0A</td></tr></table>{% endblock %}"""
    made = engines["django"].from_string(text)
    monkeypatch.setattr(papers.loader, "render_to_string", lambda name, values: made.render(values))
    return "papers/test.html"


def read(pdf: bytes, folder: Path, *tool: str) -> str:
    path = folder / "paper.pdf"
    path.write_bytes(pdf)
    command, *options = tool
    return subprocess.run(
        [command, *options, path, *(["-"] if command == "pdftotext" else [])],
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def test_it_is_a_tagged_japanese_pdf_that_programs_can_read(paper: str, tmp_path: Path) -> None:
    made = papers.pdf(
        paper,
        {"words": WORDS, "scan": papers.qr("https://example.jp/p/"), "scan_words": "ここで確かめられます。"},
        title="承諾通知書",
    )
    text = read(made, tmp_path, "pdftotext", "-layout")
    assert WORDS in text.replace("\n", "")
    assert "承諾通知書" in text
    assert "ここで確かめられます。" in text
    assert re.search(r"1 ?/ ?1", text)
    facts = read(made, tmp_path, "pdfinfo")
    assert re.search(r"Tagged: +yes", facts)
    assert re.search(r"Title: +承諾通知書", facts)
    assert re.search(r"Page size: .*A4", facts)
    tags = read(made, tmp_path, "pdfinfo", "-struct")
    assert {"H1", "H2", "Table", "TH", "TD", "Figure"} <= set(re.findall(r"\w+", tags))
    assert b"ja" in made
    assert "Noto-Sans-CJK-JP" in read(made, tmp_path, "pdffonts")


def test_it_gives_the_same_bytes_for_the_same_values(paper: str) -> None:
    assert papers.pdf(paper, {"words": WORDS}, title="x") == papers.pdf(paper, {"words": WORDS}, title="x")
    assert papers.pdf(paper, {"words": WORDS}, title="x") != papers.pdf(paper, {"words": "別"}, title="x")


@pytest.mark.parametrize("address", ["file:///etc/hostname", "https://example.jp/x.png"])
def test_it_fetches_nothing(paper: str, address: str) -> None:
    with pytest.raises(FatalURLFetchingError):
        papers.pdf(paper, {"more": SafeString(f'<img src="{address}" alt="x">')}, title="x")


def test_it_prints_a_value_as_text_never_as_markup(paper: str, tmp_path: Path) -> None:
    made = papers.pdf(paper, {"words": "<b>{{ title }}</b>"}, title="x")
    assert "<b>{{ title }}</b>" in read(made, tmp_path, "pdftotext")


def test_a_server_without_the_drawing_libraries_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **named: Any) -> Any:
        if name.startswith("weasyprint"):
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *args, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(papers.PapersNotReady) as refused:
        papers.pdf("papers/base.html", {}, title="控え")
    assert "libpango" in refused.value.remedy
