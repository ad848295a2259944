"""Making and rotating keys while the vault is in use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.cast import MORNING, Cast, test_number
from warifu.audit import queries as trail
from warifu.foundation.actor import OPERATOR, SYSTEM
from warifu.foundation.ids import new_id
from warifu.foundation.purposes import Purpose
from warifu.organisations.rules import NotPermitted
from warifu.vault import queries, rules, sealing
from warifu.vault.actions import files, keys, numbers
from warifu.vault.models import OrganisationKey, SealedFile, SealedNumber
from warifu.vault.rules import MyNumber

pytestmark = pytest.mark.django_db
State = OrganisationKey.State
LATER = MORNING + timedelta(days=2)


@pytest.fixture(autouse=True)
def master(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[sealing.FileMasterKeys]:
    """A key file of one's own, and every test like a process that has just started."""
    path = tmp_path / "master.key"
    keys.create_master(path=path)
    provider = sealing.FileMasterKeys(path)
    monkeypatch.setattr(sealing, "master_keys", lambda: provider)
    sealing._known.clear()
    yield provider
    sealing._known.clear()


def seal(cast: Cast, count: int = 3) -> list[UUID]:
    people = [(new_id(), MyNumber.parse(test_number(f"{i:011d}"), accepts_test=True)) for i in range(1, count + 1)]
    return numbers.seal_many(
        numbers=people, organisation_id=cast.aoba, purposes=[Purpose.WITHHOLDING_SLIP], by=SYSTEM, at=MORNING
    )


def opens(cast: Cast, refs: list[UUID]) -> bool:
    sealing._known.clear()
    found = numbers.use_many(
        refs=refs,
        organisation_id=cast.aoba,
        purpose=Purpose.WITHHOLDING_SLIP,
        document="",
        by=cast.eto,
        at=MORNING,
    )
    return [found[ref].digits_for_sealing() for ref in refs] == [
        test_number(f"{i:011d}") for i in range(1, len(refs) + 1)
    ]


def states() -> list[str]:
    return list(OrganisationKey.objects.order_by("created_at").values_list("state", flat=True))


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    before = path.read_text()
    with pytest.raises(keys.KeyFileExists):
        keys.create_master(path=path)
    assert path.read_text() == before


class TestMaster:
    @pytest.mark.shows("V-02")
    def test_rotation_rewraps_each_organisations_key(self, cast: Cast, master: sealing.FileMasterKeys) -> None:
        refs = seal(cast)
        numbers.seal(
            number=MyNumber.parse(test_number("12345678901"), accepts_test=True),
            organisation_id=cast.ueda,
            subject_id=new_id(),
            purposes=[Purpose.WITHHOLDING_SLIP],
            by=SYSTEM,
            at=MORNING,
        )
        before = [bytes(row.sealed or b"") for row in SealedNumber.objects.order_by("ref")]
        assert keys.rotate_master(at=MORNING) == 2
        assert set(OrganisationKey.objects.values_list("master_id", flat=True)) == {"2"}
        assert [bytes(row.sealed or b"") for row in SealedNumber.objects.order_by("ref")] == before
        assert trail.timeline(organisation_id=cast.aoba)[0].event == "vault.key.rotated"
        only_newest = master.path.read_text().splitlines()[0]
        master.path.write_text(only_newest + "\n")
        assert opens(cast, refs)

    def test_a_rotation_that_was_killed_is_finished_first(self, cast: Cast, master: sealing.FileMasterKeys) -> None:
        refs = seal(cast)
        master.renew()
        assert opens(cast, refs)
        assert keys.rotate_master(at=MORNING) == 1
        assert master.current() == "2"
        assert keys.rotate_master(at=MORNING) == 1
        assert master.current() == "3"
        assert opens(cast, refs)


class TestOrganisation:
    @pytest.mark.shows("V-02")
    def test_rotation_rewraps_numbers_and_files_and_leaves_contents(self, cast: Cast) -> None:
        refs = seal(cast)
        file = files.seal(
            content=b"rows",
            media_type="text/csv",
            organisation_id=cast.aoba,
            subject_id=new_id(),
            by=SYSTEM,
            at=MORNING,
        )
        before = {row.ref: bytes(row.sealed or b"") for row in SealedNumber.objects.all()}
        told: list[int] = []
        assert keys.rotate_organisation(organisation_id=cast.aoba, by=OPERATOR, at=MORNING, progress=told.append) == 4
        assert told == [3, 4]
        current = OrganisationKey.objects.get(state=State.CURRENT).id
        assert set(SealedNumber.objects.values_list("key_id", flat=True)) == {current}
        assert SealedFile.objects.get().key_id == current
        assert {row.ref: bytes(row.sealed or b"") for row in SealedNumber.objects.all()} == before
        assert opens(cast, refs)
        assert files.open(ref=file, organisation_id=cast.aoba, by=SYSTEM, at=MORNING) == b"rows"
        assert trail.timeline(organisation_id=cast.aoba, event_prefix="vault.key")[0].values == {"key": "organisation"}

    def test_goes_on_where_it_was_killed_while_reads_and_seals_go_on(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        refs = seal(cast, 7)
        monkeypatch.setattr(keys, "BATCH", 2)

        def killed(done: int) -> None:
            if done == 4:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            keys.rotate_organisation(organisation_id=cast.aoba, by=OPERATOR, at=MORNING, progress=killed)
        assert SealedNumber.objects.values("key_id").distinct().count() == 2
        assert opens(cast, refs)
        twin = numbers.seal(
            number=MyNumber.parse(test_number("00000000007"), accepts_test=True),
            organisation_id=cast.aoba,
            subject_id=new_id(),
            purposes=[Purpose.WITHHOLDING_SLIP],
            by=SYSTEM,
            at=MORNING,
        )
        seventh = SealedNumber.objects.get(ref=refs[6])
        assert queries.same_number(ref=twin, organisation_id=cast.aoba) == [seventh.subject_id]
        assert keys.rotate_organisation(organisation_id=cast.aoba, by=OPERATOR, at=MORNING) == 3
        assert states() == [State.OLD, State.CURRENT]
        assert opens(cast, refs)
        assert queries.same_number(ref=twin, organisation_id=cast.aoba) == [seventh.subject_id]

    def test_a_replaced_key_is_destroyed_a_day_later_when_nothing_needs_it(self, cast: Cast) -> None:
        refs = seal(cast)
        keys.rotate_organisation(organisation_id=cast.aoba, by=OPERATOR, at=MORNING)
        keys.rotate_organisation(organisation_id=cast.aoba, by=OPERATOR, at=MORNING + timedelta(hours=1))
        assert sorted(states()) == [State.CURRENT, State.OLD, State.OLD]
        keys.rotate_organisation(organisation_id=cast.aoba, by=OPERATOR, at=LATER)
        assert sorted(states()) == [State.CURRENT, State.DESTROYED, State.DESTROYED, State.OLD]
        gone = OrganisationKey.objects.filter(state=State.DESTROYED)
        assert {bytes(row.wrapped) for row in gone} == {b""}
        assert opens(cast, refs)

    def test_is_for_the_operator(self, cast: Cast) -> None:
        seal(cast)
        for by in (cast.aoki, cast.eto, cast.ueno):
            with pytest.raises(NotPermitted):
                keys.rotate_organisation(organisation_id=cast.aoba, by=by, at=MORNING)
        assert states() == [State.CURRENT]

    def test_leaves_destroyed_numbers_alone(self, cast: Cast) -> None:
        (ref,) = seal(cast, 1)
        numbers.destroy(ref=ref, organisation_id=cast.aoba, reason="", by=SYSTEM, at=MORNING)
        assert keys.rotate_organisation(organisation_id=cast.aoba, by=OPERATOR, at=MORNING) == 0
        assert SealedNumber.objects.get(ref=ref).key_id is None


def test_a_key_of_another_organisation_opens_nothing(cast: Cast) -> None:
    seal(cast)
    (row,) = OrganisationKey.objects.all()
    with pytest.raises(rules.SealBroken):
        sealing.organisation_secret(organisation_id=cast.ueda, key_id=row.id)
    moved: dict[str, Any] = {"organisation_id": cast.ueda}
    OrganisationKey.objects.update(**moved)
    sealing._known.clear()
    with pytest.raises(rules.SealBroken):
        sealing.organisation_secret(organisation_id=cast.ueda, key_id=row.id)
