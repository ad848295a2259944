"""How a letter becomes subject, text and HTML: from our templates, or from an organisation's own wording.

An organisation's wording is plain text with placeholders between braces from a closed list; it never meets the
template engine. HTML is made from the text, so the two always say the same and load nothing from outside (J-14).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.template import loader
from django.utils import translation

from warifu.foundation.days import JST
from warifu.notices import kinds, links, rules

_WEEKDAYS = "月火水木金土日"


@dataclass(frozen=True, kw_only=True)
class Wording:
    """The subject and body of one kind of letter, with placeholders."""

    subject: str
    body: str


@dataclass(frozen=True, kw_only=True)
class Written:
    """A letter in words, ready to leave."""

    subject: str
    text: str
    html: str


def standard(kind: type[kinds.Letter], *, language: str = "ja") -> Wording:
    """Our own wording of a kind, with its placeholders between braces: what an organisation starts editing from."""
    words = {name: f"{{{kinds.PLACEHOLDERS[name]}}}" for name in kinds.names_of_fields(kind)}
    subject, body = _from_templates(kind, words, language)
    return Wording(subject=subject, body=body)


def write(
    letter: kinds.Letter, *, language: str = "ja", edited: Wording | None = None, is_test: bool = False
) -> Written:
    """Put a letter into words. Raises `links.LinkDead` when its link can no longer be made."""
    kind = type(letter)
    words = {name: _said(getattr(letter, name), language) for name in kinds.names_of_fields(kind)}
    if edited is None:
        subject, text = _from_templates(kind, words, language)
    else:
        filled = named(kind, words)
        subject, text = rules.fill(edited.subject, words=filled), rules.fill(edited.body, words=filled)
    with translation.override(language):
        mark = translation.gettext("【テスト】") if is_test else ""
        subject = mark + one_line(subject)
        context = {"language": language, "subject": subject, "blocks": _blocks(text, words.get("link", ""))}
        html = loader.render_to_string(f"notices/{kind.kind()}/body.html", context)
    return Written(subject=subject, text=text, html=html)


def named(kind: type[kinds.Letter], words: Mapping[str, str]) -> dict[str, str]:
    """The values of a letter under the names that stand between braces: `氏名`, and `name` for texts in English."""
    return {kinds.PLACEHOLDERS[name]: words[name] for name in kinds.names_of_fields(kind)} | dict(words)


def one_line(subject: str) -> str:
    """A subject without line breaks and control signs (V-07)."""
    return " ".join("".join(char if char.isprintable() else " " for char in subject).split())


def _from_templates(kind: type[kinds.Letter], words: Mapping[str, str], language: str) -> tuple[str, str]:
    with translation.override(language):
        subject = loader.render_to_string(f"notices/{kind.kind()}/subject.txt", dict(words))
        body = loader.render_to_string(f"notices/{kind.kind()}/body.txt", dict(words))
    return subject.strip(), body.strip() + "\n"


def _said(value: Any, language: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, links.LateLink):
        return links.resolve(value)
    if isinstance(value, datetime):
        moment = value.astimezone(JST)
        return f"{_day(moment.date(), language)} {moment:%H:%M}"
    if isinstance(value, date):
        return _day(value, language)
    return "\n".join(f"・{item}" for item in value)


def _day(day: date, language: str) -> str:
    if language == "ja":
        return f"{day.year}年{day.month}月{day.day}日({_WEEKDAYS[day.weekday()]})"
    return f"{day.day} {day:%B %Y}"


def _blocks(text: str, link: str) -> list[dict[str, str]]:
    """Paragraphs of a text; where its link stands, a block of its own."""
    blocks: list[dict[str, str]] = []
    pieces = text.split(link) if link else [text]
    for number, piece in enumerate(pieces):
        if number:
            blocks.append({"link": link})
        blocks.extend({"text": part.strip("\n")} for part in piece.split("\n\n") if part.strip())
    return blocks
