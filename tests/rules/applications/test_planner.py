"""The days of an application, known before it is sent (002-30 … 002-36)."""

from __future__ import annotations

import json
from datetime import date

import pytest
from click.testing import CliRunner

from warifu.applications.rules.planner import Plan, StartTooEarly, plan
from warifu.cli.plan import plan as command


@pytest.mark.shows("002-30", "002-31", "002-33", "002-36")
def test_the_seeds_own_example() -> None:
    assert plan(decided_on=date(2024, 12, 2), starts_on=date(2024, 12, 10)) == Plan(
        earliest_start=date(2024, 12, 6),
        settings_deadline=date(2024, 12, 4),
        secret_visible_from=date(2024, 12, 2),
        secret_visible_until=date(2024, 12, 12),
        approval_pdf_from=date(2024, 12, 10),
    )


@pytest.mark.parametrize(
    ("decided_on", "starts_on", "earliest", "deadline", "until"),
    [
        # a Friday start: until Tuesday
        (date(2026, 11, 2), date(2026, 11, 13), date(2026, 11, 9), date(2026, 11, 9), date(2026, 11, 17)),
        # over the end of the year: 12-29 to 01-03 do not count
        (date(2026, 12, 24), date(2027, 1, 6), date(2027, 1, 5), date(2026, 12, 25), date(2027, 1, 8)),
        # over Golden Week
        (date(2026, 4, 27), date(2026, 5, 7), date(2026, 5, 7), date(2026, 4, 27), date(2026, 5, 11)),
        # a start on a Saturday
        (date(2026, 11, 2), date(2026, 11, 14), date(2026, 11, 9), date(2026, 11, 10), date(2026, 11, 17)),
    ],
)
def test_weekends_holidays_and_the_years_end_do_not_count(
    decided_on: date, starts_on: date, earliest: date, deadline: date, until: date
) -> None:
    found = plan(decided_on=decided_on, starts_on=starts_on)
    assert (found.earliest_start, found.settings_deadline, found.secret_visible_until) == (earliest, deadline, until)


def test_a_start_without_time_for_the_settings_is_refused_and_the_first_good_day_is_named() -> None:
    with pytest.raises(StartTooEarly) as refused:
        plan(decided_on=date(2024, 12, 2), starts_on=date(2024, 12, 5))
    assert refused.value.values["earliest"] == "2024-12-06"
    assert plan(decided_on=date(2024, 12, 2), starts_on=date(2024, 12, 6)).settings_deadline == date(2024, 12, 2)


def test_an_operators_own_days_count() -> None:
    closed = {date(2024, 12, 11): False}
    found = plan(decided_on=date(2024, 12, 2), starts_on=date(2024, 12, 10), exceptions=closed)
    assert found.secret_visible_until == date(2024, 12, 13)


class TestCommand:
    def test_it_prints_the_days_as_json(self) -> None:
        done = CliRunner().invoke(command, ["--decided", "2024-12-02", "--start", "2024/12/10", "--json"])
        assert json.loads(done.output) == {
            "earliest_start": "2024-12-06",
            "settings_deadline": "2024-12-04",
            "secret_visible_from": "2024-12-02",
            "secret_visible_until": "2024-12-12",
            "approval_pdf_from": "2024-12-10",
        }

    def test_it_prints_them_in_words(self) -> None:
        done = CliRunner().invoke(command, ["--decided", "令和6年12月2日", "--start", "20241210"])
        assert "2024-12-12  パスワードを見られる最後の日" in done.output

    @pytest.mark.parametrize("words", [["--decided", "2024-12-32", "--start", "2024-12-10"], ["--start", "2024-12-10"]])
    def test_it_says_what_it_could_not_read(self, words: list[str]) -> None:
        done = CliRunner().invoke(command, words)
        assert done.exit_code == 2
        assert "Traceback" not in done.output

    def test_it_refuses_a_start_that_is_too_early(self) -> None:
        done = CliRunner().invoke(command, ["--decided", "2024-12-02", "--start", "2024-12-03"])
        assert isinstance(done.exception, StartTooEarly)
