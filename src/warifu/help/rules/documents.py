"""A document of help as the index takes it, whatever it was made from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from uuid import UUID

from warifu.help.rules.searching import Fields, normal
from warifu.help.rules.volumes import Kind, Reader


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
    keywords: str = ""
    pictures: int = 0

    def fields(self) -> Fields:
        """The normal forms that are searched."""
        head = " ".join((self.lead, self.keywords, self.title_en, self.lead_en))
        return Fields(title=normal(self.title), head=normal(head), text=normal(self.text))


def fingerprint(documents: Iterable[Document]) -> str:
    """The same for the same documents in the same order, on every machine."""
    digest = hashlib.sha256()
    for document in documents:
        digest.update(repr(astuple(document)).encode())
    return digest.hexdigest()
