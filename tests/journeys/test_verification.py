"""The checker's page in a real browser: everything by keys, one number at a time, nothing left when one looks away."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import DESK, axe_serious, overflows
from tests.server import free_port

pytestmark = pytest.mark.journey

HANDLER, PASSWORD = "takahashi@aoba.example", "aonori to shirasu no asagohan"
NUMBER = re.compile(r"\d{4}\s*\d{4}\s*\d{4}")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a demo answers that was started in an empty folder."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("warifu")), "demo", "--port", str(port)]
    with subprocess.Popen(
        command, cwd=tmp_path_factory.mktemp("demo"), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as running:
        assert running.stdout is not None
        ready = next((line for line in running.stdout if line.startswith("READY ")), "")
        try:
            assert ready, "the demo did not start"
            yield ready.split()[1]
        finally:
            running.terminate()


@pytest.fixture(scope="module")
def signed_in(browser: Browser, address: str) -> Any:
    """The cookies of the handler, who signed in once with the code of the practice phone."""
    context = browser.new_context(**DESK)
    page = context.new_page()
    page.goto(f"{address}/signin/?o=aoba")
    page.fill('[name="identifier"]', HANDLER)
    page.fill('[name="password"]', PASSWORD)
    page.get_by_role("button", name="サインインする").click()
    page.wait_for_url("**/signin/second/**")
    with context.expect_page() as opened:
        page.get_by_role("link", name="練習用の電話を開く").click()
    page.fill("[name=code]", opened.value.locator(f"[data-code='{HANDLER}']").inner_text())
    page.get_by_role("button", name="コードで確認する").click()
    page.wait_for_url(lambda now: "signin" not in now)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def checker(browser: Browser, address: str, signed_in: Any) -> Iterator[Page]:
    """The handler, on the page of whoever has waited longest."""
    context = browser.new_context(**DESK, storage_state=signed_in)
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto(f"{address}/desk/verification/")
    page.wait_for_selector("[data-verification]")
    yield page
    context.close()


def shown(page: Page) -> int:
    return page.locator("[data-shown]").count()


@pytest.mark.shows("A-01")
def test_the_page_is_clean_for_axe_and_fits_a_phone(checker: Page) -> None:
    assert axe_serious(checker) == []
    checker.set_viewport_size({"width": 320, "height": 640})
    assert not overflows(checker)


@pytest.mark.shows("S-07")
def test_a_number_is_gone_when_one_looks_away(checker: Page) -> None:
    checker.keyboard.press("Alt+KeyS")
    expect(checker.locator("[data-shown]")).to_have_count(1)
    assert NUMBER.search(checker.locator("[data-number]").first.inner_text())

    checker.evaluate("window.dispatchEvent(new Event('blur'))")

    assert shown(checker) == 0
    assert not NUMBER.search(checker.locator("main").inner_text())


@pytest.mark.shows("S-07")
def test_a_number_is_gone_after_its_minute(checker: Page) -> None:
    checker.clock.install()
    checker.keyboard.press("Alt+KeyS")
    expect(checker.locator("[data-shown]")).to_have_count(1)

    checker.clock.fast_forward(59_000)
    assert shown(checker) == 1
    checker.clock.fast_forward(2_000)

    expect(checker.locator("[data-shown]")).to_have_count(0)


@pytest.mark.shows("S-07")
def test_one_number_at_a_time(checker: Page) -> None:
    covered = checker.locator("[data-reveal]").count()
    if covered < 2:
        pytest.skip("the longest waiting person has no family in this demo")
    checker.locator("[data-reveal]").nth(0).click()
    expect(checker.locator("[data-shown]")).to_have_count(1)
    first = checker.locator("[data-shown]").inner_text()

    checker.locator("[data-reveal]").nth(0).click()

    expect(checker.locator("[data-shown]")).not_to_contain_text(first.split("\n")[0])
    assert shown(checker) == 1


@pytest.mark.shows("A-09")
def test_pictures_are_opened_zoomed_and_turned_by_keys(checker: Page) -> None:
    checker.keyboard.press("Alt+KeyO")
    picture = checker.locator("[data-picture] img").first
    expect(picture).to_be_visible()

    checker.keyboard.press("Alt+KeyZ")
    assert picture.evaluate("one => one.style.width") == "150%"
    checker.keyboard.press("Alt+KeyX")
    assert picture.evaluate("one => one.style.width") == ""
    checker.keyboard.press("Alt+KeyR")
    assert picture.evaluate("one => one.style.rotate") == "90deg"


@pytest.mark.shows("001-27", "A-09")
def test_a_whole_check_is_done_by_keys(checker: Page) -> None:
    before = checker.url
    frames = checker.locator("[data-picture]").count()
    for number in range(1, frames + 1):
        checker.keyboard.press("Alt+KeyO")
        expect(checker.locator("[data-picture] img")).to_have_count(number)
    for item in checker.locator("input[data-key]").all():
        if item.get_attribute("type") == "checkbox":
            key = item.get_attribute("data-key")
            checker.keyboard.press(f"Alt+Digit{key}")
            expect(item).to_be_checked()

    checker.keyboard.press("Alt+Enter")
    expect(checker.locator("[data-refusal]")).to_contain_text("まだ確かめていない項目")
    expect(checker.locator("[data-picture] img")).to_have_count(frames)

    for item in checker.locator(".check-day input").all():
        item.fill("令和13年4月2日")
    checker.keyboard.press("Alt+Enter")
    checker.wait_for_url(lambda now: now != before)
    expect(checker.locator("main")).to_contain_text("一人目の確認を記録しました")


def test_the_reasons_open_by_key_and_close_again(checker: Page) -> None:
    checker.keyboard.press("Alt+KeyB")
    expect(checker.locator("#send-back")).to_be_visible()
    assert axe_serious(checker) == []
    checker.keyboard.press("Escape")
    expect(checker.locator("#send-back")).to_be_hidden()


def test_ticks_are_kept_when_the_page_is_loaded_again(checker: Page) -> None:
    checker.keyboard.press("Alt+Digit1")
    checker.reload()
    expect(checker.locator('input[data-key="1"]')).to_be_checked()
