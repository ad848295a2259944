"""The index of all help: made from the product's own documents and from what editors have published.

Wings hand in the documents that only they can draw (refusals, procedures). The worker makes the index anew whenever
those of this version of the product differ from those it was made from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache

from django.db import connection, transaction

from warifu.help.articles import sources
from warifu.help.models import IndexEntry, IndexState
from warifu.help.rules import markdown
from warifu.help.rules.documents import Document, fingerprint
from warifu.help.rules.searching import grams, tokens

Supplier = Callable[[], Iterable[Document]]

_suppliers: list[Supplier] = []
BATCH = 500
WRITTEN = "written:"
"""How the keys of articles begin that editors have written."""


def register(*, supplier: Supplier) -> None:
    """Let a wing hand in documents; called once, when it is loaded."""
    if supplier not in _suppliers:
        _suppliers.append(supplier)


def refresh_due(*, at: datetime) -> int:
    """Make the index anew when the product's documents differ from those that it was made from; how many there are."""
    documents, mark = own_documents()
    if IndexState.objects.filter(fingerprint=mark).exists():
        return 0
    with transaction.atomic():
        _remove(IndexEntry.objects.exclude(key__startswith=WRITTEN).values_list("id", flat=True))
        put(documents=documents)
        IndexState.objects.update_or_create(id=1, defaults={"fingerprint": mark, "made_at": at})
    return len(documents)


@cache
def own_documents() -> tuple[tuple[Document, ...], str]:
    """The product's own documents, and their fingerprint."""
    documents = [*_articles(), *(document for supplier in _suppliers for document in supplier())]
    return tuple(documents), fingerprint(documents)


def put(*, documents: Sequence[Document]) -> None:
    """Put documents into the index; one with the key of another takes its place."""
    with transaction.atomic():
        for start in range(0, len(documents), BATCH):
            part = documents[start : start + BATCH]
            _remove(IndexEntry.objects.filter(key__in=[one.key for one in part]).values_list("id", flat=True))
            _write_tokens(IndexEntry.objects.bulk_create([_entry(one) for one in part]))


def drop(*, key: str) -> None:
    """Take a document out of the index."""
    with transaction.atomic():
        _remove(IndexEntry.objects.filter(key=key).values_list("id", flat=True))


def _articles() -> Iterable[Document]:
    for place, source in enumerate(sources()):
        yield Document(
            key=f"article:{source.slug}",
            kind=source.kind,
            reader=source.reader,
            volume=source.volume,
            chapter=source.chapter,
            order=place,
            title=source.title,
            lead=source.lead,
            title_en=source.title_en,
            lead_en=source.lead_en,
            keywords=source.keywords,
            text=markdown.plain(source.body),
            pictures=markdown.pictures(source.body),
        )


def _entry(document: Document) -> IndexEntry:
    fields = document.fields()
    return IndexEntry(
        key=document.key,
        kind=document.kind.value,
        reader=document.reader.value,
        volume=document.volume,
        chapter=document.chapter,
        order=document.order,
        organisation_id=document.organisation_id,
        title=document.title,
        lead=document.lead,
        title_en=document.title_en,
        lead_en=document.lead_en,
        text=document.text,
        pictures=document.pictures,
        normal_title=fields.title,
        normal_head=fields.head,
        normal_text=fields.text,
    )


def _remove(ids: Iterable[int]) -> None:
    gone = list(ids)
    column = "entry_id" if connection.vendor == "postgresql" else "rowid"
    with connection.cursor() as cursor:
        cursor.executemany(f"DELETE FROM help_tokens WHERE {column} = %s", [(one,) for one in gone])  # noqa: S608
    IndexEntry.objects.filter(id__in=gone).delete()


def _write_tokens(entries: Iterable[IndexEntry]) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.executemany(
                "INSERT INTO help_tokens (entry_id, title, head, body) VALUES (%s, %s, %s, %s)"
                " ON CONFLICT (entry_id) DO UPDATE"
                " SET title = excluded.title, head = excluded.head, body = excluded.body",
                [
                    (
                        entry.id,
                        list(title := grams(entry.normal_title)),
                        list(head := title | grams(entry.normal_head)),
                        list(head | grams(entry.normal_text)),
                    )
                    for entry in entries
                ],
            )
            return
        cursor.executemany(
            "INSERT OR REPLACE INTO help_tokens (rowid, title, head, body) VALUES (%s, %s, %s, %s)",
            [
                (
                    entry.id,
                    " ".join(tokens(entry.normal_title)),
                    " ".join(tokens(entry.normal_head)),
                    " ".join(tokens(entry.normal_text)),
                )
                for entry in entries
            ],
        )
