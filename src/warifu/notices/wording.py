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
from warifu.foundation.masking import twelve_digit_runs
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.notices import kinds, links, rules

_WEEKDAYS = "月火水木金土日"


@dataclass(frozen=True, kw_only=True)
class Wording:
    """The subject and body of one kind of letter, with placeholders."""

    subject: str
    body: str


@dataclass(frozen=True, kw_only=True)
class Block:
    """A paragraph of a letter, or its link standing by itself."""

    text: str = ""
    link: str = ""


@dataclass(frozen=True, kw_only=True)
class Written:
    """A letter in words, ready to leave; `blocks` are its text in pieces, for previews."""

    subject: str
    text: str
    html: str
    blocks: tuple[Block, ...]


class PlaceholderUnknown(Refused):
    """The text asks for a value that this letter does not have."""

    code = "WF-N201"
    sentence = _("「{placeholder}」は、このメールでは使えない差込みです。")
    remedy = _("使える差込みは、文面の横の一覧にあるものだけです。波かっこ { } は差込みのほかには使えません。")
    status = 422

    def __init__(self, *, placeholder: str) -> None:
        super().__init__(placeholder=f"{{{placeholder}}}")


class LinkMissing(Refused):
    """The text lost the link, without which the person cannot go on."""

    code = "WF-N202"
    sentence = _("文面に「リンク」の差込みがありません。")
    remedy = _("リンクがないと受け取った人が進めません。本文に「リンク」の差込みを戻してください。")
    status = 422


class TextUnusable(Refused):
    """Subject or body are empty, too long, or hold what must not stand in a letter."""

    code = "WF-N203"
    sentence = _("件名または本文を、このままでは使えません。")
    remedy = _("件名は1行で100字まで、本文は5,000字までで、どちらも必要です。12桁の数字は書けません。")
    status = 422


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
        blocks = _blocks(text, words.get("link", ""))
        context = {"language": language, "subject": subject, "blocks": blocks}
        html = loader.render_to_string(f"notices/{kind.kind()}/body.html", context)
    return Written(subject=subject, text=text, html=html, blocks=blocks)


def named(kind: type[kinds.Letter], words: Mapping[str, str]) -> dict[str, str]:
    """The values of a letter under the names that stand between braces: `氏名`, and `name` for texts in English."""
    return {kinds.PLACEHOLDERS[name]: words[name] for name in kinds.names_of_fields(kind)} | dict(words)


def one_line(subject: str) -> str:
    """A subject without line breaks and control signs (V-07)."""
    return " ".join("".join(char if char.isprintable() else " " for char in subject).split())


def insist_usable(*, kind: str, subject: str, body: str) -> None:
    """Refuse a wording that could not be sent; for saving and for previews."""
    if kind not in kinds.BY_NAME:
        raise NotFound
    fields = kinds.names_of_fields(kinds.BY_NAME[kind])
    link = {"link", kinds.PLACEHOLDERS["link"]}
    known = {*fields, *(kinds.PLACEHOLDERS[name] for name in fields)}
    unknown = rules.unknown_placeholders(subject, known=known - link) + rules.unknown_placeholders(body, known=known)
    if unknown:
        raise PlaceholderUnknown(placeholder=unknown[0])
    if "link" in fields and not link & set(rules.placeholders_in(body)):
        raise LinkMissing
    too_long = len(subject) > 100 or len(body) > 5_000
    if not subject or not body.strip() or too_long or not rules.is_header_text(subject):
        raise TextUnusable
    if twelve_digit_runs(subject + "\n" + body):
        raise TextUnusable


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


def _blocks(text: str, link: str) -> tuple[Block, ...]:
    """Paragraphs of a text; where its link stands, a block of its own."""
    blocks: list[Block] = []
    pieces = text.split(link) if link else [text]
    for number, piece in enumerate(pieces):
        if number:
            blocks.append(Block(link=link))
        blocks.extend(Block(text=part.strip("\n")) for part in piece.split("\n\n") if part.strip())
    return tuple(blocks)
