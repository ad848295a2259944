"""The articles of the repository: `<volume>/<nn>-<slug>.md`, and the dictionary of synonyms, read once a process.

An article's English body stands beside it in `<nn>-<slug>.en.md`, without a head.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from warifu.help.rules.articles import Source, parsed
from warifu.help.rules.volumes import VOLUMES

ENGLISH = ".en.md"
_HERE = Path(__file__).resolve().parent


@cache
def sources() -> tuple[Source, ...]:
    """Every article of the repository, in the order of volumes, chapters and numbers. Raises `SourceBroken`."""
    places = {(one.key, chapter): place for place, one in enumerate(VOLUMES) for chapter, _title in one.chapters}
    chapters = {(one.key, key): place for one in VOLUMES for place, (key, _title) in enumerate(one.chapters)}
    found = [_read(path) for path in _HERE.glob("*/*.md") if not path.name.endswith(ENGLISH)]
    return tuple(
        sorted(
            found,
            key=lambda one: (places[one.volume, one.chapter], chapters[one.volume, one.chapter], one.order, one.slug),
        )
    )


def _read(path: Path) -> Source:
    english = path.with_name(path.name.removesuffix(".md") + ENGLISH)
    return parsed(
        path.read_text(encoding="utf-8"),
        folder=path.parent.name,
        name=path.name,
        english=english.read_text(encoding="utf-8") if english.exists() else "",
    )


@cache
def synonyms() -> tuple[tuple[str, ...], ...]:
    """Groups of words that mean the same, from `synonyms.txt`: a group a line, its words with commas between."""
    lines = (_HERE / "synonyms.txt").read_text(encoding="utf-8").splitlines()
    groups = (tuple(word.strip() for word in line.split(",")) for line in lines if line and not line.startswith("#"))
    return tuple(group for group in groups if len(group) > 1)
