"""Whatever is typed into the wizard: never a fault of the server, always a sentence with a code (002-17, D)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.cast import MORNING, Cast
from tests.doors.conftest import signed_in_client
from tests.rooms.applications.office import Office, form, open_office
from warifu.applications.models import Application

pytestmark = pytest.mark.django_db

LINE = {"user_code": "追加1", "industries": ["customs"], "shares_sign_on": "no", "method": "net", "count": "1"}
TEXTS = {
    "control signs": ("青木\x07葵", "WF-P311"),
    "nothing at all": ("a\x00b", "WF-P311"),
    "turned round": ("abc\u202edef", "WF-P311"),
    "emoji": ("青木😀", "WF-P312"),
    "emoji of parts": ("👩‍💻", "WF-P312"),
    "HTML": ("<script>alert(1)</script>", "WF-P313"),
    "a tag in full width": ("＜b＞", "WF-P313"),
    "too long": ("あ" * 600, "WF-P317"),
}
"""Texts that no field of words takes."""


@pytest.fixture
def office(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Office:
    """The operator's office, on the morning of the cast."""
    monkeypatch.setattr(timezone, "now", lambda: MORNING)
    return open_office()


@pytest.fixture
def at(cast: Cast, office: Office) -> tuple[Client, str]:
    """Aoki at the browser, with a draft that has lines; where its wizard is."""
    aoki = signed_in_client(cast.aoki, at=MORNING)
    start = aoki.post("/desk/applications/start/", {"scheme": str(office.scheme), "operation": "add"})
    Application.objects.update(form=form())
    return aoki, start.headers["Location"].removesuffix("operation/")


def day(text: str) -> dict[str, str]:
    year, month, number = text.split("-")
    return {"desired_start_year": year, "desired_start_month": month, "desired_start_day": number}


def refused(at: tuple[Client, str], step: str, values: dict[str, Any]) -> str:
    """Post a step that is refused; nothing is kept. Returns the page."""
    before = Application.objects.values_list("form", "version").get()
    answer = at[0].post(f"{at[1]}{step}/", {"version": "1", **values})
    assert answer.status_code == 422
    assert Application.objects.values_list("form", "version").get() == before
    text = answer.content.decode()
    assert "<script>alert" not in text
    return text


def said(text: str, code: str) -> None:
    """The page says a Japanese sentence with the code."""
    assert re.search(rf"[ぁ-んァ-ヶ一-龠][^<]*（{code}）", text), code


@pytest.mark.parametrize("field", ["person_name", "person_department", "manager_name", "person_kana"])
def test_names(field: str, at: tuple[Client, str]) -> None:
    for typed, code in TEXTS.values():
        said(refused(at, "person", {field: typed}), code)


@pytest.mark.parametrize(("step", "field"), [("operation", "reason"), ("settings", "追加1:name")])
def test_long_words(step: str, field: str, at: tuple[Client, str]) -> None:
    for typed, code in TEXTS.values():
        said(refused(at, step, {field: typed}), code)


OF_PEOPLE = [
    ("person_kana", "青木 葵", "WF-P314"),
    ("person_kana", "aoki", "WF-P314"),
    ("person_kana", "アオキ1", "WF-P314"),
    ("person_phone", "03-12", "WF-P315"),
    ("person_phone", "でんわ", "WF-P315"),
    ("person_phone", "1234567890123456", "WF-P315"),
    ("person_mail", "aoki", "WF-P316"),
    ("person_mail", "青木@example.jp", "WF-P316"),
    ("person_mail", "a@b", "WF-P316"),
    ("person_mail", "a b@example.jp", "WF-P316"),
    ("person_mail", "a" * 300 + "@example.jp", "WF-P317"),
    ("manager_mail", "a@example.jp,b@example.jp", "WF-P316"),
    ("manager_mail", "a@example.jp\nBcc: b@example.jp", "WF-P311"),
]


def test_readings_telephones_and_addresses(at: tuple[Client, str]) -> None:
    for field, typed, code in OF_PEOPLE:
        said(refused(at, "person", {field: typed}), code)


TIDIED = [
    ({"person_kana": "あおき　ｱｵｲ"}, ("kana", "アオキ アオイ")),
    ({"person_phone": "０３－１２３４－５６７８"}, ("phone", "03-1234-5678")),
    ({"person_mail": "ａｏｋｉ＠ｅｘａｍｐｌｅ．ｊｐ"}, ("mail", "aoki@example.jp")),
    ({"person_name": " 髙橋　﨑󠄁 "}, ("name", "髙橋 﨑󠄁")),
    ({"person_department": "㈱青葉 通関部"}, ("department", "㈱青葉 通関部")),
]


def test_what_can_be_tidied_is_tidied_without_a_word(at: tuple[Client, str]) -> None:
    for version, (typed, (name, text)) in enumerate(TIDIED, start=1):
        assert at[0].post(f"{at[1]}person/", {"version": str(version), **typed}).status_code == 302
        assert Application.objects.get().form["person"][name] == text


DAYS = [
    (day("2026-11-23"), "WF-P321"),
    (day("2026-11-27"), "WF-P321"),
    (day("1999-01-01"), "WF-P321"),
    (day("2026-12-12"), "WF-P322"),
    (day("2026-12-31"), "WF-P322"),
    (day("2027-01-01"), "WF-P322"),
    (day("2028-12-10"), "WF-P323"),
    (day("9999-12-31"), "WF-P323"),
    (day("2026-02-30"), "WF-P324"),
    (day("2026-13-01"), "WF-P324"),
    (day("0000-00-00"), "WF-P324"),
    (day("明日-x-y"), "WF-P324"),
    (day("昭和64-1-8"), "WF-P324"),
    (day("2026-12-"), "WF-P324"),
    (day("99999999999-1-1"), "WF-P324"),
]


def test_days(at: tuple[Client, str]) -> None:
    for typed, code in DAYS:
        said(refused(at, "operation", {"reason": "通関業を始めるため", **typed}), code)


@pytest.mark.parametrize("typed", [day("２０２６-１２-１０"), day("令和8-12-10")])
def test_days_in_full_width_or_of_an_era_are_read(typed: dict[str, str], at: tuple[Client, str]) -> None:
    assert at[0].post(f"{at[1]}operation/", {"version": "1", "reason": "x", **typed}).status_code == 302
    assert Application.objects.get().form["desired_start"] == "2026-12-10"


LINES = [
    ("count", "0", "WF-P336"),
    ("count", "-1", "WF-P336"),
    ("count", "100", "WF-P336"),
    ("count", "1.5", "WF-P336"),
    ("count", "9" * 500, "WF-P336"),
    ("count", "", "WF-P336"),
    ("count", "一", "WF-P336"),
    ("industries", ["pirates"], "WF-P333"),
    ("industries", ["<b>"], "WF-P333"),
    ("method", "fax", "WF-P335"),
    ("user_code", "1ZZZZ", "WF-P334"),
    ("user_code", "追加99", "WF-P334"),
    ("user_code", "'; DROP TABLE", "WF-P334"),
]


def test_lines(at: tuple[Client, str]) -> None:
    for field, typed, code in LINES:
        values = {"lines": "1", **{f"line0-{name}": value for name, value in {**LINE, field: typed}.items()}}
        said(refused(at, "codes", values), code)


def test_a_count_of_lines_that_is_none_does_no_harm(at: tuple[Client, str]) -> None:
    for lines in ("-1", "99999999", "x", "", "１"):
        answer = at[0].post(f"{at[1]}codes/", {"version": "1", "lines": lines})
        assert answer.status_code in (302, 422)


def test_everything_empty_is_named_place_by_place_at_the_end(cast: Cast, office: Office) -> None:
    aoki = signed_in_client(cast.aoki, at=MORNING)
    start = aoki.post("/desk/applications/start/", {"scheme": str(office.scheme), "operation": "add"})
    at = start.headers["Location"].removesuffix("operation/")
    for version, step in enumerate(("operation", "person", "codes"), start=1):
        assert aoki.post(f"{at}{step}/", {"version": str(version)}).status_code in (302, 422)
    text = aoki.post(f"{at}review/", {"version": "3"}).content.decode()
    for name in ("利用開始希望日", "変更の理由", "申込担当者の氏名", "申込担当者のメールアドレス", "責任者の氏名"):
        assert name in text
    said(text, "WF-P310")
    said(text, "WF-P331")
    assert Application.objects.get().state == "draft"
