"""Handing in by card: the number goes from the card to the vault; neither typing nor pictures are needed (004).

The doors have had the card examined (`warifu.cards`); here it is compared with the roster, and what was found is kept
for the checker. No digit, and no attribute but the name and the address that the checker compares, stays outside the
vault.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Collection as Events
from warifu.cards.examining import Credential, Profile
from warifu.cards.revocation import Status
from warifu.collection.actions import drafts
from warifu.collection.models import Submission
from warifu.collection.queries import submissions as queries
from warifu.collection.rules import card as rules
from warifu.collection.rules import papers
from warifu.collection.rules.card import Fit, Reading
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import Named, Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations import queries as organisations
from warifu.vault.rules import MyNumber


class PersonDiffers(Refused):
    """The card is somebody else's, by the roster."""

    code = "WF-K909"
    sentence = _("カードの{what}が、会社の名簿と合いません。番号は受け取っていません。")
    remedy = _(
        "ご自分のカードか、お確かめください。氏名が変わったときは会社の担当者に名簿を直してもらうか、書類の写真で提出してください。"
    )
    status = 422


class NothingToHandIn(Refused):
    """There is no draft that a card could fill."""

    code = "WF-K910"
    sentence = _("入力中の提出がありません。")
    remedy = _("マイページから提出を始め、「番号」の画面でカードを選んでください。")


def hand_in(*, organisation_id: UUID, member_id: UUID, profile: Profile, by: Actor, at: datetime) -> None:
    """Take number and attributes of an examined card for the person's draft; pictures are no longer needed.

    Blank fields of the person are filled, filled ones stay as they are. Raises `PersonDiffers`, `NothingToHandIn`, what
    `drafts.held` and `drafts.sealed` raise, and what is wrong with a number.
    """
    assert profile.number is not None  # noqa: S101
    number = MyNumber.parse(profile.number, accepts_test=not settings.WARIFU.is_production)
    with transaction.atomic():
        row = _draft(organisation_id, member_id, by)
        reading = _compared(row, profile, status=Status.UNCONFIRMED, has_number=True, at=at)
        ref = drafts.sealed(row=row, subject_id=member_id, number=number, by=by, at=at)
        if row.number_ref is not None:
            drafts.drop_number(row=row, ref=row.number_ref, by=by, at=at)
        _keep(row, reading, profile, {"number_ref": ref, "number_paper": "number_card"}, by, at)


def verify(
    *, organisation_id: UUID, member_id: UUID, profile: Profile, card: Credential, by: Actor, at: datetime
) -> None:
    """Take a card as proof of the person; the number is typed and its paper photographed. Raises as `hand_in`."""
    with transaction.atomic():
        row = _draft(organisation_id, member_id, by)
        reading = _compared(row, profile, status=card.finding.status, has_number=False, at=at)
        paper = row.number_paper if row.number_paper in papers.NUMBER_PAPERS else "number_card"
        _keep(row, reading, profile, {"number_paper": paper}, by, at)


def _draft(organisation_id: UUID, member_id: UUID, by: Actor) -> Submission:
    found = queries.draft_id(organisation_id=organisation_id, member_id=member_id)
    if found is None:
        raise NothingToHandIn
    return drafts.held(organisation_id=organisation_id, submission_id=found, by=by)


def _compared(row: Submission, profile: Profile, *, status: Status, has_number: bool, at: datetime) -> Reading:
    """The reading beside the roster. Raises `PersonDiffers`."""
    member = organisations.member(organisation_id=row.organisation_id, member_id=row.entry.member_id)
    fit = rules.fit_of(on_card=profile.name, known=member.full_name)
    if fit is Fit.DIFFERS:
        raise PersonDiffers(what=Named(_("氏名")))
    born = rules.birth_fits(on_card=profile.born_on, known=member.born_on)
    if born is False:
        raise PersonDiffers(what=Named(_("生年月日")))
    return Reading(
        has_number=has_number,
        name=profile.name,
        fit=fit.value,
        born=born,
        address=profile.address,
        status=status.value,
        read_at=at.isoformat(),
    )


def _keep(
    row: Submission, reading: Reading, profile: Profile, more: dict[str, object], by: Actor, at: datetime
) -> None:
    values: dict[str, object] = {
        "method": papers.Method.CARD_READ.value,
        "identity_papers": [],
        "answers": row.answers | {"card": reading.kept(), "one_file": False},
        "born_on": row.born_on or profile.born_on,
    } | more
    Submission.objects.filter(id=row.id).update(changed_at=at, **values)
    for name, value in values.items():
        setattr(row, name, value)
    drafts.drop_unneeded(row=row, by=by, at=at)
    audit.record(
        event=Events.CARD_READ,
        by=by,
        at=at,
        organisation_id=row.organisation_id,
        subject_id=row.entry.member_id,
        submission=str(row.id),
        proves=reading.proves,
        status=reading.status,
    )
