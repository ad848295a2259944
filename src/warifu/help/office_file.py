"""The employees' manual as a file of a word processor, to be adapted by the company: with styles, not with looks.

Headings are headings, steps are a table with a head, each picture has its alternative text (A-11).
"""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from warifu.help.rules.manuals import Part

LOOKS = {"ja": ("ja-JP", "游ゴシック"), "en": ("en-US", "Calibri")}
"""The language and the font of Latin letters by language; Japanese letters always have their own font."""
FONT = "游ゴシック"
INK = RGBColor(0x24, 0x3B, 0x73)


def docx(
    *,
    title: str,
    parts: list[Part],
    pictures: dict[str, tuple[bytes, str]],
    heads: Any,
    at: datetime,
    language: str = "ja",
) -> bytes:
    """The manual as DOCX. `pictures` are bytes and alternative text by name; `heads` are of the table of steps."""
    document = Document()
    _style(document, *LOOKS[language])
    document.core_properties.title = title
    document.core_properties.language = LOOKS[language][0]
    document.core_properties.author = ""
    document.core_properties.created = document.core_properties.modified = at.replace(tzinfo=None)
    document.add_heading(title, level=0)
    for part in parts:
        document.add_heading(part.title, level=1)
        for words in part.words:
            document.add_paragraph(words)
        for point in part.points:
            document.add_paragraph(point, style="List Bullet")
        if part.table:
            _table(document, part.heads, part.table)
        if part.steps:
            _steps(document, part, pictures, heads)
    written = BytesIO()
    document.save(written)
    return written.getvalue()


def _style(document: Any, language: str, font: str) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(22)
    section.top_margin = section.bottom_margin = Mm(20)
    for name, size in (("Normal", 10.5), ("Title", 20), ("Heading 1", 14), ("Heading 2", 12), ("List Bullet", 10.5)):
        style = document.styles[name]
        style.font.name = font
        style.font.size = Pt(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:eastAsia"), FONT)
        if name not in ("Normal", "List Bullet"):
            style.font.color.rgb = INK
    mark = OxmlElement("w:lang")
    mark.set(qn("w:val"), language)
    mark.set(qn("w:eastAsia"), "ja-JP")
    document.styles["Normal"].element.get_or_add_rPr().append(mark)


def _table(document: Any, heads: tuple[str, str], rows: tuple[tuple[str, str], ...]) -> None:
    table = _grid(document, heads)
    for left, right in rows:
        cells = table.add_row().cells
        cells[0].text, cells[1].text = left, right
    _widths(table, (Mm(50), Mm(116)))


def _steps(document: Any, part: Part, pictures: dict[str, tuple[bytes, str]], heads: Any) -> None:
    table = _grid(document, heads)
    for number, step in enumerate(part.steps, start=1):
        row = table.add_row()
        _keep_together(row)
        cells = row.cells
        cells[0].text = str(number)
        run = cells[1].paragraphs[0].add_run(step.title)
        run.bold = True
        cells[1].add_paragraph(step.words)
        if step.shot in pictures:
            content, alt = pictures[step.shot]
            shape = cells[2].paragraphs[0].add_run().add_picture(BytesIO(content), width=Mm(46))
            shape._inline.docPr.set("descr", alt)
            shape._inline.docPr.set("title", step.title)
    _widths(table, (Mm(14), Mm(100), Mm(52)))


def _grid(document: Any, heads: Any) -> Any:
    table = document.add_table(rows=1, cols=len(heads), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for cell, words in zip(table.rows[0].cells, heads, strict=True):
        cell.text = ""
        cell.paragraphs[0].add_run(words).bold = True
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(mark)
    return table


def _keep_together(row: Any) -> None:
    mark = OxmlElement("w:cantSplit")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def _widths(table: Any, widths: tuple[int, ...]) -> None:
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = width
