"""How far an organisation may work by its licences: every combination, to the day (A4, B0.2)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from warifu.foundation.standing import Standing
from warifu.licences.rules.standing import GRACE, Term, reach

END = date(2027, 11, 23)
DAY = timedelta(days=1)


def whole(days: int = 0, *, collects: bool = True, revoked_on: date | None = None) -> Term:
    return Term(until_day=END + days * DAY, collects=collects, revoked_on=revoked_on)


def test_without_a_licence_nothing_is_limited() -> None:
    found = reach(terms=[], today=END)
    assert (found.standing, found.licensed_until, found.works_until) == (Standing.FULL, None, None)


@pytest.mark.parametrize(
    ("after", "standing"),
    [(-1, Standing.FULL), (0, Standing.FULL), (1, Standing.FULL), (30, Standing.FULL), (31, Standing.ENDED)],
)
def test_it_ends_when_the_grace_is_over(after: int, standing: Standing) -> None:
    found = reach(terms=[whole()], today=END + after * DAY)
    assert (found.standing, found.licensed_until, found.works_until) == (standing, END, END + GRACE)


def test_one_that_only_keeps_does_not_collect_and_one_that_collects_is_enough() -> None:
    assert reach(terms=[whole(collects=False)], today=END).standing is Standing.KEEPING
    both = [whole(collects=False, days=90), whole()]
    assert reach(terms=both, today=END).standing is Standing.FULL
    assert reach(terms=both, today=END + 31 * DAY).standing is Standing.KEEPING


def test_a_revoked_one_gives_nothing_at_once() -> None:
    gone = whole(revoked_on=END - 200 * DAY)
    assert reach(terms=[gone], today=END - 200 * DAY).standing is Standing.REVOKED
    assert reach(terms=[gone], today=END - 200 * DAY).works_until == END - 200 * DAY
    assert reach(terms=[gone, whole(-100)], today=END - 150 * DAY).standing is Standing.FULL
    assert reach(terms=[gone, whole(-100)], today=END).standing is Standing.ENDED
