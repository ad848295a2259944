"""Sign-in as a row of stages, the limiter, and tokens of the API (B3, L-05, L-10, L-11)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.cast import MORNING, Cast
from warifu.audit import queries as audit
from warifu.credentials import passwords
from warifu.credentials.actions import activation, attempts, devices, password, sessions, signin, stages, tokens
from warifu.credentials.actions.signin import NextStage, SignedIn
from warifu.credentials.actions.stages import Account, Stage, Visitor
from warifu.credentials.models import Attempt, Password, SignIn, Token
from warifu.credentials.queries.sessions import living_session
from warifu.credentials.queries.tokens import tokens_of
from warifu.credentials.rules.codes import CodeNotAccepted
from warifu.foundation.actor import SYSTEM, Actor, ActorKind
from warifu.foundation.refusals import NotFound
from warifu.notices import links
from warifu.notices import queries as letters
from warifu.organisations.rules import NotPermitted, Permission, may

pytestmark = pytest.mark.django_db
GOOD = "やまのうえ ふるいはし あおいとり"
HERE = Visitor(browser="b", address="192.0.2.1")


@pytest.fixture
def inoue(cast: Cast) -> Cast:
    """The cast, with Inoue's password set."""
    set_password(cast.inoue)
    return cast


def set_password(actor: Actor, text: str = GOOD) -> str:
    assert actor.organisation_id is not None
    assert actor.id is not None
    link = activation.issue(
        organisation_id=actor.organisation_id, member_id=actor.id, purpose="reset", by=SYSTEM, at=MORNING
    )
    token = links.resolve(link).rstrip("/").rsplit("/", 1)[-1]
    return activation.use(token=token, password=text, at=MORNING, browser="b", address="192.0.2.1")


def begin(identifier: str = "i002", at: datetime = MORNING, organisation: str = "aoba") -> str:
    return signin.begin(organisation_code=organisation, identifier=identifier, visitor=HERE, at=at)


def answer(
    token: str, secret: str = GOOD, stage: str = "password", at: datetime = MORNING, visitor: Visitor = HERE
) -> SignedIn | NextStage:
    return signin.answer(token=token, stage=stage, secret=secret, visitor=visitor, at=at)


class RiddleStage(Stage):
    """A further stage for these tests."""

    name = "riddle"

    def wanted(self, account: Account, factors_shown: Collection[str]) -> bool:
        return account.member is not None

    def proves(self, *, process: UUID, account: Account, answer: str, at: datetime) -> str:
        return "authenticator" if answer == "271828" else ""


def test_the_right_password_starts_a_session(inoue: Cast) -> None:
    outcome = answer(begin())
    assert isinstance(outcome, SignedIn)
    found = living_session(token=outcome.session_token, at=MORNING)
    assert found is not None
    assert (found.member_id, found.actor.level) == (inoue.inoue.id, 1)


def test_a_process_is_used_once_and_not_for_ever(inoue: Cast) -> None:
    token = begin()
    answer(token)
    with pytest.raises(signin.SignInOver):
        answer(token)
    late = begin()
    with pytest.raises(signin.SignInOver):
        answer(late, at=MORNING + signin.LASTS)
    with pytest.raises(signin.SignInOver):
        answer("unknown")


def test_a_further_stage_stops_and_resumes(inoue: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "STAGES", (*stages.STAGES, RiddleStage()))
    token = begin()
    assert answer(token) == NextStage(stage="riddle")
    with pytest.raises(signin.SignInOver):
        answer(token, stage="password")  # a stage that is passed is not asked again
    later = MORNING + timedelta(minutes=10)
    with pytest.raises(CodeNotAccepted):
        answer(token, "000000", stage="riddle", at=later)
    outcome = answer(token, "271828", stage="riddle", at=later)
    assert isinstance(outcome, SignedIn)
    found = living_session(token=outcome.session_token, at=later)
    assert found is not None
    assert found.actor.level == 2
    line = audit.timeline(organisation_id=inoue.aoba, event_prefix="credentials.signin.succeeded")[0]
    assert line.values["factors"] == ["password", "authenticator"]


def test_a_further_stage_cannot_be_reached_without_the_first(inoue: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "STAGES", (*stages.STAGES, RiddleStage()))
    with pytest.raises(signin.SignInOver):
        answer(begin(), "271828", stage="riddle")


@pytest.mark.shows("L-10")
@pytest.mark.parametrize(
    ("identifier", "organisation"),
    [("x999", "aoba"), ("i002", "nowhere"), ("a001", "aoba"), ("i002", "ueda"), ("", "aoba")],
)
def test_nobody_gets_in_as_somebody_unknown(inoue: Cast, identifier: str, organisation: str) -> None:
    with pytest.raises(signin.SignInFailed):
        answer(begin(identifier, organisation=organisation))


@pytest.mark.shows("L-05")
def test_a_hash_with_older_figures_is_renewed_at_sign_in(inoue: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords.OwaspArgon2, "time_cost", 1)
    Password.objects.update(hash=passwords.hashed(GOOD))
    monkeypatch.undo()
    assert "t=1," in Password.objects.get().hash
    answer(begin())
    assert "t=2," in Password.objects.get().hash
    answer(begin())


@pytest.mark.shows("L-01")
def test_a_long_password_counts_to_its_last_character(cast: Cast) -> None:
    long = ("やまのうえ ふるいはし あおいとり はるのうみ なつのやま あきのかぜ ふゆのよる " * 6)[:200]
    set_password(cast.inoue, long)
    with pytest.raises(signin.SignInFailed):
        answer(begin(), long[:-1])
    assert isinstance(answer(begin(), long), SignedIn)


def test_composed_and_decomposed_kana_are_the_same_password(cast: Cast) -> None:
    set_password(cast.inoue, "がくえんのまえの ふるいばしょ")
    assert isinstance(answer(begin(), "か\u3099くえんのまえの ふるいは\u3099しょ"), SignedIn)


@pytest.mark.shows("L-11")
def test_many_addresses_together_slow_an_account_down_but_never_lock_it(inoue: Cast) -> None:
    for number in range(30):
        visitor = Visitor(browser="b", address=f"203.0.113.{number}")
        with pytest.raises((signin.SignInFailed, attempts.TooManyAttempts)):
            answer(begin(), "guess of the many", visitor=visitor)
    fresh = Visitor(browser="b", address="198.51.100.1")
    with pytest.raises(attempts.TooManyAttempts):
        answer(begin(), visitor=fresh)
    assert isinstance(answer(begin(), visitor=fresh, at=MORNING + timedelta(minutes=1)), SignedIn)


@pytest.mark.shows("L-11")
def test_a_known_device_passes_while_strangers_wait(inoue: Cast) -> None:
    assert inoue.inoue.id is not None
    own = Visitor(browser="b", address="192.0.2.1", device=devices.token_of(member_id=inoue.inoue.id))
    for _ in range(40):
        with pytest.raises((signin.SignInFailed, attempts.TooManyAttempts)):
            answer(begin(), "guess of the many")
    assert isinstance(answer(begin(), visitor=own), SignedIn)
    set_password(inoue.inoue, "correct horse battery staple")
    stale = devices.is_known(token=own.device, member_id=inoue.inoue.id, password_set_at=MORNING + timedelta(1))
    assert not stale


@pytest.mark.shows("L-12")
def test_the_owner_hears_of_a_sign_in_from_a_new_device(inoue: Cast) -> None:
    assert inoue.inoue.id is not None

    def kinds() -> list[str]:
        return [letter.kind for letter in letters.letters_of(organisation_id=inoue.aoba)]

    own = Visitor(browser="b", address="192.0.2.1", device=devices.token_of(member_id=inoue.inoue.id))
    answer(begin(), visitor=own)
    assert kinds() == []
    answer(begin(), visitor=Visitor(browser="Mozilla/5.0 (iPhone) Safari/600", address="203.0.113.5"))
    assert kinds() == ["new_device"]


def test_a_token_of_another_member_is_no_known_device(inoue: Cast) -> None:
    assert inoue.inoue.id is not None
    assert inoue.eto.id is not None
    foreign = devices.token(member_id=inoue.eto.id, password_set_at=MORNING)
    for token in (foreign, "", "x", "あ", "AAAA"):
        assert not devices.is_known(token=token, member_id=inoue.inoue.id, password_set_at=MORNING)


@pytest.mark.shows("L-11")
def test_the_limiter_counts_before_it_looks_and_forgets_after_a_day(db: None) -> None:
    for _ in range(5):
        attempts.take(purpose="signin.pair", subject="ＡＢＣ", at=MORNING)
    with pytest.raises(attempts.TooManyAttempts) as refused:
        attempts.take(purpose="signin.pair", subject="abc", at=MORNING)
    assert refused.value.values == {"minutes": 1}
    attempts.check(purpose="signin.pair", subject="other", at=MORNING)
    row = Attempt.objects.get()
    assert "abc" not in row.subject
    assert len(row.subject) == 64
    attempts.take(purpose="signin.pair", subject="abc", at=MORNING + timedelta(hours=25))
    assert Attempt.objects.get().failures == 1
    assert attempts.tidy(at=MORNING + timedelta(days=3)) == 1


def test_it_forgets_processes_that_are_over(inoue: Cast) -> None:
    begin()
    assert signin.tidy(at=MORNING) == 0
    assert signin.tidy(at=MORNING + timedelta(hours=1)) == 1
    assert not SignIn.objects.exists()


@pytest.mark.shows("L-25", "L-22")
def test_proving_again_renews_the_session(inoue: Cast) -> None:
    assert inoue.inoue.id is not None
    old = sessions.start(member_id=inoue.inoue.id, level=1, browser="b", address="a", at=MORNING)
    found = living_session(token=old, at=MORNING)
    assert found is not None
    later = MORNING + timedelta(minutes=20)
    again: dict[str, Any] = {
        "organisation_id": inoue.aoba,
        "session_id": found.id,
        "address": "a",
        "by": found.actor,
        "at": later,
    }
    with pytest.raises(password.PasswordWrong):
        password.prove_again(password="falsch falsch", **again)
    new = password.prove_again(password=GOOD, **again)
    renewed = living_session(token=new, at=later)
    assert renewed is not None
    assert renewed.actor.authenticated_at == later
    assert living_session(token=old, at=later) is None


@pytest.mark.shows("L-04", "L-12")
def test_a_change_needs_the_present_password_and_ends_other_sessions(inoue: Cast) -> None:
    assert inoue.inoue.id is not None
    here = sessions.start(member_id=inoue.inoue.id, level=1, browser="b", address="a", at=MORNING)
    other = sessions.start(member_id=inoue.inoue.id, level=1, browser="b", address="a", at=MORNING)
    found = living_session(token=here, at=MORNING)
    assert found is not None
    change: dict[str, Any] = {
        "organisation_id": inoue.aoba,
        "session_id": found.id,
        "new": "correct horse battery staple",
        "by": found.actor,
        "at": MORNING,
    }
    with pytest.raises(password.PasswordWrong):
        password.change(current="falsch falsch", **change)
    new = password.change(current=GOOD, **change)
    assert living_session(token=other, at=MORNING) is None
    assert living_session(token=here, at=MORNING) is None
    assert living_session(token=new, at=MORNING) is not None
    assert isinstance(answer(begin(), "correct horse battery staple"), SignedIn)


def issue(cast: Cast, by: Actor | None = None, **values: Any) -> str:
    given: dict[str, Any] = {
        "organisation_id": cast.aoba,
        "name": "人事システム",
        "scopes": ["people:read"],
        "valid_until": MORNING + timedelta(days=90),
    }
    return tokens.issue(**(given | values), by=by or cast.aoki, at=MORNING)


def test_a_token_acts_with_its_scopes_and_no_further(cast: Cast) -> None:
    token = issue(cast)
    actor = tokens.authenticate(token=token, at=MORNING)
    assert (actor.kind, actor.label, actor.organisation_id) == (ActorKind.TOKEN, "人事システム", cast.aoba)
    allowed = {
        permission for permission in Permission if may(by=actor, permission=permission, organisation_id=cast.aoba)
    }
    assert allowed == {Permission.PEOPLE_VIEW}
    assert not may(by=actor, permission=Permission.PEOPLE_VIEW, organisation_id=cast.ueda)
    assert token not in str(list(Token.objects.values()))
    assert tokens_of(organisation_id=cast.ueda) == []
    assert tokens_of(organisation_id=cast.aoba)[0].used_at == MORNING


def test_a_token_ends_by_time_and_by_hand(cast: Cast) -> None:
    token = issue(cast)
    with pytest.raises(tokens.TokenUnknown):
        tokens.authenticate(token=token, at=MORNING + timedelta(days=90))
    with pytest.raises(tokens.TokenUnknown):
        tokens.authenticate(token=token + "x", at=MORNING)
    row = Token.objects.get()
    with pytest.raises(NotFound):
        tokens.revoke(organisation_id=cast.ueda, token_id=row.id, by=cast.ueno, at=MORNING)
    tokens.revoke(organisation_id=cast.aoba, token_id=row.id, by=cast.aoki, at=MORNING)
    with pytest.raises(tokens.TokenUnknown):
        tokens.authenticate(token=token, at=MORNING)
    with pytest.raises(NotFound):
        tokens.revoke(organisation_id=cast.aoba, token_id=row.id, by=cast.aoki, at=MORNING)
    events = [line.event for line in audit.timeline(organisation_id=cast.aoba, event_prefix="credentials.token")]
    assert events == ["credentials.token.revoked", "credentials.token.issued"]


@pytest.mark.parametrize("scope", ["numbers:reveal", "verification:write", "members:write", "unknown"])
def test_a_token_never_gets_to_numbers_images_or_rights(cast: Cast, scope: str) -> None:
    with pytest.raises(tokens.ScopeUnknown):
        issue(cast, scopes=[scope])
    assert not Token.objects.exists()


def test_only_administrators_issue_tokens_and_for_a_year_at_most(cast: Cast) -> None:
    for actor in (cast.eto, cast.okada, cast.inoue, cast.ueno):
        with pytest.raises(NotPermitted):
            issue(cast, by=actor)
    for days in (-1, 0, 367):
        with pytest.raises(tokens.EndOutOfRange):
            issue(cast, valid_until=MORNING + timedelta(days=days))
    with pytest.raises(tokens.ScopeUnknown):
        issue(cast, scopes=[])
    assert not Token.objects.exists()
