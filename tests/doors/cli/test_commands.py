"""Operators' commands on a database: doctor, organisation, audit, mail, daily."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tests.cast import MORNING, Cast
from tests.rules.notices.test_rules import NOTIFICATION
from warifu.audit import actions as trail_actions
from warifu.audit.models import Entry
from warifu.cli import doctor, duties
from warifu.cli.mail import mail
from warifu.cli.organisation import organisation
from warifu.cli.trail import audit
from warifu.cli.worker import daily
from warifu.foundation.actor import SYSTEM
from warifu.notices import actions, kinds, queries
from warifu.notices.models import Heartbeat, Letter
from warifu.organisations.actions import CodeTaken, CorporateNumberWrong
from warifu.organisations.models import Member, Organisation

pytestmark = pytest.mark.django_db


def run(command: click.Command, *words: str, given: bytes | None = None) -> Result:
    return CliRunner().invoke(command, words, input=given)


class TestDoctor:
    def findings(self) -> dict[str, str]:
        return {found["part"]: found["state"] for found in json.loads(run(doctor.doctor, "--json").stdout)}

    def test_looks_at_every_part(self) -> None:
        told = run(doctor.doctor, "--json")
        parts = [found["part"] for found in json.loads(told.stdout)]
        assert list(dict.fromkeys(parts)) == [
            *("settings", "database", "storage", "keys", "mail", "clock", "worker"),
            "papers",
        ]

    def test_is_content_when_all_is_well(self) -> None:
        actions.beat(worker="test", at=timezone.now())
        told = run(doctor.doctor)
        assert told.exit_code == 0, told.output
        assert "✗" not in told.output

    def test_says_how_to_mend_keys_that_others_can_read(self) -> None:
        path = settings.WARIFU.key_file("trail")
        path.chmod(0o644)
        try:
            told = run(doctor.doctor)
        finally:
            path.chmod(0o600)
        assert told.exit_code == 1
        assert f"chmod 600 {path}" in told.output

    def test_names_a_mail_server_that_does_not_answer(self, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
        assert self.findings()["mail"] == "fault"

    def test_names_a_worker_that_stopped(self) -> None:
        actions.beat(worker="test", at=timezone.now() - timedelta(hours=1))
        assert self.findings()["worker"] == "fault"

    def test_names_a_clock_that_went_back(self) -> None:
        actions.beat(worker="test", at=timezone.now() + timedelta(hours=1))
        assert self.findings()["clock"] == "fault"


class TestOrganisationCreate:
    WORDS = ("create", "--code", "kaki", "--name", "柿商店", "--administrator", "k@example.jp")

    @pytest.mark.shows("L-06")
    def test_makes_it_with_an_administrator_who_gets_a_link(self) -> None:
        told = run(organisation, *self.WORDS, "--json")
        assert told.exit_code == 0, told.output
        made = json.loads(told.stdout)
        assert str(Organisation.objects.get(code="kaki").id) == made["organisation_id"]
        letter = Letter.objects.get()
        assert (letter.kind, letter.to_mail, str(letter.member_id)) == (
            "activation",
            "k@example.jp",
            made["administrator_id"],
        )
        assert "/a/" not in told.output

    def test_an_office_is_made_when_the_operator_says_so(self) -> None:
        assert run(organisation, *self.WORDS, "--office").exit_code == 0
        assert Organisation.objects.get(code="kaki").is_office

    def test_all_of_it_or_nothing(self) -> None:
        told = run(organisation, *(word.replace("k@example.jp", "no address") for word in self.WORDS))
        assert told.exit_code != 0
        assert not Organisation.objects.exists()
        assert not Member.objects.exists()

    @pytest.mark.parametrize(("option", "value"), [("--code", "柿"), ("--code", "a b")])
    def test_wants_values_that_can_be_right(self, option: str, value: str) -> None:
        assert run(organisation, *self.WORDS, option, value).exit_code == 2
        assert not Organisation.objects.exists()

    @pytest.mark.parametrize("number", ["123", "7123456789013"])
    def test_refuses_a_wrong_corporate_number(self, number: str) -> None:
        told = run(organisation, *self.WORDS, "--corporate-number", number)
        assert isinstance(told.exception, CorporateNumberWrong)
        assert not Organisation.objects.exists()

    def test_refuses_a_code_that_is_taken(self, cast: Cast) -> None:
        told = run(organisation, *(word.replace("kaki", "aoba") for word in self.WORDS))
        assert isinstance(told.exception, CodeTaken)


class TestAuditVerify:
    def test_a_whole_trail(self, cast: Cast) -> None:
        trail_actions.seal_due(at=MORNING)
        told = run(audit, "verify", "--json")
        assert told.exit_code == 0
        assert json.loads(told.stdout) == {"entries": Entry.objects.count(), "faults": []}
        assert "異常はありません" in run(audit, "verify").stdout

    def test_names_each_fault_and_exits_1(self, cast: Cast) -> None:
        trail_actions.seal_due(at=MORNING)
        Entry.objects.filter(organisation_id=cast.aoba, position=3).update(body="{}")
        told = run(audit, "verify", "--organisation", "aoba", "--json")
        assert told.exit_code == 1
        (fault,) = json.loads(told.stdout)["faults"]
        assert (fault["kind"], fault["position"]) == ("changed", 3)
        assert "書き換えられています" in run(audit, "verify").stdout

    def test_an_unknown_organisation(self) -> None:
        assert run(audit, "verify", "--organisation", "nobody").exit_code == 2


class TestMailBounce:
    @pytest.fixture
    def message_id(self, cast: Cast) -> str:
        letter = kinds.Verified(organisation_name="青葉", name="井上", confirmed_on=MORNING.date())
        with transaction.atomic():
            actions.post(
                letter=letter,
                organisation_id=cast.aoba,
                member_id=cast.inoue.id,
                to_mail="i002@example.jp",
                to_name="井上",
                key="x",
                by=SYSTEM,
                at=MORNING,
            )
        actions.deliver_due(at=MORNING)
        return Letter.objects.get().message_id

    @pytest.mark.shows("001-22")
    def test_notes_the_letter(self, message_id: str, tmp_path: Path) -> None:
        file = tmp_path / "returned.eml"
        text = NOTIFICATION.format(action="failed", kind="text/rfc822-headers", body="")
        file.write_text(text.replace("<abc@example.jp>", message_id))
        told = run(mail, "bounce", str(file))
        assert told.exit_code == 0
        assert "記録しました" in told.stdout
        assert Letter.objects.get().state == "bounced"
        assert "すでに記録してある" in run(mail, "bounce", str(file)).stdout

    def test_says_when_it_is_no_notification(self) -> None:
        told = run(mail, "bounce", "-", "--json", given=b"Subject: away\n\n")
        assert told.exit_code == 1
        assert json.loads(told.stdout)[0]["noted"] is False


class TestDaily:
    def test_may_be_done_twice(self, cast: Cast) -> None:
        assert run(daily, "--json").exit_code == 0
        assert set(json.loads(run(daily, "--json").stdout).values()) == {0}
        assert queries.last_round() is not None

    def test_one_failing_duty_does_not_stop_the_other(self, monkeypatch: pytest.MonkeyPatch) -> None:
        done = []

        def fail(*, at: Any) -> int:
            raise OSError

        def work(*, at: Any) -> int:
            done.append(at)
            return 1

        monkeypatch.setattr(duties, "DAILY", [("first", fail), ("second", work)])
        told = run(daily, "--json")
        assert told.exit_code == 1
        assert json.loads(told.stdout) == {"first": None, "second": 1}
        assert len(done) == 1
        assert queries.last_round() is None


class TestWorkerRound:
    def worker(self, monkeypatch: pytest.MonkeyPatch, moments: list[Any]) -> tuple[duties.Worker, list[str]]:
        done: list[str] = []
        monkeypatch.setattr(duties, "DUTIES", [("piece", lambda *, at: done.append("piece") or 0)])
        monkeypatch.setattr(duties, "DAILY", [("day", lambda *, at: done.append(f"day {at:%d}") or 0)])
        return duties.Worker(clock=lambda: moments[0]), done

    def test_does_the_daily_round_once_a_day_of_japan(self, monkeypatch: pytest.MonkeyPatch) -> None:
        moments = [MORNING]
        worker, done = self.worker(monkeypatch, moments)
        worker._round()
        worker._round()
        moments[0] = MORNING + timedelta(hours=13, minutes=59)
        worker._round()
        moments[0] = MORNING + timedelta(hours=14)
        worker._round()
        assert [what for what in done if what != "piece"] == ["day 24", "day 25"]
        assert done.count("piece") == 4

    def test_a_second_worker_does_not_repeat_the_day(self, monkeypatch: pytest.MonkeyPatch) -> None:
        first, done = self.worker(monkeypatch, [MORNING])
        first._round()
        duties.Worker(clock=lambda: MORNING)._round()
        assert done.count("day 24") == 1

    def test_a_failed_day_is_tried_again_after_a_while(self, monkeypatch: pytest.MonkeyPatch) -> None:
        moments = [MORNING]
        worker, _ = self.worker(monkeypatch, moments)
        tries = []

        def fail(*, at: Any) -> int:
            tries.append(at)
            raise OSError

        monkeypatch.setattr(duties, "DAILY", [("day", fail)])
        for minutes in (0, 1, 9, 10):
            moments[0] = MORNING + timedelta(minutes=minutes)
            worker._round()
        assert len(tries) == 2

    def test_leaves_a_heartbeat_now_and_then(self, monkeypatch: pytest.MonkeyPatch) -> None:
        moments = [MORNING]
        worker, _ = self.worker(monkeypatch, moments)
        for seconds in (0, 2, 14):
            moments[0] = MORNING + timedelta(seconds=seconds)
            worker._round()
            assert queries.last_heartbeat() == MORNING
        moments[0] = MORNING + timedelta(seconds=16)
        worker._round()
        assert queries.last_heartbeat() == moments[0]
        assert Heartbeat.objects.filter(worker=worker.name).exists()
