"""The index of all help: made from the product's own documents and from what editors have published.

Wings hand in the documents that only they can draw (refusals, procedures). The worker makes the index anew whenever
those of this version of the product differ from those it was made from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection, transaction

from warifu.help.articles import sources
from warifu.help.models import IndexEntry, IndexState
from warifu.help.rules import markdown
from warifu.help.rules.documents import Document, Face, fingerprint
from warifu.help.rules.searching import Fields, grams, tokens

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
            _write(part)
        if len(documents) >= BATCH:
            _settle()


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
            text_en=markdown.plain(source.body_en),
            keywords=source.keywords,
            text=markdown.plain(source.body),
            pictures=markdown.pictures(source.body),
        )


_COLUMNS = [
    "key",
    "language",
    "kind",
    "reader",
    "volume",
    "chapter",
    "order",
    "organisation_id",
    "title",
    "lead",
    "title_en",
    "lead_en",
    "text",
    "pictures",
    "normal_title",
    "normal_head",
    "normal_text",
]


def _write(documents: Iterable[Document]) -> None:
    """Entries and tokens, by as few statements as there can be: this decides how long the index takes to make."""
    faces = {(one.key, face.language): (one, face) for one in documents for face in one.faces()}
    _insert("help_indexentry", _COLUMNS, [_values(document, face) for document, face in faces.values()])
    ids = IndexEntry.objects.filter(key__in=[key for key, _language in faces]).values_list("id", "key", "language")
    _write_tokens([(id_, faces[key, language][1].fields) for id_, key, language in ids])


def _settle() -> None:
    """Let PostgreSQL sort what its indexes have only noted yet, and count what is there, as a search would suffer."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for column in ("title", "head", "body"):
                cursor.execute("SELECT gin_clean_pending_list(%s)", [f"help_tokens_{column}"])
            cursor.execute("ANALYZE help_tokens, help_indexentry")


def _values(document: Document, face: Face) -> tuple[Any, ...]:
    """What stands in an entry, in the order of `_COLUMNS`."""
    owner = IndexEntry._meta.get_field("organisation").get_db_prep_save(document.organisation_id, connection)
    place = document.volume, document.chapter, document.order
    english = document.title_en, document.lead_en
    fields = face.fields
    return (
        *(document.key, face.language, document.kind.value, document.reader.value, *place, owner),
        *(face.title, face.lead, *english, face.text, document.pictures, fields.title, fields.head, fields.text),
    )


def _remove(ids: Iterable[int]) -> None:
    gone = list(ids)
    if not gone:
        return
    column = "entry_id" if connection.vendor == "postgresql" else "rowid"
    with connection.cursor() as cursor:
        cursor.executemany(f"DELETE FROM help_tokens WHERE {column} = %s", [(one,) for one in gone])  # noqa: S608
    IndexEntry.objects.filter(id__in=gone).delete()


def _write_tokens(entries: Sequence[tuple[int, Fields]]) -> None:
    if connection.vendor != "postgresql":
        rows = [(id_, tokens(fields.title), tokens(fields.head), tokens(fields.text)) for id_, fields in entries]
        _insert("help_tokens", ["rowid", "title", "head", "body"], rows)
        return
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM help_tokens WHERE entry_id = ANY(%s)", [[id_ for id_, _fields in entries]])
    vectors = []
    for id_, fields in entries:
        title = grams(fields.title)
        head = title | grams(fields.head)
        vectors.append((id_, _vector(title), _vector(head), _vector(head | grams(fields.text))))
    _insert("help_tokens", ["entry_id", "title", "head", "body"], vectors)


def _insert(table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608
            return
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copied:
            for row in rows:
                copied.write_row(row)


def _vector(lexemes: Iterable[str]) -> str:
    quoted = "' '".join(lexeme.replace("\\", "\\\\").replace("'", "''") for lexeme in lexemes)
    return f"'{quoted}'" if quoted else ""
