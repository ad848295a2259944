"""The phone's scripts: the coach's figures, the masking tool's boxes, the number's hint; pure functions."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.cast import test_number

SCRIPTS = Path(__file__).parents[2] / "src" / "warifu" / "web" / "static" / "js"


def call(page: Page, script: str, expression: str) -> Any:
    """The value of an expression in which `m` is the script's module."""
    code = base64.b64encode((SCRIPTS / script).read_bytes()).decode()
    address = json.dumps(f"data:text/javascript;base64,{code}")
    return page.evaluate(f"import({address}).then((m) => {expression})")


PICTURE = """((paint) => {
  const canvas = new OffscreenCanvas(200, 140);
  const context = canvas.getContext("2d");
  context.fillStyle = "#7a5c3c"; context.fillRect(0, 0, 200, 140);
  context.fillStyle = "#dde3e8"; context.fillRect(30, 25, 140, 90);
  context.fillStyle = "#111";
  for (let x = 36; x < 160; x += 4) context.fillRect(x, 40, 2, 50);
  paint(context);
  return m.judge(m.measure(context.getImageData(0, 0, 200, 140), { width: 2000, height: 1400 })).advice;
})"""


@pytest.mark.journey
@pytest.mark.parametrize(
    ("paint", "advice"),
    [
        ("() => {}", None),
        ("(c) => { c.fillStyle = 'rgba(0,0,0,0.9)'; c.fillRect(0, 0, 200, 140); }", "light"),
        ("(c) => { c.fillStyle = '#fff'; c.fillRect(60, 30, 70, 60); }", "glare"),
        ("(c) => { c.filter = 'blur(12px)'; c.drawImage(c.canvas, 0, 0); }", "focus"),
        ("(c) => { c.fillStyle = '#fff'; for (let x = 0; x < 200; x += 6) c.fillRect(x, 0, 3, 140); }", "edges"),
    ],
)
def test_the_coach_says_what_helps_most(phone: Page, paint: str, advice: str | None) -> None:
    assert call(phone, "coach.js", f"{PICTURE}({paint})") == advice


@pytest.mark.journey
def test_the_coach_finds_a_small_picture_but_never_forbids(phone: Page) -> None:
    figures = "{shortSide: 300, mean: 150, glare: 0, sharpness: 500, rim: 0}"
    assert call(phone, "coach.js", f"m.judge({figures}).advice") == "size"
    assert "送ってもかまいません" in call(phone, "coach.js", "m.ADVICE.ja.anyway")


@pytest.mark.journey
@pytest.mark.shows("I-08")
def test_masking_boxes_stay_inside_and_follow_the_keys(phone: Page) -> None:
    found = call(phone, "masking.js", "m.box({x: 90, y: 10}, {x: 120, y: -5}, 100, 50)")
    assert found == {"left": 90, "top": 0, "width": 10, "height": 10}
    touch = call(phone, "masking.js", "m.box({x: 5, y: 5}, {x: 5, y: 5}, 100, 50)")
    assert (touch["width"], touch["height"]) == (8, 8)
    frame = "{left: 0, top: 0, width: 20, height: 10}"
    right = call(phone, "masking.js", f"m.moved({frame}, 'ArrowRight', false, 5, 100, 50)")
    assert right["left"] == 5
    wide = call(phone, "masking.js", f"m.moved({frame}, 'ArrowRight', true, 5, 22, 50)")
    assert wide["width"] == 22
    assert call(phone, "masking.js", f"m.moved({frame}, 'ArrowLeft', false, 5, 100, 50)")["left"] == 0


@pytest.mark.journey
@pytest.mark.shows("N-04")
def test_the_number_s_hint_knows_the_check_digit(phone: Page) -> None:
    digits = test_number("12345678901")
    assert call(phone, "number.js", f"m.fits('{digits}', true)")
    assert not call(phone, "number.js", f"m.fits('{digits}', false)")
    assert not call(phone, "number.js", f"m.fits('{digits[:11]}', true)")
    assert call(phone, "number.js", "m.grouped(m.digitsOf('１２３４-5678 90'))") == "1234 5678 90"


@pytest.mark.journey
@pytest.mark.shows("J-09")
def test_a_typed_address_is_never_overwritten(phone: Page) -> None:
    assert call(
        phone, "postal.js", "[m.mayFill('', undefined), m.mayFill('港区', undefined), m.mayFill('港区', '港区')]"
    ) == [
        True,
        False,
        True,
    ]
