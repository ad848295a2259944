"""Industries: who may share a sign-on, which statistics are free (002-14, seeds.md B2.5, B2.6)."""

from __future__ import annotations

import pytest

from warifu.applications.rules import industries
from warifu.applications.rules.industries import INDUSTRIES, sharing, statistics


@pytest.mark.shows("002-14")
def test_five_industries_have_free_statistics() -> None:
    free = {key for key, industry in INDUSTRIES.items() if industry.is_free}
    assert free == {"customs", "own_customs", "trader", "shipping", "ship_agent"}


@pytest.mark.shows("002-20")
def test_customs_and_consolidation_share_a_sign_on() -> None:
    assert sharing(industries=["customs", "consolidation"]) == industries.Sharing(is_possible=True)


def test_customs_and_bonded_cannot_and_it_says_what_would_have_to_go() -> None:
    found = sharing(industries=["customs", "consolidation", "bonded"])
    assert not found.is_possible
    assert found.remove == ("bonded",)
    assert found.reason


@pytest.mark.parametrize("never", ["own_customs", "customs_specialist"])
def test_two_industries_never_share(never: str) -> None:
    found = sharing(industries=["customs", never])
    assert (found.is_possible, found.remove) == (False, (never,))


def test_own_customs_of_an_airline_may() -> None:
    assert sharing(industries=["airline", "own_customs"]).is_possible


def test_a_group_that_could_not_be_read_for_sure_says_so() -> None:
    assert sharing(industries=["bonded", "cy"]) == industries.Sharing(is_possible=True, is_certain=False)
    assert sharing(industries=["shipping"]) == industries.Sharing(is_possible=True)


def test_a_code_may_have_what_any_of_its_industries_may_have() -> None:
    assert statistics(industries=["customs", "bonded"]) == industries.Statistics(
        may_pay=True, is_free=True, may_keep=True
    )
    assert statistics(industries=["van_pool"]) == industries.Statistics(may_pay=False, is_free=False, may_keep=False)


def test_every_industry_of_a_group_is_known() -> None:
    assert {key for group in industries.GROUPS for key in group.industries} <= set(INDUSTRIES)
