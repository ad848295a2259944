"""電子帳簿保存フォルダ in a real browser: an upload that breaks goes on, also after the page was closed (B2, D)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser import PHONE, axe_serious, overflows
from tests.server import ROOT, running_server

PATIENCE = 40_000

pytestmark = pytest.mark.journey


@pytest.mark.shows("003-9", "D-06")
def test_a_broken_upload_goes_on_by_itself_and_after_the_page_was_closed(browser: Browser, tmp_path: Path) -> None:
    paper = tmp_path / "20261121_上田商店_5500.pdf"
    paper.write_bytes(b"%PDF-1.7 " + os.urandom(9 * 1024 * 1024))
    with running_server() as server:
        scene = subprocess.run(
            [sys.executable, "-m", "tests.journeys.folder_scene"],
            cwd=ROOT,
            env=server.environment,
            check=True,
            capture_output=True,
            text=True,
        )
        told = json.loads(scene.stdout.strip().splitlines()[-1])
        context = browser.new_context(**PHONE)
        context.add_cookies([{"name": "warifu", "value": told["token"], "url": server.address}])
        page = context.new_page()
        page.set_default_timeout(40_000)
        sent: list[tuple[str, str]] = []
        broken = {"after": 1, "times": 99}

        def pass_on(route: Route) -> None:
            asked = route.request
            if asked.method in ("PATCH", "HEAD"):
                sent.append((asked.method, asked.headers.get("upload-offset", "")))
            patches = sum(1 for method, _ in sent if method == "PATCH")
            if asked.method == "PATCH" and patches > broken["after"] and broken["times"] > 0:
                broken["times"] -= 1
                route.abort()
            else:
                route.continue_()

        page.route("**/uploads/**", pass_on)
        folder = f"{server.address}/desk/folders/{told['folder']}/"
        page.goto(f"{folder}intake/")
        page.set_input_files('input[type="file"]', paper)
        expect(page.get_by_text("つながりが切れました")).to_be_visible(timeout=PATIENCE)
        page.on("dialog", lambda dialog: dialog.accept())
        page.reload()
        sent.clear()
        broken.update(after=1, times=1)
        page.set_input_files('input[type="file"]', paper)
        expect(page.locator("[data-state]", has_text="受け取りました")).to_be_visible(timeout=PATIENCE)
        assert sent[:2] == [("HEAD", ""), ("PATCH", str(4 * 1024 * 1024))]
        kept: list[Any] = [
            path for path in (server.data / "folders").rglob("*") if path.is_file() and path.stat().st_size > 9_000_000
        ]
        assert [path.read_bytes() for path in kept] == [paper.read_bytes()]
        page.get_by_role("link", name="受け取ったものを見る").click()
        expect(page.get_by_text(paper.name).first).to_be_visible()
        link = told["address"]
        for address in (f"{folder}intake/", folder, f"{folder}records/{told['records'][2]}/", link):
            page.goto(address)
            assert axe_serious(page) == [], address
            assert not overflows(page), address
        context.close()
