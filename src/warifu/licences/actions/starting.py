"""利用開始のお申込み: a licence becomes a running organisation, in one transaction (000-17 … 000-24)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Licences as Events
from warifu.credentials.actions import activation
from warifu.credentials.queries import tokens
from warifu.foundation.actor import SYSTEM, Actor, ActorKind, Role
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.licences.actions import guesses, letters, proofs, standings
from warifu.licences.models import Licence, Registration, RegistrationCard, StartOfUse
from warifu.licences.rules import codes
from warifu.licences.rules.codes import Code
from warifu.organisations import actions as organisations
from warifu.organisations.rules import NotPermitted, Permission, require


class KeyUnknown(Refused):
    """Number and key do not belong together; which of them is wrong is not said (L-10)."""

    code = "WF-L301"
    sentence = _("製品登録番号とライセンスキーの組合せが合いません。")
    remedy = _("カードの製品登録番号と、「ライセンスキーのお知らせ」のキーを入れ直してください。")
    status = 422


class NotRegistered(Refused):
    """The card was never registered, so it has no licence yet."""

    code = "WF-L302"
    sentence = _("この製品登録番号は、まだ利用者登録されていません。")
    remedy = _("先に利用者登録を済ませ、メールで届くライセンスキーを入れてください。")
    status = 422


class LicenceUsed(Refused):
    """The licence was started before."""

    code = "WF-L303"
    sentence = _("このライセンスは、すでに利用を開始しています。")
    remedy = _(
        "「導入作業開始のお知らせ」のアドレスからサインインしてください。お心当たりがないときは、販売元へご連絡ください。"
    )


class LicenceExpired(Refused):
    """The licence ended before it was started."""

    code = "WF-L304"
    sentence = _("このライセンスの期限 {day} を過ぎています。")
    remedy = _("新しい製品登録番号カードで更新すると、同じキーで利用を開始できます。")


class LicenceRevoked(Refused):
    """The operator has revoked the licence."""

    code = "WF-L305"
    sentence = _("このライセンスは取り消されています。")
    remedy = _("販売元に、サポートIDを伝えてご確認ください。")


class ProductDiffers(Refused):
    """The licence is for another product than the one that was chosen."""

    code = "WF-L306"
    sentence = _("このライセンスは「{product}」のものです。")
    remedy = _("「{product}」を選んで、利用を開始してください。")
    status = 422


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What the applicant shows: the number of the card, the key of the letter, from where, for which product."""

    number: str
    key: str
    product_id: UUID
    address: str


@dataclass(frozen=True, kw_only=True)
class NewOrganisation:
    """The organisation that is to be made, and who shall administer it first."""

    code: str
    name: str
    family_name: str
    given_name: str
    mail: str


def start_inside(*, organisation_id: UUID, shown: Shown, issued_to: str, by: Actor, at: datetime) -> None:
    """Start use for the signed-in organisation, whose users are shared (000-17, 000-18).

    A program does it for the member who issued its token; the letter with the link goes to them. Raises
    `NotPermitted`, `LevelTooLow` and what `_found` and `_claim` refuse.
    """
    is_program = by.kind is ActorKind.TOKEN
    permission = Permission.APPLY if is_program else Permission.SECURITY_MANAGE
    require(by=by, permission=permission, organisation_id=organisation_id)
    assert by.id is not None  # noqa: S101
    administrator = tokens.issuer_of(organisation_id=organisation_id, token_id=by.id) if is_program else by.id
    if administrator is None:
        raise NotPermitted
    licence = _found(shown, at)
    with transaction.atomic():
        _claim(licence, at)
        _start(licence, organisation_id, administrator, issued_to, by, at, is_shared=True)


def start_fresh(*, shown: Shown, new: NewOrganisation, issued_to: str, at: datetime) -> UUID:
    """Start use with a new organisation and its first administrator; returns the organisation's id.

    Raises what `_found` and `_claim` refuse, `CodeTaken`, `AddressUnusable`.
    """
    licence = _found(shown, at)
    with transaction.atomic():
        _claim(licence, at)
        organisation_id = organisations.create(code=new.code, name=new.name, by=SYSTEM, at=at)
        member_id = organisations.add_member(
            organisation_id=organisation_id,
            roles=Role.ADMINISTRATOR | Role.EMPLOYEE,
            family_name=new.family_name,
            given_name=new.given_name,
            mail=new.mail,
            by=SYSTEM,
            at=at,
        )
        _start(licence, organisation_id, member_id, issued_to, SYSTEM, at, is_shared=False)
    return organisation_id


def _found(shown: Shown, at: datetime) -> Licence:
    """The licence that number and key belong to. Raises `CodeMistyped`, `CodesMixedUp`, `TooManyAttempts`,
    `NotRegistered`, `KeyUnknown`, `ProductDiffers`."""
    number = codes.read(kind=Code.NUMBER, typed=shown.number)
    key = codes.read(kind=Code.KEY, typed=shown.key)
    guesses.take(address=shown.address, number=number, at=at)
    licences = Licence.objects.select_related("product", "registration__card").filter(registration__card__number=number)
    for licence in licences:
        if proofs.fits(kind=Code.KEY, row_id=licence.id, code=key):
            guesses.succeeded(address=shown.address, number=number)
            if licence.product_id != shown.product_id:
                raise ProductDiffers(product=licence.product.name)
            return licence
    guesses.refused(address=shown.address, number=number, what="key", at=at)
    if RegistrationCard.objects.filter(number=number, state=RegistrationCard.State.ISSUED).exists():
        raise NotRegistered
    raise KeyUnknown


def _claim(licence: Licence, at: datetime) -> None:
    """Take the licence for one start. Raises `LicenceUsed`, `LicenceExpired`, `LicenceRevoked`."""
    unused = Licence.objects.filter(id=licence.id, state=Licence.State.ACTIVE, until_day__gte=jst_day(at))
    if unused.update(state=Licence.State.STARTED) == 1:
        return
    now = Licence.objects.get(id=licence.id)
    if now.state == Licence.State.REVOKED:
        raise LicenceRevoked
    if now.state == Licence.State.STARTED:
        raise LicenceUsed
    raise LicenceExpired(day=now.until_day.isoformat())


def _start(
    licence: Licence,
    organisation_id: UUID,
    member_id: UUID,
    issued_to: str,
    by: Actor,
    at: datetime,
    *,
    is_shared: bool,
) -> None:
    start = StartOfUse.objects.create(
        licence=licence,
        organisation_id=organisation_id,
        is_shared=is_shared,
        issued_to=issued_to,
        administrator_id=member_id,
        at=at,
    )
    Registration.objects.filter(id=licence.registration_id).update(organisation_id=organisation_id)
    standings.follow(organisation_id=organisation_id, at=at)
    audit.record(
        event=Events.USE_STARTED,
        by=by,
        at=at,
        organisation_id=organisation_id,
        subject_id=licence.id,
        card=licence.registration.card.number,
        shared=is_shared,
    )
    link = activation.issue(organisation_id=organisation_id, member_id=member_id, purpose="first", by=SYSTEM, at=at)
    letters.use_started(start=start, product=licence.product.name, link=link, at=at)
