"""マイキーID: stand in line, read the card, issue, change, apply, end (004-1 … 004-17; cards.md 5).

Reserving and issuing are one act (004-1). The queue lies in the rows: places are given out in the order of asking, one
that is not used goes back, and a newer try of the same person ends the one in hand (004-17).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from warifu.audit import actions as audit
from warifu.audit.events import Cards as Events
from warifu.cards.examining import Credential
from warifu.cards.models import MyKey, MyKeyStage, MyKeyTicket
from warifu.cards.rules import mykey as rules
from warifu.cards.rules import signs
from warifu.cards.rules.mykey import (
    AlreadyReserved,
    NoMoreGenerated,
    PlaceLost,
    Superseded,
    WishTaken,
)
from warifu.cards.rules.purposes import Order
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations.rules import Permission, require

State = MyKeyTicket.State
OPEN = (State.WAITING, State.CALLED, State.READ)


@dataclass(frozen=True, kw_only=True)
class Issued:
    """A MyKey ID as it was issued."""

    id: UUID
    text: str


def set_stage(
    *, reserve_from: datetime | None, apply_from: datetime | None, slots: int, by: Actor, at: datetime
) -> None:
    """Say from when reservations and applications are taken, and how many read their cards at the same time (004-3).

    Raises `NotPermitted`.
    """
    assert by.organisation_id is not None  # noqa: S101
    require(by=by, permission=Permission.LICENCES_MANAGE, organisation_id=by.organisation_id)
    with transaction.atomic():
        values = {"reserve_from": reserve_from, "apply_from": apply_from, "slots": slots}
        MyKeyStage.objects.update_or_create(id=1, defaults=values)
        audit.record(
            event=Events.STAGE_SET,
            by=by,
            at=at,
            reserve_from=reserve_from.isoformat() if reserve_from else "",
            apply_from=apply_from.isoformat() if apply_from else "",
            slots=slots,
        )


def stand_in_line(*, order: Order, session_id: UUID, by: Actor, at: datetime) -> UUID:
    """Take a ticket for the reservation; one in hand elsewhere is thereby superseded (004-17). Returns its id.

    Raises `NotOpenYet` (004-3), `AlreadyReserved` (004-16), `NotPermitted`.
    """
    assert by.id is not None and by.organisation_id is not None  # noqa: S101, PT018
    require(by=by, permission=Permission.OWN_RECORD, organisation_id=by.organisation_id)
    rules.insist_open(opens_at=_stage().reserve_from, what=_("予約（発行）"), at=at)
    if MyKey.objects.filter(member_id=by.id, ended_at=None).exists():
        raise AlreadyReserved
    try:
        with transaction.atomic():
            in_hand = MyKeyTicket.objects.filter(member_id=by.id, state__in=OPEN)
            in_hand.update(state=State.SUPERSEDED, ended_at=at)
            row = MyKeyTicket.objects.create(
                member_id=by.id, session_id=session_id, order=order.value, asked_at=at, seen_at=at
            )
    except IntegrityError:
        raise Superseded from None
    advance(at=at)
    return row.id


def look(*, ticket_id: UUID, by: Actor, at: datetime) -> None:
    """Note that a page still waits, and move the queue on."""
    assert by.id is not None  # noqa: S101
    MyKeyTicket.objects.filter(id=ticket_id, member_id=by.id, state=State.WAITING).update(seen_at=at)
    advance(at=at)


def advance(*, at: datetime) -> int:
    """Take back places that were not used, and call as many as there are places; returns how many were called."""
    with transaction.atomic():
        stage = MyKeyStage.objects.select_for_update().filter(id=1).first()
        if stage is None:
            return 0
        MyKeyTicket.objects.filter(state__in=(State.CALLED, State.READ), valid_until__lte=at).update(
            state=State.LAPSED, ended_at=at
        )
        MyKeyTicket.objects.filter(state=State.WAITING, seen_at__lt=at - rules.GONE_AFTER).update(
            state=State.LAPSED, ended_at=at
        )
        taken = MyKeyTicket.objects.filter(state__in=(State.CALLED, State.READ)).count()
        waiting = MyKeyTicket.objects.filter(state=State.WAITING).order_by("asked_at", "id")
        following = list(waiting.values_list("id", flat=True)[: max(0, stage.slots - taken)])
        return MyKeyTicket.objects.filter(id__in=following, state=State.WAITING).update(
            state=State.CALLED, called_at=at, valid_until=at + rules.READS_WITHIN
        )


def read(*, ticket_id: UUID, card: Credential, by: Actor, at: datetime) -> None:
    """The card of somebody who was called has answered: 「パスワードの確認に成功」, and 発行 is next (004-9, 004-12).

    Raises `AlreadyReserved` when the card has a MyKey ID, `Superseded`, `PlaceLost`.
    """
    assert by.id is not None  # noqa: S101
    if MyKey.objects.filter(credential_hash=card.hash, ended_at=None).exists():
        raise AlreadyReserved
    called = MyKeyTicket.objects.filter(id=ticket_id, member_id=by.id, state=State.CALLED, valid_until__gt=at)
    moved = called.update(state=State.READ, credential_hash=card.hash, valid_until=at + rules.READS_WITHIN)
    if moved != 1:
        raise _why_not(ticket_id, by)


def issue(*, ticket_id: UUID, by: Actor, at: datetime) -> Issued:
    """Issue the MyKey ID: the reservation is done (004-1, 004-9). Raises as `read` does."""
    assert by.id is not None  # noqa: S101
    try:
        with transaction.atomic():
            ready = MyKeyTicket.objects.filter(id=ticket_id, member_id=by.id, state=State.READ, valid_until__gt=at)
            card = ready.values_list("credential_hash", flat=True).first()
            if card is None or ready.update(state=State.ISSUED, ended_at=at) != 1:
                raise _why_not(ticket_id, by)
            row = MyKey.objects.create(member_id=by.id, text=_unused(), credential_hash=card, reserved_at=at)
            audit.record(event=Events.MYKEY_ISSUED, by=by, at=at, subject_id=by.id, mykey=str(row.id))
    except IntegrityError:
        raise AlreadyReserved from None
    advance(at=at)
    return Issued(id=row.id, text=row.text)


def choose(*, wish: str, by: Actor, at: datetime) -> str:
    """Change one's MyKey ID to a wish; after three that others have one is generated. Returns the new ID.

    Raises `WishUnusable`, `WishTaken` (which counts), `NotFound`.
    """
    text = signs.bare(wish)
    rules.insist_usable(text)
    row = _own(by)
    if MyKey.objects.filter(text=text).exclude(id=row.id).exists():
        tries = row.own_tries + 1
        MyKey.objects.filter(id=row.id).update(own_tries=tries % rules.OWN_TRIES)
        if tries < rules.OWN_TRIES:
            raise WishTaken(left=rules.OWN_TRIES - tries)
        text = _unused()
    return _write(row, text, by, at)


def generate(*, by: Actor, at: datetime) -> str:
    """Have another ID generated, three times at most. Returns it. Raises `NoMoreGenerated`, `NotFound`."""
    row = _own(by)
    left = MyKey.objects.filter(id=row.id, generated__lt=rules.GENERATED)
    if left.update(generated=row.generated + 1) != 1:
        raise NoMoreGenerated(most=rules.GENERATED)
    return _write(row, _unused(), by, at)


def apply(*, by: Actor, at: datetime) -> None:
    """Apply with the MyKey ID, once that is open (004-3). Raises `NotOpenYet`, `NotFound`."""
    rules.insist_open(opens_at=_stage().apply_from, what=_("申込み"), at=at)
    row = _own(by)
    with transaction.atomic():
        if MyKey.objects.filter(id=row.id, applied_at=None, ended_at=None).update(applied_at=at) == 1:
            audit.record(event=Events.MYKEY_APPLIED, by=by, at=at, subject_id=by.id, mykey=str(row.id))


def end(*, by: Actor, at: datetime) -> None:
    """失効: end one's MyKey ID; a new one can be reserved then, the old one is never given again. Raises `NotFound`."""
    row = _own(by)
    with transaction.atomic():
        if MyKey.objects.filter(id=row.id, ended_at=None).update(ended_at=at) != 1:
            raise NotFound
        audit.record(event=Events.MYKEY_ENDED, by=by, at=at, subject_id=by.id, mykey=str(row.id))


def _stage() -> MyKeyStage:
    return MyKeyStage.objects.filter(id=1).first() or MyKeyStage()


def _own(by: Actor) -> MyKey:
    assert by.id is not None  # noqa: S101
    row = MyKey.objects.filter(member_id=by.id, ended_at=None).first()
    if row is None:
        raise NotFound
    return row


def _write(row: MyKey, text: str, by: Actor, at: datetime) -> str:
    try:
        with transaction.atomic():
            if MyKey.objects.filter(id=row.id, ended_at=None).update(text=text) != 1:
                raise NotFound
            audit.record(event=Events.MYKEY_CHANGED, by=by, at=at, subject_id=by.id, mykey=str(row.id))
    except IntegrityError:
        raise WishTaken(left=rules.OWN_TRIES) from None
    return text


def _unused() -> str:
    """An ID that nobody has or had."""
    while True:
        text = signs.drawn()
        if not text.isdigit() and not MyKey.objects.filter(text=text).exists():
            return text


def _why_not(ticket_id: UUID, by: Actor) -> Refused:
    assert by.id is not None  # noqa: S101
    state = MyKeyTicket.objects.filter(id=ticket_id, member_id=by.id).values_list("state", flat=True).first()
    if state is None:
        return NotFound()
    if state == State.SUPERSEDED:
        return Superseded()
    return AlreadyReserved() if state == State.ISSUED else PlaceLost()
