"""A document of help as the index takes it, whatever it was made from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from uuid import UUID

from warifu.help.rules.searching import Fields, normal
from warifu.help.rules.volumes import Kind, Reader

JAPANESE, ENGLISH = "ja", "en"


@dataclass(frozen=True, kw_only=True)
class Face:
    """A document in one language, with the normal forms that are searched; in none when it is in Japanese alone."""

    language: str
    title: str
    lead: str
    text: str
    fields: Fields


@dataclass(frozen=True, kw_only=True)
class Document:
    """One document; `organisation_id` is None for what everybody may read, `keywords` are found and not shown."""

    key: str
    kind: Kind
    reader: Reader
    title: str
    lead: str
    text: str = ""
    volume: str = ""
    chapter: str = ""
    order: int = 0
    organisation_id: UUID | None = None
    title_en: str = ""
    lead_en: str = ""
    text_en: str = ""
    keywords: str = ""
    pictures: int = 0

    def faces(self) -> list[Face]:
        """The document in Japanese, and in English where it has an English title."""
        head = " ".join((self.lead, self.keywords, self.title_en, self.lead_en))
        language = JAPANESE if self.title_en else ""
        found = [_face(language, self.title, self.lead, self.text, head)]
        if self.title_en:
            lead = self.lead_en or self.lead
            found.append(_face(ENGLISH, self.title_en, lead, self.text_en, f"{lead} {self.keywords}"))
        return found


def _face(language: str, title: str, lead: str, text: str, head: str) -> Face:
    fields = Fields(title=normal(title), head=normal(head), text=normal(text))
    return Face(language=language, title=title, lead=lead, text=text, fields=fields)


def fingerprint(documents: Iterable[Document]) -> str:
    """The same for the same documents in the same order, on every machine."""
    digest = hashlib.sha256()
    for document in documents:
        digest.update(repr(astuple(document)).encode())
    return digest.hexdigest()
