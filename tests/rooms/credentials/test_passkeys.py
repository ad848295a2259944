"""Passkeys: what is kept, and every answer that must not be taken (L-18)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.cast import MORNING, Cast
from tests.security_key import BACKED_UP, MAY_BACK_UP, PRESENT, VERIFIED, SecurityKey
from warifu.audit import queries as audit
from warifu.credentials.actions import departures, passkeys, signin, stepup
from warifu.credentials.actions.signin import SignedIn
from warifu.credentials.actions.stages import Visitor
from warifu.credentials.models import Passkey, PasskeyChallenge
from warifu.credentials.queries.factors import factors_of
from warifu.credentials.queries.sessions import living_session
from warifu.foundation.actor import SYSTEM, Actor
from warifu.foundation.refusals import NotFound, Refused
from warifu.notices import queries as letters
from warifu.organisations.rules import LevelTooLow

pytestmark = pytest.mark.django_db
HERE = Visitor(browser="b", address="192.0.2.1")


def enrol(actor: Actor, key: SecurityKey, name: str = "会社のノートPC") -> Any:
    assert actor.organisation_id is not None
    options = passkeys.options_for_enrolment(organisation_id=actor.organisation_id, by=actor, at=MORNING)
    return passkeys.enrol(
        organisation_id=actor.organisation_id, name=name, answer=key.make(options), by=actor, at=MORNING
    )


def question(at: Any = MORNING) -> dict[str, Any]:
    return passkeys.options_for_anybody(address="192.0.2.1", at=at)


@pytest.fixture
def key(cast: Cast) -> SecurityKey:
    """Eto's passkey, registered."""
    made = SecurityKey()
    enrol(cast.eto, made)
    return made


@pytest.mark.shows("L-18", "L-12", "L-21")
def test_it_keeps_what_a_passkey_tells_and_the_owner_hears_of_it(cast: Cast) -> None:
    passkey_id = enrol(cast.eto, SecurityKey(flags=PRESENT | VERIFIED | MAY_BACK_UP | BACKED_UP, counter=7))
    row = Passkey.objects.get(id=passkey_id)
    assert (row.sign_count, row.is_synced, row.is_backed_up) == (7, True, True)
    assert row.aaguid == "00000000-0000-0000-0000-000000000000"
    assert row.transports == ["internal"]
    assert [letter.kind for letter in letters.letters_of(organisation_id=cast.aoba)] == ["factor_added"]
    line = audit.timeline(organisation_id=cast.aoba, event_prefix="credentials.factor.")[0]
    assert (line.values["factor"], line.values["level"]) == ("passkey", 2)


@pytest.mark.shows("L-18")
def test_a_question_is_long_discoverable_and_wants_the_persons_verification(cast: Cast) -> None:
    assert cast.eto.id is not None
    enrol(cast.eto, SecurityKey())
    options = passkeys.options_for_enrolment(organisation_id=cast.aoba, by=cast.eto, at=MORNING)
    assert options["authenticatorSelection"] == {
        "residentKey": "required", "userVerification": "required", "requireResidentKey": True,
    }  # fmt: skip
    assert options["rp"]["id"] == "localhost"
    assert len(options["excludeCredentials"]) == 1
    asked = question()
    assert asked["userVerification"] == "required"
    assert "allowCredentials" not in asked
    assert len(PasskeyChallenge.objects.latest("id").challenge) == 32
    assert asked["challenge"] != question()["challenge"]


def test_it_signs_in_with_nothing_else(cast: Cast, key: SecurityKey) -> None:
    _token, outcome = signin.by_passkey(answer=key.sign(question()), visitor=HERE, at=MORNING)
    assert isinstance(outcome, SignedIn)
    found = living_session(token=outcome.session_token, at=MORNING)
    assert found is not None
    assert (found.member_id, found.actor.level, found.factors) == (cast.eto.id, 2, ("passkey",))
    line = audit.timeline(organisation_id=cast.aoba, event_prefix="credentials.signin.succeeded")[0]
    assert (line.values["factors"], line.values["level"]) == (["passkey"], 2)


@pytest.mark.shows("L-18")
@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "http://localhost:8001"},
        {"origin": "http://evil.localhost:8000"},
        {"origin": "https://localhost:8000"},
        {"site": "evil.example"},
        {"flags": VERIFIED},
        {"flags": PRESENT | VERIFIED | MAY_BACK_UP},
        {"user_handle": b"0123456789abcdef"},
        {"user_handle": None},
        {"credential_id": b"unknown"},
    ],
)
def test_it_takes_no_answer_from_another_site_device_or_person(
    cast: Cast, key: SecurityKey, wrong: dict[str, Any]
) -> None:
    for name, value in wrong.items():
        setattr(key, name, value)
    with pytest.raises(passkeys.PasskeyNotAccepted):
        signin.by_passkey(answer=key.sign(question()), visitor=HERE, at=MORNING)
    assert not Passkey.objects.exclude(used_at=None).exists()


@pytest.mark.shows("L-18")
def test_it_takes_no_answer_without_the_persons_verification(cast: Cast, key: SecurityKey) -> None:
    key.flags = PRESENT
    with pytest.raises(passkeys.PersonNotVerified):
        signin.by_passkey(answer=key.sign(question()), visitor=HERE, at=MORNING)
    with pytest.raises(passkeys.PersonNotVerified):
        enrol(cast.eto, SecurityKey(flags=PRESENT))
    assert Passkey.objects.count() == 1


def test_a_question_is_answered_once_even_wrongly_and_not_for_ever(cast: Cast, key: SecurityKey) -> None:
    asked = question()
    answer = key.sign(asked)
    signin.by_passkey(answer=answer, visitor=HERE, at=MORNING)
    with pytest.raises(passkeys.PasskeyTooLate):
        signin.by_passkey(answer=answer, visitor=HERE, at=MORNING)
    asked = question()
    right, key.origin = key.sign(asked), "http://evil.example"
    with pytest.raises(passkeys.PasskeyNotAccepted):
        signin.by_passkey(answer=key.sign(asked), visitor=HERE, at=MORNING)
    with pytest.raises(passkeys.PasskeyTooLate):
        signin.by_passkey(answer=right, visitor=HERE, at=MORNING)
    key.origin = "http://localhost:8000"
    late = key.sign(question())
    with pytest.raises(passkeys.PasskeyTooLate):
        signin.by_passkey(answer=late, visitor=HERE, at=MORNING + passkeys.LASTS)
    with pytest.raises(passkeys.PasskeyTooLate):
        signin.by_passkey(answer=key.sign({"challenge": "AAAA"}), visitor=HERE, at=MORNING)


def test_a_question_counts_for_its_purpose_and_its_member_only(cast: Cast, key: SecurityKey) -> None:
    assert cast.eto.id is not None
    assert cast.aoki.id is not None
    second = passkeys.options_for_member(member_id=cast.eto.id, purpose=passkeys.SECOND, at=MORNING)
    with pytest.raises(passkeys.PasskeyTooLate):
        signin.by_passkey(answer=key.sign(second), visitor=HERE, at=MORNING)
    others = passkeys.options_for_member(member_id=cast.aoki.id, purpose=passkeys.SECOND, at=MORNING)
    for member_id in (cast.eto.id, cast.aoki.id):
        with pytest.raises(Refused):
            passkeys.holder_of(member_id=member_id, answer=key.sign(others), purpose=passkeys.SECOND, at=MORNING)
    mine = passkeys.options_for_member(member_id=cast.eto.id, purpose=passkeys.SECOND, at=MORNING)
    assert len(mine["allowCredentials"]) == 1
    assert passkeys.holder_of(member_id=cast.eto.id, answer=key.sign(mine), purpose=passkeys.SECOND, at=MORNING)


def test_an_answer_of_another_kind_or_with_a_broken_signature_is_refused(cast: Cast, key: SecurityKey) -> None:
    with pytest.raises(passkeys.PasskeyNotAccepted):
        signin.by_passkey(answer=key.sign(question(), type="webauthn.create"), visitor=HERE, at=MORNING)
    given = json.loads(key.sign(question()))
    given["response"]["signature"] = json.loads(SecurityKey().sign(question()))["response"]["signature"]
    with pytest.raises(passkeys.PasskeyNotAccepted):
        signin.by_passkey(answer=json.dumps(given), visitor=HERE, at=MORNING)
    other = SecurityKey(credential_id=key.credential_id, user_handle=key.user_handle)
    with pytest.raises(passkeys.PasskeyNotAccepted):
        signin.by_passkey(answer=other.sign(question()), visitor=HERE, at=MORNING)


@pytest.mark.parametrize(
    "answer",
    ["", "x", "[]", "null", "1", "{}", '{"response": {}}', '{"rawId": 5, "response": []}', "{" * 40_000,
     ('{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"AA","authenticatorData":"AA",'
      '"signature":"AA"}}')],
)  # fmt: skip
def test_nonsense_is_refused_and_is_no_fault(cast: Cast, answer: str) -> None:
    with pytest.raises(passkeys.PasskeyNotAccepted):
        passkeys.holder_of(answer=answer, purpose=passkeys.SIGN_IN, at=MORNING)
    with pytest.raises(passkeys.PasskeyNotAccepted):
        passkeys.enrol(organisation_id=cast.aoba, name="x", answer=answer, by=cast.eto, at=MORNING)


@pytest.mark.shows("L-18")
def test_a_counter_that_does_not_grow_betrays_a_copy(cast: Cast) -> None:
    key = SecurityKey(counter=1)
    enrol(cast.eto, key)
    key.counter = 5
    signin.by_passkey(answer=key.sign(question()), visitor=HERE, at=MORNING)
    for counter in (5, 4, 0):
        key.counter = counter
        with pytest.raises(passkeys.PasskeyNotAccepted):
            signin.by_passkey(answer=key.sign(question()), visitor=HERE, at=MORNING)
    key.counter = 6
    assert signin.by_passkey(answer=key.sign(question()), visitor=HERE, at=MORNING)


def test_failures_stand_in_the_trail_of_whoever_is_known(cast: Cast, key: SecurityKey) -> None:
    key.flags = PRESENT
    with pytest.raises(passkeys.PersonNotVerified):
        signin.by_passkey(answer=key.sign(question()), visitor=HERE, at=MORNING)
    line = audit.timeline(organisation_id=cast.aoba, event_prefix="credentials.signin.failed")[0]
    assert (line.values["factor"], line.values["address"]) == ("passkey", "192.0.2.1")


@pytest.mark.shows("L-21", "L-12")
def test_a_stopped_passkey_lets_nobody_in_and_stays_in_the_list(cast: Cast, key: SecurityKey) -> None:
    assert cast.eto.id is not None
    line = factors_of(organisation_id=cast.aoba, member_id=cast.eto.id).passkeys[0]
    with pytest.raises(NotFound):
        passkeys.revoke(organisation_id=cast.aoba, passkey_id=line.id, by=cast.aoki, at=MORNING)
    later = MORNING + timedelta(hours=1)
    passkeys.revoke(organisation_id=cast.aoba, passkey_id=line.id, by=cast.eto, at=later)
    with pytest.raises(passkeys.PasskeyNotAccepted):
        signin.by_passkey(answer=key.sign(question()), visitor=HERE, at=MORNING)
    with pytest.raises(NotFound):
        passkeys.revoke(organisation_id=cast.aoba, passkey_id=line.id, by=cast.eto, at=later)
    mine = factors_of(organisation_id=cast.aoba, member_id=cast.eto.id)
    assert (mine.living, mine.past[0].revoked_at) == ((), later)
    kinds = {letter.kind for letter in letters.letters_of(organisation_id=cast.aoba)}
    assert kinds == {"factor_added", "factor_revoked"}


def test_whoever_has_left_cannot_sign_in(cast: Cast, key: SecurityKey) -> None:
    assert cast.eto.id is not None
    departures.record(organisation_id=cast.aoba, member_id=cast.eto.id, left_on=MORNING.date(), by=SYSTEM, at=MORNING)
    with pytest.raises(passkeys.PasskeyNotAccepted):
        signin.by_passkey(answer=key.sign(question()), visitor=HERE, at=MORNING)


def test_a_passkey_is_registered_once_and_may_get_another_name(cast: Cast, key: SecurityKey) -> None:
    with pytest.raises(passkeys.PasskeyKnown):
        enrol(cast.aoki, key)
    row = Passkey.objects.get()
    passkeys.rename(organisation_id=cast.aoba, passkey_id=row.id, name="自宅のiPhone", by=cast.eto, at=MORNING)
    row.refresh_from_db()
    assert row.name == "自宅のiPhone"
    with pytest.raises(NotFound):
        passkeys.rename(organisation_id=cast.aoba, passkey_id=row.id, name="x", by=cast.aoki, at=MORNING)


@pytest.mark.shows("L-09", "L-25")
def test_the_first_factor_wants_no_other_but_the_second_wants_the_first(cast: Cast) -> None:
    weak = Actor(**(vars(cast.eto) | {"level": 1}))
    enrol(weak, SecurityKey())
    with pytest.raises(LevelTooLow):
        passkeys.options_for_enrolment(organisation_id=cast.aoba, by=weak, at=MORNING)
    with pytest.raises(LevelTooLow):
        passkeys.revoke(organisation_id=cast.aoba, passkey_id=Passkey.objects.get().id, by=weak, at=MORNING)
    enrol(cast.eto, SecurityKey())
    assert Passkey.objects.count() == 2


def test_nobody_needs_more_than_twenty(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passkeys, "MOST", 1)
    enrol(cast.eto, SecurityKey())
    with pytest.raises(passkeys.TooManyPasskeys):
        enrol(cast.eto, SecurityKey())


@pytest.mark.shows("L-22", "L-28")
def test_it_strengthens_a_running_session(cast: Cast, key: SecurityKey) -> None:
    from warifu.credentials.actions import sessions

    assert cast.eto.id is not None
    old = sessions.start(member_id=cast.eto.id, level=1, browser="b", address="a", at=MORNING, factors=["password"])
    session = living_session(token=old, at=MORNING)
    assert session is not None
    asked = passkeys.options_for_member(member_id=cast.eto.id, purpose=passkeys.PROVE, at=MORNING)
    new = stepup.by_passkey(
        organisation_id=cast.aoba,
        session_id=session.id,
        answer=key.sign(asked),
        address="a",
        by=session.actor,
        at=MORNING,
    )
    assert living_session(token=old, at=MORNING) is None
    found = living_session(token=new, at=MORNING)
    assert found is not None
    assert (found.actor.level, found.factors) == (2, ("password", "passkey"))
    assert audit.timeline(organisation_id=cast.aoba, event_prefix="credentials.signin.stepped_up")


def test_it_forgets_questions_that_are_over(cast: Cast) -> None:
    question()
    assert passkeys.tidy(at=MORNING) == 0
    assert passkeys.tidy(at=MORNING + timedelta(hours=1)) == 1
