"""Which user codes and identification numbers come out of an application (002-2, 002-3, 002-19 … 002-23; seeds.md C-4).

A pure function of what was allotted before: the same lines always give the same IDs, nothing is ever given twice, and
what is skipped is named with its reason. The action calls it under a lock on the scheme.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from string import ascii_uppercase, digits

from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _

NET, GENERAL = "net", "general"
LOOK_ALIKES = frozenset("01258BIOQSZ")
"""Signs that are taken for one another: 0 O Q, 1 I, 2 Z, 5 S, 8 B (seeds.md C-9, features.md 6)."""
_CORRECTED = {"L": {"0": "O", "1": "I", "5": "S", "8": "B", "2": "Z"}, "D": {"O": "0", "Q": "0", "I": "1", "L": "1"}}
_CORRECTED["D"] |= {"S": "5", "B": "8", "Z": "2"}


class SchemeFull(Refused):
    """Every code or number of a pattern has been given out."""

    code = "WF-U201"
    sentence = _("割り当てられる番号が残っていません（{pattern}）。")
    remedy = _("運用者に、ID体系の見直しを依頼してください。")


class LineUnusable(Refused):
    """A line does not say what is to be allotted."""

    code = "WF-U202"
    sentence = _("{place}行目の追加内容では、番号を割り当てられません。")
    remedy = _(
        "業種、処理方式、識別番号の数を見直してください。シングルサインオンなしのときは、1行に業種を1つだけ選びます。"
    )
    status = 422


class CodeGone(Refused):
    """A line names a user code that the organisation does not have, or no longer."""

    code = "WF-P301"
    sentence = _("利用者コード {user_code} は、いまはこの組織のものではないため、識別番号を加えられません。")
    remedy = _("終わったコードは使い直せません。いまあるコードを選ぶか、新しい利用者コードを申し込んでください。")


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """How a text of a scheme looks: L a letter, D a digit, other signs for themselves; counted from the right."""

    text: str
    avoids_look_alikes: bool = False

    def size(self) -> int:
        """How many texts there are."""
        size = 1
        for signs in self._signs():
            size *= len(signs)
        return size

    def nth(self, index: int) -> str:
        """The text of a place, counted from 0. Raises `SchemeFull` beyond the last."""
        if not 0 <= index < self.size():
            raise SchemeFull(pattern=self.text)
        found: list[str] = []
        for signs in reversed(self._signs()):
            index, place = divmod(index, len(signs))
            found.append(signs[place])
        return "".join(reversed(found))

    def place(self, text: str) -> int | None:
        """The place of a text, or None when it does not belong to the pattern."""
        signs = self._signs()
        if len(text) != len(signs):
            return None
        index = 0
        for sign, known in zip(text, signs, strict=True):
            if sign not in known:
                return None
            index = index * len(known) + known.index(sign)
        return index

    def corrected(self, typed: str) -> str:
        """A typed text with its look-alikes put right, where the pattern leaves no doubt: AOA becomes A0A."""
        if len(typed) != len(self.text):
            return typed
        return "".join(
            _CORRECTED.get(kind, {}).get(sign, sign) for sign, kind in zip(typed.upper(), self.text, strict=True)
        )

    def _signs(self) -> list[str]:
        return [_without(kind, self.avoids_look_alikes) for kind in self.text]


@dataclass(frozen=True, kw_only=True)
class SchemeView:
    """An operator's scheme of IDs: here user code 5 and identification number 3 (002-2)."""

    code: Pattern
    net: Pattern
    general: Pattern

    def method_of(self, number: str) -> str:
        """Which way of work an identification number means: its first sign is a letter for netNACCS (002-3)."""
        return NET if number[:1].isalpha() else GENERAL

    def numbers(self, method: str) -> Pattern:
        """The pattern of identification numbers of a way of work."""
        return self.net if method == NET else self.general


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of an application: for which code (an existing one, or a placeholder such as 追加1), which industries,
    whether they share one identification, by which method, and how many identification numbers (002-19 … 002-23)."""

    user_code: str
    industries: tuple[str, ...]
    shares_sign_on: bool
    method: str
    count: int = 1


@dataclass(frozen=True, kw_only=True)
class NewIdentification:
    """One identification number that comes out."""

    user_code: str
    number: str
    method: str
    industries: tuple[str, ...]

    @property
    def user_id(self) -> str:
        """The eight signs that people type."""
        return self.user_code + self.number


@dataclass(frozen=True, kw_only=True)
class Allotment:
    """What an application gets: codes by placeholder, numbers in the order of the lines, where the sequence goes on,
    and the codes that were skipped, with the reason."""

    codes: Mapping[str, str]
    identifications: tuple[NewIdentification, ...]
    next_code: int
    gaps: Mapping[str, str] = field(default_factory=dict)


def allot(
    *,
    scheme: SchemeView,
    lines: Iterable[Line],
    next_code: int,
    codes_taken: Collection[str] = (),
    numbers_taken: Mapping[str, Collection[str]] | None = None,
) -> Allotment:
    """Give codes to placeholders and numbers to lines, in order.

    `next_code` is the place of the sequence to begin at; `codes_taken` are codes that were ever given out or are kept
    back, `numbers_taken` the numbers ever used by the organisation's living codes. Raises `LineUnusable`, `CodeGone`
    for a code that is not among them, `SchemeFull`.
    """
    taken, used = frozenset(codes_taken), {code: set(numbers) for code, numbers in (numbers_taken or {}).items()}
    codes: dict[str, str] = {}
    gaps: dict[str, str] = {}
    found: list[NewIdentification] = []
    for place, line in enumerate(lines, start=1):
        _insist_usable(line, place)
        code = line.user_code
        if code not in used:
            if scheme.code.place(code) is not None:
                raise CodeGone(user_code=code)
            if code not in codes:
                codes[code], next_code = _next_free(scheme.code, next_code, taken, gaps)
            code = codes[code]
        numbers = used.setdefault(code, set())
        for number in _free_numbers(scheme.numbers(line.method), numbers, line.count):
            numbers.add(number)
            found.append(
                NewIdentification(user_code=code, number=number, method=line.method, industries=line.industries)
            )
    return Allotment(codes=codes, identifications=tuple(found), next_code=next_code, gaps=gaps)


def receipt_number(*, year: int, place: int) -> str:
    """The number of a receipt: two digits of the year, five of the sequence, a check letter: 1200001A (002-27).

    The letter follows the sum of the digits by their places, so that a wrong digit is noticed. Raises `SchemeFull`
    beyond 99,999 a year.
    """
    if not 1 <= place <= 99_999:
        raise SchemeFull(pattern=f"{year % 100:02d}00000")
    digits_of = f"{year % 100:02d}{place:05d}"
    return digits_of + receipt_letter(digits_of)


def receipt_letter(digits_of: str) -> str:
    """The check letter of seven digits; 1200001 gives A."""
    weights = (7, 9, 11, 15, 17, 19, 21)
    total = sum(int(digit) * weight for digit, weight in zip(digits_of, weights, strict=True))
    return ascii_uppercase[(total - _OF_THE_SEED) % 26]


_OF_THE_SEED = 1 * 7 + 2 * 9 + 1 * 21
"""The weighted sum of 1200001, whose letter is A in the seed's sample mail."""


@cache
def _without(kind: str, avoids: bool) -> str:
    signs = {"L": ascii_uppercase, "D": digits}.get(kind, kind)
    return "".join(sign for sign in signs if not avoids or sign not in LOOK_ALIKES or len(signs) == 1)


def _insist_usable(line: Line, place: int) -> None:
    one_each = line.shares_sign_on or len(line.industries) == 1
    if line.method not in (NET, GENERAL) or not line.industries or not one_each or not 1 <= line.count <= 99:
        raise LineUnusable(place=place)


def _next_free(pattern: Pattern, place: int, taken: Collection[str], gaps: dict[str, str]) -> tuple[str, int]:
    while (text := pattern.nth(place)) in taken:
        gaps[text] = _("すでに使われているか、取り置かれています。")
        place += 1
    return text, place + 1


def _free_numbers(pattern: Pattern, used: Collection[str], count: int) -> Iterator[str]:
    """Numbers after the highest ever used: one that was ended is not given again."""
    places = [found for number in used if (found := pattern.place(number)) is not None]
    start = max(places, default=-1) + 1
    for place in range(start, start + count):
        yield pattern.nth(place)
