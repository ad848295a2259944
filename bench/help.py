"""ヘルプの検索: how long a question takes among 10,000 and 100,000 documents, and how fast the index is made.

Beside it stands a scan of all texts in memory, which gives the same answers without an index (`limit`).
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
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


def workloads() -> Iterator[dict[str, Any]]:
    """Make the index of 10,000 and 100,000 documents, and ask common and rare questions."""
    for n in (10_000, 100_000):
        documents = _documents(n)
        started = time.perf_counter()
        index.put(documents=documents)
        yield {
            "name": "help.index",
            "n": n,
            "ours": round(n / (time.perf_counter() - started)),
            "peer": None,
            "limit": None,
            "unit": "documents/s",
            "database": connection.vendor,
        }
        fields = [document.fields() for document in documents]
        for name, queries in (("common", COMMON), ("rare", RARE)):
            times = sorted(_asked(query) for query in queries for _ in range(ROUNDS))
            scanned = sorted(_scanned(query, fields) for query in queries)
            for part, place in (("p50", len(times) // 2), ("p95", len(times) * 95 // 100)):
                yield {
                    "name": f"help.search.{name}.{part}",
                    "n": n,
                    "ours": round(times[place] * 1000, 2),
                    "peer": None,
                    "limit": round(scanned[len(scanned) // 2] * 1000, 2),
                    "unit": "ms",
                    "database": connection.vendor,
                }


def _asked(query: str) -> float:
    started = time.perf_counter()
    search(query=query, organisation_id=None)
    return time.perf_counter() - started


def _scanned(query: str, fields: list[searching.Fields]) -> float:
    started = time.perf_counter()
    terms = searching.terms_of(query, searching.groups_of(synonyms()))
    sum(searching.fits(one, terms) for one in fields)
    return time.perf_counter() - started


def _documents(n: int) -> list[Document]:
    """Documents put together of the sentences of real articles, one in a thousand with a rare word."""
    chance = random.Random(7)
    sentences = [
        sentence for source in sources() for sentence in markdown.plain(source.body).split("。") if len(sentence) > 8
    ]
    titles = [source.title for source in sources()]
    rare = [word for query in RARE for word in query.split()]
    made = []
    for number in range(n):
        text = ""
        while len(text) < LENGTH:
            text += chance.choice(sentences) + "。"
        if number % 1000 == 0:
            text += chance.choice(rare)
        made.append(
            Document(
                key=f"bench:{number}",
                kind=Kind.FAQ,
                reader=Reader.EVERYBODY,
                title=f"{chance.choice(titles)} {number}",
                lead=chance.choice(sentences)[:200],
                text=text[:LENGTH],
            )
        )
    return made
