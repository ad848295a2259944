"""Words in the two languages of the library, side by side so that neither is forgotten."""

from __future__ import annotations

import locale
import os
from dataclasses import dataclass
from typing import Any, Literal

Language = Literal["ja", "en"]


@dataclass(frozen=True)
class Words:
    """One text in Japanese and in English."""

    ja: str
    en: str

    def filled(self, **values: Any) -> Words:
        """The text with its placeholders filled; a value that is words itself is put in by language."""
        ja, en = (
            {key: value.to(language) if isinstance(value, Words) else value for key, value in values.items()}
            for language in ("ja", "en")
        )
        return Words(self.ja.format(**ja), self.en.format(**en))

    def to(self, language: Language) -> str:
        """The text for a reader."""
        return self.ja if language == "ja" else self.en


def language_here() -> Language:
    """The language of this computer: Japanese where it is set so, English elsewhere."""
    names = [os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    chosen = next((name for name in names if name), "") or (locale.getlocale()[0] or "")
    return "ja" if chosen.lower().startswith(("ja", "japanese")) else "en"
