"""How the program talks with a person: the terminal and the window do the same things."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from warifu_agent.faults import Fault
from warifu_agent.words import Language, Words

T = TypeVar("T")
Choice = tuple[str, Words]
"""A value and how it is called."""


class Dialogue(Protocol):
    """One person in front of the computer. Everything may raise `Stopped`."""

    language: Language

    def heading(self, words: Words, *, step: int, of: int) -> None:
        """Where we are."""

    def tell(self, words: Words) -> None:
        """Say something that needs no answer."""

    def tell_fault(self, fault: Fault) -> None:
        """Say what went wrong and what to do."""

    def ask(self, question: Words, *, default: str = "") -> str:
        """Ask for a text."""

    def ask_secret(self, question: Words) -> str:
        """Ask for something that nobody else may see."""

    def ask_code(self, question: Words) -> str:
        """Ask for a code that is of use only once, in sight; Enter alone gives an empty text."""

    def choose(self, question: Words, choices: Sequence[Choice], *, default: str) -> str:
        """Ask for one of several things."""

    def confirm(self, question: Words) -> bool:
        """Ask whether to go on."""

    def wait(self, words: Words, until: Callable[[], T | None]) -> T:
        """Say what is waited for, and ask `until` again and again until it has something."""

    def progress(self, words: Words, *, done: int, of: int) -> None:
        """Show how far something is, with what must not be done meanwhile."""

    def finish(self) -> None:
        """Leave what was told in sight until the person has seen it."""
