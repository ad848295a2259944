"""What the procedures of the room name is really there (ADR 0014)."""

from __future__ import annotations

import pytest
from django.urls import reverse

import warifu.licences.actions.registering
import warifu.licences.actions.starting  # noqa: F401 - so that their refusals are in the catalogue
from warifu.foundation.procedures import Procedure
from warifu.foundation.refusals import Refused
from warifu.licences.rules.procedures import ALL
from warifu.notices import kinds


@pytest.mark.parametrize("procedure", ALL, ids=lambda procedure: procedure.key)
@pytest.mark.shows("000-2", "000-3")
def test_letters_refusals_screens_and_margins_exist(procedure: Procedure) -> None:
    known = {refusal.code for refusal in Refused.catalogue()}
    assert set(procedure.letters) <= set(kinds.BY_NAME)
    assert set(procedure.refusals) <= known
    assert procedure.prepare
    for step in procedure.steps:
        if step.screen:
            reverse(step.screen)
    for margin in procedure.margins:
        assert not margin.step or procedure.place(margin.step)
