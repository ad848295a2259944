"""The end of a licence and its revocation act on the organisation, and a renewal brings everything back (A4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from tests.cast import MORNING, Cast
from tests.rooms.licences.shop import ADDRESS, COMPANY, Card, Shop, filled, new_card, open_shop, registered
from warifu.applications.actions import drafts
from warifu.audit.models import Entry
from warifu.collection.actions import entries, invitations, rosters, submissions
from warifu.collection.models import RosterEntry
from warifu.credentials.actions import ids, sessions, tokens
from warifu.credentials.queries.sessions import living_session
from warifu.foundation.actor import Actor
from warifu.foundation.days import JST
from warifu.foundation.ids import new_id
from warifu.foundation.standing import Standing
from warifu.licences.actions import products, proofs, registering, revoking, standings, starting
from warifu.licences.models import Licence
from warifu.licences.rules.codes import Code
from warifu.notices import kinds, wording
from warifu.notices.models import Letter
from warifu.organisations import queries as organisations
from warifu.organisations.models import Organisation
from warifu.organisations.rules import WITHHELD, NotInEdition, Permission, StandingOver, may, require

pytestmark = pytest.mark.django_db
LAST = datetime(2027, 11, 23, 9, 0, tzinfo=JST)
DUTIES = (
    Permission.NUMBER_REVEAL,
    Permission.VERIFY,
    Permission.PEOPLE_VIEW,
    Permission.TRAIL_VIEW,
    Permission.HANDLING_MANAGE,
    Permission.MEMBERS_MANAGE,
    Permission.SECURITY_MANAGE,
    Permission.OWN_RECORD,
)


@pytest.fixture
def shop(cast: Cast) -> Shop:
    """The operator's shop; Aoba has started the first licence it sold."""
    return open_shop()


def running(shop: Shop, cast: Cast, *, at: datetime = MORNING) -> Card:
    """A card of Aoba's, registered and started."""
    card = registered(shop, at=at)
    licence = Licence.objects.get(registration__card_id=card.id)
    shown = starting.Shown(
        number=card.number,
        key=proofs.of_row(kind=Code.KEY, row_id=licence.id),
        product_id=licence.product_id,
        address=ADDRESS,
    )
    starting.start_inside(organisation_id=cast.aoba, shown=shown, issued_to="AOBA", by=cast.aoki, at=at)
    return card


def standing_of(cast: Cast) -> Standing:
    return organisations.organisation(organisation_id=cast.aoba).standing


def as_now(actor: Actor) -> Actor:
    """Somebody of Aoba's as the doors let them in now."""
    assert actor.organisation_id is not None
    return replace(actor, standing=organisations.organisation(organisation_id=actor.organisation_id).standing)


def letters(kind: str) -> list[str]:
    return list(Letter.objects.filter(kind=kind).order_by("id").values_list("to_mail", flat=True))


def test_everything_goes_on_in_the_grace_and_two_letters_tell_until_when(shop: Shop, cast: Cast) -> None:
    running(shop, cast)
    for after, sent in ((0, 0), (1, 1), (2, 1), (23, 2), (24, 2), (30, 2)):
        standings.follow_due(at=LAST + timedelta(days=after))
        assert letters("licence_ended") == ["a001@example.jp"] * sent, after
        assert standing_of(cast) is Standing.FULL
    letter = Letter.objects.filter(kind="licence_ended").first()
    assert letter
    text = wording.write(kinds.from_values(letter.kind, letter.values)).text
    for said in ("2027年11月23日", "2027年12月23日", "/register/", "監査証跡を読む"):
        assert said in text


def test_after_the_grace_nothing_new_begins_and_the_duties_go_on(shop: Shop, cast: Cast) -> None:
    running(shop, cast)
    standings.follow_due(at=LAST + timedelta(days=31))
    standings.follow_due(at=LAST + timedelta(days=32))
    assert standing_of(cast) is Standing.ENDED
    assert letters("work_stopped") == ["a001@example.jp"]
    assert Entry.objects.filter(event="organisations.standing.changed", organisation_id=cast.aoba).count() == 2
    aoki, eto, inoue = as_now(cast.aoki), as_now(cast.eto), as_now(cast.inoue)
    for permission in WITHHELD[Standing.ENDED]:
        for actor in (aoki, eto, inoue):
            assert not may(by=actor, permission=permission, organisation_id=cast.aoba)
    for permission in DUTIES:
        before = [may(by=one, permission=permission, organisation_id=cast.aoba) for one in (cast.aoki, cast.eto)]
        assert [may(by=one, permission=permission, organisation_id=cast.aoba) for one in (aoki, eto)] == before


def test_each_action_that_begins_something_asks_the_one_guard(shop: Shop, cast: Cast) -> None:
    assert cast.inoue.id is not None
    running(shop, cast)
    revoking.revoke_licence(licence_id=Licence.objects.get().id, reason="返金", by=shop.kato, at=MORNING)
    aoki, eto, inoue = as_now(cast.aoki), as_now(cast.eto), as_now(cast.inoue)
    own = {"organisation_id": cast.aoba, "at": MORNING}
    with pytest.raises(StandingOver):
        rosters.receive(content=b"a,b", file_name="x.csv", by=aoki, **own)  # type: ignore[arg-type]
    with pytest.raises(StandingOver):
        entries.add(member_id=cast.inoue.id, by=aoki, **own)  # type: ignore[arg-type]
    with pytest.raises(StandingOver):
        invitations.send(by=aoki, **own)  # type: ignore[arg-type]
    with pytest.raises(StandingOver):
        submissions.start(member_id=cast.inoue.id, by=inoue, **own)  # type: ignore[arg-type]
    with pytest.raises(StandingOver):
        require(by=eto, permission=Permission.ENTER_FOR, organisation_id=cast.aoba)
    with pytest.raises(StandingOver):
        drafts.start(scheme_id=new_id(), procedure="user_codes", operation="add", by=aoki, **own)  # type: ignore[arg-type]
    Organisation.objects.filter(id=cast.aoba).update(is_office=True)
    with pytest.raises(StandingOver):
        ids.issue(is_staff=True, orders=[], by=aoki, **own)  # type: ignore[arg-type]
    assert not RosterEntry.objects.exists()


def test_a_revocation_acts_at_once_in_sessions_and_tokens(shop: Shop, cast: Cast) -> None:
    assert cast.aoki.id is not None
    running(shop, cast)
    cookie = sessions.start(member_id=cast.aoki.id, level=2, browser="t", address="127.0.0.1", at=MORNING)
    token = tokens.issue(
        organisation_id=cast.aoba,
        name="人事",
        scopes=["invitations:write"],
        valid_until=MORNING + timedelta(days=30),
        by=cast.aoki,
        at=MORNING,
    )
    revoking.revoke_licence(licence_id=Licence.objects.get().id, reason="返金", by=shop.kato, at=MORNING)
    session = living_session(token=cookie, at=MORNING)
    assert session is not None
    assert session.actor.standing is Standing.REVOKED
    assert session.works_until == MORNING.date()
    assert tokens.authenticate(token=token, at=MORNING).standing is Standing.REVOKED
    letter = Letter.objects.get(kind="work_stopped")
    assert "理由: ライセンスが取り消されました" in wording.write(kinds.from_values(letter.kind, letter.values)).text


@pytest.mark.shows("000-6")
def test_a_renewal_through_the_same_entrance_restores_it(shop: Shop, cast: Cast) -> None:
    card = running(shop, cast)
    late = LAST + timedelta(days=40)
    standings.follow_due(at=late)
    assert standing_of(cast) is Standing.ENDED
    another = new_card(shop, at=late, until=late.date())
    token = filled(shop, another, at=late)
    registering.read_earlier(token=token, number=card.number, phone=COMPANY["phone"], address=ADDRESS, at=late)
    registering.save_company(token=token, company=COMPANY, renews=True, at=late)
    registering.register(token=token, at=late)
    assert standing_of(cast) is Standing.FULL
    assert organisations.organisation(organisation_id=cast.aoba).licensed_until == date(2029, 1, 1)
    assert may(by=as_now(cast.aoki), permission=Permission.INVITE, organisation_id=cast.aoba)


def test_after_a_revocation_another_licence_brings_everything_back(shop: Shop, cast: Cast) -> None:
    running(shop, cast)
    revoking.revoke_licence(licence_id=Licence.objects.get().id, reason="誤り", by=shop.kato, at=MORNING)
    assert standing_of(cast) is Standing.REVOKED
    running(shop, cast)
    assert standing_of(cast) is Standing.FULL


def test_the_edition_that_only_keeps_asks_nobody(shop: Shop, cast: Cast) -> None:
    product = products.make(
        code="keep", name="割符 保管", edition="keeping", licence_months=12, by=shop.kato, at=MORNING
    )
    running(replace(shop, product=product), cast)
    assert standing_of(cast) is Standing.KEEPING
    for actor, permission in ((cast.aoki, Permission.INVITE), (cast.inoue, Permission.HAND_IN)):
        with pytest.raises(NotInEdition):
            require(by=as_now(actor), permission=permission, organisation_id=cast.aoba)
    for actor, permission in ((cast.aoki, Permission.ROSTER_LOAD), (cast.eto, Permission.ENTER_FOR)):
        require(by=as_now(actor), permission=permission, organisation_id=cast.aoba)


def test_the_house_itself_reminds_nobody_of_what_is_stopped(shop: Shop, cast: Cast) -> None:
    assert cast.inoue.id is not None
    entries.add(organisation_id=cast.aoba, member_id=cast.inoue.id, by=cast.aoki, at=MORNING)
    invitations.send(organisation_id=cast.aoba, by=cast.aoki, at=MORNING)
    running(shop, cast)
    revoking.revoke_licence(licence_id=Licence.objects.get().id, reason="返金", by=shop.kato, at=MORNING)
    assert invitations.daily(at=MORNING + timedelta(days=20)) == 0
    assert letters("reminder") == []
