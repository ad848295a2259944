"""What asking many people has in common: who they are, their letters, batches that nobody is asked twice by.

A batch is one transaction with a handful of statements for any number of people. It reads its rows, then takes them
by a conditional UPDATE; when somebody else was faster with one of them, nothing of the batch stays and it is read
anew. So a run that is repeated, doubled or killed asks nobody twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from warifu.collection.models import RosterEntry
from warifu.collection.queries import policies
from warifu.collection.queries.policies import PolicyView
from warifu.collection.rules import overdue
from warifu.collection.rules.overdue import Facts, Reason
from warifu.credentials.actions import activation
from warifu.credentials.queries import activation as credentials
from warifu.foundation.actor import Actor
from warifu.foundation.days import jst_day
from warifu.notices import actions as notices
from warifu.notices import kinds, wording
from warifu.notices import queries as letters
from warifu.notices.links import LateLink
from warifu.organisations import queries as organisations

BATCH = 2_000
"""People in one transaction; bounds memory and how long rows stay locked."""

LINK_DAYS = 14
"""How long the link of a letter can be opened (L-06)."""

SITE = LateLink(kind="page", reference="/")
"""The link of those who can sign in, and of samples: it lets nobody in."""


class Overtaken(Exception):
    """Somebody else changed a row of the batch since it was read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody to ask: what the entry and the member tell."""

    entry_id: UUID
    organisation_id: UUID
    member_id: UUID
    state: str
    due_on: date
    reminded_at: datetime | None
    bounced_at: datetime | None
    opened_at: datetime | None
    images: int
    unreadable: int
    family_name: str
    given_name: str
    middle_name: str
    mail: str
    member_state: str

    @property
    def name(self) -> str:
        """The full name, in the order 姓 名 ミドルネーム."""
        return " ".join(part for part in (self.family_name, self.given_name, self.middle_name) if part)

    @property
    def reason(self) -> Reason:
        """Why the person stands where they stand."""
        return overdue.reason(
            Facts(
                state=self.state,
                has_mail=bool(self.mail),
                is_active=self.member_state == "active",
                bounced=self.bounced_at is not None,
                opened=self.opened_at is not None,
                images=self.images,
                unreadable=self.unreadable,
            )
        )


_COLUMNS = (
    "id",
    "organisation_id",
    "member_id",
    "state",
    "due_on",
    "reminded_at",
    "bounced_at",
    "opened_at",
    "images",
    "unreadable",
    "member__family_name",
    "member__given_name",
    "member__middle_name",
    "member__mail",
    "member__state",
)


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What sending would do: how many get a letter, who cannot be reached, and the letter of the first one."""

    to_send: int
    without_mail: int
    without_mail_names: tuple[str, ...]
    letter: kinds.Letter | None
    written: wording.Written | None


def preview_of(
    *,
    organisation_id: UUID,
    wanted: QuerySet[RosterEntry],
    unreachable: QuerySet[RosterEntry],
    write: Callable[[Person, LateLink], kinds.Letter],
) -> Preview:
    """What a letter to those wanted would be, in the organisation's own wording."""
    first = people(entries=wanted.order_by("id")[:1])
    letter = write(first[0], SITE) if first else None
    written = None
    if letter is not None:
        text = letters.text_of(organisation_id=organisation_id, kind=letter.kind())
        written = wording.write(letter, edited=wording.Wording(subject=text.subject, body=text.body))
    return Preview(
        to_send=wanted.count(),
        without_mail=unreachable.count(),
        without_mail_names=tuple(person.name for person in people(entries=unreachable[:20])),
        letter=letter,
        written=written,
    )


class Writer:
    """The hand that writes the letters of one organisation at one moment: what is the same for all is read once."""

    def __init__(self, organisation_id: UUID, at: datetime, policy: PolicyView | None = None) -> None:
        organisation = organisations.organisation(organisation_id=organisation_id)
        self.organisation_id = organisation_id
        self.at = at
        self.today = jst_day(at)
        self.policy = policy or policies.current(organisation_id=organisation_id)
        self.common: dict[str, Any] = {
            "organisation_name": organisation.name,
            "contact": organisation.contact,
            "valid_until": at + timedelta(days=LINK_DAYS),
        }

    def told_day(self, person: Person) -> date:
        """The day that the person's letter asks for."""
        days = self.policy.overdue_days
        return overdue.told_day(due_on=person.due_on, today=self.today, overdue_days=days)

    def next_day(self, person: Person, *, first: bool = False) -> date | None:
        """When the person's next automatic reminder may go; None where the organisation wants none."""
        if not self.policy.automatic_reminders:
            return None
        due_on = self.told_day(person) if first else person.due_on
        reminded_at = None if first else self.at
        return overdue.next_reminder_day(
            due_on=due_on, today=self.today, reminded_at=reminded_at, every_days=self.policy.reminder_every_days
        )

    def invitation(self, person: Person, link: LateLink) -> kinds.Letter:
        """The letter that asks."""
        return kinds.Invitation(name=person.name, due_on=self.told_day(person), link=link, **self.common)

    def reminder(self, person: Person, link: LateLink) -> kinds.Letter:
        """The letter that asks again."""
        return kinds.Reminder(
            name=person.name,
            due_on=self.told_day(person),
            link=link,
            reason=overdue.LETTER_WORDS[person.reason],
            **self.common,
        )

    def links(self, people: list[Person], by: Actor) -> dict[UUID, LateLink]:
        """A link for each person: whoever has no password yet gets one to begin with, the others go to the site."""
        everybody = {person.member_id for person in people}
        known = credentials.members_with_password(organisation_id=self.organisation_id, member_ids=everybody)
        newcomers = [person.member_id for person in people if person.member_id not in known]
        fresh = activation.issue_many(
            organisation_id=self.organisation_id,
            member_ids=newcomers,
            purpose="first",
            by=by,
            at=self.at,
            days=LINK_DAYS,
        )
        return {person.member_id: fresh.get(person.member_id, SITE) for person in people}

    def post_invitations(self, people: list[Person], *, by: Actor) -> None:
        """One invitation for each entry, ever."""
        links = self.links(people, by)
        self._post(
            ((person, self.invitation(person, links[person.member_id]), "invitation", "") for person in people), by
        )

    def post_reminders(self, people: list[Person], *, by: Actor, suffix: str = "") -> None:
        """One reminder for each entry and day (or for a suffix of its own)."""
        links = self.links(people, by)
        day = suffix or self.today.isoformat()
        self._post(
            ((person, self.reminder(person, links[person.member_id]), "reminder", f":{day}") for person in people), by
        )

    def _post(self, written: Iterable[tuple[Person, kinds.Letter, str, str]], by: Actor) -> None:
        notices.post_many(
            letters=[
                notices.Addressed(
                    letter=letter,
                    member_id=person.member_id,
                    to_mail=person.mail,
                    to_name=person.name,
                    key=f"{word}:{person.entry_id}{suffix}",
                )
                for person, letter, word, suffix in written
            ],
            organisation_id=self.organisation_id,
            by=by,
            at=self.at,
        )


def chosen(*, organisation_id: UUID, entry_ids: Sequence[UUID] | None) -> QuerySet[RosterEntry]:
    """An organisation's entries: those with the ids, or without ids all."""
    entries = RosterEntry.objects.filter(organisation_id=organisation_id)
    return entries if entry_ids is None else entries.filter(id__in=list(entry_ids))


def people(*, entries: QuerySet[RosterEntry]) -> list[Person]:
    """The people of some entries, in one query."""
    names = Person.__slots__
    return [Person(**dict(zip(names, row, strict=True))) for row in entries.values_list(*_COLUMNS)]


def chunks(*, ids: list[UUID]) -> Iterable[list[UUID]]:
    """Ids in pieces of a batch."""
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


def in_batches(*, wanted: QuerySet[RosterEntry], work: Callable[[list[Person]], int]) -> int:
    """Work through what is wanted, a transaction a batch; the work must take its rows out of what is wanted."""
    done = 0
    while batch := people(entries=wanted[:BATCH]):
        try:
            with transaction.atomic():
                done += work(batch)
        except Overtaken:
            continue
    return done


def take(*, batch: list[Person], **values: Any) -> None:
    """Change the entries of a batch, none of which may have moved since it was read."""
    by_state = {state: [] for state in {person.state for person in batch}}  # type: dict[str, list[UUID]]
    for person in batch:
        by_state[person.state].append(person.entry_id)
    for state, ids in by_state.items():
        if RosterEntry.objects.filter(id__in=ids, state=state).update(**values) != len(ids):
            raise Overtaken


def plan(*, batch: list[Person], day_of: Callable[[Person], date | None]) -> None:
    """Write down when each one's next automatic reminder may go, a statement a day."""
    days: dict[date | None, list[UUID]] = {}
    for person in batch:
        days.setdefault(day_of(person), []).append(person.entry_id)
    for day, ids in days.items():
        if day is not None:
            RosterEntry.objects.filter(id__in=ids).update(next_reminder_on=day)
