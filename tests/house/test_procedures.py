"""Every procedure declares itself once: what it names is there, and no flow goes without a declaration (ADR 0014)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from warifu.foundation.procedures import Procedure
from warifu.foundation.refusals import Refused
from warifu.notices import kinds
from warifu.web.shared.procedures import ALL, WAY_IN, procedure

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "src" / "warifu" / "web" / "templates"
DRAWN_BY_THE_VIEW = ("desk/applications/", "demo/gallery/")
"""Whose row of steps depends on what was chosen (the view takes it from a procedure), and the gallery of parts."""


def view_names(patterns: list[URLPattern | URLResolver], space: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from view_names(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else space)
        elif pattern.name:
            yield f"{space}{pattern.name}"


SCREENS = frozenset(view_names(get_resolver().url_patterns))


def missing(found: Procedure) -> list[str]:
    """What a procedure names that does not exist."""
    letters = [*found.letters, *(step.letter for step in found.steps if step.letter)]
    known = {refusal.code for refusal in Refused.catalogue()}
    keys = {step.key for step in found.steps}
    return [
        *(f"screen {step.screen}" for step in found.steps if step.screen and step.screen not in SCREENS),
        *(f"letter {kind}" for kind in letters if kind not in kinds.BY_NAME),
        *(f"undeclared letter {step.letter}" for step in found.steps if step.letter not in {"", *found.letters}),
        *(f"refusal {code}" for code in found.refusals if code not in known),
        *(f"step {margin.step}" for margin in found.margins if margin.step not in {"", *keys}),
        *(f"procedure {key}" for key in {found.follows} - {"", *(one.key for one in ALL)}),
        *(["nothing to prepare"] if not found.prepare else []),
        *(["twice the same step"] if len(keys) != len(found.steps) else []),
    ]


@pytest.mark.parametrize("found", ALL, ids=lambda found: found.key)
@pytest.mark.shows("000-2", "000-3")
def test_screens_letters_refusals_and_margins_exist(found: Procedure) -> None:
    assert missing(found) == []


def test_what_does_not_exist_is_found() -> None:
    real = procedure("registration")
    step = type(real.steps[0])(key="x", title="x", what="x", screen="desk:nowhere.page", letter="no_letter")
    wrong = type(real)(
        key="wrong",
        title="x",
        audience=real.audience,
        purpose="x",
        prepare=(),
        steps=(step,),
        refusals=("WF-L999",),
        follows="nowhere",
    )
    assert missing(wrong) == [
        "screen desk:nowhere.page",
        "letter no_letter",
        "undeclared letter no_letter",
        "refusal WF-L999",
        "procedure nowhere",
        "nothing to prepare",
    ]


def test_keys_are_unique() -> None:
    keys = [found.key for found in ALL]
    assert len(set(keys)) == len(keys)


def test_every_row_of_steps_on_screen_is_drawn_from_a_declaration() -> None:
    drawn = set()
    for path in sorted(TEMPLATES.rglob("*.html")):
        place = path.relative_to(TEMPLATES).as_posix()
        text = path.read_text(encoding="utf-8")
        if not place.startswith(DRAWN_BY_THE_VIEW):
            assert "{% steps " not in text, f"{place} draws steps that no procedure declares"
        for key, step in re.findall(r'{% stepper "(\w+)" ("\w+"|\w+)', text):
            drawn.add(key)
            if step.startswith('"'):
                assert procedure(key).place(step.strip('"')), place
    assert {"registration", "roster", "hand_in", "certificate_file", "mail_change"} <= drawn


@pytest.mark.shows("000-1")
def test_the_way_in_has_its_chapters_in_order_and_each_leads_to_the_next() -> None:
    for here, there in itertools.pairwise(WAY_IN):
        assert procedure(here).follows == there
    assert procedure(WAY_IN[-1]).follows == "handling"


@pytest.mark.shows("000-8")
def test_cards_and_letters_say_on_which_screen_each_confirmation_number_is_typed() -> None:
    """First and fourth, as printed on cards and in the letter of delivery."""
    assert [procedure("registration").place(key) for key in ("begin", "support")] == [1, 4]


@pytest.mark.parametrize("kind", ["licence_key_issued", "use_started", "support_renewed"])
def test_what_comes_next_in_a_letter_is_what_the_procedure_says(kind: str) -> None:
    (found,) = [one for one in ALL if any(step.letter == kind for step in one.steps)]
    place = next(number for number, step in enumerate(found.steps) if step.letter == kind)
    assert found.what_next(kind) == (*(step.what for step in found.steps[place + 1 :]), found.next)
    assert "what_next" in kinds.names_of_fields(kinds.BY_NAME[kind])
