"""Whose folder it is: the office's customer, and the customer's organisation as the keeper (D-21)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.cast import MORNING, Cast
from tests.rooms.folders.office import Office, open_office
from warifu.audit.models import Entry
from warifu.folders.actions import folders, keepers
from warifu.folders.actions.folders import Wish
from warifu.folders.models import Folder
from warifu.folders.queries.access import reach
from warifu.foundation.ids import new_id
from warifu.foundation.refusals import NotFound
from warifu.organisations.rules import NotPermitted, Permission

pytestmark = pytest.mark.django_db

HINOKI, UEDA = new_id(), new_id()
"""Customers of the office, as the customers' room would name them."""


@pytest.fixture
def office(cast: Cast) -> Office:
    """The office with a folder that is tied to nobody."""
    return open_office(cast)


def tie(office: Office, customer_id: UUID, keeper_id: UUID | None, **given: Any) -> None:
    """Tie the folder, as the leader."""
    usual: dict[str, Any] = {"customer_code": "", "by": office.aoki, "at": MORNING}
    keepers.tie(
        organisation_id=office.id,
        folder_id=office.folder_id,
        customer_id=customer_id,
        keeper_id=keeper_id,
        **(usual | given),
    )


def reads(office: Office, cast: Cast) -> bool:
    """Whether Ueda reads the folder from its own desk."""
    try:
        reach(
            organisation_id=cast.ueda,
            folder_id=office.folder_id,
            permission=Permission.FOLDERS_READ,
            by=cast.ueno,
            at=MORNING,
        )
    except NotFound:
        return False
    return True


class TestTie:
    @pytest.mark.shows("D-21")
    def test_the_customers_organisation_becomes_the_keeper(self, office: Office, cast: Cast) -> None:
        assert not reads(office, cast)
        tie(office, UEDA, cast.ueda)
        assert reads(office, cast)
        assert Entry.objects.filter(event="folders.keeper.named").count() == 2

    def test_a_mistake_is_put_right_within_days_and_both_read_it(self, office: Office, cast: Cast) -> None:
        tie(office, UEDA, cast.ueda)
        tie(office, HINOKI, None, at=MORNING + timedelta(days=13))
        assert not reads(office, cast)
        corrected = Entry.objects.filter(event="folders.keeper.corrected")
        assert {row.organisation_id for row in corrected} == {office.id, cast.ueda}

    @pytest.mark.shows("D-21")
    def test_later_the_office_takes_the_folder_from_nobody(self, office: Office, cast: Cast) -> None:
        tie(office, UEDA, cast.ueda)
        with pytest.raises(keepers.KeeperStays):
            tie(office, HINOKI, None, at=MORNING + timedelta(days=15))
        tie(office, UEDA, None, at=MORNING + timedelta(days=15))
        assert reads(office, cast)
        assert office.folder.customer_id == UEDA

    @pytest.mark.shows("D-21")
    def test_a_new_office_ties_it_and_the_keeper_stays(self, office: Office, cast: Cast) -> None:
        Folder.objects.update(keeper_id=cast.ueda, keeper_since=MORNING)
        tie(office, UEDA, None)
        assert reads(office, cast)
        Folder.objects.update(customer_id=None)
        with pytest.raises(keepers.KeeperStays):
            tie(office, HINOKI, new_id())
        assert reads(office, cast)

    def test_one_running_folder_a_customer(self, office: Office, cast: Cast) -> None:
        wish = Wish(customer_name="上田物産株式会社", customer_id=UEDA)
        made = folders.open_one(organisation_id=office.id, wish=wish, by=office.aoki, at=MORNING)
        with pytest.raises(folders.CustomerHasFolder):
            folders.open_one(organisation_id=office.id, wish=wish, by=office.aoki, at=MORNING)
        with pytest.raises(folders.CustomerHasFolder):
            tie(office, UEDA, cast.ueda)
        assert not reads(office, cast)
        Folder.objects.filter(id=made).update(state=Folder.State.ENDED)
        tie(office, UEDA, cast.ueda)

    def test_the_code_is_taken_where_there_is_none(self, office: Office) -> None:
        tie(office, UEDA, None, customer_code="K-9")
        assert office.folder.customer_code == "C001"
        Folder.objects.update(customer_code="")
        tie(office, UEDA, None, customer_code="K-9")
        assert office.folder.customer_code == "K-9"

    def test_staff_may_not_say_whose_it_is(self, office: Office, cast: Cast) -> None:
        with pytest.raises(NotPermitted):
            tie(office, UEDA, cast.ueda, by=office.kida)
        assert office.folder.keeper_id is None


class TestNameKeeper:
    @pytest.mark.shows("D-21")
    def test_names_only_where_nobody_is_and_only_for_the_asked_customer(self, office: Office, cast: Cast) -> None:
        tie(office, UEDA, None)
        given: dict[str, Any] = {"office_id": office.id, "keeper_id": cast.ueda, "by": cast.ueno, "at": MORNING}
        assert keepers.name_keeper(**given, customer_id=HINOKI) == 0
        assert keepers.name_keeper(**given, customer_id=UEDA) == 1
        assert reads(office, cast)
        assert keepers.name_keeper(**given, customer_id=UEDA) == 0

    def test_nobody_names_another_organisation(self, office: Office, cast: Cast) -> None:
        tie(office, UEDA, None)
        with pytest.raises(NotPermitted):
            keepers.name_keeper(office_id=office.id, customer_id=UEDA, keeper_id=cast.ueda, by=office.aoki, at=MORNING)


@pytest.mark.shows("D-21")
def test_a_company_that_gives_its_own_folder_to_an_office_stays_its_keeper(office: Office, cast: Cast) -> None:
    own = folders.open_one(
        organisation_id=cast.ueda, wish=Wish(customer_name="上田物産株式会社"), by=cast.ueno, at=MORNING
    )
    folders.hand_over(organisation_id=cast.ueda, folder_id=own, to_code="aoba", by=cast.ueno, at=MORNING)
    given: dict[str, Any] = {"folder_id": own, "permission": Permission.FOLDERS_READ, "at": MORNING}
    assert reach(organisation_id=cast.ueda, by=cast.ueno, **given).is_keeper
    assert not reach(organisation_id=office.id, by=office.aoki, **given).is_keeper
