"""What card, reader and the tool on people's computers say of themselves, for pages that show or explain a code.

The words are theirs, in both languages; where the tool is not installed beside the server, its own are missing here.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.utils.translation import get_language

from warifu_card.faults import CardFault


@dataclass(frozen=True, kw_only=True)
class ToolFault:
    """One fault in the reader's language. Values that are known only when it happens still stand as `{name}`."""

    code: str
    known: tuple[str, ...]
    sentence: str
    remedy: str


def catalogue() -> list[ToolFault]:
    """Every fault with a code, of card library and tool, in the order of the codes."""
    kinds: list[Any] = list(CardFault.catalogue())
    if find_spec("warifu_agent"):
        kinds += import_module("warifu_agent.faults").Fault.catalogue()
    language = "en" if (get_language() or "ja").startswith("en") else "ja"
    found = [
        ToolFault(
            code=kind.code, known=kind.known, sentence=kind.sentence.to(language), remedy=kind.remedy.to(language)
        )
        for kind in kinds
    ]
    return sorted(found, key=lambda one: one.code)


def of_code(code: str) -> ToolFault | None:
    """The fault of a code, if card or tool has one."""
    return next((one for one in catalogue() if one.code == code), None)
