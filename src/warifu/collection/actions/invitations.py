"""Verbs of 依頼と催促: ask people to hand in, ask again, and note what became of the letters (001-11, 001-22 … 001-28).

Everything that concerns many people is done in batches, a transaction each, with a handful of statements for a batch
of any size. A batch reads its rows, then takes them by a conditional UPDATE; when somebody else was faster with one of
them, nothing of the batch stays and it is read anew. So a run that is repeated, doubled or killed asks nobody twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet

from warifu.audit import actions as audit
from warifu.audit.events import Collection as Events
from warifu.collection.actions import policies
from warifu.collection.models import Policy, RosterEntry
from warifu.collection.rules import overdue
from warifu.collection.rules.overdue import Facts, Reason
from warifu.credentials import queries as credentials
from warifu.credentials.actions import activation
from warifu.foundation.actor import SYSTEM, Actor
from warifu.foundation.days import JST, jst_day
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.notices import actions as notices
from warifu.notices import kinds
from warifu.notices import queries as letters
from warifu.notices.links import LateLink
from warifu.organisations import actions as members
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, require

BATCH = 2_000
"""People in one transaction; bounds memory and how long rows stay locked."""

LINK_DAYS = 14
"""How long the link of a letter can be opened (L-06)."""

BOUNCES_BACK = timedelta(days=2)
"""How far back bounces are looked for; a bounce is noted within a minute while the worker lives."""


class NotReady(Refused):
    """Nobody may be asked before the handling plan is complete (P-15, S-02)."""

    code = "WF-C203"
    sentence = _("取扱いの定めが整うまで、依頼を送れません。")
    remedy = _("「取扱いの定め」で利用目的、責任者、事務取扱担当者などを決めてから、もう一度お進みください。")


class NothingToSend(Refused):
    """Nobody is waiting for an invitation who could get one by mail."""

    code = "WF-C204"
    sentence = _("依頼のメールを送る人がいません。")
    remedy = _("全員に送り終えたか、残りの人にメールアドレスがありません。アドレスがない人には、紙で案内してください。")


class NothingToRemind(Refused):
    """None of the people can be reminded by mail now."""

    code = "WF-C205"
    sentence = _("いま催促のメールを送れる人がいません。")
    remedy = _("きょう送った人、提出した人、メールが戻った人には送れません。一覧の「次の一手」をご覧ください。")


class _Overtaken(Exception):
    """Somebody else changed a row of the batch since it was read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Person:
    entry_id: UUID
    organisation_id: UUID
    member_id: UUID
    state: str
    due_on: date
    reminded_at: datetime | None
    bounced_at: datetime | None
    opened_at: datetime | None
    images: int
    family_name: str
    given_name: str
    middle_name: str
    mail: str
    member_state: str

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.family_name, self.given_name, self.middle_name) if part)

    @property
    def reason(self) -> Reason:
        return overdue.reason(
            Facts(
                state=self.state,
                has_mail=bool(self.mail),
                is_active=self.member_state == "active",
                bounced=self.bounced_at is not None,
                opened=self.opened_at is not None,
                images=self.images,
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


def preview(*, organisation_id: UUID, by: Actor, at: datetime, entry_ids: Sequence[UUID] | None = None) -> Preview:
    """The first of two phases (001-11): look before sending. Changes nothing; raises `NotPermitted`. Five queries."""
    require(by=by, permission=Permission.INVITE, organisation_id=organisation_id)
    listed = _chosen(organisation_id, entry_ids).filter(state=RosterEntry.State.LISTED, member__state="active")
    reachable = listed.exclude(member__mail="")
    without = listed.filter(member__mail="").order_by("id")
    first = _people(reachable.order_by("id")[:1])
    return Preview(
        to_send=reachable.count(),
        without_mail=without.count(),
        without_mail_names=tuple(person.name for person in _people(without[:20])),
        letter=_Writer(organisation_id, at).sample_invitation(first[0]) if first else None,
    )


def preview_reminder(
    *, organisation_id: UUID, by: Actor, at: datetime, entry_ids: Sequence[UUID] | None = None
) -> Preview:
    """What reminding would do, for some people or, without ids, all who are overdue. Changes nothing."""
    require(by=by, permission=Permission.INVITE, organisation_id=organisation_id)
    wanted = _to_remind(organisation_id, entry_ids, at)
    chosen = _chosen(organisation_id, entry_ids).filter(stage=RosterEntry.Stage.OPEN)
    if entry_ids is None:
        chosen = chosen.filter(due_on__lt=jst_day(at))
    unreachable = chosen.filter(Q(member__mail="") | Q(bounced_at__isnull=False)).order_by("id")
    first = _people(wanted.order_by("id")[:1])
    return Preview(
        to_send=wanted.count(),
        without_mail=unreachable.count(),
        without_mail_names=tuple(person.name for person in _people(unreachable[:20])),
        letter=_Writer(organisation_id, at).reminder(first[0], LateLink(kind="page", reference="/")) if first else None,
    )


def send(*, organisation_id: UUID, by: Actor, at: datetime, entry_ids: Sequence[UUID] | None = None) -> int:
    """The second phase (001-11): invite everybody listed, or those of them in `entry_ids`; returns how many.

    Entries become INVITED, each person gets a letter with a link for 14 days, each history an entry. People without
    mail stay listed. Repeated, it asks nobody twice. Raises `NotPermitted`, `NotReady` (P-15), `NothingToSend`.
    """
    require(by=by, permission=Permission.INVITE, organisation_id=organisation_id)
    if organisations.handling_plan(organisation_id=organisation_id).completed_at is None:
        raise NotReady
    writer = _Writer(organisation_id, at)
    wanted = _chosen(organisation_id, entry_ids).filter(state=RosterEntry.State.LISTED, member__state="active")
    sent = _in_batches(wanted.exclude(member__mail="").order_by("id"), lambda batch: _invite(batch, writer, by, at))
    if not sent:
        raise NothingToSend
    return sent


def remind(*, organisation_id: UUID, entry_ids: Sequence[UUID], by: Actor, at: datetime) -> int:
    """Ask again by mail, at most once a day and person; returns how many letters were written (001-23).

    Left out are those who need no reminder or whom no mail reaches. Raises `NotPermitted`, `NothingToRemind`.
    """
    require(by=by, permission=Permission.INVITE, organisation_id=organisation_id)
    return _remind(organisation_id, entry_ids, by, at)


def remind_all_overdue(*, organisation_id: UUID, by: Actor, at: datetime) -> int:
    """Ask everybody again who is overdue, as `remind` does; raises the same."""
    require(by=by, permission=Permission.INVITE, organisation_id=organisation_id)
    return _remind(organisation_id, None, by, at)


def readdress(*, organisation_id: UUID, entry_id: UUID, mail: str, by: Actor, at: datetime) -> None:
    """Correct where letters go, and send the letter anew when one had gone out already.

    Raises `NotPermitted`, `NotFound`, and what `organisations.actions.change_mail` raises.
    """
    require(by=by, permission=Permission.INVITE, organisation_id=organisation_id)
    with transaction.atomic():
        entry = RosterEntry.objects.select_for_update().filter(organisation_id=organisation_id, id=entry_id).first()
        if entry is None:
            raise NotFound
        members.change_mail(organisation_id=organisation_id, member_id=entry.member_id, mail=mail, by=by, at=at)
        RosterEntry.objects.filter(id=entry_id).update(bounced_at=None, bounce_reason="")
        (person,) = _people(RosterEntry.objects.filter(id=entry_id))
        if person.mail and person.reason in overdue.LETTER_WORDS:
            writer = _Writer(organisation_id, at)
            _take([person], reminders=F("reminders") + 1, reminded_at=at, next_reminder_on=writer.next_day(person))
            writer.post_reminders([person], by=by, suffix=at.isoformat())
            audit.record(
                event=Events.READDRESSED, by=by, at=at, organisation_id=organisation_id, subject_id=entry.member_id
            )


def daily(*, at: datetime) -> int:
    """The round of the day for all organisations: notes who became overdue, and reminds where that was chosen.

    Safe to run twice, late, or beside itself. Reminders written in an organisation's quiet hours leave when they end.
    Costs next to nothing when nobody is due. Returns how many people it touched.
    """
    return _note_overdue(at) + _remind_by_itself(at)


def note_bounces(*, at: datetime) -> int:
    """Note on entries which letters came back, so that lists can say so; returns how many were new."""
    noted = 0
    for organisation_id in organisations.all_organisation_ids():
        bounces = letters.bounced_since(organisation_id=organisation_id, since=at - BOUNCES_BACK)
        newest = {bounce.member_id: bounce for bounce in sorted(bounces, key=attrgetter("at"))}
        for chunk in _chunks(list(newest)):
            entries = RosterEntry.objects.filter(organisation_id=organisation_id, member_id__in=chunk, bounced_at=None)
            for entry in entries.only("id", "member_id", "invited_at", "reminded_at"):
                bounce = newest[entry.member_id]
                lettered_at = entry.reminded_at or entry.invited_at
                if lettered_at is not None and bounce.at >= lettered_at:
                    still = RosterEntry.objects.filter(id=entry.id, bounced_at=None)
                    noted += still.update(bounced_at=bounce.at, bounce_reason=bounce.reason[:300])
    return noted


def note_opened(*, organisation_id: UUID, member_id: UUID, at: datetime) -> None:
    """Note that a person opened the link of their letter; the first time counts."""
    unopened = RosterEntry.objects.filter(organisation_id=organisation_id, member_id=member_id, opened_at=None)
    unopened.update(opened_at=at)


class _Writer:
    """Writes the letters of one organisation at one moment: what is the same for all is read once."""

    def __init__(self, organisation_id: UUID, at: datetime, policy: Policy | None = None) -> None:
        organisation = organisations.organisation(organisation_id=organisation_id)
        self.organisation_id = organisation_id
        self.at = at
        self.today = jst_day(at)
        self.policy = policy or policies.ensure(organisation_id)
        self.common: dict[str, Any] = {
            "organisation_name": organisation.name,
            "contact": organisation.contact,
            "valid_until": at + timedelta(days=LINK_DAYS),
        }

    def told_day(self, person: _Person) -> date:
        """The day that the person's letter asks for."""
        days = self.policy.overdue_days
        return overdue.told_day(due_on=person.due_on, today=self.today, overdue_days=days)

    def next_day(self, person: _Person, *, first: bool = False) -> date | None:
        """When the person's next automatic reminder may go; None where the organisation wants none."""
        if not self.policy.automatic_reminders:
            return None
        due_on = self.told_day(person) if first else person.due_on
        reminded_at = None if first else self.at
        return overdue.next_reminder_day(
            due_on=due_on, today=self.today, reminded_at=reminded_at, every_days=self.policy.reminder_every_days
        )

    def sample_invitation(self, person: _Person) -> kinds.Letter:
        """The invitation as it would go to a person, with a link that lets nobody in."""
        return self.invitation(person, LateLink(kind="page", reference="/"))

    def invitation(self, person: _Person, link: LateLink) -> kinds.Letter:
        """The letter that asks."""
        return kinds.Invitation(name=person.name, due_on=self.told_day(person), link=link, **self.common)

    def reminder(self, person: _Person, link: LateLink) -> kinds.Letter:
        """The letter that asks again."""
        return kinds.Reminder(
            name=person.name,
            due_on=self.told_day(person),
            link=link,
            reason=overdue.LETTER_WORDS[person.reason],
            **self.common,
        )

    def links(self, people: list[_Person], by: Actor) -> dict[UUID, LateLink]:
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
        site = LateLink(kind="page", reference="/")
        return {person.member_id: fresh.get(person.member_id, site) for person in people}

    def post_invitations(self, people: list[_Person], *, by: Actor) -> None:
        """One invitation for each entry, ever."""
        links = self.links(people, by)
        self._post(
            ((person, self.invitation(person, links[person.member_id]), "invitation", "") for person in people), by
        )

    def post_reminders(self, people: list[_Person], *, by: Actor, suffix: str = "") -> None:
        """One reminder for each entry and day (or for a suffix of its own)."""
        links = self.links(people, by)
        day = suffix or self.today.isoformat()
        self._post(
            ((person, self.reminder(person, links[person.member_id]), "reminder", f":{day}") for person in people), by
        )

    def _post(self, written: Iterable[tuple[_Person, kinds.Letter, str, str]], by: Actor) -> None:
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


def _chosen(organisation_id: UUID, entry_ids: Sequence[UUID] | None) -> QuerySet[RosterEntry]:
    entries = RosterEntry.objects.filter(organisation_id=organisation_id)
    return entries if entry_ids is None else entries.filter(id__in=list(entry_ids))


def _people(entries: QuerySet[RosterEntry]) -> list[_Person]:
    names = _Person.__slots__  # type: ignore[attr-defined]
    return [_Person(**dict(zip(names, row, strict=True))) for row in entries.values_list(*_COLUMNS)]


def _chunks(ids: list[UUID]) -> Iterable[list[UUID]]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


def _in_batches(wanted: QuerySet[RosterEntry], work: Callable[[list[_Person]], int]) -> int:
    """Work through what is wanted, a transaction a batch; the work must take its rows out of what is wanted."""
    done = 0
    while batch := _people(wanted[:BATCH]):
        try:
            with transaction.atomic():
                done += work(batch)
        except _Overtaken:
            continue
    return done


def _take(people: list[_Person], **values: Any) -> None:
    """Change the entries of a batch, none of which may have moved since it was read."""
    by_state = {state: [] for state in {person.state for person in people}}  # type: dict[str, list[UUID]]
    for person in people:
        by_state[person.state].append(person.entry_id)
    for state, ids in by_state.items():
        if RosterEntry.objects.filter(id__in=ids, state=state).update(**values) != len(ids):
            raise _Overtaken


def _invite(batch: list[_Person], writer: _Writer, by: Actor, at: datetime) -> int:
    _take(batch, state=RosterEntry.State.INVITED, invited_at=at)
    _plan(batch, lambda person: writer.next_day(person, first=True))
    writer.post_invitations(batch, by=by)
    audit.record_many(
        event=Events.INVITED,
        by=by,
        at=at,
        organisation_id=writer.organisation_id,
        subjects=[(person.member_id, {"due_on": writer.told_day(person).isoformat()}) for person in batch],
    )
    return len(batch)


def _plan(people: list[_Person], day_of: Callable[[_Person], date | None]) -> None:
    days: dict[date | None, list[UUID]] = {}
    for person in people:
        days.setdefault(day_of(person), []).append(person.entry_id)
    for day, ids in days.items():
        if day is not None:
            RosterEntry.objects.filter(id__in=ids).update(next_reminder_on=day)


def _to_remind(organisation_id: UUID, entry_ids: Sequence[UUID] | None, at: datetime) -> QuerySet[RosterEntry]:
    midnight = at.astimezone(JST).replace(hour=0, minute=0, second=0, microsecond=0)
    wanted = _chosen(organisation_id, entry_ids).filter(
        ~Q(state=RosterEntry.State.LISTED),
        ~Q(member__mail=""),
        Q(reminded_at=None) | Q(reminded_at__lt=midnight),
        stage=RosterEntry.Stage.OPEN,
        member__state="active",
        bounced_at=None,
    )
    return wanted if entry_ids is not None else wanted.filter(due_on__lt=jst_day(at))


def _remind(organisation_id: UUID, entry_ids: Sequence[UUID] | None, by: Actor, at: datetime) -> int:
    writer = _Writer(organisation_id, at)
    wanted = _to_remind(organisation_id, entry_ids, at).order_by("due_on", "id")
    sent = _in_batches(wanted, lambda batch: _remind_batch(batch, writer, by, at))
    if not sent:
        raise NothingToRemind
    return sent


def _remind_batch(batch: list[_Person], writer: _Writer, by: Actor, at: datetime) -> int:
    """Remind a batch of one organisation; `at` is now, the letters leave at the writer's moment."""
    _take(batch, reminders=F("reminders") + 1, reminded_at=writer.at, next_reminder_on=None)
    _plan(batch, writer.next_day)
    writer.post_reminders(batch, by=by)
    audit.record_many(
        event=Events.REMINDED,
        by=by,
        at=at,
        organisation_id=writer.organisation_id,
        subjects=[(person.member_id, {"reason": person.reason.code}) for person in batch],
    )
    return len(batch)


def _note_overdue(at: datetime) -> int:
    today = jst_day(at)
    late = RosterEntry.objects.filter(stage=RosterEntry.Stage.OPEN, overdue_noted_on=None, due_on__lt=today)

    def note(batch: list[_Person]) -> int:
        _take(batch, overdue_noted_on=today)
        for organisation_id, people in _by_organisation(batch):
            audit.record_many(
                event=Events.OVERDUE,
                by=SYSTEM,
                at=at,
                organisation_id=organisation_id,
                subjects=[
                    (person.member_id, {"due_on": person.due_on.isoformat(), "reason": person.reason.code})
                    for person in people
                    if person.member_state == "active"
                ],
            )
        return len(batch)

    return _in_batches(late.order_by("due_on", "id"), note)


def _remind_by_itself(at: datetime) -> int:
    planned = RosterEntry.objects.filter(stage=RosterEntry.Stage.OPEN, next_reminder_on__lte=jst_day(at))
    writers: dict[UUID, _Writer] = {}

    def work(batch: list[_Person]) -> int:
        reminded = 0
        for organisation_id, people in _by_organisation(batch):
            writer = writers.get(organisation_id) or writers.setdefault(organisation_id, _loud(organisation_id, at))
            wanted = writer.policy.automatic_reminders
            reachable = [person for person in people if wanted and person.reason in overdue.LETTER_WORDS]
            kept = {person.entry_id for person in reachable}
            others = [person for person in people if person.entry_id not in kept]
            _take(others, next_reminder_on=None)
            if reachable:
                reminded += _remind_batch(reachable, writer, SYSTEM, at)
        return reminded

    return _in_batches(planned.order_by("next_reminder_on", "id"), work)


def _loud(organisation_id: UUID, at: datetime) -> _Writer:
    policy = policies.ensure(organisation_id)
    moment = overdue.loud_moment(at=at, quiet_from=policy.quiet_from_hour, quiet_until=policy.quiet_until_hour)
    return _Writer(organisation_id, moment, policy)


def _by_organisation(batch: list[_Person]) -> Iterable[tuple[UUID, list[_Person]]]:
    ordered = sorted(batch, key=attrgetter("organisation_id"))
    return ((key, list(people)) for key, people in groupby(ordered, key=attrgetter("organisation_id")))
