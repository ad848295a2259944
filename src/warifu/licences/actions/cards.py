"""The operator's registration cards: made in batches, printed, mailed, revoked (000-4, 000-5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from warifu.audit import actions as audit
from warifu.audit.events import Licences as Events
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.licences.actions import proofs
from warifu.licences.models import CardBatch, Product, RegistrationCard
from warifu.licences.queries.office import insist_manager
from warifu.licences.rules import codes
from warifu.licences.rules.codes import Code
from warifu.notices import actions as notices
from warifu.notices import kinds
from warifu.notices.links import LateLink
from warifu.organisations import queries as organisations

MOST = 1_000
"""Cards made in one batch."""


class CountUnusable(Refused):
    """Not so many cards at once."""

    code = "WF-L111"
    sentence = _("一度に作れるカードは、1枚から{most}枚までです。")
    remedy = _("束を分けて作ってください。")
    status = 422


class CardNotIssued(Refused):
    """Only a card that nobody has registered can be sent or revoked."""

    code = "WF-L112"
    sentence = _("このカードは、すでに登録されたか取り消されています。")
    remedy = _("登録済みのときは、ライセンスのほうを取り消してください。")


def make_batch(
    *, product_id: UUID, name: str, channel: str, count: int, register_until: date, by: Actor, at: datetime
) -> UUID:
    """Make a batch of cards for a product. Raises `NotPermitted`, `NotFound`, `CountUnusable`."""
    operator_id = insist_manager(by=by)
    if not 1 <= count <= MOST:
        raise CountUnusable(most=MOST)
    if channel not in CardBatch.Channel.values or not Product.objects.filter(id=product_id, ended_at=None).exists():
        raise NotFound
    with transaction.atomic():
        batch = CardBatch.objects.create(
            product_id=product_id,
            name=name,
            channel=channel,
            register_until=register_until,
            made_at=at,
            made_by=by.id,
        )
        for _place in range(count):
            _make_card(batch)
        audit.record(
            event=Events.CARDS_MADE,
            by=by,
            at=at,
            organisation_id=operator_id,
            subject_id=batch.id,
            name=name,
            count=count,
        )
    return batch.id


@dataclass(frozen=True, kw_only=True)
class PrintedCard:
    """A card with both of its confirmation numbers, as it is printed."""

    number: str
    registering: str
    support: str


def print_batch(*, batch_id: UUID, by: Actor, at: datetime) -> list[PrintedCard]:
    """The cards of a batch that nobody has registered, with their confirmation numbers, for paper.

    That they were shown is kept in the trail. Raises `NotPermitted`, `NotFound`.
    """
    operator_id = insist_manager(by=by)
    if not CardBatch.objects.filter(id=batch_id).exists():
        raise NotFound
    with transaction.atomic():
        unused = RegistrationCard.objects.filter(batch_id=batch_id, state=RegistrationCard.State.ISSUED)
        unused.filter(printed_at=None).update(printed_at=at)
        audit.record(event=Events.CARDS_PRINTED, by=by, at=at, organisation_id=operator_id, subject_id=batch_id)
        return [
            PrintedCard(
                number=codes.shown(row.number),
                registering=codes.shown(proofs.of_row(kind=Code.REGISTERING, row_id=row.id)),
                support=codes.shown(proofs.of_row(kind=Code.SUPPORT, row_id=row.id)),
            )
            for row in unused.order_by("id")
        ]


def record_export(*, batch_id: UUID, by: Actor, at: datetime) -> None:
    """Keep that a batch's cards were written to a file. Raises `NotPermitted`."""
    operator_id = insist_manager(by=by)
    with transaction.atomic():
        audit.record(event=Events.CARDS_EXPORTED, by=by, at=at, organisation_id=operator_id, subject_id=batch_id)


def send(*, card_id: UUID, to_mail: str, to_name: str, by: Actor, at: datetime) -> None:
    """Mail a card. Raises `NotPermitted`, `NotFound`, `CardNotIssued`, `AddressUnusable`."""
    operator_id = insist_manager(by=by)
    card = RegistrationCard.objects.select_related("batch__product").filter(id=card_id).first()
    if card is None:
        raise NotFound
    with transaction.atomic():
        unused = RegistrationCard.objects.filter(id=card_id, state=RegistrationCard.State.ISSUED)
        if unused.update(sent_to=to_mail) != 1:
            raise CardNotIssued
        notices.post(
            letter=kinds.RegistrationCardDelivered(
                organisation_name=organisations.organisation(organisation_id=operator_id).name,
                name=to_name,
                product=card.batch.product.name,
                card_number=codes.shown(card.number),
                registering_code=LateLink(kind="card_registering", reference=str(card.id)),
                support_confirmation=LateLink(kind="card_support", reference=str(card.id)),
                last_day=card.batch.register_until,
                link=LateLink(kind="page", reference="/register/"),
            ),
            organisation_id=operator_id,
            member_id=None,
            to_mail=to_mail,
            to_name=to_name,
            key=f"card:{card.id}:{at.isoformat()}",
            by=by,
            at=at,
        )
        audit.record(
            event=Events.CARD_SENT, by=by, at=at, organisation_id=operator_id, subject_id=card.id, card=card.number
        )


def revoke(*, card_id: UUID, reason: str, by: Actor, at: datetime) -> None:
    """Make a card that nobody has registered worthless. Raises `NotPermitted`, `NotFound`, `CardNotIssued`."""
    operator_id = insist_manager(by=by)
    card = RegistrationCard.objects.filter(id=card_id).first()
    if card is None:
        raise NotFound
    with transaction.atomic():
        unused = RegistrationCard.objects.filter(id=card_id, state=RegistrationCard.State.ISSUED)
        if unused.update(state=RegistrationCard.State.REVOKED, revoked_at=at, reason=reason) != 1:
            raise CardNotIssued
        audit.record(
            event=Events.CARD_REVOKED,
            by=by,
            at=at,
            organisation_id=operator_id,
            subject_id=card.id,
            card=card.number,
            reason=reason,
        )


def _make_card(batch: CardBatch) -> RegistrationCard:
    while True:
        try:
            with transaction.atomic():
                return RegistrationCard.objects.create(batch=batch, number=codes.made(kind=Code.NUMBER))
        except IntegrityError:
            continue
