"""手順: the form in which each room declares its procedures once (000-2, 000-3).

The stepper on screen, the check-list page, a letter's "what next" and the manual page are made from the same
declaration, so that none of them can disagree with another. Rooms declare theirs in `rules/procedures.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from warifu.foundation.refusals import translatable as _


class Audience(Enum):
    """Whom a procedure is for."""

    EMPLOYEE = "employee"
    ADMINISTRATOR = "administrator"
    OFFICE = "office"
    APPLICANT = "applicant"
    OPERATOR = "operator"

    @property
    def label(self) -> str:
        """The audience's name on screen."""
        return _AUDIENCES[self]


_AUDIENCES = {
    Audience.EMPLOYEE: _("従業員向け"),
    Audience.ADMINISTRATOR: _("管理者向け"),
    Audience.OFFICE: _("事務所向け"),
    Audience.APPLICANT: _("申込者向け"),
    Audience.OPERATOR: _("運営者向け"),
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step: its short name, what is done in it, the screen it is done on (a URL name, or empty), and the kind of
    letter that leaves when it is done (or empty)."""

    key: str
    title: str
    what: str
    screen: str = ""
    letter: str = ""


@dataclass(frozen=True, kw_only=True)
class Margin:
    """A margin note: 参考 (reference) or 注意 (caution), at a step or at the whole procedure."""

    words: str
    is_caution: bool = False
    step: str = ""


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """A deadline in words: what must be done by when, and what happens when it is missed."""

    what: str
    when: str
    otherwise: str = ""


@dataclass(frozen=True, kw_only=True)
class Procedure:
    """A procedure as a room declares it. `letters` are kinds of letters by name, `refusals` codes of refusals; a test
    finds those that do not exist, and screens that do not exist. `follows` is the key of the procedure that comes next.
    """

    key: str
    title: str
    audience: Audience
    purpose: str
    prepare: tuple[str, ...]
    steps: tuple[Step, ...]
    letters: tuple[str, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    margins: tuple[Margin, ...] = ()
    refusals: tuple[str, ...] = ()
    next: str = ""
    follows: str = ""

    def step_titles(self) -> list[str]:
        """The titles of the steps, for the stepper on screen."""
        return [step.title for step in self.steps]

    def place(self, key: str) -> int:
        """The place of a step, counted from 1. Raises KeyError for a step that is not there."""
        for number, step in enumerate(self.steps, start=1):
            if step.key == key:
                return number
        raise KeyError(key)

    def what_next(self, letter: str) -> tuple[str, ...]:
        """What is left to do for who holds a letter in hands: the steps after the one that sends it, and what follows.

        Raises KeyError for a letter that no step sends.
        """
        for number, step in enumerate(self.steps, start=1):
            if step.letter == letter:
                left = tuple(later.what for later in self.steps[number:])
                return (*left, self.next) if self.next else left
        raise KeyError(letter)
