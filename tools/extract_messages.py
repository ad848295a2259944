"""Collect every text to translate into the English catalogue; texts that are gone leave it.

Japanese is the source language. Templates are turned into Python by Django's own `templatize`, and Babel's extractor
reads them and the modules. `--check` writes nothing and fails when a text has no English, is fuzzy, or is unknown.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "warifu"
CATALOGUE = SOURCE / "web" / "locale" / "en" / "LC_MESSAGES" / "django.po"
HEADER = """\
# English texts of Warifu; collected by tools/extract_messages.py.
msgid ""
msgstr ""
"Language: en\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "translatable": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


def found() -> Catalog:
    """Every text to translate, with the places where it stands."""
    catalogue = Catalog(locale="en", charset="utf-8", fuzzy=False)
    for path in sorted(SOURCE.rglob("*")):
        if path.suffix in (".py", ".html", ".txt") and "migrations" not in path.parts:
            place = path.relative_to(ROOT).as_posix()
            for message, context in (*_texts(path), *_choices(path)):
                text = message if isinstance(message, str) else message[0]
                if JAPANESE.search(text):
                    catalogue.add(message, locations=[(place, 1)], context=context)
    return catalogue


def merged(old: Catalog) -> Catalog:
    """The catalogue of today with the English that `old` has."""
    today = found()
    for message in today:
        if message.id:
            known = old.get(message.id if isinstance(message.id, str) else message.id[0], message.context)
            if known is not None and known.string:
                message.string = known.string
                message.flags = known.flags
    return today


def lacking(catalogue: Catalog) -> list[str]:
    """The texts of a catalogue that have no certain English."""
    return [
        str(message.id)
        for message in catalogue
        if message.id and (message.fuzzy or not message.string or "" in _forms(message.string))
    ]


def read(path: Path = CATALOGUE) -> Catalog:
    """A catalogue from its file; an empty one when there is no file."""
    if not path.exists():
        return Catalog(locale="en")
    with path.open("rb") as file:
        return read_po(file, locale="en")


def main() -> int:
    """Write the catalogue, or with `--check` only judge it."""
    catalogue = merged(read())
    missing = lacking(catalogue)
    if "--check" in sys.argv:
        for text in missing:
            print(f"no English: {text}")
        return 1 if missing else 0
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    with CATALOGUE.open("wb") as file:
        file.write(HEADER.encode())
        write_po(file, catalogue, sort_output=True, include_lineno=False, width=110, omit_header=True)
    print(f"{len(catalogue)} texts, {len(missing)} without English")
    return 0


def _texts(path: Path) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    content = path.read_text(encoding="utf-8")
    if path.suffix in (".html", ".txt"):
        lines = templatize(content, origin=str(path)).splitlines()
        content = "\n".join(line.strip() for line in lines)
    for _line, message, _comments, context in extract("python", io.BytesIO(content.encode()), KEYWORDS):
        if message:
            yield message, context


def _choices(path: Path) -> Iterator[tuple[str, None]]:
    """The names of choices in tables, `WAITING = "waiting", "送信待ち"`, which pages translate when they show them."""
    if "models" in (path.stem, path.parent.name):
        for name in re.findall(r'^ +[A-Z_]+ = "[\w-]+", "([^"]+)"$', path.read_text(encoding="utf-8"), re.MULTILINE):
            yield name, None


def _forms(string: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string)


if not settings.configured:
    settings.configure(USE_I18N=True)
    django.setup()

if __name__ == "__main__":
    sys.exit(main())
