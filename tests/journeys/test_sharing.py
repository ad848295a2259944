"""Two installations share a person: one is the identity provider of the other; and SCIM from outside (000-17, 000-18).

Both are real server processes; the browser goes from the one to the other and back.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page
from scim2_client import BaseSyncSCIMClient
from scim2_tester import Status, check_server, filling

from tests.browser import DESK, PHONE
from tests.journeys.sharing_scene import PASSWORD
from tests.journeys.walk import Visitor
from tests.leaks import leaks, leaks_in_sqlite
from tests.server import ROOT, RunningServer, running_server

pytestmark = pytest.mark.journey


class Examiner(BaseSyncSCIMClient):
    """scim2-client over the HTTP library that the project has."""

    def __init__(self, client: httpx.Client) -> None:
        super().__init__()
        self.client = client

    def _stays_under_base_url(self, endpoint: str) -> bool:
        return str(self.client.build_request("GET", endpoint).url).startswith(str(self.client.base_url))

    def _parse_json(self, response: Any) -> Any:
        return response.json()

    def request(self, method: str, url: str, **kwargs: Any) -> httpx.Response:
        """Send a request."""
        return self.client.request(method, url, **kwargs)


@dataclass(frozen=True, kw_only=True)
class House:
    """A running installation with one organisation."""

    server: RunningServer
    sessions: dict[str, str]
    scim: str

    def desk_of(self, browser: Browser, person: str) -> Page:
        """A browser in which somebody is signed in with two factors."""
        context = browser.new_context(**DESK)
        context.add_cookies([{"name": "warifu", "value": self.sessions[person], "url": self.server.address}])
        return context.new_page()


def _house(server: RunningServer, code: str, name: str) -> House:
    done = subprocess.run(
        [sys.executable, "-m", "tests.journeys.sharing_scene", code, name],
        env=server.environment,
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return House(server=server, **json.loads(done.stdout))


@pytest.fixture(scope="module")
def houses() -> Iterator[tuple[House, House]]:
    """The parent company's installation, which people know already, and Aoba's, which takes its people in."""
    with running_server(host="127.0.0.1") as parent, running_server() as own:
        yield _house(parent, "oya", "親会社"), _house(own, "aoba", "青葉商会")


def _field(page: Page, name: str) -> str:
    return str(page.locator(f"#{name}").input_value())


def _introduce(browser: Browser, parent: House, own: House) -> None:
    """Each administrator tells the other's house what it has to know."""
    here, there = Visitor(own.desk_of(browser, "aoki")), Visitor(parent.desk_of(browser, "aoki"))
    here.go(f"{own.server.address}/desk/identity-providers/")
    here.press("ID基盤を加える")
    there.go(f"{parent.server.address}/desk/sister-services/")
    there.press("サービスを登録する")
    there.fill(name="青葉商会の割符", addresses=_field(here.page, "way-back"))
    there.press("登録する")
    here.fill(
        name="親会社のID",
        issuer=_field(there.page, "issuer"),
        client_id=_field(there.page, "client"),
        secret=_field(there.page, "secret"),
        strong="urn:warifu:level:2",
    )
    here.press("確かめて加える")
    assert here.says("外部のID基盤を加えました")
    assert here.faults == []
    assert there.faults == []


def _sign_in_by_password(visitor: Visitor, code: str, person: str) -> None:
    visitor.fill(organisation=code, identifier=person, password=PASSWORD)
    visitor.page.get_by_role("button", name="サインインする", exact=True).click()


@pytest.mark.shows("000-17", "000-18", "L-26", "P-07")
def test_a_person_of_one_house_enters_the_other(browser: Browser, houses: tuple[House, House]) -> None:
    parent, own = houses
    _introduce(browser, parent, own)
    context = browser.new_context(**PHONE)
    inoue = Visitor(context.new_page())
    inoue.page.set_default_timeout(15_000)

    inoue.go(f"{own.server.address}/signin/?next=/security/external/")
    _sign_in_by_password(inoue, "aoba", "inoue")
    inoue.page.wait_for_url(f"{own.server.address}/security/external/")
    inoue.look()
    inoue.page.get_by_role("button", name="結び付ける").click()
    inoue.page.wait_for_url(f"{parent.server.address}/signin/**")
    inoue.look()
    _sign_in_by_password(inoue, "oya", "inoue")
    inoue.page.get_by_role("button", name="渡して進む").wait_for()
    inoue.look()
    assert inoue.says("青葉商会の割符")
    assert inoue.says("個人番号は渡しません")
    inoue.page.get_by_role("button", name="渡して進む").click()
    inoue.page.wait_for_url(f"{own.server.address}/security/external/")
    inoue.look()
    assert inoue.says("結び付いています")

    context.clear_cookies(name="warifu", domain="localhost")
    inoue.go(f"{own.server.address}/signin/")
    inoue.page.get_by_role("button", name="親会社のIDでサインイン").click()
    inoue.page.wait_for_url(f"{own.server.address}/my/")
    assert inoue.says("井上")
    inoue.go(f"{own.server.address}/security/external/")
    assert inoue.says("最後に使った時")
    assert inoue.faults == []

    stranger = Visitor(browser.new_context(**PHONE).new_page())
    stranger.go(f"{own.server.address}/signin/external/?o=aoba")
    stranger.page.get_by_role("button", name="親会社のIDでサインイン").click()
    stranger.page.wait_for_url(f"{parent.server.address}/signin/**")
    _sign_in_by_password(stranger, "oya", "kato")
    stranger.page.get_by_role("button", name="渡して進む").click()
    stranger.page.get_by_text("まだどの利用者とも結び付いていません").wait_for()
    assert "/signin/external/" in stranger.page.url
    stranger.look()
    assert stranger.faults == []

    for house in houses:
        assert list(leaks_in_sqlite(house.server.data / "warifu.sqlite3")) == []
        log = house.server.log.read_text(encoding="utf-8")
        assert leaks(log) == []
        assert re.search(r"code=[A-Za-z0-9_-]{20}", log) is None
        assert "wfs_" not in log


@pytest.mark.shows("000-18", "P-07")
def test_an_independent_examiner_finds_no_fault_with_scim(
    houses: tuple[House, House], monkeypatch: pytest.MonkeyPatch
) -> None:
    _parent, own = houses
    monkeypatch.setattr(filling.random, "choice", lambda choices: choices[0])  # people who left never come back
    seen: list[str] = []

    def keep(answer: httpx.Response) -> None:
        answer.read()
        seen.append(answer.text)

    with httpx.Client(
        base_url=f"{own.server.address}/scim/v2",
        headers={"Authorization": f"Bearer {own.scim}"},
        event_hooks={"response": [keep]},
    ) as client:
        results: list[Any] = check_server(Examiner(client))
    told = [f"{one.title} {one.status.name}: {one.reason}" for one in results if one.status is not Status.SUCCESS]
    bad = [one for one in results if one.status in (Status.ERROR, Status.CRITICAL)]
    assert bad == [], "\n".join(told)
    assert sum(one.status is Status.SUCCESS for one in results) >= 30
    assert len(seen) > 30
    assert [leak for text in seen for leak in leaks(text)] == []
