"""Every screen with hostile input: an answer in words, never a fault, whatever stands in the query or the form."""

from __future__ import annotations

import re
from http.cookies import SimpleCookie
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from tests.cast import MORNING, Cast
from tests.doors.callers import Scene, set_scene
from tests.doors.test_every_door import OUTSIDE_THE_WINGS, Door, all_doors
from warifu.organisations.rules import may

pytestmark = pytest.mark.django_db

SOURCE = "".join(
    path.read_text(encoding="utf-8") for path in (Path(__file__).parents[2] / "src/warifu/web").rglob("*.py")
)
NAMES = sorted(
    set(re.findall(r"\.get(?:list)?\(\s*\"([a-z][a-zA-Z_-]*)\"", SOURCE))
    | set(re.findall(r"^    ([a-z_]+) = (?:forms\.)?\w*Field\(", SOURCE, re.MULTILINE))
    | {
        f"{name}_{part}"
        for name in re.findall(r"^    (\w+) = DayField", SOURCE, re.MULTILINE)
        for part in ("year", "month", "day")
    }
)
"""Every name that a view or a form of the wings reads."""

SIGNS = ("a\x00b", "\ud800", "<script>'\"%_\\{{7*7}}{% x %}", "\u202e\u200b")
SIZES = ("9" * 26, "-1", "あ" * 120, "2026-02-30", "00000000-0000-0000-0000-000000000000", "WyJhIiwgIngiXQ==")


@pytest.fixture
def scene(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Everybody at their browsers, on the morning of the cast."""
    monkeypatch.setattr(timezone, "now", lambda: MORNING)
    return set_scene(cast, MORNING)


@pytest.mark.shows("V-07")
@pytest.mark.parametrize("values", [SIGNS, SIZES], ids=["signs", "sizes"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_screen_fails_whatever_it_is_given(method: str, values: tuple[str, ...], scene: Scene) -> None:
    body = urlencode(list(zip(NAMES, cycle(values), strict=False)), errors="surrogatepass")
    faults = []
    for door in all_doors():
        if door.name not in OUTSIDE_THE_WINGS and (caller := _who(door, scene)):
            status = _status(scene.clients[caller], method, door.address(scene), body)
            if status >= 500:
                faults.append(f"{door.name} by {caller}: {status}")
    assert faults == []


def _status(client: Client, method: str, address: str, body: str) -> int:
    """The status of a call that is taken back."""
    cookies = client.cookies
    client.cookies = SimpleCookie({name: morsel.value for name, morsel in cookies.items()})
    before = transaction.savepoint()
    if method == "GET":
        answer: Any = client.get(address, QUERY_STRING=body)
    else:
        answer = client.post(address, body, content_type="application/x-www-form-urlencoded")
    if getattr(answer, "streaming", False):
        b"".join(answer)
    transaction.savepoint_rollback(before)
    client.cookies = cookies
    status: int = answer.status_code
    return status


def _who(door: Door, scene: Scene) -> str:
    """Somebody who may enter; empty where nobody of Aoba may."""
    if door.rule is None or door.rule.permission is None:
        return "nobody"
    for name in ("okada", "eto", "aoki", "inoue"):
        actor = scene.actors[name]
        home = actor.organisation_id if actor else None
        if actor and home and may(by=actor, permission=door.rule.permission, organisation_id=home):
            return name
    return ""


@pytest.mark.shows("V-07")
@pytest.mark.parametrize(
    "address", ["/papers/26%00A/", "/help/articles/a%00b/", "/desk/people/?q=a%00b", "/my/?next=%00"]
)
def test_a_nul_in_an_address_is_refused_in_words(address: str, scene: Scene) -> None:
    answer = scene.clients["aoki"].get(address)
    assert answer.status_code in (400, 404)
    assert any(code in answer.content for code in (b"WF-A400", b"WF-A404"))
