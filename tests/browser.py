"""A real browser for tests: Debian's Chromium driven by Playwright, with phone and desk profiles and axe.

The fixtures belong to tests/journeys: Playwright keeps an event loop, which other tests must not meet.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
    "locale": "ja-JP",
    "timezone_id": "Asia/Tokyo",
}
DESK = {"viewport": {"width": 1280, "height": 900}, "locale": "ja-JP", "timezone_id": "Asia/Tokyo"}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, one for the session."""
    if not CHROMIUM.exists():
        pytest.skip("chromium is not installed: make system")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A page in a phone of 390 by 844 points, with cookies of its own."""
    yield from _page(browser, PHONE)


@pytest.fixture
def desk_page(browser: Browser) -> Iterator[Page]:
    """A page of 1280 by 900 points, with cookies of its own."""
    yield from _page(browser, DESK)


def axe_serious(page: Page) -> list[str]:
    """What axe calls serious or critical on the page, as `rule: element` lines; empty when clean."""
    found = Axe().run(page).response["violations"]
    return [
        f"{violation['id']}: {node['html'][:160]}"
        for violation in found
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


def overflows(page: Page) -> bool:
    """Whether the page can be scrolled sideways (A-10)."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def _page(browser: Browser, profile: dict[str, Any]) -> Iterator[Page]:
    context = browser.new_context(**profile)
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()
