"""Builders of submissions that wait for a check, with sealed numbers and pictures."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from PIL import Image

from tests.cast import MORNING, Cast, test_number
from warifu.collection.actions import entries, policies
from warifu.collection.models import Dependent, Document, PurposeNotice, RosterEntry, Submission
from warifu.foundation.actor import SYSTEM, Actor
from warifu.foundation.purposes import Purpose
from warifu.vault.actions import files, numbers
from warifu.vault.rules import MyNumber

IDS = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{32}\b")
"""Ids hold digits too, and twelve of them may stand in a row."""

PURPOSES = [Purpose.WITHHOLDING_SLIP, Purpose.DEPENDENTS_DECLARATION, Purpose.THIRD_CATEGORY]

CARD_ANSWERS = {
    "self.number.equal": "on",
    "self.number.name": "on",
    "self.number_card.name": "on",
    "self.number_card.birth": "on",
    "self.number_card.expires": "2031-04-02",
}
"""Everything that a checker answers for a number card with both sides."""

CARD = (("number_card", "back"), ("number_card", "front"))


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Ids of a submission that waits."""

    entry_id: UUID
    submission_id: UUID
    member_id: UUID
    document_ids: list[UUID]


def picture() -> bytes:
    """A small JPEG."""
    buffer = io.BytesIO()
    Image.new("RGB", (60, 40), (200, 210, 220)).save(buffer, "JPEG")
    return buffer.getvalue()


def sealed(organisation_id: UUID, subject_id: UUID, base: str, at: datetime = MORNING) -> UUID:
    """The reference of a sealed test number."""
    return numbers.seal(
        number=MyNumber.parse(test_number(base), accepts_test=True),
        organisation_id=organisation_id,
        subject_id=subject_id,
        purposes=PURPOSES,
        by=SYSTEM,
        at=at,
    )


def notice(organisation_id: UUID, purposes: list[Purpose]) -> PurposeNotice:
    """A purpose notice of an organisation."""
    return PurposeNotice.objects.get_or_create(
        organisation_id=organisation_id,
        version=1,
        defaults={
            "purposes": [purpose.value for purpose in purposes],
            "text": "お知らせ",
            "hash": "0" * 64,
            "published_at": MORNING,
        },
    )[0]


def attach(
    submission: Submission, *, paper: str, side: str, dependent: Dependent | None = None, state: str = "ready"
) -> UUID:
    """A picture of a submission, ready to be opened."""
    ref = files.seal(
        content=picture(),
        media_type="image/jpeg",
        organisation_id=submission.organisation_id,
        subject_id=submission.entry.member_id,
        by=SYSTEM,
        at=MORNING,
    )
    return Document.objects.create(
        submission=submission,
        dependent=dependent,
        paper=paper,
        side=side,
        slot=f"{paper}.{side}",
        image_ref=ref,
        state=state,
        size=1000,
        uploaded_at=MORNING,
    ).id


def waiting(
    cast: Cast,
    *,
    person: Actor | None = None,
    base: str = "12345678901",
    pictures: tuple[tuple[str, str], ...] = CARD,
    submitted_at: datetime = MORNING - timedelta(hours=1),
    purposes: list[Purpose] | None = None,
    second_check: bool = False,
    **values: object,
) -> Waiting:
    """A submission of `person` (Inoue) at Aoba that waits for a check."""
    person = person or cast.inoue
    assert person.id is not None
    policies.ensure(organisation_id=cast.aoba)
    policy_values = {"second_check": second_check, "second_check_off_reason": "" if second_check else "二人しかいない"}
    policies.Policy.objects.filter(organisation_id=cast.aoba).update(**policy_values)
    entry_id = entries.add(organisation_id=cast.aoba, member_id=person.id, by=cast.aoki, at=MORNING)
    fields: dict[str, object] = {
        "method": "number_card",
        "number_paper": "number_card",
        "family_name": "井上",
        "given_name": "郁",
        "born_on": date(1988, 4, 2),
        "prefecture": "見本県",
        "city": "青葉市",
        "street": "本町1-2-3",
    }
    submission = Submission.objects.create(
        organisation_id=cast.aoba,
        entry_id=entry_id,
        state="submitted",
        notice=notice(cast.aoba, purposes or PURPOSES),
        number_ref=sealed(cast.aoba, person.id, base),
        created_at=submitted_at,
        changed_at=submitted_at,
        submitted_at=submitted_at,
        **(fields | values),
    )
    RosterEntry.objects.filter(id=entry_id).update(state="submitted", submitted_at=submitted_at)
    ids = [attach(submission, paper=paper, side=side) for paper, side in pictures]
    return Waiting(entry_id=entry_id, submission_id=submission.id, member_id=person.id, document_ids=ids)


def spouse(case: Waiting, *, path: str, base: str = "22345678902", ticked: bool = True) -> Dependent:
    """A third-category spouse of a waiting submission, without pictures."""
    submission = Submission.objects.get(id=case.submission_id)
    dependent = Dependent(
        submission=submission,
        order=1,
        relation="spouse",
        family_name="井上",
        given_name="由美",
        is_third_category=True,
        spouse_path=path,
        checked_by_employee_at=MORNING if ticked else None,
    )
    dependent.number_ref = sealed(submission.organisation_id, dependent.subject_id, base)
    dependent.save()
    return dependent


def child(case: Waiting, *, ticked: bool, base: str = "32345678903") -> Dependent:
    """A child in a waiting submission, for tax."""
    submission = Submission.objects.get(id=case.submission_id)
    dependent = Dependent(
        submission=submission,
        order=2,
        relation="child",
        family_name="井上",
        given_name="結",
        checked_by_employee_at=MORNING if ticked else None,
    )
    dependent.number_ref = sealed(submission.organisation_id, dependent.subject_id, base)
    dependent.save()
    return dependent
