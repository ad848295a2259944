"""Verbs of letters: post, cancel, send again, and the test letter to oneself."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import islice
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from warifu.audit import actions as audit
from warifu.audit.events import Notices as Events
from warifu.foundation.actor import Actor, ActorKind
from warifu.foundation.ids import new_id
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.notices import kinds, rules
from warifu.notices.kinds import Letter as Kind
from warifu.notices.models import Letter
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, require

CHUNK = 2_000
"""Letters written by one round of statements."""


class AddressUnusable(Refused):
    """The mail address or the name cannot stand in a mail (V-07)."""

    code = "WF-N101"
    sentence = _("このメールアドレスには送れません。")
    remedy = _("アドレスの形を確かめてください。全角文字、空白、改行は使えません。")
    status = 422


class TestLetterAbroad(Refused):
    """A test letter goes to members of the organisation only."""

    code = "WF-N102"
    sentence = _("テストメールは、この組織の利用者のメールアドレスにだけ送れます。")
    remedy = _("ご自分のメールアドレスを入れてください。")
    __test__ = False


class KindUnknown(Refused):
    """There is no such letter."""

    code = "WF-N103"
    sentence = _("この種類のメールはありません。")
    remedy = _("「メールの文面」の一覧から選んでください。")
    status = 404


class NothingToResend(Refused):
    """Only a letter that was given up, or whose fate is uncertain, is sent again by hand."""

    code = "WF-N104"
    sentence = _("このメールは、いまは送り直せません。")
    remedy = _(
        "「送信をあきらめました」「届いたか確かめられません」のメールだけを送り直せます。画面を読み込み直してください。"
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Addressed:
    """A letter with its recipient. `key` makes it the same letter when it is posted again: `invitation:<entry>`."""

    letter: Kind
    member_id: UUID | None
    to_mail: str
    to_name: str
    key: str
    language: str = "ja"


def post(
    *,
    letter: Kind,
    organisation_id: UUID,
    member_id: UUID | None,
    to_mail: str,
    to_name: str,
    key: str,
    by: Actor,
    at: datetime,
    language: str = "ja",
) -> UUID:
    """Write one letter inside the caller's transaction; the worker delivers it. Returns its id.

    The same organisation and key twice is one letter: the id of the first is returned. Raises `AddressUnusable`, and
    RuntimeError outside a transaction: a letter and what it tells stand or fall together.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a letter is written in the transaction of what it tells")
    addressed = Addressed(
        letter=letter, member_id=member_id, to_mail=to_mail, to_name=to_name, key=key, language=language
    )
    if not _usable(addressed):
        raise AddressUnusable
    _insert([_row(addressed, at)], organisation_id, at)
    return Letter.objects.values_list("id", flat=True).get(organisation_id=organisation_id, key=key)


def post_many(*, letters: Iterable[Addressed], organisation_id: UUID, by: Actor, at: datetime) -> int:
    """Write any number of letters inside the caller's transaction, in few statements; returns how many are new.

    One unusable address does not stop the others: its letter is written as bounced, with the reason, so that the
    list of letters shows it. Raises RuntimeError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("letters are written in the transaction of what they tell")
    source = iter(letters)
    written = 0
    while chunk := list(islice(source, CHUNK)):
        rows = [_row(addressed, at) for addressed in chunk]
        written += _insert(rows, organisation_id, at)
        _record_unusable(rows, organisation_id, by, at)
    return written


def cancel(*, organisation_id: UUID, key: str, by: Actor, at: datetime) -> bool:
    """Take back a letter that still waits; returns whether there was one. Inside the caller's transaction."""
    waiting = Letter.objects.filter(organisation_id=organisation_id, key=key, state=Letter.State.WAITING)
    return bool(waiting.update(state=Letter.State.CANCELLED, settled_at=at))


def resend(*, organisation_id: UUID, letter_id: UUID, by: Actor, at: datetime) -> None:
    """Try a letter anew that was given up or is uncertain, with the same Message-ID.

    Raises `NotPermitted`, `NotFound`, `NothingToResend`.
    """
    require(by=by, permission=Permission.INVITE, organisation_id=organisation_id)
    with transaction.atomic():
        letter = Letter.objects.filter(organisation_id=organisation_id, id=letter_id).first()
        if letter is None:
            raise NotFound
        over = Letter.objects.filter(id=letter_id, state__in=[Letter.State.GIVEN_UP, Letter.State.UNCERTAIN])
        again = over.update(
            state=Letter.State.WAITING,
            attempts=0,
            next_at=at,
            give_up_at=at + rules.LASTS,
            claim=None,
            handed_at=None,
            settled_at=None,
            reason="",
        )
        if again != 1:
            raise NothingToResend
        audit.record(
            event=Events.LETTER_RESENT,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=letter.member_id,
            kind=letter.kind,
        )


def send_test(*, kind: str, organisation_id: UUID, to_mail: str, by: Actor, at: datetime, language: str = "ja") -> UUID:
    """Post a letter of a kind with invented values to oneself, to look at before sending to everybody (001-11).

    Raises `NotPermitted`, `KindUnknown`, `AddressUnusable`, `TestLetterAbroad`.
    """
    require(by=by, permission=Permission.INVITE, organisation_id=organisation_id)
    if kind not in kinds.BY_NAME:
        raise KindUnknown
    if not rules.is_mail_address(to_mail):
        raise AddressUnusable
    recipient = organisations.member_by_mail(organisation_id=organisation_id, mail=to_mail)
    if recipient is None and by.kind is not ActorKind.OPERATOR:
        raise TestLetterAbroad
    name = recipient.full_name if recipient else by.label
    organisation = organisations.organisation(organisation_id=organisation_id)
    letter = kinds.sample(kinds.BY_NAME[kind], organisation_name=organisation.name, name=name, at=at)
    with transaction.atomic():
        audit.record(event=Events.TEST_SENT, by=by, at=at, organisation_id=organisation_id, kind=kind)
        return post(
            letter=letter,
            organisation_id=organisation_id,
            member_id=recipient.id if recipient else None,
            to_mail=to_mail,
            to_name=name,
            key=f"test:{new_id()}",
            by=by,
            at=at,
            language=language,
        )


@dataclass(frozen=True, slots=True)
class _Row:
    """What differs from letter to letter, in the order of `_DIFFERING`."""

    id: UUID
    member_id: UUID | None
    kind: str
    to_mail: str
    to_name: str
    language: str
    values: str
    key: str
    message_id: str
    state: str
    reason: str
    settled_at: datetime | None


_encode = json.JSONEncoder(ensure_ascii=False).encode
_DIFFERING = tuple(field.name for field in fields(_Row))
_SHARED = ("organisation_id", "attempts", "next_at", "give_up_at", "created_at")


def _row(addressed: Addressed, at: datetime) -> _Row:
    letter_id = new_id()
    state, to_mail, to_name, reason = Letter.State.WAITING.value, addressed.to_mail, addressed.to_name, ""
    if not _usable(addressed):
        state = Letter.State.BOUNCED.value
        to_mail = "".join(char for char in to_mail if char.isprintable())[:254]
        to_name = "".join(char for char in to_name if char.isprintable())
        reason = _WRONG_ADDRESS if to_mail else _NO_ADDRESS
    return _Row(
        id=letter_id,
        member_id=addressed.member_id,
        kind=addressed.letter.kind(),
        to_mail=to_mail,
        to_name=to_name,
        language=addressed.language,
        values=_encode(kinds.to_values(addressed.letter)),
        key=addressed.key,
        message_id=rules.message_id(letter_hex=letter_id.hex, domain=_domain()),
        state=state,
        reason=reason,
        settled_at=None if state == Letter.State.WAITING else at,
    )


def _insert(rows: list[_Row], organisation_id: UUID, at: datetime) -> int:
    """Write rows in one statement prepared once; those whose key is there already are left out of the count."""
    uuid = Letter._meta.pk.get_db_prep_value
    moment = connection.ops.adapt_datetimefield_value
    shared = (uuid(organisation_id, connection), 0, moment(at), moment(at + rules.LASTS), moment(at))
    columns = [connection.ops.quote_name(name) for name in (*_DIFFERING, *_SHARED)]
    statement = (
        f"INSERT INTO {Letter._meta.db_table} ({', '.join(columns)}) "  # noqa: S608
        f"VALUES ({', '.join(['%s'] * len(columns))}) ON CONFLICT (organisation_id, key) DO NOTHING"
    )
    values = [
        (
            uuid(row.id, connection),
            row.member_id and uuid(row.member_id, connection),
            row.kind,
            row.to_mail,
            row.to_name,
            row.language,
            row.values,
            row.key,
            row.message_id,
            row.state,
            row.reason,
            row.settled_at and moment(row.settled_at),
            *shared,
        )
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(statement, values)
        return int(cursor.rowcount)


def _record_unusable(rows: list[_Row], organisation_id: UUID, by: Actor, at: datetime) -> None:
    """Note in the trail which new letters could not even be tried."""
    ids = [row.id for row in rows if row.state == Letter.State.BOUNCED]
    if not ids:
        return
    written = Letter.objects.filter(id__in=ids).values_list("member_id", "kind", "reason")
    audit.record_many(
        event=Events.LETTER_BOUNCED,
        by=by,
        at=at,
        organisation_id=organisation_id,
        subjects=[(member_id, {"kind": kind, "reason": reason}) for member_id, kind, reason in written],
    )


_WRONG_ADDRESS = _("メールアドレスの形が正しくないため送れません。")
_NO_ADDRESS = _("メールアドレスがありません。")


def _usable(addressed: Addressed) -> bool:
    """Whether the address can be written to and no name would break a header (V-07)."""
    names = (addressed.to_name, addressed.letter.name, addressed.letter.organisation_name)
    return rules.is_mail_address(addressed.to_mail) and all(rules.is_header_text(name) for name in names)


def _domain() -> str:
    return settings.DEFAULT_FROM_EMAIL.rsplit("@", 1)[-1] or "localhost"
