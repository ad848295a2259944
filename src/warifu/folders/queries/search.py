"""電子取引データの検索: by day, amount and counterparty, ranges and any combination; only hits (D-10 … D-12).

Pages go by key (day of trade and id, the newest first), so that the thousandth costs what the first does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.db.models.fields.tuple_lookups import TupleLessThan

from warifu.folders.models import Counterparty, Folder, TransactionRecord
from warifu.folders.queries.access import Reached, reach
from warifu.folders.rules import fields, keeping, search
from warifu.folders.rules.fields import Channel, Direction, Kind
from warifu.folders.rules.keeping import Keeping, Span
from warifu.folders.rules.search import Limits, Wanted
from warifu.foundation import japanese
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import NotFound
from warifu.organisations.rules import Permission

PAGE = 50
COUNTED = 1000
"""How far hits are counted; beyond it the screen says that there are more."""
MOST_NAMES = 500
"""How many counterparties that a part of a name finds are named to the database one by one."""

Row = TransactionRecord
"""A record as it passes from one query or action to the next; doors read it and never write it."""
State = TransactionRecord.State


@dataclass(frozen=True, kw_only=True)
class Line:
    """One hit."""

    id: UUID
    number: int
    state: str
    state_label: str
    traded_on: date | None
    amount: Decimal | None
    currency: str
    counterparty: str
    counterparty_code: str
    registration_number: str
    kind: str
    kind_label: str
    direction: str
    direction_label: str
    document_number: str
    ledger_link: str
    memo: str
    channel_label: str
    received_at: datetime
    received_by: str
    file_name: str
    media_type: str
    size: int
    sha256: str
    stored_as: str
    is_servable: bool
    version: int


@dataclass(frozen=True, kw_only=True)
class Page:
    """Hits of one page, and the cursor of the next one (empty at the end)."""

    lines: list[Line]
    after: str


def page(
    *,
    organisation_id: UUID,
    folder_id: UUID,
    wanted: Wanted,
    by: Actor,
    at: datetime,
    after: str = "",
    limit: int = PAGE,
) -> Page:
    """One page of hits. Four queries at most. Raises what `reach` does."""
    reached = reach(
        organisation_id=organisation_id, folder_id=folder_id, permission=Permission.FOLDERS_READ, by=by, at=at
    )
    lines = _lines(_after(hits(reached=reached, wanted=wanted), after)[: limit + 1])
    return Page(lines=lines[:limit], after=_cursor(lines[limit - 1]) if len(lines) > limit else "")


def count(*, reached: Reached, wanted: Wanted) -> int:
    """How many hits there are, counted up to `COUNTED` and one more."""
    return hits(reached=reached, wanted=wanted).order_by()[: COUNTED + 1].count()


def every(*, reached: Reached, wanted: Wanted) -> Iterator[Line]:
    """All hits in order, a thousand at a time: memory stays flat at any number."""
    after = ""
    while True:
        lines = _lines(_after(hits(reached=reached, wanted=wanted), after)[:1000])
        yield from lines
        if len(lines) < 1000:
            return
        after = _cursor(lines[-1])


def hits(*, reached: Reached, wanted: Wanted) -> QuerySet[TransactionRecord]:
    """The rows that a search finds in a folder, the newest day of trade first."""
    rows = TransactionRecord.objects.filter(folder=reached.folder, traded_on__isnull=False)
    rows = rows.filter(_within(wanted, reached.limits))
    if wanted.without_withdrawn:
        rows = rows.exclude(state=State.WITHDRAWN)
    if wanted.counterparty.strip():
        rows = rows.filter(_named(reached.folder.id, wanted.counterparty))
    return rows.order_by("-traded_on", "-id")


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What waits for a person to confirm it."""

    id: UUID
    number: int
    file_name: str
    size: int
    channel_label: str
    received_at: datetime
    received_by: str
    is_read: bool
    is_infected: bool
    counterparty: str
    amount: str
    traded_on: str


def waiting(*, reached: Reached, after: UUID | None = None, limit: int = PAGE) -> list[Waiting]:
    """Records that wait for their fields, the newest first; nothing for those who see a part only. One query."""
    if reached.limits != search.NO_LIMITS:
        return []
    rows = TransactionRecord.objects.filter(folder=reached.folder, state=State.RECEIVED)
    if after is not None:
        rows = rows.filter(id__lt=after)
    return [
        Waiting(
            id=row.id,
            number=row.number,
            file_name=row.file_name,
            size=row.size,
            channel_label=row.get_channel_display(),
            received_at=row.received_at,
            received_by=row.received_by,
            is_read=row.read_at is not None,
            is_infected=row.scan == TransactionRecord.Scan.INFECTED,
            counterparty=row.suggested.get("counterparty", ""),
            amount=row.suggested.get("amount", ""),
            traded_on=row.suggested.get("traded_on", ""),
        )
        for row in rows.order_by("-id")[:limit]
    ]


def count_waiting(*, folder_id: UUID) -> int:
    """How many records wait, counted up to `COUNTED`. One query."""
    return TransactionRecord.objects.filter(folder_id=folder_id, state=State.RECEIVED).order_by()[:COUNTED].count()


def record_of(*, reached: Reached, record_id: UUID) -> TransactionRecord:
    """A record that somebody may see, with its counterparty. Raises `NotFound`."""
    rows = TransactionRecord.objects.select_related("counterparty", "folder").filter(folder=reached.folder)
    if reached.limits != search.NO_LIMITS:
        rows = rows.filter(_within(Wanted(), reached.limits), traded_on__isnull=False)
    row: TransactionRecord | None = rows.filter(id=record_id).first()
    if row is None:
        raise NotFound
    return row


def record_numbered(*, reached: Reached, number: int) -> TransactionRecord:
    """A record by its number in a folder that is reached whole. Raises `NotFound`."""
    rows = TransactionRecord.objects.select_related("counterparty", "folder")
    row: TransactionRecord | None = rows.filter(folder=reached.folder, number=number).first()
    if row is None or reached.limits != search.NO_LIMITS:
        raise NotFound
    return row


def keeping_of(*, folder: Folder) -> Keeping:
    """How a folder's years run."""
    return Keeping(
        year_end_month=folder.year_end_month,
        years=folder.keeping_years,
        extension_months=folder.extension_months,
        is_sole_trader=folder.is_sole_trader,
    )


def span_of(*, row: TransactionRecord) -> Span | None:
    """The keeping of a record; None before its day of trade is known."""
    return keeping.span(keeping=keeping_of(folder=row.folder), traded_on=row.traded_on) if row.traded_on else None


def line_of(*, row: TransactionRecord) -> Line:
    """A row as a hit."""
    return Line(
        id=row.id,
        number=row.number,
        state=row.state,
        state_label=row.get_state_display(),
        traded_on=row.traded_on,
        amount=row.amount,
        currency=row.currency,
        counterparty=row.counterparty.name if row.counterparty else "",
        counterparty_code=row.counterparty.code if row.counterparty else "",
        registration_number=row.registration_number,
        kind=row.kind,
        kind_label=row.get_kind_display(),
        direction=row.direction,
        direction_label=row.get_direction_display(),
        document_number=row.document_number,
        ledger_link=row.ledger_link,
        memo=row.memo,
        channel_label=row.get_channel_display(),
        received_at=row.received_at,
        received_by=row.received_by,
        file_name=row.file_name,
        media_type=row.media_type,
        size=row.size,
        sha256=row.sha256,
        stored_as=row.stored_as,
        is_servable=is_servable(row=row),
        version=row.version,
    )


def is_servable(*, row: TransactionRecord) -> bool:
    """Whether a record's file may be handed to a browser: it was looked at for viruses, and it is still there."""
    looked_at = row.scan in (TransactionRecord.Scan.CLEAN, TransactionRecord.Scan.SKIPPED)
    return looked_at and row.state != State.DISPOSED


def _within(wanted: Wanted, limits: Limits) -> Q:
    found = Q()
    for first, last in (
        (wanted.traded_from, wanted.traded_until),
        (limits.traded_from, limits.traded_until),
    ):
        if first is not None:
            found &= Q(traded_on__gte=first)
        if last is not None:
            found &= Q(traded_on__lte=last)
    for kinds in (wanted.kinds, limits.kinds):
        if kinds:
            found &= Q(kind__in=sorted(kind.value for kind in kinds))
    if wanted.direction is not None:
        found &= Q(direction=wanted.direction.value)
    if wanted.no_amount:
        return found & (Q(amount=None) | Q(amount=0))
    if wanted.amount_from is not None:
        found &= Q(amount__gte=wanted.amount_from)
    if wanted.amount_until is not None:
        found &= Q(amount__lte=wanted.amount_until)
    return found


def _named(folder_id: UUID, text: str) -> Q:
    """Counterparties whose name holds a text, whatever its width, kana and form of company, or whose code it is.

    A few are named one by one, so that the database walks along their index; many stay a subquery.
    """
    text = fields.visible(text)
    named = Q(key__contains=search.folded(text)) | Q(code=japanese.to_half_width(text))
    found = Counterparty.objects.filter(named, folder_id=folder_id)
    ids = list(found.order_by("id").values_list("id", flat=True)[: MOST_NAMES + 1])
    if len(ids) > MOST_NAMES:
        return Q(counterparty__in=found)
    return Q(counterparty_id=ids[0]) if len(ids) == 1 else Q(counterparty_id__in=ids)


def _after(rows: QuerySet[TransactionRecord], cursor: str) -> QuerySet[TransactionRecord]:
    day, _, last = cursor.partition("_")
    try:
        place = (date.fromisoformat(day), UUID(last))
    except ValueError:
        return rows
    return rows.filter(TupleLessThan((F("traded_on"), F("id")), place), traded_on__lte=place[0])


def _cursor(line: Line) -> str:
    return f"{line.traded_on}_{line.id}"


_PLAIN = (
    "id",
    "number",
    "state",
    "traded_on",
    "amount",
    "currency",
    "registration_number",
    "kind",
    "direction",
    "document_number",
    "ledger_link",
    "memo",
    "received_at",
    "received_by",
    "file_name",
    "media_type",
    "size",
    "sha256",
    "stored_as",
    "version",
)
_STATES = {state.value: str(state.label) for state in State}
_KINDS = {kind.value: kind.label for kind in Kind}
_DIRECTIONS = {one.value: one.label for one in Direction}
_CHANNELS = {one.value: one.label for one in Channel}
_SCANNED = frozenset({TransactionRecord.Scan.CLEAN.value, TransactionRecord.Scan.SKIPPED.value})


def _lines(rows: QuerySet[TransactionRecord]) -> list[Line]:
    """Hits without a model object around each: a list is read more often than anything else here."""
    columns = (*_PLAIN, "channel", "scan", "counterparty__name", "counterparty__code")
    lines = []
    for values in rows.values_list(*columns):
        plain = dict(zip(_PLAIN, values, strict=False))
        channel, scan, name, code = values[-4:]
        lines.append(
            Line(
                **plain,
                state_label=_STATES[plain["state"]],
                kind_label=_KINDS.get(plain["kind"], ""),
                direction_label=_DIRECTIONS.get(plain["direction"], ""),
                channel_label=_CHANNELS[channel],
                counterparty=name or "",
                counterparty_code=code or "",
                is_servable=scan in _SCANNED and plain["state"] != State.DISPOSED.value,
            )
        )
    return lines
