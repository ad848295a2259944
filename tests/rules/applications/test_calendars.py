"""Days of an application as a calendar (RFC 5545): what calendar programs insist on (B4, C-2)."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime

import pytest
from click.testing import CliRunner

from warifu.applications.rules.calendars import WORDS, Certainty, Entry, entries, feed
from warifu.applications.rules.planner import plan
from warifu.cli.plan import plan as command

AT = datetime(2024, 12, 2, 7, 30, tzinfo=UTC)
PLACE = "0193-a@warifu.example"


def written(*days: Entry, name: str = "申込み 2400001A", certainty: Certainty = Certainty.SETTLED) -> bytes:
    return feed(name=name, place=PLACE, certainty=certainty, entries=days, changed_at=AT, at=AT)


def unfolded(calendar: bytes) -> list[str]:
    assert calendar.endswith(b"\r\n")
    return calendar.decode().replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def seed() -> tuple[Entry, ...]:
    found = plan(decided_on=date(2024, 12, 2), starts_on=date(2024, 12, 10))
    return entries(plan=found, starts_on=date(2024, 12, 10))


@pytest.mark.shows("002-30", "002-33", "002-36")
def test_the_seeds_own_days_stand_in_it_in_order() -> None:
    assert [(entry.key, entry.day.isoformat()) for entry in seed()] == [
        ("secret_visible_from", "2024-12-02"),
        ("settings_deadline", "2024-12-04"),
        ("start", "2024-12-10"),
        ("approval_pdf_from", "2024-12-10"),
        ("secret_visible_until", "2024-12-12"),
    ]


def test_its_keys_are_those_of_the_command_and_the_command_tells_the_same_days() -> None:
    told = CliRunner().invoke(command, ["--decided", "2024-12-02", "--start", "2024-12-10", "--json"])
    days = json.loads(told.output)
    assert set(days) == {
        "earliest_start", "settings_deadline", "secret_visible_from", "secret_visible_until", "approval_pdf_from",
    }  # fmt: skip
    shown = {entry.key: entry.day.isoformat() for entry in seed()}
    assert {key: day for key, day in shown.items() if key != "start"} == {
        key: day for key, day in days.items() if key != "earliest_start"
    }


def test_an_application_without_new_ids_has_no_secrets_and_no_settings() -> None:
    found = plan(decided_on=date(2024, 12, 2), starts_on=date(2024, 12, 10))
    left = entries(plan=found, starts_on=date(2024, 12, 10), gives_ids=False)
    assert [entry.key for entry in left] == ["start", "approval_pdf_from"]


def test_whole_days_with_an_end_that_is_not_included() -> None:
    lines = unfolded(written(*seed()))
    assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    assert lines[-1] == "END:VCALENDAR"
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == len(WORDS)
    start = lines.index(f"UID:start.{PLACE}")
    assert lines[start : start + 5] == [
        f"UID:start.{PLACE}",
        "DTSTAMP:20241202T073000Z",
        "LAST-MODIFIED:20241202T073000Z",
        "DTSTART;VALUE=DATE:20241210",
        "DTEND;VALUE=DATE:20241211",
    ]
    uids = [line for line in lines if line.startswith("UID:")]
    assert len(set(uids)) == len(uids)
    assert lines.count("STATUS:CONFIRMED") == len(WORDS)


def test_a_day_keeps_its_uid_when_it_moves_and_is_called_off_by_name() -> None:
    one = Entry(key="start", day=date(2024, 12, 10), title="開始", words="")
    moved = Entry(key="start", day=date(2024, 12, 31), title="開始", words="")
    before, after = unfolded(written(one)), unfolded(written(moved, certainty=Certainty.CALLED_OFF))
    assert [line for line in before if line.startswith("UID")] == [line for line in after if line.startswith("UID")]
    assert "DTEND;VALUE=DATE:20250101" in after
    assert "STATUS:CANCELLED" in after


def test_lines_end_in_cr_lf_and_are_folded_at_75_octets_never_inside_a_character() -> None:
    calendar = written(Entry(key="start", day=date(2024, 12, 10), title="長い題名" * 20, words="𠮷" * 60))
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", calendar)
    lines = calendar.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    for line in lines:
        line.decode()
    assert any(line == "DESCRIPTION:" + "𠮷" * 60 for line in unfolded(calendar))


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("a,b;c\\d", "a\\,b\\;c\\\\d"),
        ("一行\n二行", "一行\\n二行"),
        ("一行\r\n二行", "一行\\n二行"),
        ("x\r\nBEGIN:VEVENT", "x\\nBEGIN:VEVENT"),
        ("鐘\x07と無\x00", "鐘と無"),
    ],
)
def test_texts_are_escaped_and_smuggle_no_line_in(words: str, text: str) -> None:
    lines = unfolded(written(Entry(key="start", day=date(2024, 12, 10), title="t", words=words), name=words))
    assert f"DESCRIPTION:{text}" in lines
    assert f"SUMMARY:{text} t" in lines
    assert lines.count("BEGIN:VEVENT") == 1
