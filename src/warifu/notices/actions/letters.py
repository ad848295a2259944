"""Verbs of letters: post, cancel, send again, and the test letter to oneself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
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

CHUNK = 5_000
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
    if not _usable(to_mail, to_name):
        raise AddressUnusable
    addressed = Addressed(
        letter=letter, member_id=member_id, to_mail=to_mail, to_name=to_name, key=key, language=language
    )
    Letter.objects.bulk_create([_row(addressed, organisation_id, at)], ignore_conflicts=True)
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
        rows = {addressed.key: _row(addressed, organisation_id, at) for addressed in chunk}
        known = Letter.objects.filter(organisation_id=organisation_id, key__in=list(rows))
        for key in known.values_list("key", flat=True):
            del rows[key]
        Letter.objects.bulk_create(rows.values(), ignore_conflicts=True)
        returned = [row for row in rows.values() if row.state == Letter.State.BOUNCED]
        if returned:
            audit.record_many(
                event=Events.LETTER_BOUNCED,
                by=by,
                at=at,
                organisation_id=organisation_id,
                subjects=[(row.member_id, {"kind": row.kind, "reason": row.reason}) for row in returned],
            )
        written += len(rows)
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


def _usable(to_mail: str, to_name: str) -> bool:
    return rules.is_mail_address(to_mail) and rules.is_header_text(to_name)


def _row(addressed: Addressed, organisation_id: UUID, at: datetime) -> Letter:
    letter_id = new_id()
    row = Letter(
        id=letter_id,
        organisation_id=organisation_id,
        member_id=addressed.member_id,
        kind=addressed.letter.kind(),
        to_mail=addressed.to_mail,
        to_name=addressed.to_name,
        language=addressed.language,
        values=kinds.to_values(addressed.letter),
        key=addressed.key,
        message_id=rules.message_id(letter_hex=letter_id.hex, domain=_domain()),
        next_at=at,
        give_up_at=at + rules.LASTS,
        created_at=at,
    )
    if not _usable(addressed.to_mail, addressed.to_name):
        row.state, row.settled_at = Letter.State.BOUNCED, at
        row.to_mail = "".join(char for char in addressed.to_mail if char.isprintable())[:254]
        row.to_name = "".join(char for char in addressed.to_name if char.isprintable())
        row.reason = (
            _("メールアドレスの形が正しくないため送れません。") if row.to_mail else _("メールアドレスがありません。")
        )
    return row


def _domain() -> str:
    return settings.DEFAULT_FROM_EMAIL.rsplit("@", 1)[-1].strip(">") or "localhost"
