"""Where things of help are: from the keys of the index and the targets of articles to addresses on this site."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.templatetags.static import static
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.utils.translation import get_language, gettext

from warifu.help.rules import markdown
from warifu.help.rules.volumes import Kind, Volume, volume

SHOTS = Path(__file__).resolve().parent.parent / "static" / "manual"


@dataclass(frozen=True, kw_only=True)
class Shot:
    """A picture of a screen of the demo: taken by `tools/take_shots.py`, with invented people only."""

    name: str
    screen: str
    is_phone: bool
    alt: str

    @property
    def address(self) -> str:
        """Where the picture is served."""
        return static(f"manual/{self.name}.png")

    @property
    def file(self) -> Path:
        """Where it lies in the package."""
        return SHOTS / f"{self.name}.png"


@dataclass(frozen=True, kw_only=True)
class Crumb:
    """One step of the way to a document: its words, and where it leads ("" for no link)."""

    words: str
    address: str = ""


@cache
def shots() -> dict[str, Shot]:
    """Every picture of a screen, by its name."""
    listed = json.loads((SHOTS / "shots.json").read_text(encoding="utf-8"))
    return {
        name: Shot(name=name, screen=_screen_at(one["path"]), is_phone=one["profile"] == "phone", alt=one["alt"])
        for name, one in listed.items()
    }


def shots_of(screen: str) -> list[Shot]:
    """The pictures of a screen, by its URL name: the phone's first."""
    found = [one for one in shots().values() if one.screen == screen]
    return sorted(found, key=lambda one: (not one.is_phone, one.name))


def alt_of(shot: Shot, *, step: str) -> str:
    """What stands for a picture of a Japanese screen: its own title, or in another language the step that it shows."""
    if get_language() == "ja":
        return shot.alt
    return gettext("手順「%(step)s」の画面(日本語)") % {"step": gettext(step)}


def address_of(key: str) -> str:
    """The address of a document of the index."""
    kind, _colon, name = key.partition(":")
    views = {
        "article": "helpcentre:articles.page",
        "written": "helpcentre:articles.written",
        "procedure": "helpcentre:manual.page",
        "refusal": "helpcentre:refusals.article",
    }
    return reverse(views[kind], args=[name])


def target(text: str) -> str:
    """The address of an article's link or picture: `article:slug`, `screen:desk:home.page`, `shot:name`, `picture:id`.

    Nothing for what is not there.
    """
    kind, _colon, name = text.partition(":")
    try:
        if kind == "shot":
            return shots()[name].address if name in shots() else ""
        if kind == "picture":
            return reverse("helpcentre:articles.picture", args=[name])
        if kind == "screen":
            return reverse(name)
        return address_of(text) if kind in ("article", "procedure") else ""
    except NoReverseMatch:
        return ""


def drawn(text: str) -> str:
    """The HTML of an article's text, cleaned."""
    return markdown.html(text, address=target)


def place_of(*, kind: Kind, volume_key: str, chapter: str) -> list[Crumb]:
    """Breadcrumbs: help, kind, readers, volume, chapter (003-2)."""
    crumbs = [
        Crumb(words=gettext("ヘルプ"), address=reverse("helpcentre:start.page")),
        Crumb(words=gettext(kind.label)),
    ]
    home: Volume | None = volume(volume_key)
    if home is not None:
        crumbs += [
            Crumb(words=gettext(home.reader.label)),
            Crumb(words=gettext(home.title), address=reverse("helpcentre:volumes.page", args=[home.key])),
            Crumb(words=gettext(home.chapter(chapter))),
        ]
    return crumbs


def in_own_words(japanese: str, english: str) -> str:
    """A text in the reader's language, where there is one."""
    return english if english and get_language() == "en" else japanese


def is_only_japanese(english: str) -> bool:
    """Whether an English reader gets a Japanese text, because there is no English one."""
    return not english and get_language() == "en"


def _screen_at(path: str) -> str:
    try:
        return resolve(path).view_name
    except Resolver404:
        return ""
