"""The door of the agent with a card: codes of pages, answers, numbers that go to the vault alone (004; I-12, I-13)."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from tests.cast import MORNING, Cast, test_number
from tests.rooms.cards import wallet as cards
from tests.rooms.cards.wallet import INOUE, wallet
from tests.rooms.collection.test_submissions import Hand
from warifu.audit import queries as audit
from warifu.cards.actions import mykeys, pulls
from warifu.cards.models import CardBinding, CardChallenge, MyKeyTicket
from warifu.cards.queries.pulls import state_of
from warifu.cards.rules.purposes import Order, What
from warifu.collection.actions import drafts
from warifu.collection.models import Submission
from warifu.collection.queries import submissions as queries
from warifu.credentials.actions import sessions
from warifu.credentials.models import Session
from warifu.foundation.actor import OPERATOR, Actor, Role
from warifu.notices.models import Letter
from warifu.vault import queries as vault
from warifu.vault.rules import MyNumber

__all__ = ["wallet"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("wallet")]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    now = [MORNING]
    monkeypatch.setattr(timezone, "now", lambda: now[0])
    return now


class Agent:
    """Calls the door as the program does, for one person's session."""

    def __init__(self, by: Actor, *, level: int = 2) -> None:
        assert by.id is not None
        sessions.start(member_id=by.id, level=level, browser="tests", address="127.0.0.1", at=MORNING)
        self.session = Session.objects.latest("id").id
        self.by = replace(by, level=level)
        self.client = Client(raise_request_exception=False)
        self.shown: Any = None

    def post(self, path: str, **body: Any) -> Any:
        return self.client.post(f"/api/v1/agent/card{path}", body, content_type="application/json")

    def show(self, what: What, **values: Any) -> str:
        self.shown = pulls.show(what=what, session_id=self.session, by=self.by, at=MORNING, **values)
        return str(self.shown.code)

    def take(self, what: What, **values: Any) -> Any:
        answer = self.post("/pull", code=self.show(what, **values))
        assert answer.status_code == 200, answer.content
        return SimpleNamespace(**answer.json())

    def state(self) -> tuple[str, str]:
        found = state_of(pull_id=self.shown.id, session_id=self.session, at=timezone.now())
        return found.state, found.code


@pytest.fixture
def agent(cast: Cast, clock: list[datetime]) -> Agent:
    return Agent(cast.inoue)


class TestPull:
    @pytest.mark.shows("I-13")
    def test_the_agent_learns_who_and_what_before_it_asks_for_a_pin(self, agent: Agent) -> None:
        task = agent.take(What.ENROL)
        assert (task.what, task.who, task.organisation) == ("enrol", "井上 郁", "株式会社青葉商会")
        assert task.origin == "http://localhost:8000"
        assert json.loads(task.purpose) == {"a": "enrol", "n": "井上 郁", "u": agent.by.id.hex}
        assert agent.state() == ("taken", "")

    def test_a_code_is_taken_once_however_it_is_typed(self, agent: Agent) -> None:
        code = agent.show(What.ENROL)
        assert agent.post("/pull", code=code.lower().replace("-", " ")).status_code == 200
        again = agent.post("/pull", code=code)
        assert (again.status_code, again.json()["code"]) == (404, "WF-K512")

    def test_after_two_minutes_nobody_takes_it(self, agent: Agent, clock: list[datetime]) -> None:
        code = agent.show(What.ENROL)
        clock[0] += timedelta(minutes=2, seconds=1)
        assert agent.post("/pull", code=code).status_code == 404
        assert agent.state() == ("over", "")

    def test_guessing_is_slowed(self, agent: Agent) -> None:
        told = [agent.post("/pull", code=f"ABCDEF{one:02}").status_code for one in range(25)]
        assert told[0] == 404
        assert told[-1] == 429

    def test_the_table_keeps_no_code_and_no_process(self, agent: Agent) -> None:
        task = agent.take(What.ENROL)
        row = str(CardChallenge.objects.get().__dict__)
        assert agent.shown.code.replace("-", "") not in row
        assert task.process not in row


class TestEnrol:
    @pytest.mark.shows("I-12", "L-21")
    def test_a_card_is_bound_and_its_owner_told(self, agent: Agent) -> None:
        task = agent.take(What.ENROL)
        answer = agent.post("/answer", process=task.process, token=cards.token(task))
        assert answer.json()["state"] == "done", answer.content
        row = CardBinding.objects.get()
        assert (row.member_id, row.status) == (agent.by.id, "unconfirmed")
        assert Letter.objects.filter(kind="factor_added").count() == 1
        assert agent.state() == ("done", "")
        lines = audit.timeline(organisation_id=agent.by.organisation_id, subject_id=agent.by.id)
        told = next(line for line in lines if line.event == "cards.card.answered")
        assert told.values["status"] == "unconfirmed"

    def test_it_wants_two_factors(self, cast: Cast, clock: list[datetime]) -> None:
        agent = Agent(cast.inoue, level=1)
        task = agent.take(What.ENROL)
        answer = agent.post("/answer", process=task.process, token=cards.token(task))
        assert (answer.status_code, answer.json()["code"]) == (403, "WF-O102")
        assert not CardBinding.objects.exists()
        assert agent.state() == ("failed", "WF-O102")

    def test_a_question_is_answered_once(self, agent: Agent) -> None:
        task = agent.take(What.ENROL)
        assert agent.post("/answer", process=task.process, token="{}").status_code == 422
        again = agent.post("/answer", process=task.process, token=cards.token(task))
        assert (again.status_code, again.json()["code"]) == (410, "WF-K511")
        assert not CardBinding.objects.exists()

    def test_when_the_session_has_ended_nothing_is_bound(self, agent: Agent) -> None:
        task = agent.take(What.ENROL)
        Session.objects.update(ended_at=MORNING)
        assert agent.post("/answer", process=task.process, token=cards.token(task)).status_code == 410
        assert not CardBinding.objects.exists()

    def test_the_same_card_twice_and_somebody_elses_are_refused(self, agent: Agent, cast: Cast) -> None:
        task = agent.take(What.ENROL)
        agent.post("/answer", process=task.process, token=cards.token(task))
        again = agent.take(What.ENROL)
        told = agent.post("/answer", process=again.process, token=cards.token(again)).json()
        assert told["code"] == "WF-K301"
        other = Agent(cast.aoki)
        theirs = other.take(What.ENROL)
        told = other.post("/answer", process=theirs.process, token=cards.token(theirs)).json()
        assert told["code"] == "WF-K302"
        assert CardBinding.objects.count() == 1

    def test_a_renewed_card_takes_the_place_of_the_old_one(self, agent: Agent) -> None:
        task = agent.take(What.ENROL)
        agent.post("/answer", process=task.process, token=cards.token(task))
        old = CardBinding.objects.get()
        task = agent.take(What.ENROL, subject_id=old.id)
        renewed = replace(INOUE, id="inoue-renewed")
        assert agent.post("/answer", process=task.process, token=cards.token(task, renewed)).status_code == 200
        old.refresh_from_db()
        assert old.revoked_at == MORNING
        assert CardBinding.objects.get(revoked_at=None).replaces_id == old.id

    @pytest.mark.parametrize(
        ("state", "code"), [("expired", "MKCZ403E"), ("not-yet-valid", "MKCZ403E")], ids=["expired", "early"]
    )
    @pytest.mark.shows("004-15")
    def test_the_known_code_stands_beside_ours(self, agent: Agent, state: str, code: str) -> None:
        task = agent.take(What.ENROL)
        answer = agent.post("/answer", process=task.process, token=cards.token(task, replace(INOUE, state=state)))
        assert answer.json()["known_code"] == code

    @pytest.mark.parametrize("body", [{"token": "x" * 17_000}, {"profile": "x" * 30_000}, {"pin": "1234"}])
    def test_too_much_and_unknown_keys_are_refused(self, agent: Agent, body: dict[str, str]) -> None:
        task = agent.take(What.ENROL)
        assert agent.post("/answer", process=task.process, **body).status_code == 422

    @pytest.mark.shows("004-14")
    def test_what_the_reader_failed_of_reaches_the_page(self, agent: Agent) -> None:
        task = agent.take(What.ENROL)
        assert agent.post("/fault", process=task.process, code="WF-K104").json()["state"] == "failed"
        assert agent.state() == ("failed", "WF-K104")
        assert agent.post("/answer", process=task.process, token=cards.token(task)).status_code == 410


def drafted(cast: Cast) -> UUID:
    """A draft of Inoue's, up to the number."""
    return Hand(cast, MORNING).listed().start().read().person().submission_id


class TestHandIn:
    @pytest.mark.shows("P-06", "I-12", "I-13")
    def test_the_number_goes_from_the_card_to_the_vault(
        self, agent: Agent, cast: Cast, caplog: pytest.LogCaptureFixture
    ) -> None:
        drafted(cast)
        caplog.set_level(logging.DEBUG)
        task = agent.take(What.HAND_IN)
        answer = agent.post("/answer", process=task.process, profile=cards.profile(task))
        assert answer.json()["state"] == "done", answer.content
        row = Submission.objects.get()
        assert row.method == "card_read"
        assert vault.masked(ref=row.number_ref)
        assert row.answers["card"]["status"] == "unconfirmed"
        kept = str(row.__dict__) + str(CardChallenge.objects.get().__dict__)
        for place in (kept, answer.content.decode(), caplog.text):
            assert INOUE.number not in place
        draft = queries.draft(organisation_id=cast.aoba, submission_id=row.id, on=date(2026, 11, 24))
        assert draft.has_number
        assert draft.slots == ()
        assert draft.is_choice_made

    @pytest.mark.parametrize(
        ("persona", "what"),
        [
            (replace(INOUE, id="other", name="別府　郁"), "氏名"),
            (replace(INOUE, id="younger", birth_date=date(1990, 1, 1)), "生年月日"),
        ],
    )
    def test_somebody_elses_card_leaves_nothing(self, agent: Agent, cast: Cast, persona: Any, what: str) -> None:
        drafted(cast)
        before = Submission.objects.get().number_ref
        task = agent.take(What.HAND_IN)
        told = agent.post("/answer", process=task.process, profile=cards.profile(task, persona)).json()
        assert told["code"] == "WF-K909"
        assert what in told["sentence"]
        row = Submission.objects.get()
        assert row.number_ref == before
        assert "card" not in row.answers

    def test_without_a_draft_there_is_nothing_to_fill(self, agent: Agent) -> None:
        task = agent.take(What.HAND_IN)
        assert agent.post("/answer", process=task.process, profile=cards.profile(task)).json()["code"] == "WF-K910"

    @pytest.mark.parametrize(
        "spoil",
        [
            {"number": "attributes"},
            {"answer": "signature"},
            {"cardKey": "issuer"},
            {"number": None},
        ],
    )
    def test_forged_or_other_files_are_refused(self, agent: Agent, cast: Cast, spoil: dict[str, str | None]) -> None:
        drafted(cast)
        task = agent.take(What.HAND_IN)
        given = json.loads(cards.profile(task))
        for key, other in spoil.items():
            given[key] = given[other] if other else None
        answer = agent.post("/answer", process=task.process, profile=json.dumps(given))
        assert answer.json()["code"] in ("WF-K901", "WF-K908", "WF-K513")
        assert "card" not in Submission.objects.get().answers

    def test_a_profile_of_an_earlier_question_does_not_count(self, agent: Agent, cast: Cast) -> None:
        drafted(cast)
        first = cards.profile(agent.take(What.HAND_IN))
        task = agent.take(What.HAND_IN)
        assert agent.post("/answer", process=task.process, profile=first).json()["code"] == "WF-K908"

    def test_files_of_two_cards_do_not_mix(self, agent: Agent, cast: Cast) -> None:
        drafted(cast)
        task = agent.take(What.HAND_IN)
        mine = json.loads(cards.profile(task))
        theirs = json.loads(cards.profile(task, replace(INOUE, id="twin", number=test_number("32345678901"))))
        answer = agent.post("/answer", process=task.process, profile=json.dumps(mine | {"number": theirs["number"]}))
        assert answer.json()["code"] == "WF-K908"

    def test_typing_a_number_afterwards_wants_papers_again(self, agent: Agent, cast: Cast) -> None:
        submission_id = drafted(cast)
        task = agent.take(What.HAND_IN)
        agent.post("/answer", process=task.process, profile=cards.profile(task))
        drafts.save_number(
            organisation_id=cast.aoba,
            submission_id=submission_id,
            number=MyNumber.parse(test_number("42345678901"), accepts_test=True),
            by=cast.inoue,
            at=MORNING,
        )
        row = Submission.objects.get()
        assert (row.method, row.answers.get("card")) == ("", None)


class TestVerify:
    @pytest.mark.shows("I-12", "I-13")
    def test_the_person_is_proven_without_a_number(self, agent: Agent, cast: Cast) -> None:
        drafted(cast)
        before = Submission.objects.get().number_ref
        task = agent.take(What.VERIFY)
        body = {"token": cards.token(task), "profile": cards.profile(task, with_number=False)}
        assert agent.post("/answer", process=task.process, **body).status_code == 200
        row = Submission.objects.get()
        assert (row.number_ref, row.answers["card"]["has_number"]) == (before, False)
        draft = queries.draft(organisation_id=cast.aoba, submission_id=row.id, on=date(2026, 11, 24))
        assert [view.slot.paper for view in draft.slots] == [row.number_paper]

    def test_a_number_is_not_taken_where_none_was_asked_for(self, agent: Agent, cast: Cast) -> None:
        drafted(cast)
        task = agent.take(What.VERIFY)
        body = {"token": cards.token(task), "profile": cards.profile(task)}
        assert agent.post("/answer", process=task.process, **body).json()["code"] == "WF-K513"


class TestMyKey:
    @pytest.mark.shows("004-1", "004-9")
    def test_the_card_of_whoever_is_called_is_read(self, agent: Agent, cast: Cast) -> None:
        by = replace(OPERATOR, organisation_id=cast.aoba, roles=Role.REVIEWER)
        mykeys.set_stage(reserve_from=MORNING, apply_from=None, slots=1, by=by, at=MORNING)
        ticket = mykeys.stand_in_line(order=Order.PIN_FIRST, session_id=agent.session, by=agent.by, at=MORNING)
        task = agent.take(What.MYKEY, subject_id=ticket, order="pin-first")
        assert task.order == "pin-first"
        assert agent.post("/answer", process=task.process, token=cards.token(task)).json()["state"] == "done"
        assert MyKeyTicket.objects.get().state == "read"
