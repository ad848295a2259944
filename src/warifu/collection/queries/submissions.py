"""Reads of 提出: a person's own state, draft, receipt and record. No view holds a number or a picture."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from warifu.audit import queries as trail
from warifu.audit.events import Collection as Events
from warifu.collection.models import Dependent, Document, RosterEntry, Submission, Verification
from warifu.collection.queries import purpose_notices
from warifu.collection.rules import card, papers
from warifu.collection.rules import submission as rules
from warifu.collection.rules.papers import Slot
from warifu.collection.rules.submission import Facts, Missing, Relative, Step
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import NotFound
from warifu.vault import queries as vault

PERSON_FIELDS = (
    "family_name",
    "given_name",
    "family_kana",
    "given_kana",
    "postal_code",
    "prefecture",
    "city",
    "street",
    "building",
)
RELATIVE_FIELDS = ("relation", "family_name", "given_name", "family_kana", "given_kana", "spouse_path")


@dataclass(frozen=True, kw_only=True)
class PictureView:
    """One picture that lies in a submission: what of, since when, in which state; never the picture itself."""

    id: UUID
    slot: str
    paper: str
    side: str
    label: str
    dependent_id: UUID | None
    state: str
    state_label: str
    is_masked: bool
    uploaded_at: datetime


@dataclass(frozen=True, kw_only=True)
class SlotView:
    """A place for a picture, with the picture that lies there."""

    slot: Slot
    dependent_id: UUID | None
    of_whom: str
    picture: PictureView | None


@dataclass(frozen=True, kw_only=True)
class RelativeView:
    """A family member in a submission."""

    id: UUID
    relation: str
    relation_label: str
    full_name: str
    fields: dict[str, str]
    born_on: date | None
    has_number: bool
    is_third_category: bool
    spouse_path: str
    is_checked: bool


@dataclass(frozen=True, kw_only=True)
class DraftView:
    """A submission as its screens see it: what was entered, what is missing, where to go on."""

    submission_id: UUID
    member_id: UUID
    round: int
    state: str
    channel: str
    entered_by: UUID | None
    received_on: date | None
    fields: dict[str, str]
    born_on: date | None
    has_number: bool
    is_family_answered: bool
    method: str
    number_paper: str
    identity_papers: tuple[str, ...]
    one_file: bool
    card_proves: str
    has_verified_account: bool
    is_choice_made: bool
    relatives: tuple[RelativeView, ...]
    slots: tuple[SlotView, ...]
    missing: tuple[Missing, ...]
    next_step: Step

    @property
    def full_name(self) -> str:
        """The name in the order 姓 名."""
        return " ".join(part for part in (self.fields["family_name"], self.fields["given_name"]) if part)

    @property
    def full_kana(self) -> str:
        """The reading in the order セイ メイ."""
        return " ".join(part for part in (self.fields["family_kana"], self.fields["given_kana"]) if part)


@dataclass(frozen=True, kw_only=True)
class ReceiptView:
    """控え: what was handed in when, for which purposes, with which papers; never the number (E5)."""

    submission_id: UUID
    receipt: str
    full_name: str
    submitted_at: datetime
    numbers: int
    pictures: tuple[str, ...]
    purposes: tuple[str, ...]
    notice_version: int
    channel: str


@dataclass(frozen=True, kw_only=True)
class OwnView:
    """Where a person's collecting stands: the entry's state and what belongs to it."""

    entry_id: UUID
    state: str
    due_on: date
    confirmed_on: date | None
    submission_id: UUID | None
    submission_state: str
    channel: str
    entered_by: UUID | None
    next_step: Step | None
    sent_back_reasons: tuple[str, ...]
    sent_back_words: str
    receipt: ReceiptView | None


@dataclass(frozen=True, kw_only=True)
class RecordView:
    """A person's own record: documents' kinds, uses of the number, and the timeline in words (E6, P-13)."""

    pictures: tuple[PictureView, ...]
    relatives: tuple[str, ...]
    notices: tuple[purpose_notices.ShownView, ...]
    uses: tuple[vault.UseLine, ...]
    lines: tuple[trail.Line, ...]


def facts_of(*, submission: Submission, on: date) -> Facts:
    """What a submission holds so far, for the rules. `submission.entry` should be at hand."""
    return _parts(submission, on).facts


def slots_of(*, submission: Submission, on: date) -> tuple[SlotView, ...]:
    """The places for pictures: the person's own, then those of third-category spouses. Three queries."""
    verified = has_verified_account(organisation_id=submission.organisation_id, member_id=submission.entry.member_id)
    return _slots(submission, list(submission.dependents.order_by("order", "id")), on=on, verified=verified)


def _slots(submission: Submission, dependents: list[Dependent], *, on: date, verified: bool) -> tuple[SlotView, ...]:
    pictures = pictures_of(submission=submission)
    return (
        *_own_slots(submission, pictures, on=on, verified=verified),
        *(view for dependent in dependents for view in _relative_slots(dependent, pictures)),
    )


@dataclass(frozen=True, kw_only=True)
class _Parts:
    facts: Facts
    slots: tuple[SlotView, ...]
    relatives: tuple[RelativeView, ...]
    has_verified_account: bool


def _parts(submission: Submission, on: date) -> _Parts:
    organisation_id, member_id = submission.organisation_id, submission.entry.member_id
    notice = purpose_notices.current(organisation_id=organisation_id)
    shown = purpose_notices.shown_to(organisation_id=organisation_id, member_id=member_id)
    dependents = list(submission.dependents.order_by("order", "id"))
    verified = has_verified_account(organisation_id=organisation_id, member_id=member_id)
    slots = _slots(submission, dependents, on=on, verified=verified)
    lacking = [view for view in slots if view.slot.required and not _serves(view.picture)]
    problem = rules.choice_problem(
        method=submission.method,
        number_paper=submission.number_paper,
        identity_papers=submission.identity_papers,
        on=on,
        has_verified_account=verified,
        office=papers.office_of(notice.purposes if notice else ()),
        card_proves=_card_proves(submission),
    )
    facts = Facts(
        is_notice_shown=notice is not None and any(view.version == notice.version for view in shown),
        person={field: getattr(submission, field) for field in PERSON_FIELDS},
        has_birth=submission.born_on is not None,
        has_number=submission.number_ref is not None,
        is_family_answered=bool(dependents) or bool(submission.answers.get("family")),
        relatives=tuple(
            Relative(
                name=dependent.full_name,
                has_number=dependent.number_ref is not None,
                is_checked=dependent.checked_by_employee_at is not None,
                is_third_category=dependent.is_third_category,
                spouse_path=dependent.spouse_path,
                wanted=tuple(view.slot.label for view in lacking if view.dependent_id == dependent.id),
            )
            for dependent in dependents
        ),
        is_choice_made=problem is None,
        wanted=tuple(view.slot.label for view in lacking if view.dependent_id is None),
        needs_papers=submission.channel != Submission.Channel.TELEPHONE,
    )
    return _Parts(
        facts=facts,
        slots=slots,
        relatives=tuple(_relative(dependent) for dependent in dependents),
        has_verified_account=verified,
    )


def _card_proves(submission: Submission) -> str:
    """What the card that was read for a submission proves: `number`, `identity`, or nothing."""
    reading = card.reading_in(submission.answers)
    return reading.proves if reading else ""


def _serves(picture: PictureView | None) -> bool:
    return picture is not None and picture.state != Document.State.UNREADABLE


def _own_slots(
    submission: Submission, pictures: Iterable[PictureView], *, on: date, verified: bool
) -> Iterable[SlotView]:
    wanted = papers.slots(
        method=submission.method,
        number_paper=submission.number_paper,
        identity_papers=submission.identity_papers,
        on=on,
        has_verified_account=verified,
        one_file=bool(submission.answers.get("one_file")),
        card_proves=_card_proves(submission),
    )
    return [_slot_view(slot, pictures, None, "") for slot in wanted]


def _relative_slots(dependent: Dependent, pictures: Iterable[PictureView]) -> Iterable[SlotView]:
    wanted = rules.dependent_slots(is_third_category=dependent.is_third_category, spouse_path=dependent.spouse_path)
    return [_slot_view(slot, pictures, dependent.id, dependent.full_name) for slot in wanted]


def _slot_view(slot: Slot, pictures: Iterable[PictureView], dependent_id: UUID | None, of_whom: str) -> SlotView:
    lying = [picture for picture in pictures if (picture.slot, picture.dependent_id) == (slot.slot, dependent_id)]
    return SlotView(slot=slot, dependent_id=dependent_id, of_whom=of_whom, picture=lying[-1] if lying else None)


def pictures_of(*, submission: Submission) -> tuple[PictureView, ...]:
    """The pictures that lie in a submission, in the order of their arrival; deleted ones left out. One query."""
    rows = submission.documents.exclude(state=Document.State.DELETED).order_by("id")
    return tuple(_picture(row) for row in rows)


def has_verified_account(*, organisation_id: UUID, member_id: UUID) -> bool:
    """Whether the person was confirmed before, so that the account itself proves who it is (I-11). One query."""
    return Verification.objects.filter(
        organisation_id=organisation_id, member_id=member_id, result=Verification.Result.CONFIRMED
    ).exists()


def draft(*, organisation_id: UUID, submission_id: UUID, on: date) -> DraftView:
    """One submission for its screens; raises `NotFound` for another organisation's. Six queries."""
    row = Submission.objects.select_related("entry").filter(organisation_id=organisation_id, id=submission_id).first()
    if row is None:
        raise NotFound
    parts = _parts(row, on)
    return DraftView(
        submission_id=row.id,
        member_id=row.entry.member_id,
        round=row.round,
        state=row.state,
        channel=row.channel,
        entered_by=row.entered_by,
        received_on=row.received_on,
        fields=dict(parts.facts.person),
        born_on=row.born_on,
        has_number=parts.facts.has_number,
        is_family_answered=parts.facts.is_family_answered,
        method=row.method,
        number_paper=row.number_paper,
        identity_papers=tuple(row.identity_papers),
        one_file=bool(row.answers.get("one_file")),
        card_proves=_card_proves(row),
        has_verified_account=parts.has_verified_account,
        is_choice_made=parts.facts.is_choice_made,
        relatives=parts.relatives,
        slots=parts.slots,
        missing=tuple(rules.missing(parts.facts)),
        next_step=rules.next_step(parts.facts),
    )


def own(*, organisation_id: UUID, member_id: UUID, at: datetime) -> OwnView | None:
    """Where a person's collecting stands, or None when nobody has asked them yet."""
    entry = RosterEntry.objects.filter(organisation_id=organisation_id, member_id=member_id).first()
    if entry is None:
        return None
    latest = entry.submissions.select_related("entry", "notice").order_by("-round").first()
    back = _sent_back(entry)
    handed_in = latest if latest and latest.submitted_at else None
    is_draft = latest is not None and latest.state == Submission.State.DRAFT
    return OwnView(
        entry_id=entry.id,
        state=entry.state,
        due_on=entry.due_on,
        confirmed_on=entry.confirmed_on,
        submission_id=latest.id if latest else None,
        submission_state=latest.state if latest else "",
        channel=latest.channel if latest else "",
        entered_by=latest.entered_by if latest else None,
        next_step=rules.next_step(facts_of(submission=latest, on=jst_day(at))) if latest and is_draft else None,
        sent_back_reasons=tuple(back.sent_back_reasons) if back else (),
        sent_back_words=back.sent_back_words if back else "",
        receipt=_receipt(handed_in) if handed_in else None,
    )


def _sent_back(entry: RosterEntry) -> Submission | None:
    if entry.state != RosterEntry.State.SENT_BACK:
        return None
    return entry.submissions.filter(state=Submission.State.SENT_BACK).order_by("-round").first()


def member_of(*, organisation_id: UUID, entry_id: UUID) -> UUID:
    """Whose entry it is; raises `NotFound` for another organisation's. One query."""
    found = (
        RosterEntry.objects.filter(organisation_id=organisation_id, id=entry_id)
        .values_list("member_id", flat=True)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def draft_id(*, organisation_id: UUID, member_id: UUID) -> UUID | None:
    """The id of the person's draft, or None without one. One query."""
    return (
        Submission.objects.filter(
            organisation_id=organisation_id, entry__member_id=member_id, state=Submission.State.DRAFT
        )
        .values_list("id", flat=True)
        .first()
    )


def receipt(*, organisation_id: UUID, member_id: UUID) -> ReceiptView:
    """The receipt of the newest submission that was handed in; raises `NotFound` when there is none."""
    row = (
        Submission.objects.select_related("entry", "notice")
        .filter(organisation_id=organisation_id, entry__member_id=member_id)
        .exclude(submitted_at=None)
        .order_by("-round")
        .first()
    )
    if row is None:
        raise NotFound
    return _receipt(row)


def _receipt(row: Submission) -> ReceiptView:
    dependents = [dependent for dependent in row.dependents.all() if dependent.number_ref]
    name = " ".join(part for part in (row.family_name, row.given_name) if part)
    return ReceiptView(
        submission_id=row.id,
        receipt=row.receipt,
        full_name=name,
        submitted_at=row.submitted_at or row.changed_at,
        numbers=len(dependents) + (1 if row.number_ref else 0),
        pictures=tuple(view.label for view in pictures_of(submission=row)),
        purposes=tuple(
            purpose.label for purpose in purpose_notices.purposes_of(codes=row.notice.purposes if row.notice else [])
        ),
        notice_version=row.notice.version if row.notice else 0,
        channel=row.channel,
    )


def record(*, organisation_id: UUID, member_id: UUID, before: UUID | None = None, limit: int = 50) -> RecordView:
    """The person's own record: pictures' kinds, notices shown, uses of numbers and the timeline, newest first.

    Uses of the numbers of dependents are among `uses`; each saving of a draft is left out. Raises `NotFound` for a
    member without an entry.
    """
    entry = RosterEntry.objects.filter(organisation_id=organisation_id, member_id=member_id).first()
    if entry is None:
        raise NotFound
    latest = entry.submissions.order_by("-round").first()
    dependents = list(latest.dependents.order_by("order")) if latest else []
    subjects = [member_id, *(dependent.subject_id for dependent in dependents)]
    uses = [
        line
        for subject in subjects
        for line in vault.uses_of(organisation_id=organisation_id, subject_id=subject, limit=limit)
    ]
    lines = trail.timeline(
        organisation_id=organisation_id,
        subject_id=member_id,
        event_prefix="collection.",
        before=before,
        limit=limit,
    )
    told = [line for line in lines if line.event != Events.SAVED.key]
    return RecordView(
        pictures=pictures_of(submission=latest) if latest else (),
        relatives=tuple(dependent.full_name for dependent in dependents),
        notices=tuple(purpose_notices.shown_to(organisation_id=organisation_id, member_id=member_id)),
        uses=tuple(sorted(uses, key=lambda line: line.at, reverse=True)[:limit]),
        lines=tuple(told),
    )


def label_of_picture(*, paper: str, side: str) -> str:
    """What a picture shows, in words: the paper, and the side where a paper has two."""
    known = papers.PAPERS.get(paper)
    if known is None:
        return paper
    has_sides = len(known.sides) + len(known.optional_sides) > 1
    return f"{known.label} {papers.SIDES[side]}" if has_sides else known.label


def _picture(row: Document) -> PictureView:
    return PictureView(
        id=row.id,
        slot=row.slot,
        paper=row.paper,
        side=row.side,
        label=label_of_picture(paper=row.paper, side=row.side),
        dependent_id=row.dependent_id,
        state=row.state,
        state_label=Document.State(row.state).label,
        is_masked=row.is_masked,
        uploaded_at=row.uploaded_at,
    )


def _relative(row: Dependent) -> RelativeView:
    return RelativeView(
        id=row.id,
        relation=row.relation,
        relation_label=Dependent.Relation(row.relation).label,
        full_name=row.full_name,
        fields={field: getattr(row, field) for field in RELATIVE_FIELDS},
        born_on=row.born_on,
        has_number=row.number_ref is not None,
        is_third_category=row.is_third_category,
        spouse_path=row.spouse_path,
        is_checked=row.checked_by_employee_at is not None,
    )
