"""Activation links: single use, newest only, in no table, for nobody else (L-06, L-08, L-10)."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction

from tests.cast import MORNING, Cast
from warifu.audit import queries as audit
from warifu.credentials.actions import activation, attempts, departures, sessions
from warifu.credentials.actions.activation import LinkOver, LinkState, LinkUnknown, NoMailAddress
from warifu.credentials.models import Activation, Password
from warifu.credentials.queries.sessions import living_session
from warifu.credentials.rules.passwords import PasswordTooShort
from warifu.foundation.actor import SYSTEM, Actor, Role
from warifu.foundation.refusals import NotFound
from warifu.notices import links
from warifu.notices import queries as letters
from warifu.notices.links import LateLink, LinkDead
from warifu.organisations import actions as organisations
from warifu.organisations.rules import NotPermitted

pytestmark = pytest.mark.django_db
GOOD = "やまのうえ ふるいはし あおいとり"
OTHER = "correct horse battery staple"


def issue(actor: Actor, purpose: Any = "first", at: datetime = MORNING, by: Actor = SYSTEM) -> LateLink:
    assert actor.id is not None
    assert actor.organisation_id is not None
    return activation.issue(organisation_id=actor.organisation_id, member_id=actor.id, purpose=purpose, by=by, at=at)


def token_of(link: LateLink) -> str:
    return links.resolve(link).rstrip("/").rsplit("/", 1)[-1]


def use(token: str, password: str = GOOD, at: datetime = MORNING) -> str:
    return activation.use(token=token, password=password, at=at, browser="b", address="192.0.2.1")


@pytest.mark.shows("L-06")
def test_it_lets_a_person_choose_a_password_once(cast: Cast) -> None:
    token = token_of(issue(cast.inoue))
    session = use(token)
    found = living_session(token=session, at=MORNING)
    assert found is not None
    assert found.member_id == cast.inoue.id
    assert activation.look(token=token, at=MORNING).state is LinkState.USED
    with pytest.raises(LinkOver):
        use(token, OTHER)
    lines = audit.timeline(organisation_id=cast.aoba, event_prefix="credentials.")
    assert [line.event for line in lines] == ["credentials.activation.used"]


@pytest.mark.shows("L-06")
def test_its_token_stands_in_no_table_and_cannot_be_made_from_one(cast: Cast) -> None:
    link = issue(cast.inoue)
    token = token_of(link)
    for model in apps.get_models():
        assert token not in json.dumps([str(row) for row in model._default_manager.values_list()])
    assert len(token) >= 43
    forged = activation._token(Activation.objects.get().id)
    assert forged == token  # with the installation's key only
    for wrong in (token[:-1], token[:-1] + ("A" if token[-1] != "A" else "B"), token + "A", "", "x" * 48, "ÿ", "あ"):
        with pytest.raises(LinkUnknown):
            activation.look(token=wrong, at=MORNING)


@pytest.mark.shows("L-05")
def test_the_table_keeps_an_argon2_hash_of_the_password(cast: Cast) -> None:
    use(token_of(issue(cast.inoue)))
    kept = Password.objects.get(member_id=cast.inoue.id).hash
    assert kept.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert GOOD not in kept


def test_looking_changes_nothing_and_opening_is_noted(cast: Cast) -> None:
    token = token_of(issue(cast.inoue))
    before = list(Activation.objects.values())
    assert activation.look(token=token, at=MORNING).state is LinkState.GOOD
    assert list(Activation.objects.values()) == before
    activation.open(token=token, at=MORNING)
    activation.open(token=token, at=MORNING + timedelta(hours=1))
    assert Activation.objects.get().opened_at == MORNING


@pytest.mark.shows("L-06")
def test_a_newer_link_ends_the_older_and_time_ends_both(cast: Cast) -> None:
    first = issue(cast.inoue)
    old = token_of(first)
    new = token_of(issue(cast.inoue, at=MORNING + timedelta(days=1)))
    assert activation.look(token=old, at=MORNING).state is LinkState.REPLACED
    with pytest.raises(LinkDead):
        links.resolve(first)
    end = MORNING + timedelta(days=15)
    assert activation.look(token=new, at=end - timedelta(seconds=1)).state is LinkState.GOOD
    assert activation.look(token=new, at=end).state is LinkState.EXPIRED
    for dead, at in ((old, MORNING), (new, end)):
        with pytest.raises(LinkOver):
            use(dead, at=at)
        with pytest.raises(LinkOver):
            activation.open(token=dead, at=at)
    assert not Password.objects.exists()


def test_a_bad_password_leaves_the_link_as_it_was(cast: Cast) -> None:
    token = token_of(issue(cast.inoue))
    with pytest.raises(PasswordTooShort):
        use(token, "short")
    assert activation.look(token=token, at=MORNING).state is LinkState.GOOD
    assert not audit.timeline(organisation_id=cast.aoba, event_prefix="credentials.")
    use(token)


@pytest.mark.shows("L-04", "L-12", "L-24")
def test_a_reset_ends_other_sessions_and_tells_the_owner(cast: Cast) -> None:
    old = use(token_of(issue(cast.inoue)))
    new = use(token_of(issue(cast.inoue, "reset")), OTHER)
    assert living_session(token=old, at=MORNING) is None
    assert living_session(token=new, at=MORNING) is not None
    kinds = [letter.kind for letter in letters.letters_of(organisation_id=cast.aoba, member_id=cast.inoue.id)]
    assert kinds == ["password_changed"]


def test_a_first_link_leads_members_with_a_password_to_sign_in(cast: Cast) -> None:
    use(token_of(issue(cast.inoue)))
    again = issue(cast.inoue)
    assert links.resolve(again) == "http://localhost:8000/signin/?o=aoba&next=%2Fmy%2F"


@pytest.mark.shows("R-10")
def test_a_members_leaving_ends_their_links(cast: Cast) -> None:
    assert cast.inoue.id is not None
    link = issue(cast.inoue)
    token = token_of(link)
    departures.record(
        organisation_id=cast.aoba, member_id=cast.inoue.id, left_on=date(2026, 11, 24), by=cast.aoki, at=MORNING
    )
    assert activation.look(token=token, at=MORNING).state is LinkState.REPLACED
    with pytest.raises(LinkDead):
        links.resolve(link)
    with pytest.raises(NotFound):
        issue(cast.inoue)


def test_it_refuses_those_who_may_not_and_other_organisations(cast: Cast) -> None:
    assert cast.inoue.id is not None
    with pytest.raises(NotPermitted):
        issue(cast.inoue, by=cast.okada)
    with pytest.raises(NotPermitted):
        issue(cast.inoue, "reset", by=cast.eto)
    with pytest.raises(NotPermitted):
        issue(cast.inoue, by=cast.ueno)
    with pytest.raises(NotFound):
        activation.issue(organisation_id=cast.ueda, member_id=cast.inoue.id, purpose="first", by=cast.ueno, at=MORNING)
    assert not Activation.objects.exists()


def test_it_makes_links_for_many_in_few_statements(cast: Cast, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    ids = [
        organisations.add_member(
            organisation_id=cast.aoba, roles=Role.EMPLOYEE, family_name=f"山田{number}", by=SYSTEM, at=MORNING
        )
        for number in range(60)
    ]
    with django_assert_max_num_queries(6):
        made = activation.issue_many(
            organisation_id=cast.aoba, member_ids=ids, purpose="first", by=cast.eto, at=MORNING
        )
    assert set(made) == set(ids)
    assert len({link.reference for link in made.values()}) == 60


@pytest.mark.shows("L-08")
def test_an_administrator_starts_a_reset_and_never_sees_the_link(cast: Cast) -> None:
    assert cast.inoue.id is not None
    send = {"organisation_id": cast.aoba, "member_id": cast.inoue.id, "at": MORNING}
    assert activation.send(**send, by=cast.aoki) == "first"  # type: ignore[arg-type]
    link = LateLink(kind="activation", reference=str(Activation.objects.get().id))
    use(token_of(link))
    assert activation.send(**send, by=cast.aoki) == "reset"  # type: ignore[arg-type]
    for actor in (cast.eto, cast.okada, cast.inoue, cast.ueno):
        with pytest.raises(NotPermitted):
            activation.send(**send, by=actor)  # type: ignore[arg-type]
    events = [line.event for line in audit.timeline(organisation_id=cast.aoba, event_prefix="credentials.")]
    assert events == [
        "credentials.reset.started",
        "credentials.activation.used",
        "credentials.activation.sent",
    ]
    bodies = str(letters.letters_of(organisation_id=cast.aoba))
    assert token_of(LateLink(kind="activation", reference=str(Activation.objects.latest("id").id))) not in bodies


def test_it_says_when_there_is_no_address_to_send_to(cast: Cast) -> None:
    member_id = organisations.add_member(
        organisation_id=cast.aoba, roles=Role.EMPLOYEE, family_name="山田", by=SYSTEM, at=MORNING
    )
    with pytest.raises(NoMailAddress):
        activation.send(organisation_id=cast.aoba, member_id=member_id, by=cast.aoki, at=MORNING)


@pytest.mark.shows("L-10")
def test_asking_for_a_link_answers_known_and_unknown_alike(cast: Cast) -> None:
    for organisation, mail in (("aoba", "I002@example.jp"), ("aoba", "x@example.jp"), ("nowhere", "i002@example.jp")):
        activation.request(organisation_code=organisation, mail=mail, address="192.0.2.1", at=MORNING)
    listed = letters.letters_of(organisation_id=cast.aoba)
    assert [letter.kind for letter in listed] == ["activation"]
    assert listed[0].to_mail == "i002@example.jp"


@pytest.mark.shows("L-11", "L-10")
@pytest.mark.parametrize("mail", ["i002@example.jp", "stranger@example.jp"])
def test_asking_again_and_again_has_to_wait(cast: Cast, mail: str) -> None:
    def ask(at: datetime) -> None:
        activation.request(organisation_code="aoba", mail=mail, address="192.0.2.1", at=at)

    for _ in range(3):
        ask(MORNING)
    with pytest.raises(attempts.TooManyAttempts):
        ask(MORNING)
    ask(MORNING + timedelta(minutes=16))


def test_use_keeps_the_session_of_nobody_else(cast: Cast) -> None:
    assert cast.eto.id is not None
    with transaction.atomic():
        other = sessions.start(member_id=cast.eto.id, level=1, browser="b", address="a", at=MORNING)
    use(token_of(issue(cast.inoue)))
    assert living_session(token=other, at=MORNING) is not None
