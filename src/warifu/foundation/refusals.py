"""Refusals: what the house answers when it will not do a thing.

A refusal is a normal answer, not a fault. Each has a stable code that people can quote (`WF-…`), a Japanese
sentence that says what is the matter, and a remedy that says what to do next. Doors turn a refusal into a page,
a JSON document or a line on a terminal; the code also has an article in help.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar


def translatable(text: str) -> str:
    """Mark a Japanese sentence for the catalogue of translations; it is returned unchanged."""
    return text


class Named(str):
    """A value of a refusal that is itself a text of the catalogue, so that it is said in the reader's language."""


class Refused(Exception):
    """The request is refused and nothing was changed.

    A subclass stands in the module whose action raises it and sets the class attributes. Placeholders of
    `sentence` and `remedy` (`{days}`) are filled from the keyword arguments, which are kept in `values` so
    that a door can fill the translation. A value must never be a 個人番号, a password or a code.
    """

    code: ClassVar[str] = ""
    sentence: ClassVar[str] = ""
    remedy: ClassVar[str] = ""
    status: ClassVar[int] = 409

    def __init__(self, **values: Any) -> None:
        self.values = values
        super().__init__(f"{self.code} {self.sentence.format(**values)}")

    def said(self, translate: Callable[[str], str]) -> tuple[str, str]:
        """Sentence and remedy in somebody's language, with their places filled."""
        values = {name: translate(value) if isinstance(value, Named) else value for name, value in self.values.items()}
        return translate(self.sentence).format(**values), translate(self.remedy).format(**values)

    @classmethod
    def catalogue(cls) -> list[type[Refused]]:
        """All refusals that carry a code, in the order of their codes."""
        found: list[type[Refused]] = []
        pending = list(cls.__subclasses__())
        while pending:
            refusal = pending.pop()
            pending.extend(refusal.__subclasses__())
            if refusal.code:
                found.append(refusal)
        return sorted(found, key=lambda refusal: refusal.code)


class NotFound(Refused):
    """What was asked for is not there, or not for this person: both get the same answer."""

    code = "WF-A404"
    sentence = translatable("お探しのページまたはデータが見つかりません。")
    remedy = translatable(
        "アドレスを確かめるか、はじめの画面からもう一度お進みください。ほかの組織のデータは表示されません。"
    )
    status = 404
