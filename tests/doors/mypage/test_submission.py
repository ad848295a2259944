"""A person's way through the phone's screens, and what those screens never show."""

from __future__ import annotations

import io
import re
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from PIL import Image

from tests.cast import Cast, test_number
from tests.doors.conftest import signed_in_client
from warifu.collection.actions import entries
from warifu.collection.queries import submissions as queries
from warifu.foundation.masking import twelve_digit_runs

pytestmark = pytest.mark.django_db

DIGITS = test_number("12345678901")
OTHER = test_number("22345678901")
UUIDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PERSON = {
    "family_name": "井上",
    "given_name": "郁",
    "family_kana": "いのうえ",
    "given_kana": "いく",
    "born_on_year": "昭和63",
    "born_on_month": "4",
    "born_on_day": "2",
    "postal_code": "1000001",
    "prefecture": "東京都",
    "city": "千代田区",
    "street": "千代田1-1",
    "building": "",
}
CHILD = {
    "relation": "child",
    "family_name": "井上",
    "given_name": "結",
    "family_kana": "イノウエ",
    "given_kana": "ユイ",
    "born_on_year": "2015",
    "born_on_month": "5",
    "born_on_day": "5",
    "is_checked": "on",
}
STEPS = (
    "/my/submission/purpose",
    "/my/submission/person",
    "/my/submission/number",
    "/my/submission/family/add",
    "/my/submission/pictures",
    "/my/submission/papers",
    "/my/submission/review",
)


def picture(name: str = "a.jpg") -> SimpleUploadedFile:
    with io.BytesIO() as out:
        Image.new("RGB", (600, 400), "white").save(out, "JPEG")
        return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


class Phone:
    """A browser on the person's phone; remembers every page it was shown."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.pages: list[str] = []

    def get(self, address: str, status: int = 200) -> str:
        answer = self.client.get(address, follow=True)
        assert answer.status_code == status, address
        self.pages.append(answer.content.decode())
        return self.pages[-1]

    def post(self, address: str, data: dict[str, Any] | None = None, leads_to: str = "") -> str:
        answer = self.client.post(address, data or {})
        if leads_to:
            assert answer.status_code == 302, answer.content.decode()
            assert answer["Location"] == leads_to
            return self.get(leads_to)
        self.pages.append(answer.content.decode())
        return self.pages[-1]

    def to_the_number(self) -> Phone:
        self.post("/my/submission/start", leads_to="/my/submission/purpose")
        version = re.search(r'name="version" value="(\d+)"', self.pages[-1])
        assert version
        self.post("/my/submission/purpose", {"version": version[1]}, leads_to="/my/submission/person")
        self.post("/my/submission/person", PERSON, leads_to="/my/submission/number")
        return self

    def to_the_review(self) -> Phone:
        self.to_the_number()
        self.post("/my/submission/number", {"number": DIGITS}, leads_to="/my/submission/pictures")
        return self.with_pictures()

    def with_pictures(self) -> Phone:
        choice = {"method": "number_card", "card": "number_card"}
        self.post("/my/submission/papers", choice, leads_to="/my/submission/pictures")
        for side in ("back", "front"):
            address = f"/my/submission/picture?slot=number.number_card.{side}"
            self.get(address)
            self.post(address, {"picture": picture()})
        return self


@pytest.fixture
def phone(cast: Cast, at: datetime) -> Phone:
    assert cast.inoue.id
    entries.add(organisation_id=cast.aoba, member_id=cast.inoue.id, by=cast.aoki, at=at)
    return Phone(signed_in_client(cast.inoue))


def everything_stored() -> str:
    """All text of all tables, as a thief with the database would read it."""
    parts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            parts += [str(value) for row in cursor.fetchall() for value in row if isinstance(value, str)]
    return "\n".join(parts)


@pytest.mark.shows("001-13", "001-14", "001-15", "001-16", "001-19")
def test_a_person_walks_from_the_notice_to_the_receipt(phone: Phone, cast: Cast) -> None:
    assert "はじめる" in phone.get("/my/")
    phone.to_the_number()
    phone.post("/my/submission/number", {"number": DIGITS, "go": "family"}, leads_to="/my/submission/family/add")
    phone.post("/my/submission/family/add", CHILD | {"number": OTHER}, leads_to="/my/submission/number")
    phone.get("/my/submission/number")
    assert phone.client.post("/my/submission/number").status_code == 302
    phone.with_pictures()
    assert "会社へ送る" in phone.get("/my/submission/review")
    shown = phone.post("/my/submission/submit", leads_to="/my/submission/receipt")
    assert "個人番号 2人分" in shown
    assert "会社が確かめています" in phone.get("/my/")
    assert "提出しました" in phone.get("/my/record")


@pytest.mark.shows("N-06", "P-06")
def test_no_number_stands_in_any_page_table_letter_or_log(phone: Phone, caplog: pytest.LogCaptureFixture) -> None:
    phone.to_the_number()
    phone.post("/my/submission/number", {"number": DIGITS[:11] + "0"})
    phone.post("/my/submission/number", {"number": DIGITS, "go": "family"}, leads_to="/my/submission/family/add")
    phone.post("/my/submission/family/add", CHILD | {"number": DIGITS})
    phone.post("/my/submission/family/add", CHILD | {"number": OTHER}, leads_to="/my/submission/number")
    phone.client.post("/my/submission/number")
    phone.with_pictures()
    phone.post("/my/submission/submit", leads_to="/my/submission/receipt")
    for address in ("/my/", "/my/record", "/my/submission/receipt"):
        phone.get(address)
    pages = UUIDS.sub("", "\n".join(phone.pages))
    told = "\n".join([pages, everything_stored(), caplog.text])
    assert not {DIGITS, OTHER} & set(twelve_digit_runs(told))
    assert twelve_digit_runs(pages) == []
    assert DIGITS not in told
    assert OTHER not in told


@pytest.mark.shows("N-04")
def test_the_number_field_is_text_for_digits_without_memory_and_never_filled(phone: Phone) -> None:
    page = phone.to_the_number().get("/my/submission/number")
    field = re.search(r'<input[^>]*name="number"[^>]*>', page)
    assert field
    assert 'type="text"' in field[0]
    assert 'inputmode="numeric"' in field[0]
    assert 'autocomplete="off"' in field[0]
    again = phone.post("/my/submission/number", {"number": DIGITS[:11] + "0"})
    assert "どこかの数字が違っている" in again
    assert "value=" not in re.search(r'<input[^>]*name="number"[^>]*>', again)[0]  # type: ignore[index]
    full_width = DIGITS.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    phone.post("/my/submission/number", {"number": full_width}, leads_to="/my/submission/pictures")
    assert "受け取り済み" in phone.get("/my/submission/number")


@pytest.mark.shows("P-03", "P-04")
def test_the_notice_comes_first_and_asks_no_consent(phone: Phone, cast: Cast) -> None:
    page = phone.post("/my/submission/start", leads_to="/my/submission/purpose")
    assert "国民年金第3号" in page
    assert "同意" not in page
    assert phone.client.post("/my/submission/number", {"number": DIGITS}).status_code == 409
    draft = queries.draft_id(organisation_id=cast.aoba, member_id=cast.inoue.id)  # type: ignore[arg-type]
    view = queries.draft(organisation_id=cast.aoba, submission_id=draft, on=datetime.now().date())  # type: ignore[arg-type] # noqa: DTZ005
    assert not view.has_number


@pytest.mark.shows("A-06")
def test_coming_back_continues_where_one_was(phone: Phone) -> None:
    phone.to_the_number()
    assert "次は「番号」です" in phone.get("/my/")
    phone.post("/my/submission/start", leads_to="/my/submission/number")
    half = PERSON | {"city": "港区", "family_kana": "abc"}
    saved = phone.client.post("/my/submission/person", half, headers={"X-Autosave": "1"})
    assert saved.status_code == 204
    page = phone.get("/my/submission/person")
    assert 'value="港区"' in page
    assert 'value="イノウエ"' in page


@pytest.mark.shows("A-07")
def test_errors_stand_at_their_fields_and_keep_what_was_typed(phone: Phone) -> None:
    phone.to_the_number()
    page = phone.post("/my/submission/person", PERSON | {"born_on_month": "13", "street": "番町9"})
    assert "1か所を直してください" in page
    assert 'value="番町9"' in page


@pytest.mark.shows("J-09")
def test_the_postal_code_fills_blanks_and_never_overwrites(phone: Phone) -> None:
    phone.to_the_number()
    assert 'data-city="千代田区"' in phone.get("/my/submission/towns?postal_code=100-0001")
    assert "桑名郡木曽岬町" in phone.get("/my/submission/towns?postal_code=4980000")
    assert "見つかりません" in phone.get("/my/submission/towns?postal_code=9999999")
    blank = PERSON | {"go": "postal", "prefecture": "", "city": "", "street": "わたしの町"}
    page = phone.post("/my/submission/person", blank)
    assert 'value="千代田区"' in page
    assert 'value="わたしの町"' in page


@pytest.mark.shows("I-14", "001-18")
def test_family_members_are_added_changed_and_removed(phone: Phone) -> None:
    phone.to_the_number()
    page = phone.post("/my/submission/family/add", CHILD | {"number": OTHER}, leads_to="/my/submission/number")
    address = re.search(r"/my/submission/family/[0-9a-f-]{36}", page)
    assert address
    assert "番号は受け取り済み" in phone.get(address[0])
    page = phone.post(address[0], CHILD | {"given_name": "結衣"}, leads_to="/my/submission/number")
    assert "井上 結衣" in page
    page = phone.post(f"{address[0]}/remove", leads_to="/my/submission/number")
    assert "結衣" not in page


@pytest.mark.shows("I-15")
def test_the_third_category_spouse_is_asked_apart(phone: Phone) -> None:
    phone.to_the_number()
    spouse = CHILD | {"relation": "spouse", "given_name": "由美", "is_third_category": "on", "number": OTHER}
    assert "どちらの方法で確かめるか" in phone.post("/my/submission/family/add", spouse)
    wrong = spouse | {"relation": "child", "spouse_path": "agent"}
    assert "続柄が配偶者のときだけ" in phone.post("/my/submission/family/add", wrong)
    phone.post("/my/submission/family/add", spouse | {"spouse_path": "agent"}, leads_to="/my/submission/number")
    assert phone.client.post("/my/submission/number", {"number": DIGITS}).status_code == 302
    phone.with_pictures()
    assert "委任状" in phone.get("/my/submission/pictures")


@pytest.mark.shows("001-17")
def test_pictures_are_asked_for_by_the_choice_and_refused_in_kind_words(phone: Phone) -> None:
    phone.to_the_number()
    phone.get("/my/submission/papers")
    page = phone.post("/my/submission/papers", {"method": "papers", "number_paper": "resident_record"})
    assert "身元を確かめる書類を" in page
    choice = {
        "method": "papers",
        "number_paper": "resident_record",
        "plain_papers": ["eligibility_certificate", "pension_book"],
    }
    phone.post("/my/submission/papers", choice, leads_to="/my/submission/pictures")
    address = "/my/submission/picture?slot=identity.eligibility_certificate.front"
    assert "塗りつぶす" in phone.get(address)
    heic = SimpleUploadedFile("a.heic", b"\x00\x00\x00\x18ftypheic" + b"\0" * 50)
    assert "互換性優先" in phone.post(address, {"picture": heic})
    refused = phone.client.post(address, {}, headers={"Accept": "application/json"})
    assert (refused.status_code, list(refused.json())) == (422, ["words"])
    taken = phone.client.post(address, {"stored": picture(), "is_masked": "on"}, headers={"Accept": "application/json"})
    assert "slot=" in taken.json()["next"]


@pytest.mark.shows("P-12")
def test_not_providing_has_plain_words_and_a_way_back(phone: Phone) -> None:
    phone.to_the_number()
    assert "不利な扱いはありません" in phone.get("/my/submission/not-provided")
    page = phone.post("/my/submission/not-provided", leads_to="/my/")
    assert "出さないことを、会社に伝えました" in page
    phone.post("/my/submission/start", leads_to="/my/submission/number")


def test_it_can_be_taken_back_and_the_review_says_what_is_missing(phone: Phone) -> None:
    phone.to_the_number()
    assert "あなたの個人番号" in phone.get("/my/submission/review")
    phone.post("/my/submission/submit", leads_to="/my/submission/review")
    phone.post("/my/submission/number", {"number": DIGITS}, leads_to="/my/submission/pictures")
    phone.with_pictures()
    phone.post("/my/submission/submit", leads_to="/my/submission/receipt")
    assert "取り下げました" in phone.post("/my/submission/withdraw", leads_to="/my/")
    phone.post("/my/submission/start", leads_to="/my/submission/review")


def test_without_a_draft_the_steps_lead_to_the_first_page(cast: Cast) -> None:
    stranger = Phone(signed_in_client(cast.eto))
    assert "いま、お願いしていることはありません" in stranger.get("/my/")
    stranger.get("/my/record")
    for address in STEPS:
        assert stranger.client.get(address)["Location"] == "/my/"
    assert stranger.client.post("/my/submission/person").status_code == 404
    stranger.get("/my/submission/receipt", status=404)
    assert stranger.client.post("/my/submission/start").status_code == 404


@pytest.mark.shows("P-03")
def test_before_the_purposes_every_step_leads_to_them(phone: Phone) -> None:
    phone.post("/my/submission/start", leads_to="/my/submission/purpose")
    for address in STEPS[1:]:
        assert phone.client.get(address)["Location"] == "/my/submission/purpose"


def test_nobody_gets_in_without_signing_in(client: Client) -> None:
    for address in ("/my/", "/my/record", *STEPS):
        answer = client.get(address)
        assert answer.status_code == 302
        assert "/signin" in answer["Location"] or "next=" in answer["Location"]


def test_another_person_s_family_member_and_picture_are_not_found(phone: Phone, cast: Cast, at: datetime) -> None:
    phone.to_the_number()
    page = phone.post("/my/submission/family/add", CHILD | {"number": OTHER}, leads_to="/my/submission/number")
    address = re.search(r"/my/submission/family/[0-9a-f-]{36}", page)
    assert address
    entries.add(organisation_id=cast.aoba, member_id=cast.eto.id, by=cast.aoki, at=at)  # type: ignore[arg-type]
    other = Phone(signed_in_client(cast.eto)).to_the_number()
    other.get(address[0], status=404)
    assert other.client.post(f"{address[0]}/remove").status_code == 404
    other.get(f"/my/submission/picture?slot=number.number_card.back&of={uuid4()}", status=404)
    other.get("/my/submission/picture?slot=x&of=y", status=404)


def test_getting_a_page_changes_nothing(phone: Phone) -> None:
    phone.to_the_review()
    before = everything_stored()
    for address in ("/my/", "/my/record", *STEPS):
        phone.get(address)
    for address in ("start", "submit", "withdraw"):
        phone.get(f"/my/submission/{address}", status=405)
    assert everything_stored() == before
