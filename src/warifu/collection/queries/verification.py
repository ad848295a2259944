"""Reads of 本人確認: who waits, what a checker sees of one person, and what still blocks a confirmation.

No view holds a number or a picture; those come one by one through `actions.verification`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from warifu.collection.models import Dependent, Document, Look, Policy, RosterEntry, Submission, Verification
from warifu.collection.rules import checklist, papers
from warifu.collection.rules.card import Reading, reading_in
from warifu.collection.rules.checklist import Group, Person
from warifu.collection.rules.identity import Relation
from warifu.collection.rules.papers import Office
from warifu.foundation import japanese
from warifu.foundation.actor import Role
from warifu.foundation.purposes import Purpose
from warifu.foundation.refusals import NotFound
from warifu.organisations import queries as organisations
from warifu.vault import queries as vault


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One person of a submission: what the rules know, and the name for words on the screen."""

    person: Person
    name: str
    dependent_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One attachment, and whether this checker has opened it."""

    id: UUID
    paper: str
    side: str
    label: str
    state: str
    state_label: str
    is_opened: bool


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One person on the page: declared values, attachments, what to check, and warnings."""

    key: str
    dependent_id: UUID | None
    relation: Relation
    relation_label: str
    name: str
    kana: str
    born_on: date | None
    address: str
    has_number: bool
    masked: str
    spouse_path: str
    ticked_at: datetime | None
    groups: tuple[Group, ...]
    reading: Reading | None
    pictures: tuple[Picture, ...]
    look_alikes: tuple[tuple[str, str], ...]
    same_number: tuple[str, ...]

    def pictures_of(self, group: Group) -> list[Picture]:
        """The attachments of the paper that a group is about; a card's back for the number, its front for the rest."""
        found = [picture for picture in self.pictures if picture.paper == group.paper]
        if group.paper in papers.CARDS:
            wanted = {"number": {"back", "both"}, "identity": {"front", "both"}}[group.use]
            found = [picture for picture in found if picture.side in wanted]
        return found


@dataclass(frozen=True, kw_only=True)
class Page:
    """What a checker sees of one person's submission."""

    entry_id: UUID
    submission_id: UUID
    member_id: UUID
    member_name: str
    department: str
    employee_code: str
    state: str
    submitted_at: datetime
    channel: str
    channel_label: str
    received_on: date | None
    entered_by: str
    entered_reason: str
    method: str
    method_label: str
    name_differs: bool
    sheets: tuple[Sheet, ...]
    second_check: bool
    is_second: bool
    first_checker: str
    last_checkers: tuple[str, ...]
    image_keep_days: int
    blocked: str
    needs_evidence: bool

    @property
    def opens_pictures(self) -> bool:
        """Whether pictures can still be looked at: while it waits, and after that until their day of deletion."""
        return self.state not in (Submission.State.SENT_BACK, Submission.State.WITHDRAWN)

    @property
    def unopened(self) -> int:
        """How many attachments this checker has not opened yet."""
        return sum(not picture.is_opened for sheet in self.sheets for picture in sheet.pictures)


COUNTED = 1000
"""How far the queue is counted; nobody verifies more in a day, and counting all of a large one takes its time."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a person stands in the queue: how many wait, the how-manieth this is, and the neighbours.

    With `COUNTED` waiting there may be more; beyond them the position is 0, not counted.
    """

    waiting: int
    position: int
    previous_id: UUID | None
    next_id: UUID | None


def queue(*, organisation_id: UUID, member_id: UUID, roles: Role) -> QuerySet[RosterEntry]:
    """Who waits for this checker, oldest submission first: nobody's own record, nothing they entered or checked."""
    entered = Submission.objects.filter(entry=OuterRef("id"), state=Submission.State.SUBMITTED, entered_by=member_id)
    checked = Verification.objects.filter(
        submission__entry=OuterRef("id"), result=Verification.Result.CHECKED, checked_by=member_id
    )
    states = [RosterEntry.State.SUBMITTED]
    if Role.RESPONSIBLE in roles:
        states.append(RosterEntry.State.CHECKED)
    return (
        RosterEntry.objects.filter(~Exists(entered), ~Exists(checked), organisation_id=organisation_id)
        .filter(state__in=states)
        .filter(stage=RosterEntry.Stage.WAITING)
        .exclude(member_id=member_id)
        .order_by("submitted_at", "id")
    )


def first_waiting(*, organisation_id: UUID, member_id: UUID, roles: Role) -> UUID | None:
    """The entry that has waited longest for this checker, or None. One query."""
    waiting = queue(organisation_id=organisation_id, member_id=member_id, roles=roles)
    return waiting.values_list("id", flat=True).first()


def place(*, organisation_id: UUID, entry_id: UUID, member_id: UUID, roles: Role) -> Place:
    """Where an entry stands in the checker's queue, by key and without offsets. Five queries.

    Raises `NotFound` for somebody else's entry. An entry that no longer waits still has its neighbours.
    """
    waiting = queue(organisation_id=organisation_id, member_id=member_id, roles=roles)
    here = (
        RosterEntry.objects.filter(organisation_id=organisation_id, id=entry_id)
        .values_list("submitted_at", "id")
        .first()
    )
    if here is None:
        raise NotFound
    moment, key = here
    if moment is None:
        return Place(
            waiting=waiting[:COUNTED].count(),
            position=0,
            previous_id=None,
            next_id=waiting.values_list("id", flat=True).first(),
        )
    before = waiting.filter(submitted_at__lte=moment).filter(
        Q(submitted_at__lt=moment) | Q(submitted_at=moment, id__lt=key)
    )
    before_me = before[:COUNTED].count()
    after = waiting.filter(submitted_at__gte=moment).filter(
        Q(submitted_at__gt=moment) | Q(submitted_at=moment, id__gt=key)
    )
    return Place(
        waiting=waiting[:COUNTED].count(),
        position=before_me + 1 if before_me < COUNTED else 0,
        previous_id=before.order_by("-submitted_at", "-id").values_list("id", flat=True).first(),
        next_id=after.values_list("id", flat=True).first(),
    )


def page(*, organisation_id: UUID, entry_id: UUID, member_id: UUID, roles: Role) -> Page:
    """What a checker sees of the newest submission of an entry. Raises `NotFound` when there is none to see.

    Eight queries, three for each number to find it elsewhere, two more when it is; none for a picture.
    """
    submission = (
        Submission.objects.select_related("entry__member", "notice")
        .filter(organisation_id=organisation_id, entry_id=entry_id)
        .exclude(state=Submission.State.DRAFT)
        .order_by("-round")
        .first()
    )
    if submission is None or submission.submitted_at is None:
        raise NotFound
    documents = list(submission.documents.exclude(state=Document.State.DELETED).order_by("id"))
    dependents = list(submission.dependents.order_by("order"))
    opened = set(Look.objects.filter(submission=submission, member_id=member_id).values_list("document_id", flat=True))
    first = submission.verifications.filter(result=Verification.Result.CHECKED).first()
    policy = Policy.objects.filter(organisation_id=organisation_id).first() or Policy()
    people = people_of(submission=submission, documents=documents, dependents=dependents)
    responsible = _responsible(submission)
    names = organisations.names_of(
        organisation_id=organisation_id,
        member_ids={one for one in (submission.entered_by, first and first.checked_by) if one},
    )
    member = submission.entry.member
    declared = " ".join(part for part in (submission.family_name, submission.given_name) if part)
    sheets = _sheets(submission, people, dependents, documents, opened)
    return Page(
        entry_id=entry_id,
        submission_id=submission.id,
        member_id=member.id,
        member_name=member.full_name,
        department=member.department,
        employee_code=member.employee_code,
        state=submission.entry.state if submission.state == Submission.State.SUBMITTED else submission.state,
        submitted_at=submission.submitted_at,
        channel=submission.channel,
        channel_label=Submission.Channel(submission.channel).label,
        received_on=submission.received_on,
        entered_by=names.get(submission.entered_by, "") if submission.entered_by else "",
        entered_reason=submission.entered_reason,
        method=submission.method,
        method_label=papers.METHODS.get(submission.method, ""),
        name_differs=bool(declared) and japanese.trim_name(declared) != member.full_name,
        sheets=sheets,
        second_check=policy.second_check,
        is_second=first is not None,
        first_checker=names.get(first.checked_by, "") if first and first.checked_by else "",
        last_checkers=tuple(responsible.values()),
        image_keep_days=policy.image_keep_days,
        blocked=_blocked(submission, first, member_id, roles, set(responsible), second_check=policy.second_check),
        needs_evidence=not any(group.use in ("identity", "card") for group in sheets[0].groups)
        and not people[0].person.account_is_verified,
    )


def people_of(*, submission: Submission, documents: list[Document], dependents: list[Dependent]) -> list[Subject]:
    """The persons of a submission as the rules see them: the employee first, then the family in its order."""
    pictures: dict[UUID | None, list[tuple[str, str]]] = {}
    for document in documents:
        pictures.setdefault(document.dependent_id, []).append((document.paper, document.side))
    own = tuple(pictures.get(None, ()))
    shown = {paper for paper, _side in own}
    number_paper = submission.number_paper or ("number_card" if "number_card" in shown else "")
    has_front = any(paper == number_paper and side != "back" for paper, side in own)
    is_card = number_paper in papers.CARDS and has_front
    member = submission.entry.member
    person = Person(
        key="self",
        method=submission.method,
        number_paper=number_paper,
        identity_papers=tuple(
            code
            for code in dict.fromkeys(submission.identity_papers)
            if code in shown and not (code == number_paper and is_card)
        ),
        pictures=own,
        account_is_verified=_account_is_verified(submission),
        reading=reading_in(submission.answers) if submission.method == papers.Method.CARD_READ else None,
    )
    return [Subject(person=person, name=member.full_name)] + [
        Subject(
            person=Person(
                key=f"d{index}",
                relation=Relation.THIRD_CATEGORY_SPOUSE if one.is_third_category else Relation.TAX_DEPENDENT,
                pictures=tuple(pictures.get(one.id, ())),
                spouse_path=one.spouse_path,
                is_ticked=one.checked_by_employee_at is not None,
            ),
            name=one.full_name,
            dependent_id=one.id,
        )
        for index, one in enumerate(dependents, start=1)
    ]


def office_of(*, submission: Submission) -> Office:
    """The office whose rules the check follows, by the purposes that the person was told of."""
    codes = submission.notice.purposes if submission.notice else []
    return papers.office_of(Purpose(code) for code in codes)


def responsible_ids(*, submission: Submission) -> set[UUID]:
    """The responsible persons who may be the last pair of eyes: not the person, not who entered for them (I-18)."""
    return set(_responsible(submission))


def document_label(*, paper: str, side: str) -> str:
    """The name of a picture: its paper, and its side when there are several."""
    known = papers.PAPERS.get(paper)
    if known is None:
        return paper
    several = len(known.sides) + len(known.optional_sides) > 1
    return f"{known.label} {papers.SIDES.get(side, side)}" if several else known.label


def _responsible(submission: Submission) -> dict[UUID, str]:
    return {
        member.id: member.full_name
        for member in organisations.office_members(organisation_id=submission.organisation_id)
        if Role.RESPONSIBLE in member.roles and member.id not in (submission.entry.member_id, submission.entered_by)
    }


def _account_is_verified(submission: Submission) -> bool:
    """Whether the person handed in with an account that an earlier check had confirmed (I-11)."""
    if submission.channel != Submission.Channel.SELF:
        return False
    earlier = Verification.objects.filter(
        organisation_id=submission.organisation_id,
        member_id=submission.entry.member_id,
        result=Verification.Result.CONFIRMED,
    )
    return earlier.exclude(submission=submission).exists()


def _blocked(
    submission: Submission,
    first: Verification | None,
    member_id: UUID,
    roles: Role,
    responsible: set[UUID],
    *,
    second_check: bool,
) -> str:
    """Why this checker cannot confirm at all, whatever is ticked; empty when they may."""
    is_responsible = Role.RESPONSIBLE in roles
    checked_by = first.checked_by if first else None
    others = responsible - {checked_by}
    reasons = {
        "settled": submission.state != Submission.State.SUBMITTED or submission.entry.state not in RosterEntry.WAITING,
        "own": member_id == submission.entry.member_id,
        "entered": member_id == submission.entered_by,
        "checked": first is not None and checked_by == member_id,
        "responsible_last": (first is not None and not is_responsible and bool(others))
        or (first is None and second_check and is_responsible and responsible == {member_id}),
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _sheets(
    submission: Submission,
    people: list[Subject],
    dependents: list[Dependent],
    documents: list[Document],
    opened: set[UUID],
) -> tuple[Sheet, ...]:
    relatives = {one.id: one for one in dependents}
    same = _same_numbers(submission, dependents)
    sheets = []
    for subject in people:
        relative = relatives.get(subject.dependent_id) if subject.dependent_id else None
        declared = relative or submission
        ref = declared.number_ref
        name = " ".join(part for part in (declared.family_name, declared.given_name) if part)
        sheets.append(
            Sheet(
                key=subject.person.key,
                dependent_id=subject.dependent_id,
                relation=subject.person.relation,
                relation_label=Dependent.Relation(relative.relation).label if relative else "本人",
                name=name or subject.name,
                kana=" ".join(part for part in (declared.family_kana, declared.given_kana) if part),
                born_on=declared.born_on,
                address="" if relative else _address(submission),
                has_number=ref is not None,
                masked=vault.masked(ref=ref),
                spouse_path=subject.person.spouse_path,
                ticked_at=relative.checked_by_employee_at if relative else None,
                groups=checklist.groups(subject.person),
                reading=subject.person.reading,
                pictures=tuple(_picture(one, opened) for one in documents if one.dependent_id == subject.dependent_id),
                look_alikes=tuple(japanese.look_alikes(name or subject.name).items()),
                same_number=tuple(same.get(ref, ())) if ref else (),
            )
        )
    return tuple(sheets)


def _picture(document: Document, opened: set[UUID]) -> Picture:
    return Picture(
        id=document.id,
        paper=document.paper,
        side=document.side,
        label=document_label(paper=document.paper, side=document.side),
        state=document.state,
        state_label=Document.State(document.state).label,
        is_opened=document.id in opened,
    )


def _same_numbers(submission: Submission, dependents: list[Dependent]) -> dict[UUID, list[str]]:
    """The names of the others of the organisation under whom the same number is sealed, by reference."""
    found: dict[UUID, list[UUID]] = {}
    for ref in (submission.number_ref, *(one.number_ref for one in dependents)):
        if ref is not None and (others := vault.same_number(ref=ref, organisation_id=submission.organisation_id)):
            found[ref] = others
    everyone = {subject for others in found.values() for subject in others}
    if not everyone:
        return {}
    names = organisations.names_of(organisation_id=submission.organisation_id, member_ids=everyone)
    family = Dependent.objects.filter(submission__organisation_id=submission.organisation_id, subject_id__in=everyone)
    names |= {one.subject_id: one.full_name for one in family}
    return {ref: sorted({names.get(subject, "") for subject in others}) for ref, others in found.items()}


def _address(submission: Submission) -> str:
    parts = (submission.prefecture, submission.city, submission.street)
    line = "".join(part for part in parts if part)
    return f"{line} {submission.building}".strip()
