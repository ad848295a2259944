"""The English catalogue knows every text, and the page of settings every setting."""

from __future__ import annotations

import re
import string

import pytest
from tools import extract_messages, settings_table


@pytest.fixture(scope="module")
def catalogue() -> extract_messages.Catalog:
    return extract_messages.merged(extract_messages.read())


def test_every_text_has_its_english(catalogue: extract_messages.Catalog) -> None:
    assert extract_messages.lacking(catalogue) == []


def test_english_fills_the_same_places(catalogue: extract_messages.Catalog) -> None:
    wrong = []
    for message in catalogue:
        if not message.id or not message.string:
            continue
        texts = message.id if isinstance(message.id, tuple) else (message.id,)
        english = message.string if isinstance(message.string, tuple) else (message.string,)
        for one in english:
            if not places(one) <= places("".join(texts)) or (len(english) == 1 and places(one) != places(texts[0])):
                wrong.append(texts[0])
    assert wrong == []


def test_english_has_no_japanese_left(catalogue: extract_messages.Catalog) -> None:
    """But for the words that stand between 「」 or () because the thing is called so on paper."""
    left = []
    for message in catalogue:
        english = message.string if isinstance(message.string, str) else " ".join(message.string or ())
        if extract_messages.JAPANESE.search(re.sub(r"\([^()]*\)|「[^「」]*」|“[^“”]*”", "", english)):
            left.append(english)
    assert left == []


def test_settings_page_is_fresh() -> None:
    assert settings_table.PAGE.read_text(encoding="utf-8") == settings_table.page()


def places(text: str) -> set[str]:
    """The placeholders of a text: `%(name)s` and `{name}`."""
    try:
        braces = {field for _before, field, _spec, _conversion in string.Formatter().parse(text) if field}
    except ValueError:
        braces = set()
    return braces | set(re.findall(r"%\((\w+)\)", text))
