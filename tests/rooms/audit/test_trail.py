"""監査証跡: what is recorded is authenticated, chained, and every tampering is named."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from tests.cast import MORNING, Cast
from warifu.audit import actions, queries
from warifu.audit.events import Organisations
from warifu.audit.models import Entry, Seal
from warifu.foundation.actor import SYSTEM

pytestmark = pytest.mark.django_db


def faults(cast: Cast) -> list[tuple[str, int | None]]:
    found = actions.verify(organisation_id=cast.aoba)
    return [(fault.kind, fault.position) for fault in found if isinstance(fault, actions.Fault)]


@pytest.fixture
def sealed(cast: Cast) -> Cast:
    """Two seals of Aoba's trail: what building the cast wrote, and three entries more."""
    actions.seal_due(at=MORNING)
    with transaction.atomic():
        for name in ("一", "二", "三"):
            actions.record(event=Organisations.CHANGED, by=cast.aoki, at=MORNING, name=name)
    actions.seal_due(at=MORNING)
    return cast


@pytest.mark.shows("V-09")
def test_an_untouched_trail_has_no_fault(sealed: Cast) -> None:
    assert faults(sealed) == []
    assert Seal.objects.filter(organisation_id=sealed.aoba).count() == 2


@pytest.mark.shows("V-09")
def test_a_changed_entry_is_named(sealed: Cast) -> None:
    Entry.objects.filter(organisation_id=sealed.aoba, position=3).update(body="{}")
    assert faults(sealed) == [("changed", 3)]


def test_a_changed_column_is_named(sealed: Cast) -> None:
    Entry.objects.filter(organisation_id=sealed.aoba, position=3).update(event="vault.number.revealed")
    assert faults(sealed) == [("changed", 3)]


@pytest.mark.shows("V-09")
def test_a_removed_entry_is_named(sealed: Cast) -> None:
    Entry.objects.filter(organisation_id=sealed.aoba, position=2).delete()
    assert faults(sealed) == [("removed", 2)]


@pytest.mark.shows("V-09")
def test_reordered_entries_are_named(sealed: Cast) -> None:
    rows = Entry.objects.filter(organisation_id=sealed.aoba)
    first, second = rows.get(position=1).id, rows.get(position=2).id
    rows.filter(id=first).update(position=None)
    rows.filter(id=second).update(position=1)
    rows.filter(id=first).update(position=2)
    assert faults(sealed) == [("reordered", 1), ("reordered", 2)]


@pytest.mark.shows("V-09")
def test_a_cut_off_tail_is_named(sealed: Cast) -> None:
    last = Seal.objects.filter(organisation_id=sealed.aoba).order_by("-number")[0]
    Entry.objects.filter(organisation_id=sealed.aoba, position__gte=last.first).delete()
    last.delete()
    assert faults(sealed) == [("cut_off", last.first)]


def test_a_whole_chain_that_is_gone_is_named(sealed: Cast) -> None:
    Entry.objects.filter(organisation_id=sealed.aoba).delete()
    Seal.objects.filter(organisation_id=sealed.aoba).delete()
    assert faults(sealed) == [("cut_off", 1)]


def test_an_entry_needs_a_transaction(cast: Cast) -> None:
    connection.in_atomic_block, kept = False, connection.in_atomic_block
    try:
        with pytest.raises(RuntimeError):
            actions.record(event=Organisations.CHANGED, by=SYSTEM, at=MORNING)
    finally:
        connection.in_atomic_block = kept


def test_sealing_twice_seals_once(sealed: Cast) -> None:
    assert actions.seal_due(at=MORNING) == 0


def test_the_timeline_tells_the_newest_first_in_words(sealed: Cast) -> None:
    lines = queries.timeline(organisation_id=sealed.aoba, limit=3)
    assert [line.values["name"] for line in lines] == ["三", "二", "一"]
    assert lines[0].sentence == "組織の設定を変えました"
    assert lines[0].actor == "青木 葵"


def test_another_organisation_is_not_in_the_timeline(sealed: Cast) -> None:
    actors = {line.actor for line in queries.timeline(organisation_id=sealed.ueda, limit=500)}
    assert "青木 葵" not in actors
