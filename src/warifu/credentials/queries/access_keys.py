"""Reads of restricted IDs and access keys (003-13, C-08)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from uuid import UUID

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery

from warifu.credentials.models import AccessKey, DeviceRestriction, UserId
from warifu.credentials.queries.ids import PAGE, IdLine, is_stopped, line_of
from warifu.credentials.rules import ids as rules
from warifu.credentials.rules.secrets import digest
from warifu.foundation import japanese
from warifu.foundation.actor import Role
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import NotFound
from warifu.organisations import queries as organisations

MOST_IN_A_BROWSER = 12
"""Access keys that one browser keeps, for a device that several people share."""


class Show(Enum):
    """Which IDs the list of restrictions shows."""

    ALL = "all"
    RESTRICTED = "restricted"
    WAITING = "waiting"
    FREE = "free"


class KeyState(Enum):
    """What became of a key."""

    REGISTERED = "registered"
    WAITING = "waiting"
    OVER = "over"
    REVOKED = "revoked"


@dataclass(frozen=True, kw_only=True)
class KeyLine:
    """An access key as its owner and administrators see it; never the key itself."""

    id: UUID
    member_id: UUID
    name: str
    state: KeyState
    browser: str
    issued_at: datetime
    link_until: datetime
    registered_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None
    passkey: str


@dataclass(frozen=True, kw_only=True)
class RestrictionLine:
    """An ID, since when it is restricted (None: it is not), and its registered keys."""

    id_line: IdLine
    from_day: date | None
    keys: int
    used_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class RestrictionPage:
    """A page of the list; a cursor is empty where there is no further page."""

    lines: tuple[RestrictionLine, ...]
    before: str
    after: str


def restricted_from(*, member_id: UUID) -> date | None:
    """The day from which a member is let in from registered devices only, or None. One query."""
    running = DeviceRestriction.objects.filter(member_id=member_id, until_day=None)
    return running.values_list("from_day", flat=True).first()


def is_restricted(*, member_id: UUID, at: datetime) -> bool:
    """Whether a member is let in from registered devices only, now."""
    from_day = restricted_from(member_id=member_id)
    return from_day is not None and from_day <= jst_day(at)


def good_key(*, member_id: UUID, shown: str, at: datetime) -> UUID | None:
    """The key of a member among those that a browser shows: registered, or about to be by this sign-in. One query."""
    tokens = [token for token in shown.split(".") if token][:MOST_IN_A_BROWSER]
    if not tokens:
        return None
    keys = AccessKey.objects.filter(member_id=member_id, revoked_at=None, token_hash__in=map(digest, tokens))
    good = keys.filter(Q(registered_at__isnull=False) | Q(link_until__gt=at))
    return good.order_by("registered_at").values_list("id", flat=True).first()


def registered_keys(*, member_id: UUID) -> QuerySet[AccessKey]:
    """The keys with which a member gets in."""
    return AccessKey.objects.filter(member_id=member_id, revoked_at=None).exclude(registered_at=None)


def bound_keys(*, member_id: UUID) -> QuerySet[AccessKey]:
    """The keys that are bound to a living passkey of their device."""
    return registered_keys(member_id=member_id).filter(passkey__isnull=False, passkey__revoked_at=None)


def wants_passkey(*, member_id: UUID) -> bool:
    """Whether a member is let in by a passkey of a registered device only (C-08). One query."""
    return DeviceRestriction.objects.filter(member_id=member_id, until_day=None, wants_passkey=True).exists()


def factor_of(*, passkey_id: UUID) -> str:
    """The factor that a proven passkey is: that of a registered device, or any. One query."""
    is_bound = AccessKey.objects.filter(passkey_id=passkey_id, revoked_at=None).exclude(registered_at=None).exists()
    return "device_passkey" if is_bound else "passkey"


def keys_of(*, organisation_id: UUID, member_id: UUID, at: datetime, living_only: bool = False) -> list[KeyLine]:
    """A member's keys, the newest first. One query."""
    rows = AccessKey.objects.filter(member__organisation_id=organisation_id, member_id=member_id)
    if living_only:
        rows = rows.filter(revoked_at=None)
    rows = rows.select_related("passkey")
    return [_key_line(row, at) for row in rows.order_by("-id")[:100]]


def insist_own(*, member_id: UUID, key_id: UUID) -> None:
    """Raise `NotFound` for keys that are not this member's. One query."""
    if not AccessKey.objects.filter(member_id=member_id, id=key_id).exists():
        raise NotFound


def leaders_who_get_in(*, organisation_id: UUID, without: UUID, at: datetime) -> int:
    """How many administrators and heads, other than one, can still sign in: neither stopped nor locked out."""
    return sum(
        bool(member.roles & (Role.ADMINISTRATOR | Role.HEAD))
        and member.id != without
        and not is_stopped(member_id=member.id)
        and (restricted_from(member_id=member.id) is None or registered_keys(member_id=member.id).exists())
        for member in organisations.office_members(organisation_id=organisation_id)
    )


def restrictions(*, organisation_id: UUID, show: Show, search: str = "", cursor: str = "") -> RestrictionPage:
    """A page of the living IDs with their restriction and keys, by reading. Two queries."""
    found, before, after = organisations.keyset(
        rows=_listed(organisation_id, show, search),
        keys=("member__family_kana", "member__given_kana", "id"),
        cursor=cursor,
        limit=PAGE,
    )
    return RestrictionPage(lines=tuple(_lines(found)), before=before, after=after)


def export(*, organisation_id: UUID, show: Show, search: str = "") -> Iterator[RestrictionLine]:
    """The whole list for a file, read in pieces."""
    rows = _listed(organisation_id, show, search).order_by("member__family_kana", "member__given_kana", "id")
    pile: list[UserId] = []
    for row in rows.iterator(chunk_size=500):
        pile.append(row)
        if len(pile) == 500:
            yield from _lines(pile)
            pile = []
    yield from _lines(pile)


def counts(*, organisation_id: UUID) -> dict[Show, int]:
    """How many IDs each choice of the list shows. One query each."""
    return {show: _listed(organisation_id, show, "").count() for show in Show}


def _listed(organisation_id: UUID, show: Show, search: str) -> QuerySet[UserId]:
    running = DeviceRestriction.objects.filter(member_id=OuterRef("member_id"), until_day=None)
    keys = AccessKey.objects.filter(member_id=OuterRef("member_id"), revoked_at=None).exclude(registered_at=None)
    rows = UserId.objects.filter(organisation_id=organisation_id, ended_at=None).select_related("member")
    rows = rows.annotate(from_day=Subquery(running.values("from_day")[:1]))
    if show is Show.RESTRICTED:
        rows = rows.exclude(from_day=None)
    elif show is Show.WAITING:
        rows = rows.filter(~Exists(keys)).exclude(from_day=None)
    elif show is Show.FREE:
        rows = rows.filter(from_day=None)
    if key := japanese.search_key(search):
        rows = rows.filter(Q(text__contains=rules.normal(search)) | Q(member__search_text__contains=key))
    return rows


def _lines(rows: Collection[UserId]) -> Iterator[RestrictionLine]:
    keys = AccessKey.objects.filter(member_id__in=[row.member_id for row in rows], revoked_at=None)
    totals = keys.exclude(registered_at=None).values("member_id").annotate(total=Count("id"), used=Max("used_at"))
    found = {total["member_id"]: (total["total"], total["used"]) for total in totals.order_by()}
    for row in rows:
        count, used_at = found.get(row.member_id, (0, None))
        yield RestrictionLine(
            id_line=line_of(row=row),
            from_day=row.from_day,  # type: ignore[attr-defined]
            keys=count,
            used_at=used_at,
        )


def _key_line(row: AccessKey, at: datetime) -> KeyLine:
    if row.revoked_at:
        state = KeyState.REVOKED
    elif row.registered_at:
        state = KeyState.REGISTERED
    else:
        state = KeyState.WAITING if at < row.link_until else KeyState.OVER
    return KeyLine(
        id=row.id,
        member_id=row.member_id,
        name=row.name,
        state=state,
        browser=row.browser,
        issued_at=row.issued_at,
        link_until=row.link_until,
        registered_at=row.registered_at,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
        passkey=row.passkey.name if row.passkey and row.passkey.revoked_at is None else "",
    )
