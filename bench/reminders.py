"""催促のメール: letters written in bulk, put into words, and delivered to a server beside us over one connection."""

from __future__ import annotations

import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction

from warifu.foundation.actor import OPERATOR, SYSTEM
from warifu.foundation.days import JST
from warifu.foundation.ids import new_id
from warifu.notices import actions, carriers, kinds, rules, wording
from warifu.notices.actions.letters import CHUNK
from warifu.notices.links import LateLink
from warifu.notices.models import Letter
from warifu.organisations import actions as organisations
from warifu.organisations.models import Member

AT = datetime(2026, 11, 24, 10, 0, tzinfo=JST)
SIZES = (1_000, 10_000, 100_000)
MAILS = 1_000


def workloads() -> Iterator[dict[str, Any]]:
    """Letters queued a second, mails put into words a second, mails delivered a second."""
    organisation_id = organisations.create(code="bench", name="株式会社青葉商会", by=OPERATOR, at=AT)
    loop = _per_second(1_000, lambda: _save_and_create(organisation_id, 1_000))
    bulk = _per_second(10_000, lambda: _bulk_create(organisation_id, 10_000))
    bare = _per_second(10_000, lambda: _bare_insert(organisation_id, 10_000))
    for n in SIZES:
        letters = [_addressed(number) for number in range(n)]
        queued = _per_second(n, lambda letters=letters: _post(organisation_id, letters))  # type: ignore[misc]
        yield _line("letters queued, beside a loop of save() and create()", n, queued, loop, bare, "letters/s")
        yield _line("letters queued, beside bulk_create", n, queued, bulk, bare, "letters/s")
        again = _per_second(n, lambda letters=letters: _post(organisation_id, letters))  # type: ignore[misc]
        yield _line("the same letters posted again, none written", n, again, None, None, "letters/s")
        yield _line("longest statement of a queueing", n, _longest_statement(organisation_id), None, 250, "ms")
        Letter.objects.all().delete()
    yield from _mails(organisation_id)


def _mails(organisation_id: UUID) -> Iterator[dict[str, Any]]:
    letter = _addressed(1).letter
    mail = _mail(letter, 1)
    built = _per_second(MAILS, lambda: [carriers.build(_mail(letter, n)) for n in range(MAILS)])
    django = _per_second(MAILS, lambda: [_django_mail(mail, n).message().as_bytes() for n in range(MAILS)])
    yield _line("mails put into words and built", MAILS, built, django, None, "mails/s")
    with _sink() as port:
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", port, False
        ready = carriers.build(mail)
        limit = _per_second(MAILS, lambda: _bare_sending(port, ready))
        peer = _per_second(200, lambda: [_django_mail(mail, n).send() for n in range(200)])
        _post(organisation_id, [_addressed(n) for n in range(MAILS)])
        delivered = _per_second(MAILS, _deliver_all)
        if Letter.objects.filter(state="accepted").count() != MAILS:
            raise RuntimeError("not every letter was accepted")
        yield _line("mails delivered, each with its state and trail entry", MAILS, delivered, peer, limit, "mails/s")


def _addressed(number: int) -> actions.Addressed:
    letter = kinds.Reminder(
        organisation_name="株式会社青葉商会",
        name="井上 郁",
        due_on=AT.date(),
        valid_until=AT + timedelta(days=14),
        contact="総務課",
        reason="まだ入力が始まっていません",
        link=LateLink(kind="page", reference=f"/a/{number}/"),
    )
    return actions.Addressed(
        letter=letter, member_id=new_id(), to_mail=f"u{number}@example.jp", to_name="井上 郁", key=f"reminder:{number}"
    )


def _post(organisation_id: UUID, letters: list[actions.Addressed]) -> None:
    for start in range(0, len(letters), CHUNK):
        with transaction.atomic():
            batch = letters[start : start + CHUNK]
            actions.post_many(letters=batch, organisation_id=organisation_id, by=SYSTEM, at=AT)


def _longest_statement(organisation_id: UUID) -> float:
    longest = 0.0

    def watch(execute: Callable[..., Any], *rest: Any) -> Any:
        nonlocal longest
        started = time.perf_counter()
        done = execute(*rest)
        longest = max(longest, time.perf_counter() - started)
        return done

    letters = [_addressed(-1 - number) for number in range(CHUNK)]
    with connection.execute_wrapper(watch):
        _post(organisation_id, letters)
    return longest * 1000


def _row(organisation_id: UUID, number: int) -> Letter:
    addressed = _addressed(number)
    letter_id = new_id()
    return Letter(
        id=letter_id,
        organisation_id=organisation_id,
        member_id=addressed.member_id,
        kind=addressed.letter.kind(),
        to_mail=addressed.to_mail,
        to_name=addressed.to_name,
        values=kinds.to_values(addressed.letter),
        key=str(letter_id),
        message_id=rules.message_id(letter_hex=letter_id.hex, domain="example.jp"),
        next_at=AT,
        give_up_at=AT + rules.LASTS,
        created_at=AT,
    )


def _save_and_create(organisation_id: UUID, n: int) -> None:
    """The peer as one would write it first: note on the person, make the letter, commit, next."""
    people = [
        Member(organisation_id=organisation_id, family_name="井上", mail=f"p{number}@example.jp", created_at=AT)
        for number in range(n)
    ]
    Member.objects.bulk_create(people)
    for number, person in enumerate(people):
        person.save(update_fields=["search_text"])
        _row(organisation_id, number).save(force_insert=True)


def _bulk_create(organisation_id: UUID, n: int) -> None:
    with transaction.atomic():
        Letter.objects.bulk_create((_row(organisation_id, number) for number in range(n)), batch_size=1_000)


def _bare_insert(organisation_id: UUID, n: int) -> None:
    """The limit: ready rows, one prepared statement."""
    convert = Letter._meta.pk.get_db_prep_value
    at = connection.ops.adapt_datetimefield_value(AT)
    columns = (
        "id, organisation_id, kind, to_mail, to_name, language, key, state, attempts, next_at, give_up_at, created_at"
    )
    quoted = f'{columns}, reason, message_id, "values"'
    owner = convert(organisation_id, connection)
    rows = [
        (convert(new_id(), connection), owner, "x", "x", "x", "ja", f"bare:{n}", "waiting", 0, at, at, at, "", "", "{}")
        for n in range(n)
    ]
    marks = ", ".join(["%s"] * len(rows[0]))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {Letter._meta.db_table} ({quoted}) VALUES ({marks})", rows)  # noqa: S608


def _mail(letter: kinds.Letter, number: int) -> carriers.Mail:
    letter_id = new_id()
    return carriers.Mail(
        letter_id=letter_id,
        message_id=rules.message_id(letter_hex=letter_id.hex, domain="example.jp"),
        from_name=letter.organisation_name,
        to_mail=f"u{number}@example.jp",
        to_name="井上 郁",
        language="ja",
        written=wording.write(letter),
        at=AT,
    )


def _django_mail(mail: carriers.Mail, number: int) -> EmailMultiAlternatives:
    written = wording.write(_addressed(number).letter)
    message = EmailMultiAlternatives(written.subject, written.text, "x <number@example.jp>", [f"u{number}@example.jp"])
    message.attach_alternative(written.html, "text/html")
    return message


def _deliver_all() -> None:
    while actions.deliver_due(at=AT, limit=MAILS):
        pass


def _bare_sending(port: int, ready: bytes) -> None:
    """The limit: one connection, one mail built once."""
    with smtplib.SMTP("127.0.0.1", port) as server:
        for _ in range(MAILS):
            server.sendmail("number@example.jp", ["u@example.jp"], ready)


@contextmanager
def _sink() -> Iterator[int]:
    """An SMTP server in a process of its own that accepts everything; gives its port."""
    command = [sys.executable, str(Path(__file__).with_name("sink.py"))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield int(process.stdout.readline() if process.stdout else 0)
        finally:
            process.terminate()


def _per_second(n: int, work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return n / (time.perf_counter() - started)


def _line(name: str, n: int, ours: float, peer: float | None, limit: float | None, unit: str) -> dict[str, Any]:
    return {
        "name": name,
        "n": n,
        "ours": round(ours, 1),
        "peer": round(peer, 1) if peer else None,
        "limit": round(limit) if limit else None,
        "ratio": round(ours / peer, 2) if peer else None,
        "unit": unit,
    }
