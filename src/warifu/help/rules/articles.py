"""What an article is: read from a file of the repository, or written in the browser."""

from __future__ import annotations

import re
from dataclasses import astuple, dataclass
from enum import Enum
from fnmatch import fnmatchcase

from warifu.foundation.masking import twelve_digit_runs
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.help.rules import markdown
from warifu.help.rules.volumes import WRITTEN, Kind, Reader, Volume, volume


class State(Enum):
    """Where a version of an article stands."""

    DRAFT = "draft"
    REVIEWING = "reviewing"
    SENT_BACK = "sent_back"
    PUBLISHED = "published"
    REPLACED = "replaced"

    @property
    def label(self) -> str:
        """The state's name on screen."""
        return _STATES[self]


_STATES = {
    State.DRAFT: _("下書き"),
    State.REVIEWING: _("確認待ち"),
    State.SENT_BACK: _("差戻し"),
    State.PUBLISHED: _("公開中"),
    State.REPLACED: _("前の版"),
}
CHANGEABLE = (State.DRAFT, State.SENT_BACK)
"""The states in which the words of a version can still change."""


class HoldsNumber(Refused):
    """An article holds twelve digits in a row; help never shows a number, not even an invented one."""

    code = "WF-H101"
    sentence = _("12桁の数字が入っています。個人番号と見分けがつかないため、保存しませんでした。")
    remedy = _("数字を消すか、「○○○○」のように書き換えてください。")
    status = 422


class EnglishUnfinished(Refused):
    """An article has an English lead or text, and no English title to be listed by."""

    code = "WF-H103"
    sentence = _("英語の題名がないため、保存しませんでした。")
    remedy = _("英語の題名を入れるか、英語の欄をすべて空にしてください。")
    status = 422


class PlaceUnknown(Refused):
    """The volume or the chapter does not exist."""

    code = "WF-H102"
    sentence = _("編または章が見つかりません。")
    remedy = _("一覧から編と章を選んでください。")
    status = 422


@dataclass(frozen=True, kw_only=True)
class Words:
    """The words of an article, and the same in English where its author wrote them."""

    title: str
    lead: str
    body: str
    title_en: str = ""
    lead_en: str = ""
    body_en: str = ""


@dataclass(frozen=True, kw_only=True)
class Source:
    """An article of the repository.

    `screens` are URL names, `*` allowed, that the article explains; `settings` names of settings; `keywords` lift it.
    """

    slug: str
    volume: str
    chapter: str
    order: int
    kind: Kind
    reader: Reader
    title: str
    lead: str
    body: str
    title_en: str
    lead_en: str
    body_en: str
    keywords: str
    screens: tuple[str, ...]
    settings: tuple[str, ...]

    def explains(self, screen: str) -> bool:
        """Whether the article explains a screen, by its URL name."""
        return any(fnmatchcase(screen, pattern) for pattern in self.screens)


class SourceBroken(Exception):
    """A file of the repository is no article."""


def parsed(text: str, *, folder: str, name: str, english: str = "") -> Source:
    """An article from its file: `key: value` lines between two `---`, then Markdown; `english` is its English body.

    Raises `SourceBroken`.
    """
    found = re.fullmatch(r"---\n(?P<head>.*?)\n---\n(?P<body>.*)", text, re.DOTALL)
    place = re.fullmatch(r"(?P<order>\d\d)-(?P<slug>[a-z0-9-]+)\.md", name)
    home = volume(folder)
    if found is None or place is None or home is None:
        raise SourceBroken(f"{folder}/{name}: no head, no number or no volume")
    head = dict(re.findall(r"^(\w+): *(.*?) *$", found["head"], re.MULTILINE))
    if not head.get("title") or not head.get("lead") or head.get("chapter") not in dict(home.chapters):
        raise SourceBroken(f"{folder}/{name}: title, lead or chapter is missing")
    return Source(
        slug=place["slug"],
        volume=folder,
        chapter=head["chapter"],
        order=int(place["order"]),
        kind=Kind(head.get("kind", Kind.FAQ.value)),
        reader=Reader(head["reader"]) if "reader" in head else home.reader,
        title=head["title"],
        lead=head["lead"],
        body=found["body"].strip(),
        title_en=head.get("title_en", ""),
        lead_en=head.get("lead_en", ""),
        body_en=english.strip(),
        keywords=head.get("keywords", ""),
        screens=tuple(head.get("screens", "").split()),
        settings=tuple(head.get("settings", "").split()),
    )


def insist_on_words(*, words: Words) -> None:
    """Raise `HoldsNumber` when an article holds what looks like a number, `EnglishUnfinished` without English title."""
    told = (*astuple(words), markdown.plain(words.body), markdown.plain(words.body_en))
    if twelve_digit_runs("\n".join(told)):
        raise HoldsNumber
    if not words.title_en and (words.lead_en or words.body_en):
        raise EnglishUnfinished


def insist_on_place(*, volume_key: str, chapter: str, kind: str) -> Volume:
    """The volume that an article is to stand in. Raises `PlaceUnknown`."""
    home = volume(volume_key)
    if home is None or chapter not in dict(home.chapters) or kind not in {one.value for one in WRITTEN}:
        raise PlaceUnknown
    return home
