"""Anybody sees whether a paper is authentic (C3)."""

from __future__ import annotations

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.cast import MORNING, Cast
from tests.rooms.applications.office import open_office, submitted
from warifu.applications.models import Paper, PaperCopy

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 the bytes that were given out"


@pytest.fixture
def paper(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Paper:
    """A form of Aoki's that was given out."""
    monkeypatch.setattr(timezone, "now", lambda: MORNING)
    row = Paper.objects.create(
        application_id=submitted(cast, open_office()), kind="form", version=2, number="2600001A-F2",
        check_code="ABCDEFGH", issuer="NACCS", issued_at=MORNING,
    )  # fmt: skip
    PaperCopy.objects.create(paper=row, sha256=hashlib.sha256(PDF).hexdigest(), made_at=MORNING)
    return row


def sent(**fields: object) -> tuple[int, str]:
    answer = Client().post("/papers/", {"number": "2600001a-f2", "check_code": "abcd efgh"} | fields)
    return answer.status_code, answer.content.decode()


@pytest.mark.shows("002-32")
def test_the_qr_code_leads_to_the_answer_and_nothing_of_persons(paper: Paper) -> None:
    answer = Client().get("/papers/2600001A-F2/ABCDEFGH/")
    text = answer.content.decode()
    assert answer.status_code == 200
    for words in ("本物の書面です", "NACCS", "令和8年(2026年)11月24日", hashlib.sha256(PDF).hexdigest()):
        assert words in text
    for private in ("青木", "岡田", "青葉", "通関業", "a001@"):
        assert private not in text


def test_a_file_is_compared_and_not_kept(paper: Paper) -> None:
    assert "出したときのままです" in sent(file=SimpleUploadedFile("a.pdf", PDF))[1]
    status, text = sent(file=SimpleUploadedFile("a.pdf", PDF + b"!"))
    assert (status, "出したものと違います" in text, "本物の書面です" in text) == (200, True, True)
    assert "出したものと違います" in sent(file=SimpleUploadedFile("a.pdf", b""))[1]


@pytest.mark.parametrize("fields", [{"check_code": "ABCDEFGJ"}, {"number": "2600002A-F2"}, {"number": "'; --"}])
def test_an_unknown_paper_is_refused_politely_and_alike(paper: Paper, fields: dict[str, str]) -> None:
    status, text = sent(**fields)
    assert status == 404
    assert "この番号と確認記号の書面は、発行していません。" in text
    assert "本物の書面です" not in text


@pytest.mark.parametrize("fields", [{"number": ""}, {"check_code": "x" * 99}, {"number": "\0"}])
def test_unusable_input_is_asked_for_again(paper: Paper, fields: dict[str, str]) -> None:
    assert sent(**fields)[0] == 422


def test_guessing_is_slowed(paper: Paper) -> None:
    assert [sent(check_code="AAAAAAAA")[0] for _ in range(21)][-1] == 429
    assert sent()[0] == 429
