"""Reads of schemes and of what was allotted under them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from warifu.applications.models import Identification, Scheme, UserCode
from warifu.applications.rules import allotment
from warifu.applications.rules.allotment import Allotment, Line, Pattern, SchemeView
from warifu.foundation.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class IssuedLine:
    """One user ID of an organisation."""

    user_code: str
    number: str
    method: str
    industries: tuple[str, ...]
    from_day: date
    ended_on: date | None

    @property
    def user_id(self) -> str:
        """Code and number together."""
        return self.user_code + self.number


def all_schemes() -> list[tuple[UUID, str]]:
    """Every scheme of the installation, id and name. One query."""
    return list(Scheme.objects.order_by("name").values_list("id", "name"))


def view(*, scheme_id: UUID) -> SchemeView:
    """A scheme as the rules take it; raises `NotFound`."""
    row = Scheme.objects.filter(id=scheme_id).first()
    if row is None:
        raise NotFound
    return view_of(row=row)


def view_of(*, row: Scheme) -> SchemeView:
    """A scheme's row as the rules take it."""
    return SchemeView(
        code=Pattern(text=row.code_pattern, avoids_look_alikes=row.avoids_look_alikes),
        net=Pattern(text=row.net_pattern, avoids_look_alikes=row.avoids_look_alikes),
        general=Pattern(text=row.general_pattern, avoids_look_alikes=row.avoids_look_alikes),
    )


def has_codes(*, organisation_id: UUID) -> bool:
    """Whether an organisation has a user code that has not ended. One query."""
    return UserCode.objects.filter(organisation_id=organisation_id, ended_on=None).exists()


def living_numbers(*, organisation_id: UUID, scheme_id: UUID) -> dict[str, list[str]]:
    """The user codes of an organisation that have not ended, each with its identification numbers that have not
    ended. One query."""
    rows = UserCode.objects.filter(organisation_id=organisation_id, scheme_id=scheme_id, ended_on=None)
    found: dict[str, list[str]] = {}
    pairs = rows.order_by("text", "identifications__text").values_list(
        "text", "identifications__text", "identifications__ended_on"
    )
    for code, number, ended_on in pairs:
        numbers = found.setdefault(code, [])
        if number and ended_on is None:
            numbers.append(number)
    return found


def issued(*, organisation_id: UUID, limit: int | None = None) -> list[IssuedLine]:
    """The user IDs that an organisation has or had, in their order, all of them or the first few. One query."""
    rows = Identification.objects.filter(user_code__organisation_id=organisation_id).select_related("user_code")
    return [
        IssuedLine(
            user_code=row.user_code.text,
            number=row.text,
            method=row.method,
            industries=tuple(row.industries),
            from_day=row.from_day,
            ended_on=row.ended_on,
        )
        for row in rows.order_by("user_code__text", "text")[:limit]
    ]


def would_allot(*, scheme_id: UUID, organisation_id: UUID, lines: Iterable[Line]) -> Allotment:
    """What lines would get now, without giving it out. Raises `NotFound`, and what `rules.allotment.allot` raises."""
    row = Scheme.objects.filter(id=scheme_id).first()
    if row is None:
        raise NotFound
    return allotment_for(scheme=row, organisation_id=organisation_id, lines=lines)


def allotment_for(*, scheme: Scheme, organisation_id: UUID, lines: Iterable[Line]) -> Allotment:
    """The allotment of lines for an organisation as things stand; the caller holds the scheme's lock when it counts."""
    wanted = list(lines)
    near = {text for place in range(_AHEAD + len(wanted)) if (text := _code(scheme, scheme.next_code + place))}
    taken = UserCode.objects.filter(scheme=scheme, text__in=near).values_list("text", flat=True)
    named = {line.user_code for line in wanted}
    living = UserCode.objects.filter(
        organisation_id=organisation_id, scheme=scheme, ended_on=None, text__in=named
    ).values_list("text", "identifications__text")
    numbers: dict[str, set[str]] = {}
    for code, number in living:
        numbers.setdefault(code, set()).update({number} if number else ())
    return allotment.allot(
        scheme=view_of(row=scheme),
        lines=wanted,
        next_code=scheme.next_code,
        codes_taken=set(taken),
        numbers_taken=numbers,
    )


_AHEAD = 100
"""Places of the sequence that are looked at beyond those that are needed: imported codes may lie in the way."""


def _code(scheme: Scheme, place: int) -> str:
    pattern = Pattern(text=scheme.code_pattern, avoids_look_alikes=scheme.avoids_look_alikes)
    return pattern.nth(place) if place < pattern.size() else ""
