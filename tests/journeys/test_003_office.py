"""System 003: an office takes on a customer, is entrusted, works at the client's desk, and is stopped."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.journeys.test_003_ids import House
from tests.journeys.walk import Visitor, post_office
from tests.server import running_server

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def house(browser: Browser) -> Iterator[House]:
    with (
        post_office() as post,
        running_server(
            mail_host="127.0.0.1", mail_port=str(post.port), mail_security="none", mail_from="office@okada.example"
        ) as server,
    ):
        for code, name, mail, more in (
            ("okada", "岡田会計事務所", "kinoshita@okada.example", ("--office",)),
            ("aoba", "株式会社青葉商会", "aoki@aoba.example", ()),
        ):
            server.warifu(
                *("organisation", "create", *more, "--code", code, "--name", name),
                *("--administrator", mail, "--family-name", mail.partition("@")[0]),
            )
        yield House(server=server, post=post, browser=browser)


@pytest.mark.shows("003-10", "003-11", "003-15", "S-14")
def test_an_office_from_the_customer_to_the_end_of_the_entrustment(house: House) -> None:
    kinoshita, aoki = house.visitor(), house.visitor()
    for visitor, mail in ((kinoshita, "kinoshita@okada.example"), (aoki, "aoki@aoba.example")):
        house.begin(visitor, house.post.link(mail))
        visitor.enrol()
    take_on(house, kinoshita)
    sano = person_with_an_id(house, kinoshita)
    moves(house, kinoshita, sano)
    entrusted(house, kinoshita, aoki)
    works_and_is_stopped(house, kinoshita, aoki)
    for visitor in (kinoshita, aoki, sano):
        assert visitor.faults == []


def take_on(house: House, kinoshita: Visitor) -> None:
    """Add the customer, show its empty rows, change one in place."""
    kinoshita.go(house.at("/desk/customers/"))
    assert kinoshita.says("まだ顧問先はありません")
    kinoshita.press("顧問先を加える")
    kinoshita.fill(name="株式会社青葉商会", kana="あおばしょうかい", code="A-01")
    kinoshita.press("加える", exact=True)
    assert kinoshita.says("アオバショウカイ")
    assert not kinoshita.says("決算月")
    kinoshita.press("空の欄を見せる")
    kinoshita.press("決算月")
    kinoshita.fill(text="13")
    kinoshita.press("書き換える")
    assert kinoshita.says("形が正しくありません")
    kinoshita.fill(text="3")
    kinoshita.press("書き換える")
    kinoshita.press("変更履歴")
    assert kinoshita.says("決算月")


def person_with_an_id(house: House, kinoshita: Visitor) -> Visitor:
    """Add a person and issue a 顧客ID from the record's mail address; they come in on a phone."""
    kinoshita.go(house.at("/desk/customers/"))
    kinoshita.press("株式会社青葉商会")
    kinoshita.press("担当者を加える")
    kinoshita.fill(family_name="佐野", mail="sano@kokyaku.example")
    kinoshita.press("加える", exact=True)
    kinoshita.press("佐野")
    kinoshita.press("利用者に加える")
    kinoshita.go(house.at("/desk/ids/issue/?kind=customer"))
    kinoshita.page.get_by_label("佐野").check(force=True)
    kinoshita.press("選んだ人のIDを決める")
    assert kinoshita.page.get_by_label("佐野さんの利用者ID").input_value() == "sano@kokyaku.example"
    kinoshita.press("内容を確かめる")
    kinoshita.press("発行する")
    sano = house.visitor(phone=True)
    house.begin(sano, house.post.link("sano@kokyaku.example", subject="利用者ID"))
    sano.press("事務所との窓口を開く")
    assert sano.says("株式会社青葉商会")
    return sano


def moves(house: House, kinoshita: Visitor, sano: Visitor) -> None:
    """The customer tells a new address; the office accepts, and the record and its history hold it."""
    sano.press("届出・お問い合わせ")
    sano.tick("kind", "address")
    sano.fill(postal_code="1000001", address="東京都千代田区千代田1-1")
    sano.press("送る")
    assert sano.says("受付番号は Q-")
    kinoshita.go(house.at("/desk/inquiries/"))
    kinoshita.press("Q-")
    kinoshita.press("受け付ける")
    kinoshita.fill(answer="承りました。")
    kinoshita.press("認めて終える")
    kinoshita.go(house.at("/desk/customers/"))
    kinoshita.press("株式会社青葉商会")
    assert kinoshita.says("東京都千代田区千代田1-1")
    sano.page.reload()
    assert sano.says("承りました。")


def entrusted(house: House, kinoshita: Visitor, aoki: Visitor) -> None:
    """The office offers, with every clause of the contract; the client reads and agrees."""
    page = kinoshita.page
    page.get_by_text("委託を申し出る").click()
    kinoshita.fill(code="aoba")
    for name in ("tasks", "clauses"):
        for box in page.locator(f"[name={name}]").all():
            box.check(force=True)
    kinoshita.press("申し出る", exact=True)
    assert kinoshita.says("同意を待っています")
    aoki.go(house.at("/desk/entrustments/"))
    assert aoki.says("岡田会計事務所")
    aoki.press("同意する")
    assert aoki.says("続いています")


def works_and_is_stopped(house: House, kinoshita: Visitor, aoki: Visitor) -> None:
    """All clients stand in one list; the office opens the client's desk; the client's one switch shuts it."""
    kinoshita.go(house.at("/desk/cockpit/"))
    kinoshita.press("画面を開く")
    assert kinoshita.says("委託された仕事をしています")
    kinoshita.go(house.at("/desk/people/"))
    assert kinoshita.page.get_by_role("heading", level=1).is_visible()
    aoki.press("委託を終える")
    assert aoki.says("終えました")
    kinoshita.go(house.at("/desk/"))
    assert not kinoshita.says("委託された仕事をしています")
    assert kinoshita.says("岡田会計事務所")
