"""The program in a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence

import click

from warifu_agent.dialogue import Choice, T
from warifu_agent.faults import Fault, Stopped
from warifu_agent.words import Language, Words

_NUMBER = Words("番号", "Number")
_YES = Words("はい", "yes")
_STEP = Words("手順 {step}/{of}", "Step {step} of {of}")
_CODE = Words("エラー番号", "Error code")
_PAUSE = 0.25
_BAR = 24


class Terminal:
    """Asks and tells line by line; what is typed secretly is not shown."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def heading(self, words: Words, *, step: int, of: int) -> None:
        """A line with where we are."""
        place = _STEP.filled(step=step, of=of).to(self.language)
        click.echo()
        click.secho(f"── {place}  {words.to(self.language)}", bold=True)

    def tell(self, words: Words) -> None:
        """Words on lines of their own."""
        click.echo(words.to(self.language))

    def tell_fault(self, fault: Fault) -> None:
        """Sentence, remedy and code, on the channel for errors."""
        sentence, remedy = fault.words
        click.secho(f"! {sentence.to(self.language)}", fg="red", err=True)
        click.echo(f"  {remedy.to(self.language)}", err=True)
        code = fault.name + (f" ({fault.known[0]})" if fault.known else "")
        click.echo(f"  {_CODE.to(self.language)}: {code}", err=True)

    def ask(self, question: Words, *, default: str = "") -> str:
        """A line; Enter takes what is proposed."""
        answer = ""
        while not answer:
            answer = self._line(question, default=default or None).strip()
        return answer

    def ask_secret(self, question: Words) -> str:
        """A line that is not shown while it is typed; it may be empty."""
        return self._line(question, default="", is_secret=True, shows_default=False)

    def ask_code(self, question: Words) -> str:
        """A line that is shown while it is typed; it may be empty."""
        return self._line(question, default="", shows_default=False)

    def choose(self, question: Words, choices: Sequence[Choice], *, default: str) -> str:
        """A numbered list."""
        click.echo(f"{question.to(self.language)}:")
        for number, (_value, words) in enumerate(choices, start=1):
            click.echo(f"  {number}) {words.to(self.language)}")
        usual = 1 + [value for value, _words in choices].index(default)
        numbers = {str(number): value for number, (value, _words) in enumerate(choices, start=1)}
        while (typed := self._line(_NUMBER, default=str(usual)).strip()) not in numbers:
            click.echo(f"  1 – {len(choices)}")
        return numbers[typed]

    def confirm(self, question: Words) -> bool:
        """Yes or no; Enter says yes."""
        try:
            return click.confirm(question.to(self.language), default=True)
        except click.Abort:
            raise Stopped from None

    def wait(self, words: Words, until: Callable[[], T | None]) -> T:
        """A line; Ctrl-C stops."""
        click.echo(words.to(self.language))
        try:
            while (found := until()) is None:
                time.sleep(_PAUSE)
        except KeyboardInterrupt:
            raise Stopped from None
        return found

    def progress(self, words: Words, *, done: int, of: int) -> None:
        """A bar that grows on its line; where output is no terminal, one line at the beginning."""
        if sys.stdout.isatty():
            full = _BAR * min(done, of) // of
            bar = "█" * full + "░" * (_BAR - full)
            click.echo(f"\r{bar} {words.to(self.language)}", nl=done >= of)
        elif done == 0:
            click.echo(words.to(self.language))

    def finish(self) -> None:
        """A terminal keeps what it has shown."""

    def _line(
        self, question: Words, *, default: str | None, is_secret: bool = False, shows_default: bool = True
    ) -> str:
        try:
            return click.prompt(
                question.to(self.language), default=default, hide_input=is_secret, show_default=shows_default
            )
        except (click.Abort, KeyboardInterrupt):
            raise Stopped from None
