"""The look keeps its promises in every template and style, without running anything."""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path

import pytest
from django.template.loader import get_template

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCE = ROOT / "src" / "warifu"
PAGES = SOURCE / "web" / "templates"
STYLES = SOURCE / "web" / "static" / "css"
TEMPLATES = sorted(PAGES.rglob("*.html"))
WINGS = ("entrance", "mypage", "desk", "demo", "helpcentre")
TOKENS = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", (STYLES / "tokens.css").read_text(encoding="utf-8")))


def name_of(path: Path) -> str:
    return path.relative_to(PAGES).as_posix()


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
class TestTemplate:
    def test_loads(self, path: Path) -> None:
        get_template(name_of(path))

    @pytest.mark.shows("V-08")
    def test_has_nothing_that_the_policy_forbids(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\sstyle\s*=", text), "style attribute"
        assert not re.search(r"<style\b", text), "style element"
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), "inline script"
        assert not re.search(r"\son[a-z]+\s*=", text), "event attribute"
        assert not re.search(r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//""", text), "foreign address"
        assert not re.search(r"javascript:|hx-on|hx-vars|js:", text), "script in an attribute"

    def test_escapes_everything(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe\b|autoescape off|\|\s*safeseq\b", text)

    @pytest.mark.shows("A-02")
    def test_names_every_control(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        labelled = set(re.findall(r'<label\b[^>]*\bfor="([^"]+)"', text))
        wrapped = "".join(re.findall(r"<label\b.*?</label>", text, flags=re.DOTALL))
        for control in re.findall(r"<(?:input|select|textarea)\b[^>]*>", text):
            if 'type="hidden"' in control or "aria-label" in control or control in wrapped:
                continue
            found = re.search(r'\bid="([^"]+)"', control)
            assert found, control
            assert found.group(1) in labelled, control

    @pytest.mark.shows("A-10")
    def test_tables_say_what_their_heads_are_heads_of(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        for head in re.findall(r"<th\b[^>]*>", text):
            assert "scope=" in head, head


def test_each_page_belongs_to_its_module() -> None:
    """`desk/rosters/upload.html` is `upload` of `web/desk/rosters.py`, another answer of it, or part of the wing's."""
    texts = {name_of(path): path.read_text(encoding="utf-8") for path in TEMPLATES}
    lost = []
    for name in texts:
        wing, folder, *rest = name.split("/")
        if wing not in WINGS:
            continue
        module = SOURCE / "web" / wing / f"{folder}.py"
        code = module.read_text(encoding="utf-8") if module.exists() else ""
        is_view = re.search(rf"^def {rest[-1].removesuffix('.html')}\(", code, re.MULTILINE)
        is_part = any(f'"{name}"' in text for text in texts.values())
        is_drawn = any(f'"{name}"' in drawer.read_text(encoding="utf-8") for drawer in module.parent.glob("*.py"))
        if not (code and (is_view or is_part or is_drawn)):
            lost.append(name)
    assert lost == []


def luminance(colour: str) -> float:
    """WCAG's relative luminance of `#rrggbb`."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG's contrast of two colours, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


TEXT_ON_GROUND = [
    *(("ink", ground) for ground in ("paper", "paper-deep", "sheet", "indigo-50", "indigo-100")),
    *(("ink", ground) for ground in ("late-pale", "heed-pale", "done-pale")),
    *(("ink-soft", ground) for ground in ("paper", "paper-deep", "sheet", "indigo-50", "late-pale")),
    *(("ink-faint", ground) for ground in ("paper", "sheet")),
    *(("indigo-700", ground) for ground in ("sheet", "paper", "indigo-50", "indigo-100")),
    *(("indigo-600", ground) for ground in ("sheet", "paper", "indigo-50", "late-pale", "heed-pale", "done-pale")),
    *(("indigo-800", ground) for ground in ("indigo-100",)),
    *(("sheet", ground) for ground in ("indigo-900", "indigo-800", "indigo-700", "late")),
    *(("late", ground) for ground in ("sheet", "paper", "late-pale")),
    *(("heed", ground) for ground in ("heed-pale", "sheet")),
    *(("done", ground) for ground in ("done-pale", "sheet")),
]
EDGE_ON_GROUND = [("rule-strong", "sheet"), ("rule-strong", "paper"), ("focus-black", "sheet"), ("late", "sheet")]


class TestColours:
    @pytest.mark.shows("A-04")
    @pytest.mark.parametrize(("text", "ground"), TEXT_ON_GROUND)
    def test_text_is_read_on_its_ground(self, text: str, ground: str) -> None:
        assert contrast(TOKENS[text], TOKENS[ground]) >= 4.5

    @pytest.mark.shows("A-04")
    @pytest.mark.parametrize(("edge", "ground"), EDGE_ON_GROUND)
    def test_edges_are_seen_on_their_ground(self, edge: str, ground: str) -> None:
        assert contrast(TOKENS[edge], TOKENS[ground]) >= 3

    def test_styles_name_colours_by_token(self) -> None:
        """Colours are decided in tokens.css; a few shades of pictures and bars are the only others."""
        others = re.findall(r"#[0-9a-f]{3,8}\b", (STYLES / "components.css").read_text(encoding="utf-8"))
        assert set(others) <= {"#000", "#fff", "#3a3d47", "#4a5a86", "#c9c6bd"}


EVERY_STYLE = "\n".join(path.read_text(encoding="utf-8") for path in sorted(STYLES.glob("*.css")))


class TestStyles:
    @pytest.mark.shows("A-10")
    def test_respect_what_people_set_in_their_system(self) -> None:
        assert "prefers-reduced-motion: reduce" in EVERY_STYLE
        assert "forced-colors: active" in EVERY_STYLE

    @pytest.mark.shows("A-05")
    def test_focus_is_black_with_a_yellow_ring(self) -> None:
        rule = re.search(r":focus-visible \{(.*?)\}", EVERY_STYLE, re.DOTALL)
        assert rule
        assert "outline: 4px solid var(--focus-black)" in rule.group(1)
        assert "var(--focus-yellow)" in rule.group(1)
        assert not re.search(r"outline:\s*(?:0|none)", EVERY_STYLE)

    def test_fetch_nothing_from_elsewhere(self) -> None:
        assert not re.search(r"url\(|@import|@font-face", EVERY_STYLE)


def test_icons_that_pages_ask_for_are_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (STYLES.parent / "icons.svg").read_text(encoding="utf-8")))
    texts = [path.read_text(encoding="utf-8") for path in TEMPLATES]
    asked = set(chain.from_iterable(re.findall(r'(?:\{% icon|\bicon=)\s*"([\w-]+)"', text) for text in texts))
    assert asked <= drawn
