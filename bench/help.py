"""ヘルプの検索: how long a question takes among 10,000 and 100,000 documents, and how fast the index is made.

Beside it stand the smallest index that answers the same questions (`peer`: FTS5 with pairs of letters and bm25 on
SQLite, an array of pairs with GIN, rank and recheck on PostgreSQL; no readers, excerpts, synonyms or kana), and a scan
of all texts in memory, which gives our own answers without an index (`limit`).
"""

from __future__ import annotations

import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from django.db import connection

from warifu.help.actions import index
from warifu.help.articles import sources, synonyms
from warifu.help.queries.search import search
from warifu.help.rules import markdown, searching
from warifu.help.rules.documents import Document
from warifu.help.rules.volumes import Kind, Reader

COMMON = ("番号", "書類 写真", "サインイン", "メール 届かない", "期限")
RARE = ("水色", "WF-C302", "薄墨", "割符 竹", "藍染")
LENGTH = 270
ROUNDS = 20
SIZES = (10_000, 100_000)

Bare = Callable[[str], int]


def workloads() -> Iterator[dict[str, Any]]:
    """Make the index of 10,000 and 100,000 documents, and ask common and rare questions."""
    for n in SIZES:
        documents = _documents(n)
        started = time.perf_counter()
        bare = _bare(documents)
        made = time.perf_counter()
        index.put(documents=documents)
        ours, peer = n / (time.perf_counter() - made), n / (made - started)
        yield _line("help.index", n, round(ours), round(peer), None, "documents/s")
        fields = [document.faces()[0].fields for document in documents]
        for name, queries in (("common", COMMON), ("rare", RARE)):
            asked = [query for query in queries for _ in range(ROUNDS)]
            times = [(_timed(_ask, query), _timed(bare, query)) for query in asked]
            scanned = sorted(_timed(partial(_scan, fields), query) for query in queries)
            limit = round(scanned[len(scanned) // 2] * 1000, 2)
            for part, percent in (("p50", 50), ("p95", 95)):
                ours, peer = (
                    round(sorted(column)[len(asked) * percent // 100] * 1000, 2) for column in zip(*times, strict=True)
                )
                yield _line(f"help.search.{name}.{part}", n, ours, peer, limit, "ms")


def _line(name: str, n: int, ours: float, peer: float, limit: float | None, unit: str) -> dict[str, Any]:
    line = {"name": name, "n": n, "ours": ours, "peer": peer, "limit": limit, "unit": unit}
    return line | {"times_the_peer": round(ours / peer, 2), "database": connection.vendor}


def _timed(ask: Callable[[str], object], query: str) -> float:
    started = time.perf_counter()
    ask(query)
    return time.perf_counter() - started


def _ask(query: str) -> object:
    return search(query=query, organisation_id=None)


def _scan(fields: list[searching.Fields], query: str) -> int:
    terms = searching.terms_of(query, searching.groups_of(synonyms()))
    return sum(searching.fits(one, terms) for one in fields)


def _pairs(text: str) -> list[str]:
    found: list[str] = []
    for part in text.replace("。", " ").split():
        found += [part[place : place + 2] for place in range(len(part) - 1)] or [part]
    return found


def _bare(documents: list[Document]) -> Bare:
    return _bare_arrays(documents) if connection.vendor == "postgresql" else _bare_match(documents)


def _bare_match(documents: list[Document]) -> Bare:
    folder = Path(tempfile.mkdtemp(prefix="warifu-bench-"))
    bare = sqlite3.connect(folder / "bare.db")
    bare.execute("CREATE VIRTUAL TABLE bare USING fts5 (title, body, tokenize = 'unicode61')")
    with bare:
        bare.executemany(
            "INSERT INTO bare (rowid, title, body) VALUES (?, ?, ?)",
            (
                (place, " ".join(_pairs(one.title)), " ".join(_pairs(f"{one.lead}。{one.text}")))
                for place, one in enumerate(documents)
            ),
        )

    def ask(query: str) -> int:
        phrases = " ".join(f'"{" ".join(_pairs(word))}"' for word in query.split())
        sql = "SELECT rowid FROM bare WHERE bare MATCH ? ORDER BY bm25(bare, 5.0, 1.0) LIMIT 20"
        return len(bare.execute(sql, (phrases,)).fetchall())

    return ask


def _bare_arrays(documents: list[Document]) -> Bare:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_bare")
        cursor.execute("CREATE TABLE bench_bare (id int PRIMARY KEY, title text, body text, pairs tsvector)")
        cursor.execute("CREATE INDEX bench_bare_pairs ON bench_bare USING gin (pairs)")
        cursor.executemany(
            "INSERT INTO bench_bare"
            " VALUES (%s, %s, %s, setweight(array_to_tsvector(%s), 'A') || array_to_tsvector(%s))",
            [
                (place, one.title, body := f"{one.lead}。{one.text}", _pairs(one.title), _pairs(body))
                for place, one in enumerate(documents)
            ],
        )
        cursor.execute("ANALYZE bench_bare")

    def ask(query: str) -> int:
        words = query.split()
        wanted = " & ".join(sorted({f"'{pair}'" for word in words for pair in _pairs(word)}))
        held = " AND ".join(["(title || body) LIKE %s"] * len(words))
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT id FROM bench_bare WHERE pairs @@ %s::tsquery AND {held}"  # noqa: S608
                " ORDER BY ts_rank(pairs, %s::tsquery) DESC LIMIT 20",
                [wanted, *(f"%{word}%" for word in words), wanted],
            )
            return len(cursor.fetchall())

    return ask


def _documents(n: int) -> list[Document]:
    """Documents put together of the sentences of real articles, one in a thousand with a rare word."""
    chance = random.Random(7)
    sentences = [
        sentence for source in sources() for sentence in markdown.plain(source.body).split("。") if len(sentence) > 8
    ]
    titles = [source.title for source in sources()]
    made = []
    for number in range(n):
        text = ""
        while len(text) < LENGTH:
            text += chance.choice(sentences) + "。"
        made.append(
            Document(
                key=f"bench:{number}",
                kind=Kind.FAQ,
                reader=Reader.EVERYBODY,
                title=f"{chance.choice(titles)} {number}",
                lead=chance.choice(sentences)[:200],
                text=text[:LENGTH] + (RARE[number // 1000 % len(RARE)] if number % 1000 == 0 else ""),
            )
        )
    return made
