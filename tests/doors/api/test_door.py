"""The door of the API: tokens, limits, refusals as JSON, requests that come twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.cast import MORNING, Cast, test_number
from tests.doors.api.conftest import Program
from warifu.audit import queries as trail
from warifu.collection.actions import entries
from warifu.credentials.actions import idempotency, tokens
from warifu.credentials.models import IdempotencyKey, Token
from warifu.credentials.rules import limits as rules
from warifu.credentials.rules.limits import Limit
from warifu.notices import queries as letters

pytestmark = pytest.mark.django_db


@pytest.fixture
def listed(cast: Cast) -> str:
    """Inoue is collected from."""
    assert cast.inoue.id is not None
    return str(entries.add(organisation_id=cast.aoba, member_id=cast.inoue.id, by=cast.aoki, at=MORNING))


def assert_refused(answer: Any, status: int, code: str) -> None:
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("application/json")
    told = answer.json()
    assert told.keys() == {"code", "sentence", "remedy"}
    assert told["code"] == code
    assert told["sentence"].endswith("。")
    assert not answer.cookies


class TestToken:
    @pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic YTpi", "wft_x"])
    def test_is_needed(self, header: str | None) -> None:
        headers = {} if header is None else {"Authorization": header}
        answer = Client().get("/api/v1/people", headers=headers)
        assert_refused(answer, 401, "WF-P401")
        assert answer["WWW-Authenticate"] == "Bearer"

    def test_must_be_known_running_and_not_revoked(self, cast: Cast, program: Callable[..., Program]) -> None:
        assert_refused(Program(Client(), "wft_unknown").get("/people"), 401, "WF-S501")
        over, revoked = program(), program()
        first, second = Token.objects.order_by("id")
        Token.objects.filter(id=first.id).update(valid_until=timezone.now() - timedelta(seconds=1))
        tokens.revoke(organisation_id=cast.aoba, token_id=second.id, by=cast.aoki, at=timezone.now())
        assert_refused(over.get("/people"), 401, "WF-S501")
        assert_refused(revoked.get("/people"), 401, "WF-S501")

    def test_a_sessions_cookie_opens_nothing(self, cast: Cast) -> None:
        client = Client(headers={"Cookie": "warifu=anything"})
        assert_refused(client.get("/api/v1/people"), 401, "WF-P401")

    def test_no_cookie_and_no_form_token_is_asked_for(self, program: Callable[..., Program], listed: str) -> None:
        ours = program()
        strict = Program(Client(enforce_csrf_checks=True), ours.token)
        answer = strict.post("/invitations", {"people": "everybody"})
        assert answer.status_code == 200
        assert not answer.cookies

    @pytest.mark.shows("S-09")
    def test_a_refused_scope_is_noted_in_the_trail(self, cast: Cast, program: Callable[..., Program]) -> None:
        assert_refused(program("people:read").post("/invitations", {"people": "everybody"}), 403, "WF-O101")
        line = trail.timeline(organisation_id=cast.aoba)[0]
        assert (line.event, line.actor) == ("credentials.access.denied", "給与システム")


class TestLimiter:
    @pytest.mark.shows("L-11")
    def test_guessing_tokens_has_to_wait(
        self, program: Callable[..., Program], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(
            rules.LIMITS, "token.address", Limit(free=2, first=timedelta(hours=1), cap=timedelta(hours=1))
        )
        for _ in range(2):
            assert_refused(Program(Client(), "wft_guess").get("/people"), 401, "WF-S501")
        waiting = Program(Client(), "wft_guess").get("/people")
        assert_refused(waiting, 429, "WF-P429")
        assert int(waiting["Retry-After"]) > 0
        assert_refused(program().get("/people"), 429, "WF-P429")

    def test_a_busy_token_has_to_wait(self, program: Callable[..., Program], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(
            rules.LIMITS, "token.requests", Limit(free=2, first=timedelta(hours=1), cap=timedelta(hours=1))
        )
        busy, other = program(), program()
        statuses = [busy.get("/people").status_code for _ in range(4)]
        assert statuses[0] == 200
        assert statuses[-1] == 429
        assert other.get("/people").status_code == 200


class TestRefusals:
    @pytest.mark.parametrize("path", ["/", "/nowhere", "/people/", "/numbers", "/people/x/number"])
    def test_unknown_addresses(self, program: Callable[..., Program], path: str) -> None:
        assert_refused(program().get(path), 404, "WF-A404")

    def test_other_methods(self, program: Callable[..., Program]) -> None:
        answer = program().post("/people", {})
        assert_refused(answer, 405, "WF-P405")
        assert answer["Allow"] == "GET"

    def test_unreadable_json(self, program: Callable[..., Program]) -> None:
        ours = program()
        headers = {"Authorization": f"Bearer {ours.token}"}
        answer = Client().post("/api/v1/reminders", "{", content_type="application/json", headers=headers)
        assert_refused(answer, 400, "WF-P400")

    def test_a_nul_is_unreadable_wherever_it_stands(self, program: Callable[..., Program], cast: Cast) -> None:
        ours = program("people:read", "rosters:write")
        assert ours.get("/people", search="a\x00b").json()["code"] == "WF-P400"
        answer = ours.post("/reminders", {"people": ["井\x00上"]})
        assert (answer.status_code, answer.json()["code"]) == (400, "WF-P400")

    @pytest.mark.shows("N-02")
    def test_wrong_values_are_named_and_never_repeated(self, program: Callable[..., Program]) -> None:
        digits = test_number("12345678901")
        ours = program()
        for answer in (
            ours.post("/reminders", {"people": [digits]}),
            ours.post("/reminders", {digits: 1}),
            ours.get("/people", show=digits),
            ours.get(f"/people/{digits}"),
        ):
            assert_refused(answer, 422, "WF-P422")
            assert digits not in answer.content.decode()
        assert "show" in ours.get("/people", show="x").json()["sentence"]

    def test_large_bodies(self, program: Callable[..., Program]) -> None:
        ours = program()
        body = {"people": ["x" * 3_000_000]}
        assert_refused(ours.post("/reminders", body), 413, "WF-P413")
        assert_refused(ours.post("/reminders", body, key="large"), 413, "WF-P413")

    def test_faults_show_nothing_but_that(
        self, program: Callable[..., Program], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(**values: object) -> None:
            raise ZeroDivisionError("secret")

        monkeypatch.setattr("warifu.api.v1.people.queries.people", broken)
        answer = program().get("/people")
        assert_refused(answer, 500, "WF-P500")
        assert "secret" not in answer.content.decode()
        assert answer["X-Request-ID"]

    def test_speak_english_to_those_who_ask(self) -> None:
        answer = Client().get("/api/v1/people", headers={"Accept-Language": "en"})
        assert answer.json()["code"] == "WF-P401"
        assert answer["Content-Language"] == "en"


class TestTwice:
    def test_the_same_request_with_the_same_key_is_done_once(
        self, cast: Cast, program: Callable[..., Program], listed: str
    ) -> None:
        ours = program()
        first = ours.post("/invitations", {"people": [listed]}, key="invite-1")
        again = ours.post("/invitations", {"people": [listed]}, key="invite-1")
        assert (first.status_code, first.json()) == (200, {"letters": 1})
        assert (again.status_code, again.json()) == (200, {"letters": 1})
        assert again["Idempotency-Replayed"] == "true"
        assert len(letters.letters_of(organisation_id=cast.aoba)) == 1
        assert_refused(ours.post("/invitations", {"people": [listed]}), 409, "WF-C204")

    def test_another_request_with_the_same_key_is_refused(self, program: Callable[..., Program], listed: str) -> None:
        ours = program()
        ours.post("/invitations", {"people": [listed]}, key="k")
        assert_refused(ours.post("/invitations", {"people": "everybody"}, key="k"), 409, "WF-S504")
        assert_refused(ours.post("/reminders", {"people": [listed]}, key="k"), 409, "WF-S504")

    def test_a_key_belongs_to_its_token(self, program: Callable[..., Program], listed: str) -> None:
        program().post("/invitations", {"people": [listed]}, key="k")
        assert_refused(program().post("/invitations", {"people": [listed]}, key="k"), 409, "WF-C204")

    def test_a_refused_request_may_be_sent_again(self, program: Callable[..., Program], cast: Cast) -> None:
        ours = program()
        assert_refused(ours.post("/invitations", {"people": "everybody"}, key="k"), 409, "WF-C204")
        assert not IdempotencyKey.objects.exists()
        assert cast.inoue.id is not None
        entries.add(organisation_id=cast.aoba, member_id=cast.inoue.id, by=cast.aoki, at=MORNING)
        assert ours.post("/invitations", {"people": "everybody"}, key="k").json() == {"letters": 1}

    def test_while_the_first_is_running_the_second_waits(self, program: Callable[..., Program], listed: str) -> None:
        ours = program()
        ours.post("/invitations", {"people": "everybody"}, key="k")
        IdempotencyKey.objects.update(status=None, answer="")
        assert_refused(ours.post("/invitations", {"people": "everybody"}, key="k"), 409, "WF-S505")
        killed = timezone.now() - idempotency.RUNNING
        IdempotencyKey.objects.update(created_at=killed)
        assert_refused(ours.post("/invitations", {"people": "everybody"}, key="k"), 409, "WF-C204")

    def test_keys_are_forgotten_after_a_day(self, program: Callable[..., Program], listed: str) -> None:
        program().post("/invitations", {"people": "everybody"}, key="k")
        assert idempotency.tidy(at=timezone.now()) == 0
        assert idempotency.tidy(at=timezone.now() + idempotency.KEPT) == 1

    @pytest.mark.parametrize("key", ["x" * 101, "鍵", "a b"])
    def test_keys_have_a_form(self, program: Callable[..., Program], key: str) -> None:
        assert_refused(program().post("/invitations", {"people": "everybody"}, key=key), 422, "WF-P422")
