"""Compile the catalogues of texts, each .po into a .mo beside it; those that are fresh are left alone."""

from __future__ import annotations

import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = Path(__file__).resolve().parent.parent / "src" / "warifu" / "web" / "locale"


def compile_catalogue(source: Path) -> bool:
    """Write the .mo of one .po; False when it is fresh already."""
    target = source.with_suffix(".mo")
    if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
        return False
    with source.open("rb") as file:
        catalogue = read_po(file, locale=source.parent.parent.name)
    unfinished = target.with_suffix(".tmp")
    with unfinished.open("wb") as file:
        write_mo(file, catalogue)
    unfinished.replace(target)
    return True


def main() -> int:
    """Compile all catalogues."""
    for source in sorted(LOCALES.glob("*/LC_MESSAGES/*.po")):
        compile_catalogue(source)
    return 0


if __name__ == "__main__":
    sys.exit(main())
