"""Papers of an application: when they can be had, what they say, how a third party sees that they are authentic."""

from __future__ import annotations

import hashlib
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from tests.cast import MORNING, Cast
from tests.rooms.applications.office import Office, draft, open_office, submitted
from warifu.applications.actions import drafts, papers, review
from warifu.applications.models import Application, Paper, PaperCopy
from warifu.audit.models import Entry
from warifu.credentials.actions.attempts import TooManyAttempts
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import NotFound
from warifu.notices import papers as printing
from warifu.organisations.rules import NotPermitted

pytestmark = pytest.mark.django_db
START = MORNING.replace(month=12, day=10)


@pytest.fixture
def office(cast: Cast) -> Office:
    """The operator's office."""
    return open_office()


@pytest.fixture
def approved(cast: Cast, office: Office) -> UUID:
    """An application of Aoba's that was approved for 10 December."""
    application_id = submitted(cast, office)
    review.take(application_id=application_id, by=office.kato, at=MORNING)
    review.approve(application_id=application_id, confirmed_start=START.date(), by=office.kato, at=MORNING)
    return application_id


def printed(cast: Cast, application_id: UUID, kind: str, at: datetime, by: Actor | None = None) -> papers.Printed:
    return papers.print_paper(
        organisation_id=cast.aoba, application_id=application_id, kind=kind, by=by or cast.aoki, at=at
    )


def text_of(content: bytes, folder: Path) -> str:
    path = folder / "paper.pdf"
    path.write_bytes(content)
    read = subprocess.run(["pdftotext", "-layout", path, "-"], check=True, capture_output=True, text=True)
    return read.stdout


def examined(paper: Paper, content: bytes | None = None, address: str = "192.0.2.7", **other: str) -> papers.Authentic:
    given = {"number": paper.number, "check_code": paper.check_code} | other
    return papers.examine(content=content, address=address, at=START, **given)


@pytest.mark.shows("002-32", "002-33")
def test_the_notice_of_approval_is_to_be_had_from_the_start_on(cast: Cast, approved: UUID, tmp_path: Path) -> None:
    with pytest.raises(papers.PaperEarly) as refused:
        printed(cast, approved, "approval", START.replace(hour=0, minute=0) - timedelta(minutes=1))
    assert refused.value.values == {"starts_on": "2026-12-10"}
    assert not Paper.objects.exists()
    text = text_of(printed(cast, approved, "approval", START.replace(hour=0, minute=0)).content, tmp_path)
    receipt = Application.objects.get(id=approved).receipt
    assert receipt
    for words in ("契約内容変更承諾通知書", receipt, "1ANACA0A", "1ANACA0B", "令和8年(2026年)12月10日",
                  "利用申込センター", "株式会社青葉商会", "青木 葵 様"):  # fmt: skip
        assert words in text
    assert "a001@example.jp" not in text


@pytest.mark.shows("002-32", "002-34")
def test_the_form_is_to_be_had_once_it_is_sent_and_is_for_the_own_files(
    cast: Cast, office: Office, tmp_path: Path
) -> None:
    with pytest.raises(papers.PaperNotThere):
        printed(cast, draft(cast, office), "form", MORNING)
    text = text_of(printed(cast, submitted(cast, office), "form", MORNING).content, tmp_path)
    for words in ("契約内容変更申込書", "通関業を始めるため", "岡田 修", "追加1", "郵送する必要はありません"):
        assert words in text


def test_the_same_paper_has_the_same_number_and_the_same_bytes_and_each_printing_is_on_record(
    cast: Cast, approved: UUID
) -> None:
    first, second = (printed(cast, approved, "approval", at) for at in (START, START + timedelta(days=400)))
    assert (first.number, first.content) == (second.number, second.content)
    sha256 = hashlib.sha256(first.content).hexdigest()
    assert PaperCopy.objects.get().sha256 == sha256
    entries = Entry.objects.filter(event="applications.paper.printed")
    assert [sha256 in entry.body for entry in entries] == [True, True]


def test_a_form_that_is_changed_and_sent_again_is_a_paper_of_its_own(cast: Cast, office: Office) -> None:
    application_id = submitted(cast, office)
    old = printed(cast, application_id, "form", MORNING)
    review.take(application_id=application_id, by=office.kato, at=MORNING)
    review.send_back(application_id=application_id, comments={"reason": "くわしく"}, by=office.kato, at=MORNING)
    with pytest.raises(papers.PaperNotThere):
        printed(cast, application_id, "form", MORNING)
    own = {"organisation_id": cast.aoba, "application_id": application_id, "by": cast.aoki, "at": MORNING}
    drafts.save_step(version=2, values={"reason": "通関業と混載業を始めるため"}, **own)
    drafts.submit(version=3, **own)
    new = printed(cast, application_id, "form", MORNING)
    assert old.number != new.number
    assert Paper.objects.count() == 2
    assert examined(Paper.objects.get(number=old.number), old.content).matches


def test_nobody_else_prints_it(cast: Cast, approved: UUID) -> None:
    with pytest.raises(NotPermitted):
        printed(cast, approved, "approval", START, by=cast.inoue)
    with pytest.raises(NotFound):
        papers.print_paper(organisation_id=cast.ueda, application_id=approved, kind="form", by=cast.ueno, at=START)
    with pytest.raises(NotFound):
        printed(cast, approved, "receipt", START)
    assert not Paper.objects.exists()


def test_a_third_party_sees_that_it_is_authentic_and_nothing_of_persons(cast: Cast, approved: UUID) -> None:
    content = printed(cast, approved, "approval", START).content
    found = examined(Paper.objects.get(), content)
    assert (found.matches, found.issuer, found.issued_on) == (True, "利用申込センター", START.date())
    for private in ("青木", "岡田", "1ANAC", "青葉", "example.jp"):
        assert private not in str(found)
    assert examined(Paper.objects.get()).matches is None
    assert examined(Paper.objects.get(), content + b" ").matches is False


def test_signs_are_taken_as_people_type_them(cast: Cast, approved: UUID) -> None:
    printed(cast, approved, "approval", START)
    paper = Paper.objects.get()
    code = paper.check_code.lower()
    assert examined(paper, number=f" {paper.number.lower()} ", check_code=f"{code[:4]} - {code[4:]}").number


def test_other_signs_are_unknown_and_guessing_is_slowed(cast: Cast, approved: UUID) -> None:
    printed(cast, approved, "approval", START)
    paper = Paper.objects.get()
    for _attempt in range(19):
        with pytest.raises(papers.PaperUnknown):
            examined(paper, check_code="AAAAAAAA")
    with pytest.raises(papers.PaperUnknown):
        examined(paper, number="2600001A-N9")
    with pytest.raises(TooManyAttempts):
        examined(paper)
    assert examined(paper, address="192.0.2.8").number == paper.number


def test_a_paper_whose_printing_failed_is_not_known(
    cast: Cast, approved: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_given: object, **_more: object) -> bytes:
        raise RuntimeError

    monkeypatch.setattr(printing, "pdf", fails)
    with pytest.raises(RuntimeError):
        printed(cast, approved, "approval", START)
    with pytest.raises(papers.PaperUnknown):
        examined(Paper.objects.get())


def test_a_deletion_names_what_is_deleted(cast: Cast, office: Office, approved: UUID, tmp_path: Path) -> None:
    ending = submitted(cast, office, operation="delete", user_codes=["1ANAC"])
    assert "利用者コードの削除" in text_of(printed(cast, ending, "form", MORNING).content, tmp_path)
    review.take(application_id=ending, by=office.kato, at=MORNING)
    review.approve(application_id=ending, confirmed_start=START.date(), by=office.kato, at=MORNING)
    text = text_of(printed(cast, ending, "approval", START).content, tmp_path)
    for words in ("削除した利用者コード", "1ANAC"):
        assert words in text
    assert "割り当てた" not in text
