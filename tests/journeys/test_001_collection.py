"""System 001 walked whole: from a roster file to verified, sealed numbers, in a real browser against the real server.

One long walk in named parts; each page is looked at once by axe and by the leak scanner on the way.
"""

from __future__ import annotations

import io
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Browser, expect

from tests.browser import DESK, PHONE
from tests.cast import test_number as practice_number
from tests.journeys.walk import PostOffice, Visitor, post_office
from tests.leaks import leaks, leaks_in_sqlite, leaks_of
from tests.server import RunningServer, running_server

pytestmark = pytest.mark.journey

PASSWORD = "umibe no michi wo aruku"
OWN, SPOUSE, CHILD = (practice_number(base) for base in ("98765432109", "23456789012", "34567890123"))
ROSTER = """社員番号,姓,名,セイ,メイ,生年月日,所属,メールアドレス
0391,佐藤,健一,サトウ,ケンイチ,昭和63年4月2日,総務課,sato@aoba.example
0417,鈴木,花子,ｽｽﾞｷ,ハナコ,1990/06/10,営業課,hanako@aoba.example
0402,𠮷田,直樹,ヨシダ,ナオキ,1987-10-03,製造一課,yoshida@aoba.example
0500,高橋,,タカハシ,,1999-13-45,営業課,not-a-mail
"""


@dataclass
class House:
    """The running server, its post office, and one visitor for each person of the story."""

    server: RunningServer
    post: PostOffice
    browser: Browser
    visitors: dict[str, Visitor]

    def visitor(self, name: str, *, phone: bool = False) -> Visitor:
        """The person's own browser, with cookies of its own."""
        if name not in self.visitors:
            context = self.browser.new_context(**(PHONE if phone else DESK))
            page = context.new_page()
            page.set_default_timeout(20_000)
            self.visitors[name] = Visitor(page)
        return self.visitors[name]

    def database(self) -> sqlite3.Connection:
        """The server's database, for moving days back: time is given, not slept."""
        return sqlite3.connect(self.server.data / "warifu.sqlite3", timeout=30)

    def activate(self, name: str, mail: str, *, phone: bool = False) -> Visitor:
        """Follow the link in the newest letter and choose a password."""
        visitor = self.visitor(name, phone=phone)
        visitor.go(self.post.link(mail))
        visitor.press("次へ")
        visitor.fill(password=PASSWORD)
        visitor.press("このパスワードに決める")
        return visitor

    def sign_in_again(self, name: str) -> None:
        """Prove once more who one is, as reveal asks for (L-25)."""
        visitor = self.visitor(name)
        visitor.go(f"{self.server.address}/relogin/?next=/desk/people/")
        visitor.fill(password=PASSWORD)
        visitor.follow(visitor.page.locator("main form button[type=submit]").first)


@pytest.fixture(scope="module")
def house(browser: Browser) -> Iterator[House]:
    with (
        post_office() as post,
        running_server(
            mail_host="127.0.0.1", mail_port=str(post.port), mail_security="none", mail_from="number@aoba.example"
        ) as server,
    ):
        yield House(server=server, post=post, browser=browser, visitors={})


def picture(words: str) -> bytes:
    """A photographed paper: a JPEG of a plain card with words, GPS and camera in its EXIF."""
    image = Image.new("RGB", (1400, 900), "#f3f6ee")
    draw = ImageDraw.Draw(image)
    draw.rectangle((60, 60, 1340, 840), outline="#1b1d24", width=6)
    draw.text((120, 360), words, fill="#1b1d24", font=ImageFont.load_default(96))
    exif = Image.Exif()
    exif[0x010F] = "SpyCamera"
    exif[0x8825] = {1: "N", 2: (35.0, 40.0, 0.0)}
    content = io.BytesIO()
    image.save(content, "JPEG", quality=85, exif=exif)
    return content.getvalue()


def upload(name: str, content: bytes, media_type: str) -> Any:
    return {"name": name, "mimeType": media_type, "buffer": content}


@pytest.mark.shows("001-1", "001-2", "001-3", "001-4", "P-15", "S-02", "L-06", "L-14", "L-19")
def test_1_the_organisation_opens(house: House) -> None:
    house.server.warifu(
        "organisation", "create", "--code", "aoba", "--name", "株式会社青葉商会", "--contact", "人事課 内線210",
        "--administrator", "aoki@aoba.example", "--family-name", "青木", "--given-name", "葵",
    )  # fmt: skip
    aoki = house.activate("aoki", "aoki@aoba.example")
    assert "/stepup/" in aoki.page.url
    aoki.enrol()
    assert "/desk/" in aoki.page.url
    for family, given, mail, role in (("高橋", "美咲", "takahashi", "4"), ("小林", "誠", "kobayashi", "8")):
        aoki.go(f"{house.server.address}/desk/members/add/")
        aoki.fill(family_name=family, given_name=given, mail=f"{mail}@aoba.example")
        aoki.page.locator("[name=roles][value='1']").uncheck(force=True)
        aoki.tick("roles", role)
        aoki.follow(aoki.page.locator("main form button[type=submit]").first)
    for name in ("takahashi", "kobayashi"):
        visitor = house.activate(name, f"{name}@aoba.example")
        visitor.enrol()
        assert "/desk/" in visitor.page.url
    plan(house, aoki)
    assert aoki.faults == []


def plan(house: House, aoki: Visitor) -> None:
    """Walk the first-run wizard."""
    aoki.go(f"{house.server.address}/desk/handling/purposes/")
    for purpose in ("withholding_slip", "dependents_declaration", "health_pension", "third_category"):
        aoki.tick("purposes", purpose)
    aoki.press("保存して次へ")
    aoki.fill(file_names="従業員等の特定個人情報ファイル", area="人事課の執務室", report_route="責任者 小林へ")
    aoki.press("保存して次へ")
    aoki.page.locator("select[name=responsible]").select_option(label="小林 誠")
    aoki.press("責任者に決める")
    for name in ("高橋 美咲", "小林 誠"):
        aoki.page.locator("select[name=member]").select_option(label=name)
        for purpose in ("withholding_slip", "dependents_declaration", "health_pension", "third_category"):
            aoki.tick("purposes", purpose)
        aoki.fill(range="全従業員と扶養親族等")
        aoki.press("任命する")
    aoki.press("見直しへ")
    aoki.press("この内容で定める")
    aoki.go(f"{house.server.address}/desk/handling/")
    assert aoki.says("小林 誠")


@pytest.mark.shows("001-5", "001-9", "001-10", "001-12", "J-13")
def test_2_a_roster_is_looked_over_mended_and_loaded(house: House) -> None:
    aoki = house.visitor("aoki")
    aoki.go(f"{house.server.address}/desk/rosters/")
    aoki.press("名簿を選ぶ")
    content = ROSTER.encode("utf-8-sig")
    aoki.page.locator("input[type=file]").set_input_files(upload("名簿.csv", content, "text/csv"))
    load_roster(aoki)
    with house.database() as database:
        names = {row[0] for row in database.execute("SELECT family_name FROM organisations_member")}
        listed = database.execute("SELECT count(*) FROM collection_rosterentry").fetchone()[0]
    assert names == {"青木", "高橋", "小林", "佐藤", "鈴木", "𠮷田"}
    assert listed == 3
    assert aoki.faults == []


def load_roster(aoki: Visitor) -> None:
    """From the chosen file to the loaded list: one cell is mended, one row still cannot be taken."""
    aoki.press("読み込んで点検する")
    aoki.page.wait_for_selector("#result")
    aoki.look()
    assert aoki.says("いま進むと、3人を加え")
    cell = aoki.page.locator("tr", has_text="not-a-mail").locator("input[name=value]").first
    cell.fill("takeshi@aoba.example")
    cell.press("Enter")
    aoki.page.get_by_text("not-a-mail").first.wait_for(state="detached")
    aoki.look()
    assert aoki.says("残る1行は取り込みません")
    aoki.press("取り込む", exact=True)
    aoki.page.get_by_text("次は、入力の依頼を送ります。").wait_for()
    aoki.look()


@pytest.mark.shows("001-11", "001-13")
def test_3_invitations_go_out_after_a_look(house: House) -> None:
    aoki = house.visitor("aoki")
    before = len(house.post.mails)
    aoki.go(f"{house.server.address}/desk/invitations/")
    assert aoki.says("3人に送ります")
    aoki.press("自分に試しに送る")
    assert house.post.holds(before + 1)
    assert "aoki@aoba.example" in str(house.post.mails[-1]["To"])
    aoki.go(f"{house.server.address}/desk/invitations/")
    aoki.press("実行する")
    assert house.post.holds(before + 4)
    for mail in ("sato", "hanako", "yoshida"):
        letter = house.post.newest(f"{mail}@aoba.example")
        assert not list(letter.iter_attachments())
    assert aoki.faults == []


@pytest.mark.shows("001-6", "001-14", "001-15", "001-16", "001-17", "001-18", "001-19", "P-03", "I-14", "I-15")
def test_4_an_employee_hands_in_on_a_phone(house: House) -> None:
    sato = house.activate("sato", "sato@aoba.example", phone=True)
    assert "/my/" in sato.page.url
    sato.follow(sato.page.locator(".bottom-bar .button-primary").first)
    assert sato.says("会社が使うのは、この4つです")
    assert sato.page.locator("input[name=number]").count() == 0
    sato.press("入力へ進む")
    sato.fill(postal_code="100-0001")
    sato.page.locator("[name=street]").focus()
    expect(sato.page.locator("[name=city]")).not_to_have_value("")
    sato.fill(street="千代田1-1")
    sato.press("番号へ進む")
    enter_family(sato)
    sato.press("写真へ進む")
    sato.tick("method", "number_card")
    sato.press("この書類を使う")
    for words in ("CARD BACK", "CARD FRONT", "SPOUSE", "PROXY"):
        hand_in_picture(sato, words)
    sato.press("見直しへ進む")
    assert not sato.says("まだです")
    sato.press("会社へ送る")
    assert sato.says("受け取りました") or sato.says("控え")
    assert sato.faults == []
    receipt = house.post.newest("sato@aoba.example", subject="提出を受け付けました")
    body = receipt.get_body(("plain",))
    assert body is not None
    assert leaks(body.get_content()) == []


def enter_family(sato: Visitor) -> None:
    """The own number with a slip first, then a third-category spouse and a child."""
    wrong = OWN[:11] + str((int(OWN[11]) + 1) % 10)
    sato.fill(number=wrong)
    sato.press("家族を加えず、写真へ")
    assert wrong not in sato.page.content()
    assert sato.page.locator("[name=number]").get_attribute("aria-invalid") == "true"
    sato.fill(number=f"{OWN[:4]}-{OWN[4:8]}-{OWN[8:]}")
    sato.press("家族を加える")
    add_relative(sato, relation="spouse", name=("佐藤", "由美", "サトウ", "ユミ"), born="1990 9 15", number=SPOUSE)
    sato.press("もう一人、家族を加える")
    add_relative(sato, relation="child", name=("佐藤", "結", "サトウ", "ユイ"), born="2016 5 5", number=CHILD)


def add_relative(sato: Visitor, *, relation: str, name: tuple[str, str, str, str], born: str, number: str) -> None:
    sato.tick("relation", relation)
    sato.fill(family_name=name[0], given_name=name[1], family_kana=name[2], given_kana=name[3], number=number)
    for field, value in zip(sato.page.locator("[name^=born_on]").all(), born.split(), strict=True):
        field.fill(value)
    sato.tick("is_checked")
    if relation == "spouse":
        sato.page.locator("summary", has_text="第3号").click()
        sato.tick("is_third_category")
        sato.tick("spouse_path", "agent")
    sato.press("家族に加える")


def hand_in_picture(sato: Visitor, words: str) -> None:
    """Choose the next picture, let the coach look, and send it."""
    if sato.page.get_by_role("link", name="写真を撮る").count():
        sato.press("写真を撮る")
    sato.page.locator("input[name=stored]").set_input_files(upload("IMG_0001.jpg", picture(words), "image/jpeg"))
    sato.page.wait_for_selector("[data-look]:not([hidden])")
    if sato.page.locator("[name=is_masked]").count():
        sato.tick("is_masked")
    before = sato.page.url
    sato.page.get_by_role("button", name="この写真を送る").click()
    sato.page.wait_for_url(lambda address: address != before)
    sato.page.wait_for_load_state("networkidle")
    sato.look()


@pytest.mark.shows("001-22", "001-23", "001-28", "A-03")
def test_5_late_people_are_red_and_reminded(house: House) -> None:
    aoki = house.visitor("aoki")
    aoki.go(f"{house.server.address}/desk/people/?tab=overdue")
    assert aoki.says("期限を過ぎた人はいません")
    with house.database() as database:
        database.execute("UPDATE collection_rosterentry SET registered_on = date(registered_on, '-4 days')")
        database.execute("UPDATE collection_rosterentry SET due_on = date(due_on, '-4 days')")
    house.server.warifu("daily")
    aoki.go(f"{house.server.address}/desk/people/")
    late = aoki.page.locator("tr.row-late")
    assert late.count() == 2
    assert "期限超過" in late.first.inner_text()
    before = len(house.post.mails)
    aoki.press("期限を過ぎた2人全員")
    aoki.follow(aoki.page.locator(".bottom-bar .button-primary").first)
    assert house.post.holds(before + 2)
    reminded = {str(mail["To"]).split("<")[-1].rstrip(">") for mail in house.post.mails[before:]}
    assert reminded == {"hanako@aoba.example", "yoshida@aoba.example"}
    assert aoki.faults == []


@pytest.mark.shows("001-24", "001-25", "001-26", "001-27", "I-18", "S-07")
def test_6_two_people_confirm(house: House) -> None:
    for name in ("takahashi", "kobayashi"):
        checker = house.visitor(name)
        house.sign_in_again(name)
        checker.follow(checker.page.locator("a[href*='/desk/verification/']").first)
        assert leaks(checker.page.content()) == []
        reveal_once(checker)
        confirm(checker)
        assert checker.faults == []
    house.post.newest("sato@aoba.example", subject="本人確認")
    sato = house.visitor("sato")
    sato.go(f"{house.server.address}/my/")
    assert sato.says("すべて終わりました")
    sato.go(f"{house.server.address}/my/record")
    assert sato.says("高橋 美咲")
    assert sato.says("小林 誠")
    assert sato.faults == []


def reveal_once(checker: Visitor) -> None:
    """Show the employee's number on request and hide it again."""
    checker.own_numbers_may_show = True
    checker.page.locator("[data-reveal]").first.click()
    checker.page.wait_for_selector("[data-shown]")
    assert OWN in re.sub(r"\D", "", checker.page.locator("[data-number]").first.inner_text())
    checker.page.get_by_role("button", name="いま隠す").click()
    checker.page.wait_for_selector("[data-shown]", state="detached")
    checker.own_numbers_may_show = False
    assert leaks(checker.page.content()) == []


def confirm(checker: Visitor) -> None:
    """Open every picture, tick what fits, and set it done."""
    for figure in checker.page.locator("figure[data-picture]").all():
        figure.locator("a[data-part=open]").click()
        figure.locator("img").wait_for()
    for box in checker.page.locator(".check-list input[type=checkbox]").all():
        box.focus()
        box.press("Space")
        assert box.is_checked()
    for field in checker.page.locator(".check-day input").all():
        field.fill("2031/4/2")
    here = checker.page.url
    checker.page.get_by_role("button", name="済にする").click()
    checker.page.wait_for_url(lambda address: address != here)
    checker.page.wait_for_load_state("networkidle")
    checker.look()


@pytest.mark.shows("N-06", "P-06", "V-09", "V-04")
def test_7_no_number_leaked_anywhere(house: House) -> None:
    numbers = (OWN, SPOUSE, CHILD)
    for mail in house.post.mails:
        assert leaks_of(numbers, mail.as_bytes()) == []
    data = house.server.data
    assert list(leaks_in_sqlite(data / "warifu.sqlite3")) == []
    for path in [file for file in data.rglob("*") if file.is_file()]:
        assert leaks_of(numbers, path.read_bytes()) == [], path.name
        assert b"SpyCamera" not in path.read_bytes()
    assert '"faults": []' in house.server.warifu("audit", "verify", "--json")


def test_8_the_house_is_healthy(house: House) -> None:
    log = Path(house.server.data / "server.log").read_text(encoding="utf-8")
    assert "Traceback" not in log
    assert '"event": "fault"' not in log
