"""Draw the demo's sample papers: cards of invented people with test-mode numbers, marked 見本 練習用.

Writes JPEG files into src/warifu/cli/rehearsal/pictures; needs Chromium. Run it after changing the people of the demo.
"""

from __future__ import annotations

import os
import sys
from html import escape
from pathlib import Path

import django
from playwright.sync_api import Page, sync_playwright

os.environ |= {"DJANGO_SETTINGS_MODULE": "warifu.config.settings", "WARIFU_MODE": "test"}
django.setup()

from warifu.cli.rehearsal.people import WITH_PICTURES, Persona, Relative  # noqa: E402
from warifu.foundation.days import wareki  # noqa: E402

FOLDER = Path(__file__).resolve().parent.parent / "src" / "warifu" / "cli" / "rehearsal" / "pictures"
FONT = "font-family='Noto Sans CJK JP, sans-serif'"
MARK = (
    f"<g transform='rotate(-14 270 170)'><text x='270' y='196' {FONT} font-size='64' font-weight='700' fill='#c2391c' "
    "fill-opacity='.2' text-anchor='middle' letter-spacing='16'>見本 練習用</text></g>"
)


def words(x: int, y: int, size: int, text: str, *, bold: bool = False, soft: bool = False) -> str:
    """One line of text."""
    weight, colour = (700 if bold else 400), ("#484c59" if soft else "#1b1d24")
    style = f"font-size='{size}' font-weight='{weight}' fill='{colour}'"
    return f"<text x='{x}' y='{y}' {FONT} {style}>{escape(text)}</text>"


def front(person: Persona) -> str:
    """The face of a card."""
    return (
        "<rect width='540' height='340' fill='#f3f6ee'/>"
        "<path d='M0 250c90-40 180 30 270 0s180-40 270 0v90H0z' fill='#dfe8dd'/>"
        + words(28, 48, 18, "個人番号カード(表)の見本", bold=True)
        + words(28, 100, 14, "氏名", soft=True)
        + words(28, 130, 30, f"{person.family_name} {person.given_name}", bold=True)
        + words(28, 170, 14, "住所", soft=True)
        + words(28, 194, 18, "東京都千代田区千代田1番1号")
        + words(28, 232, 14, "生年月日", soft=True)
        + words(28, 258, 20, f"{wareki(person.born_on)}生")
        + words(28, 312, 18, "2031年4月2日まで有効")
        + "<rect x='392' y='76' width='120' height='152' rx='4' fill='#cfd6e4'/>"
        "<circle cx='452' cy='132' r='30' fill='#8d9bbb'/>"
        "<path d='M400 228c4-40 26-56 52-56s48 16 52 56z' fill='#8d9bbb'/>"
    )


def back(person: Persona | Relative) -> str:
    """The back of a card, its QR code already covered."""
    number = f"{person.number[:4]} {person.number[4:8]} {person.number[8:]}"
    return (
        "<rect width='540' height='340' fill='#f6f5ef'/><rect y='36' width='540' height='52' fill='#e2e0d8'/>"
        + words(28, 68, 18, "個人番号カード(裏)の見本", bold=True)
        + words(28, 128, 15, "個人番号", soft=True)
        + words(28, 178, 44, number, bold=True)
        + words(28, 222, 15, "氏名", soft=True)
        + words(84, 222, 20, f"{person.family_name} {person.given_name}", bold=True)
        + words(28, 254, 15, "生年月日", soft=True)
        + words(120, 254, 20, wareki(person.born_on))
        + "<rect x='408' y='196' width='104' height='104' fill='#1b1d24'/>"
    )


def proxy(person: Persona, spouse: Relative) -> str:
    """A letter of proxy from a third-category spouse."""
    return (
        "<rect width='540' height='340' fill='#eeece6'/>"
        "<rect x='60' y='14' width='420' height='312' fill='#fff' stroke='#dddad2'/>"
        + words(222, 62, 28, "委任状", bold=True)
        + words(96, 112, 19, f"代理人 {person.family_name} {person.given_name}")
        + words(96, 148, 17, "国民年金第3号被保険者の届出のため、")
        + words(96, 174, 17, "個人番号の提供を委任します。")
        + words(96, 226, 17, "2026年11月19日")
        + words(96, 272, 20, f"委任者 {spouse.family_name} {spouse.given_name}", bold=True)
    )


def draw(page: Page, name: str, body: str) -> None:
    """Render one paper and save it as JPEG."""
    page.set_content(
        "<body style='margin:0'><svg xmlns='http://www.w3.org/2000/svg' width='1080' height='680' "
        f"viewBox='0 0 540 340'>{body}{MARK}</svg></body>"
    )
    page.screenshot(path=FOLDER / f"{name}.jpg", type="jpeg", quality=60)


def main() -> int:
    """Draw every paper anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1080, "height": 680})
        for person in WITH_PICTURES:
            draw(page, f"{person.code}-front", front(person))
            draw(page, f"{person.code}-back", back(person))
            for relative in person.relatives:
                if relative.is_third_category:
                    draw(page, f"{person.code}-spouse", back(relative))
                    draw(page, f"{person.code}-proxy", proxy(person, relative))
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
