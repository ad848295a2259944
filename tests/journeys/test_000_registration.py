"""From the operator's card to a running organisation, in real browsers and with real mail (000-4 … 000-26, A1-A3)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser import DESK, PHONE
from tests.journeys.walk import PostOffice, Visitor, post_office
from tests.server import RunningServer, running_server

pytestmark = pytest.mark.journey

KATO = "kato@center.example"
HANAKO = "hanako@hinoki.example"
KEN = "ken@hinoki.example"
WORDS = "umibe no michi wo aruku"


@pytest.fixture
def house(browser: Browser) -> Iterator[tuple[RunningServer, PostOffice]]:
    """The operator's organisation with Kato, its administrator."""
    with (
        post_office() as post,
        running_server(
            mail_host="127.0.0.1", mail_port=str(post.port), mail_security="none", mail_from="licence@center.example"
        ) as server,
    ):
        words = ("--code", "center", "--name", "販売センター", "--administrator", KATO, "--family-name", "加藤")
        server.warifu("organisation", "create", "--operator", *words)
        yield server, post


def welcome(visitor: Visitor, link: str) -> None:
    """Open the first link, choose a password and set up an authenticator app."""
    visitor.go(link)
    visitor.press("次へ")
    visitor.fill(password=WORDS)
    visitor.press("このパスワードに決める")
    visitor.enrol()


def body(post: PostOffice, mail: str, subject: str) -> str:
    """The text of a mail."""
    text = post.newest(mail, subject=subject).get_body(("plain",))
    assert text is not None
    return str(text.get_content())


def open_review(server: RunningServer, kato: Visitor) -> None:
    """Let Kato manage products and cards."""
    kato.go(f"{server.address}/desk/members/")
    kato.follow(kato.page.locator("main").get_by_role("link", name="加藤").first)
    kato.tick("roles", "1024")
    kato.press("この役割にする")


def printed(server: RunningServer, kato: Visitor, *, code: str, name: str) -> dict[str, str]:
    """Make a product with two documents of terms and one card; what is printed on the card."""
    kato.go(f"{server.address}/review/products/add/")
    kato.fill(code=code, name=name, licence_months="12")
    kato.tick("edition", "collecting")
    kato.press("登録する")
    for terms, title in (("use", "利用規約"), ("support", "保守規約")):
        kato.page.locator(f"#product-{code}").locator("..").get_by_role("link", name="利用規約を公開する").click()
        kato.fill(code=terms, title=title, body="第1条 大切に使います。")
        kato.press("公開する", exact=True)
    kato.go(f"{server.address}/review/cards/make/")
    kato.page.locator("[name=product]").select_option(label=name)
    kato.fill(name="箱入り", count="1", register_until_year="2099", register_until_month="3", register_until_day="31")
    kato.tick("channel", "box")
    kato.press("作る", exact=True)
    kato.press("印刷用に開く")
    text = kato.page.locator("article").inner_text()
    return {letter: re.search(rf"\b{letter}[A-Z3-9]{{3}}(?:-[A-Z3-9]{{4}})+", text)[0] for letter in "RTH"}  # type: ignore[index]


def licence_key(post: PostOffice, mail: str, product: str) -> str:
    """The key in the letter about a product."""
    found = re.search(r"ライセンスキー: (\S+)", body(post, mail, f"ライセンスキーのお知らせ（{product}）"))
    assert found
    return found[1]


@pytest.mark.shows(
    "000-4", "000-7", "000-8", "000-9", "000-10", "000-11", "000-13", "000-14", "000-15",
    "000-12", "000-17", "000-18", "000-20", "000-21", "000-22", "000-23", "000-24", "000-37", "000-40", "L-06",
)  # fmt: skip
def test_from_the_card_to_a_running_organisation(house: tuple[RunningServer, PostOffice], browser: Browser) -> None:
    server, post = house
    kato = Visitor(browser.new_context(**DESK).new_page())
    welcome(kato, post.link(KATO, subject="はじめて"))
    open_review(server, kato)
    card = printed(server, kato, code="box", name="割符 Box")

    hanako = Visitor(browser.new_context(**PHONE).new_page())
    hanako.go(f"{server.address}/register/")
    hanako.fill(number=card["R"], confirmation=card["H"])
    hanako.press("2つの番号を確かめて進む")
    assert hanako.says("入れられたのは「保守契約用の確認番号」です")
    hanako.fill(number=card["R"].lower(), confirmation=card["T"])
    hanako.press("2つの番号を確かめて進む")
    boxes = hanako.page.locator("[name=terms]")
    boxes.first.check()
    hanako.press("同意して進む")
    assert hanako.says("同意いただいていない利用規約があります")
    boxes.last.check()
    hanako.press("同意して進む")
    hanako.page.locator("#id_name").fill("桧商事株式会社")
    hanako.page.locator("#id_phone").fill("03-1234-5678")
    hanako.fill(person="桧 花子", mail=HANAKO)
    hanako.press("保存して進む")
    hanako.press("戻る")
    assert hanako.page.locator("#id_name").input_value() == "桧商事株式会社"
    hanako.press("保存して進む")
    hanako.fill(confirmation=card["H"])
    hanako.press("番号を確かめて進む")
    hanako.press("登録する", exact=True)
    assert hanako.says("登録しました")

    key = licence_key(post, HANAKO, "割符 Box")
    hanako.go(post.link(HANAKO, subject="ライセンスキー"))
    hanako.page.locator("[name=product]").select_option(label="割符 Box")
    hanako.fill(number=card["R"], key=key, issued_to="HINOKI Co., Ltd.", organisation_name="桧商事株式会社",
                code="hinoki", family_name="桧", given_name="花子", mail=HANAKO)  # fmt: skip
    hanako.press("新しい組織を作って、利用を開始する")
    assert hanako.says("利用を開始しました")

    letter = body(post, HANAKO, "導入作業開始")
    link = re.search(r"http://localhost:\d+/a/\S+", letter)
    assert link
    admin = Visitor(browser.new_context(**DESK).new_page())
    welcome(admin, link[0])
    admin.go(f"{server.address}/desk/licences/")
    for said in (card["R"], "HINOKI Co., Ltd.", "/signin/?o=hinoki", "/certificates/obtain/"):
        assert admin.says(said)

    service = re.search(r"管理者のアドレス: (\S+)", letter)
    assert service
    visitor = Visitor(browser.new_context(**PHONE).new_page())
    visitor.go(service[1])
    assert visitor.page.locator("[name=organisation]").input_value() == "hinoki"
    another = printed(server, kato, code="book", name="割符 帳簿")
    start_inside(server, post, admin, hanako, card=another, earlier=card)
    add_second(server, post, admin, browser)
    assert kato.faults + hanako.faults + admin.faults + visitor.faults == []


def start_inside(
    server: RunningServer,
    post: PostOffice,
    admin: Visitor,
    hanako: Visitor,
    *,
    card: dict[str, str],
    earlier: dict[str, str],
) -> None:
    """Register a second product with what was read of the first, and start it inside the organisation."""
    hanako.go(f"{server.address}/register/?number={card['R']}")
    hanako.fill(confirmation=card["T"])
    hanako.press("2つの番号を確かめて進む")
    for box in hanako.page.locator("[name=terms]").all():
        box.check()
    hanako.press("同意して進む")
    hanako.page.locator("summary").click()
    hanako.page.locator("#id_earlier-number").fill(earlier["R"])
    hanako.page.locator("#id_earlier-phone").fill("03 1234 5678")
    hanako.press("製品情報の読込")
    assert hanako.page.locator("#id_name").input_value() == "桧商事株式会社"
    hanako.press("保存して進む")
    hanako.fill(confirmation=card["H"])
    hanako.press("番号を確かめて進む")
    hanako.press("登録する", exact=True)

    admin.go(f"{server.address}/desk/licences/?service=book")
    admin.press("利用開始", exact=True)
    assert admin.says("共有されるのは「桧商事株式会社」の利用者です")
    admin.fill(number=card["R"], key=licence_key(post, HANAKO, "割符 帳簿"), issued_to="HINOKI Co., Ltd.")
    admin.press("お申込み")
    admin.press("割符 帳簿")
    assert admin.says("この組織の利用者を共有しています")


def add_second(server: RunningServer, post: PostOffice, admin: Visitor, browser: Browser) -> None:
    """The first administrator registers the second, who gets in alone (000-40)."""
    admin.go(f"{server.address}/desk/")
    admin.press("二人目を加える")
    admin.fill(family_name="楢", given_name="健", mail=KEN)
    admin.tick("roles", "16")
    admin.press("利用者を加える", exact=True)
    second = Visitor(browser.new_context(**DESK).new_page())
    welcome(second, post.link(KEN, subject="はじめて"))
    second.go(f"{server.address}/desk/members/")
    assert second.says("楢 健")
    assert second.faults == []
