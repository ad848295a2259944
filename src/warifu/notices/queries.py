"""Reads of the room お知らせ, for screens and for the rooms above."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Max

from warifu.foundation.refusals import NotFound
from warifu.notices import kinds, rules, wording
from warifu.notices.models import Heartbeat, Letter, LetterText, MailboxMessage, PhoneMessage


@dataclass(frozen=True, kw_only=True)
class LetterLine:
    """One letter in a list; `state` is a name of `Letter.State`, `reason` says why it is not accepted."""

    id: UUID
    kind: str
    kind_label: str
    member_id: UUID | None
    to_mail: str
    to_name: str
    state: str
    state_label: str
    reason: str
    attempts: int
    created_at: datetime
    next_at: datetime
    settled_at: datetime | None
    is_test: bool
    message_id: str

    @property
    def may_be_resent(self) -> bool:
        """Whether a person may send it again."""
        return self.state in ("given_up", "uncertain")


@dataclass(frozen=True, kw_only=True)
class Bounce:
    """A letter that did not arrive: came back, or was given up."""

    member_id: UUID
    at: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class TextView:
    """The wording of one kind of letter that holds now, with the placeholders that may be used."""

    kind: str
    label: str
    subject: str
    body: str
    is_edited: bool
    changed_at: datetime | None
    placeholders: tuple[str, ...]
    has_link: bool


@dataclass(frozen=True, kw_only=True)
class MailboxLine:
    """A message in the demo's mailbox."""

    id: UUID
    to_mail: str
    subject: str
    at: datetime
    body: str
    html: str


STATES: tuple[tuple[str, str], ...] = tuple((state.value, str(state.label)) for state in Letter.State)
"""The states of a letter and their names, in the order of a letter's life."""

ON_THE_WAY = frozenset({Letter.State.WAITING.value, Letter.State.SENDING.value})
"""States of a letter that no mail server has taken yet."""


def letters_of(
    *,
    organisation_id: UUID,
    state: str | None = None,
    member_id: UUID | None = None,
    before: UUID | None = None,
    limit: int = 50,
) -> list[LetterLine]:
    """The newest letters of an organisation first, those before the id `before` only. One query."""
    rows = Letter.objects.filter(organisation_id=organisation_id)
    if state:
        rows = rows.filter(state=state)
    if member_id is not None:
        rows = rows.filter(member_id=member_id)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return [_line(row) for row in rows.defer("values").order_by("-id")[:limit]]


def state_of(*, organisation_id: UUID, key: str) -> str:
    """The state of the letter that was posted under a key; empty when there is none. One query."""
    states = Letter.objects.filter(organisation_id=organisation_id, key=key).values_list("state", flat=True)
    return states.first() or ""


def counts_by_state(*, organisation_id: UUID) -> dict[str, int]:
    """How many letters an organisation has in each state that it has any in. One query."""
    rows = Letter.objects.filter(organisation_id=organisation_id).order_by("state")
    return {row["state"]: row["count"] for row in rows.values("state").annotate(count=Count("id"))}


def bounced_since(*, organisation_id: UUID, since: datetime) -> list[Bounce]:
    """Members' letters that did not arrive (came back, or were given up), settled at `since` or later. One query.

    What went to an address that is no longer the member's says nothing about the member.
    """
    rows = Letter.objects.filter(
        organisation_id=organisation_id,
        state__in=[Letter.State.BOUNCED, Letter.State.GIVEN_UP],
        settled_at__gte=since,
        member_id__isnull=False,
    ).exclude(kind__in=[kind.kind() for kind in kinds.TO_OTHER_ADDRESSES])
    return [
        Bounce(member_id=member_id, at=settled_at, reason=reason)
        for member_id, settled_at, reason in rows.order_by("settled_at").values_list(
            "member_id", "settled_at", "reason"
        )
        if member_id is not None and settled_at is not None
    ]


def texts_of(*, organisation_id: UUID, language: str = "ja") -> list[TextView]:
    """The wording of every kind of letter, the organisation's own where it has one. One query."""
    own = {row.kind: row for row in LetterText.objects.filter(organisation_id=organisation_id, language=language)}
    return [_text(kind, own.get(kind.kind()), language) for kind in kinds.ALL]


def text_of(*, organisation_id: UUID, kind: str, language: str = "ja") -> TextView:
    """The wording of one kind of letter. One query; raises `NotFound` for an unknown kind."""
    if kind not in kinds.BY_NAME:
        raise NotFound
    own = LetterText.objects.filter(organisation_id=organisation_id, kind=kind, language=language).first()
    return _text(kinds.BY_NAME[kind], own, language)


def preview(
    *, kind: str, organisation_name: str, name: str, at: datetime, subject: str, body: str, language: str = "ja"
) -> wording.Written:
    """A letter with invented values in a wording that may not be saved yet. No query; refuses as `edit_text` does."""
    wording.insist_usable(kind=kind, subject=subject, body=body)
    letter = kinds.sample(kinds.BY_NAME[kind], organisation_name=organisation_name, name=name, at=at)
    return wording.write(letter, language=language, edited=wording.Wording(subject=subject, body=body))


@dataclass(frozen=True, kw_only=True)
class PhoneLine:
    """A text message of the demo's phone."""

    to_phone: str
    text: str
    at: datetime


def mailbox(*, to_mail: str = "", limit: int = 50) -> list[MailboxLine]:
    """The newest messages of the demo's mailbox first, of one address if it is given. One query."""
    rows = MailboxMessage.objects.order_by("-at", "-id")
    if to_mail:
        rows = rows.filter(to_mail=to_mail)
    return [_message(row) for row in rows[:limit]]


def mailbox_message(*, message_id: UUID) -> MailboxLine:
    """One message of the demo's mailbox; raises `NotFound`."""
    row = MailboxMessage.objects.filter(id=message_id).first()
    if row is None:
        raise NotFound
    return _message(row)


def phone_messages(*, limit: int = 50) -> list[PhoneLine]:
    """The newest text messages of the demo's phone first. One query."""
    rows = PhoneMessage.objects.order_by("-at", "-id")[:limit]
    return [PhoneLine(to_phone=rules.shown_phone(row.to_phone), text=row.text, at=row.at) for row in rows]


def last_heartbeat() -> datetime | None:
    """When any worker last went round; None when none ever did."""
    newest: datetime | None = Heartbeat.objects.exclude(worker=DAILY).aggregate(newest=Max("at"))["newest"]
    return newest


def last_round() -> date | None:
    """The last day whose daily round is done."""
    return Heartbeat.objects.filter(worker=DAILY).values_list("round_on", flat=True).first()


DAILY = "daily"
"""The name under which the daily round is noted, whichever worker did it."""


def _line(row: Letter) -> LetterLine:
    kind = kinds.BY_NAME.get(row.kind)
    return LetterLine(
        id=row.id,
        kind=row.kind,
        kind_label=kind.label if kind else row.kind,
        member_id=row.member_id,
        to_mail=row.to_mail,
        to_name=row.to_name,
        state=row.state,
        state_label=str(Letter.State(row.state).label),
        reason=row.reason,
        attempts=row.attempts,
        created_at=row.created_at,
        next_at=row.next_at,
        settled_at=row.settled_at,
        is_test=row.key.startswith("test:"),
        message_id=row.message_id,
    )


def _text(kind: type[kinds.Letter], own: LetterText | None, language: str) -> TextView:
    standard = wording.standard(kind, language=language) if own is None else None
    return TextView(
        kind=kind.kind(),
        label=kind.label,
        subject=own.subject if own else standard.subject if standard else "",
        body=own.body if own else standard.body if standard else "",
        is_edited=own is not None,
        changed_at=own.changed_at if own else None,
        placeholders=tuple(kinds.PLACEHOLDERS[name] for name in kinds.names_of_fields(kind)),
        has_link=kinds.has_link(kind),
    )


def _message(row: MailboxMessage) -> MailboxLine:
    return MailboxLine(id=row.id, to_mail=row.to_mail, subject=row.subject, at=row.at, body=row.body, html=row.html)
