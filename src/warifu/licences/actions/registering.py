"""利用者登録: a customer's way from card to licence, resumed by the browser that began it (000-6 … 000-15)."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.crypto import constant_time_compare

from warifu.audit import actions as audit
from warifu.audit.events import Licences as Events
from warifu.credentials.actions import attempts
from warifu.credentials.rules.secrets import digest
from warifu.foundation.actor import SYSTEM
from warifu.foundation.days import jst_day
from warifu.foundation.masking import mask_numbers
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.licences.actions import guesses, letters, proofs, standings
from warifu.licences.models import Licence, Registration, RegistrationCard, SupportContract
from warifu.licences.queries.registrations import current_terms
from warifu.licences.rules import codes
from warifu.licences.rules.codes import Code
from warifu.licences.rules.company import bare_phone, is_complete
from warifu.licences.rules.terms_of_time import last_day
from warifu.organisations import queries as organisations

LASTS = timedelta(days=7)
"""How long a registration that was begun can be resumed."""


class PairUnknown(Refused):
    """Number and confirmation number do not belong together; which of them is wrong is not said (L-10)."""

    code = "WF-L103"
    sentence = _("製品登録番号と確認番号の組合せが合いません。")
    remedy = _(
        "カードまたはメールを見て、2つの番号を入れ直してください。続けて間違えると、しばらく待つことになります。"
    )
    status = 422


class EarlierUnknown(Refused):
    """Number and telephone number do not belong to one earlier registration; which is wrong is not said."""

    code = "WF-L104"
    sentence = _("この製品登録番号と電話番号では、前の登録を読み込めません。")
    remedy = _("前に登録したときの電話番号を確かめてください。分からないときは、読み込まずに入れてください。")
    status = 422


class CardUsed(Refused):
    """The card was registered before."""

    code = "WF-L201"
    sentence = _("このカードは、すでに登録されています。")
    remedy = _(
        "登録のときに届いた「ライセンスキーのお知らせ」を探してください。お心当たりがないときは、販売元へご連絡ください。"
    )


class CardExpired(Refused):
    """The day until which the card could be registered is over."""

    code = "WF-L202"
    sentence = _("このカードの登録の期限 {day} を過ぎています。")
    remedy = _("販売元に、新しいカードへの引換えをご依頼ください。")


class CardRevoked(Refused):
    """The operator has revoked the card."""

    code = "WF-L203"
    sentence = _("このカードは取り消されています。")
    remedy = _("販売元に、カードの番号を伝えてご確認ください。")


class RegistrationOver(Refused):
    """This browser has no registration under way, or it lies too long back."""

    code = "WF-L204"
    sentence = _("この画面で続けられる登録がありません。")
    remedy = _("はじめの画面で、製品登録番号と登録用の確認番号をもう一度入れてください。")
    status = 410


class TermsNotTicked(Refused):
    """Every document of terms is ticked by itself, in the version that was shown (000-9)."""

    code = "WF-L205"
    sentence = _("同意いただいていない利用規約があります。")
    remedy = _("すべての利用規約をお読みになり、一つずつ印を付けてください。")
    status = 422


class RegistrationIncomplete(Refused):
    """A step before the last one is missing."""

    code = "WF-L206"
    sentence = _("登録に要る項目が、まだそろっていません。")
    remedy = _("利用規約、会社の情報、保守契約用の確認番号の順に、画面を進めてください。")
    status = 422


class OtherProduct(Refused):
    """A card renews registrations of its own product only."""

    code = "WF-L207"
    sentence = _("このカードの製品は、更新しようとした登録の製品と違います。")
    remedy = _("更新せずに新しく登録するか、同じ製品のカードをご用意ください。")


class EarlierRevoked(Refused):
    """A licence that was taken back is not renewed."""

    code = "WF-L208"
    sentence = _("更新しようとした登録のライセンスは、取り消されています。")
    remedy = _("更新せずに新しく登録するか、販売元にご確認ください。")


def begin(*, number: str, confirmation: str, address: str, at: datetime) -> str:
    """Begin to register a card; returns the token that this browser keeps (000-7, 000-8).

    Slips of the hand are named at once and cost nothing; what is left are guesses. Raises `CodeMistyped`,
    `CodesMixedUp`, `TooManyAttempts`, `PairUnknown`, `CardUsed`, `CardExpired`, `CardRevoked`.
    """
    wanted = codes.read(kind=Code.NUMBER, typed=number)
    code = codes.read(kind=Code.REGISTERING, typed=confirmation)
    guesses.take(address=address, number=wanted, at=at)
    card = RegistrationCard.objects.select_related("batch").filter(number=wanted).first()
    if card is None or not proofs.fits(kind=Code.REGISTERING, row_id=card.id, code=code):
        guesses.refused(address=address, number=wanted, what="registering", at=at)
        raise PairUnknown
    guesses.succeeded(address=address, number=wanted)
    insist_usable(card=card, at=at)
    token = secrets.token_urlsafe(32)
    Registration.objects.create(card=card, token_hash=digest(token), started_at=at, valid_until=at + LASTS)
    return token


def accept_terms(*, token: str, terms_ids: Collection[UUID], at: datetime) -> None:
    """Keep which versions were ticked and when (000-9). Raises `RegistrationOver`, `TermsNotTicked`."""
    row = draft(token=token, at=at)
    terms = current_terms(product_id=row.card.batch.product_id)
    if not {each.id for each in terms} <= set(terms_ids):
        raise TermsNotTicked
    accepted = [
        {"id": str(each.id), "code": each.code, "version": each.version, "at": at.isoformat()} for each in terms
    ]
    _save(row, at, accepted_terms=accepted)


def read_earlier(*, token: str, number: str, phone: str, address: str, at: datetime) -> None:
    """Take over the company's data from an earlier registration (000-12).

    Both must match. Raises `RegistrationOver`, `CodeMistyped`, `CodesMixedUp`, `TooManyAttempts`, `EarlierUnknown`.
    """
    row = draft(token=token, at=at)
    wanted = codes.read(kind=Code.NUMBER, typed=number)
    attempts.take(purpose="card.company", subject=wanted, at=at)
    attempts.take(purpose="card.address", subject=address, at=at)
    contract = SupportContract.objects.select_related("registration").filter(card__number=wanted).first()
    earlier = contract.registration if contract else None
    known = bare_phone(earlier.company.get("phone", "")) if earlier else ""
    if earlier is None or not constant_time_compare(known, bare_phone(phone)):
        guesses.refused(address=address, number=wanted, what="company", at=at)
        raise EarlierUnknown
    attempts.clear(purpose="card.company", subject=wanted)
    attempts.clear(purpose="card.address", subject=address)
    _save(row, at, company={**earlier.company, "earlier": str(earlier.id), "renews": False})


def save_company(*, token: str, company: Mapping[str, str], renews: bool, at: datetime) -> None:
    """Keep the company's data (000-10), and whether the card renews the registration that was read.

    Raises `RegistrationOver`, `OtherProduct`, `EarlierRevoked`.
    """
    row = draft(token=token, at=at)
    earlier = row.company.get("earlier", "")
    if renews and earlier:
        insist_renewable(row=row, earlier_id=earlier)
    kept = {key: mask_numbers(value) for key, value in company.items()}
    _save(row, at, company={**kept, "earlier": earlier, "renews": bool(renews and earlier)})


def confirm_support(*, token: str, confirmation: str, address: str, at: datetime) -> None:
    """Take the second confirmation number (000-11).

    Raises `RegistrationOver`, `CodeMistyped`, `CodesMixedUp`, `TooManyAttempts`, `PairUnknown`.
    """
    row = draft(token=token, at=at)
    code = codes.read(kind=Code.SUPPORT, typed=confirmation)
    guesses.take(address=address, number=row.card.number, at=at)
    if not proofs.fits(kind=Code.SUPPORT, row_id=row.card_id, code=code):
        guesses.refused(address=address, number=row.card.number, what="support", at=at)
        raise PairUnknown
    guesses.succeeded(address=address, number=row.card.number)
    _save(row, at, support_confirmed_at=at)


def register(*, token: str, at: datetime) -> None:
    """Register the card: licence, support contract and letter stand or fall together (000-13 … 000-15).

    Of two browsers with the same card one wins. Raises `RegistrationOver`, `RegistrationIncomplete`, `CardUsed`,
    `CardExpired`, `CardRevoked`, `OtherProduct`, `EarlierRevoked`, `AddressUnusable`.
    """
    row = draft(token=token, at=at)
    if not is_ready(row=row):
        raise RegistrationIncomplete
    insist_usable(card=row.card, at=at)
    with transaction.atomic():
        unused = RegistrationCard.objects.filter(id=row.card_id, state=RegistrationCard.State.ISSUED)
        if unused.update(state=RegistrationCard.State.REGISTERED, registered_at=at) != 1:
            raise CardUsed
        under_way = Registration.objects.filter(id=row.id, state=Registration.State.DRAFT)
        if under_way.update(state=Registration.State.REGISTERED, registered_at=at) != 1:
            raise RegistrationOver
        if row.company["renews"]:
            _renew(row, at)
        else:
            _issue(row, at)


def draft(*, token: str, at: datetime) -> Registration:
    """The registration that a browser has under way. Raises `RegistrationOver`."""
    row = (
        Registration.objects.select_related("card__batch__product")
        .filter(token_hash=digest(token), state=Registration.State.DRAFT, valid_until__gt=at)
        .first()
    )
    if row is None:
        raise RegistrationOver
    return row


def insist_usable(*, card: RegistrationCard, at: datetime) -> None:
    """Raise what keeps a card from being registered: `CardUsed`, `CardRevoked`, `CardExpired`."""
    if card.state == RegistrationCard.State.REGISTERED:
        raise CardUsed
    if card.state == RegistrationCard.State.REVOKED:
        raise CardRevoked
    if jst_day(at) > card.batch.register_until:
        raise CardExpired(day=card.batch.register_until.isoformat())


def insist_renewable(*, row: Registration, earlier_id: str) -> Registration:
    """The registration that a card would renew. Raises `OtherProduct`, `EarlierRevoked`."""
    earlier = Registration.objects.select_related("card__batch__product").get(id=earlier_id)
    if earlier.card.batch.product_id != row.card.batch.product_id:
        raise OtherProduct
    if not Licence.objects.filter(registration=earlier).exclude(state=Licence.State.REVOKED).exists():
        raise EarlierRevoked
    return earlier


def is_ready(*, row: Registration) -> bool:
    """Whether every step before the last one is done, with the terms of today."""
    accepted = {each["id"] for each in row.accepted_terms}
    terms = {str(each.id) for each in current_terms(product_id=row.card.batch.product_id)}
    return terms <= accepted and is_complete(row.company) and row.support_confirmed_at is not None


def _save(row: Registration, at: datetime, **values: object) -> None:
    under_way = Registration.objects.filter(id=row.id, state=Registration.State.DRAFT, valid_until__gt=at)
    if under_way.update(**values) != 1:
        raise RegistrationOver


def _issue(row: Registration, at: datetime) -> None:
    product = row.card.batch.product
    begins = jst_day(at)
    ends = last_day(begins=begins, months=product.licence_months)
    row.support_id = codes.made(kind=Code.SUPPORT_ID)
    Registration.objects.filter(id=row.id).update(support_id=row.support_id)
    licence = Licence.objects.create(registration=row, product=product, from_day=begins, until_day=ends)
    SupportContract.objects.create(registration=row, card=row.card, from_day=begins, until_day=ends, made_at=at)
    _record(Events.REGISTERED, row, at)
    letters.key_issued(registration=row, licence=licence, at=at)


def _renew(row: Registration, at: datetime) -> None:
    earlier = insist_renewable(row=row, earlier_id=row.company["earlier"])
    months = row.card.batch.product.licence_months
    licences = Licence.objects.select_for_update().filter(registration=earlier).exclude(state=Licence.State.REVOKED)
    for licence in licences:
        begins = _next_term(licence.until_day, at)
        licence.until_day, licence.reminded_days = last_day(begins=begins, months=months), None
        licence.save()
    if earlier.organisation_id is not None:
        standings.follow(organisation_id=earlier.organisation_id, at=at)
    last = SupportContract.objects.filter(registration=earlier).order_by("-until_day").first()
    begins = _next_term(last.until_day if last else None, at)
    ends = last_day(begins=begins, months=months)
    SupportContract.objects.create(registration=earlier, card=row.card, from_day=begins, until_day=ends, made_at=at)
    Registration.objects.filter(id=earlier.id).update(company={**row.company, "earlier": "", "renews": False})
    _record(Events.SUPPORT_RENEWED, earlier, at)
    earlier.company = row.company
    letters.support_renewed(registration=earlier, last_day=ends, card_id=row.card_id, at=at)


def _next_term(until: date | None, at: datetime) -> date:
    today = jst_day(at)
    return max(today, until + timedelta(days=1)) if until else today


def _record(event: Events, row: Registration, at: datetime) -> None:
    operator_id = organisations.operator().id
    audit.record(event=event, by=SYSTEM, at=at, organisation_id=operator_id, subject_id=row.id, card=row.card.number)
