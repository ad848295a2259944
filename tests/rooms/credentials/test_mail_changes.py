"""One's own mail address: proven at the new mailbox before it counts, told to both (L-12, L-25)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from tests.cast import MORNING, Cast
from tests.rooms.credentials.test_authenticators import enrol
from warifu.audit import queries as audit
from warifu.credentials.actions import activation, attempts, mail_changes
from warifu.credentials.actions.activation import LinkState
from warifu.credentials.models import MailChange
from warifu.foundation.actor import SYSTEM, Actor
from warifu.foundation.refusals import NotFound
from warifu.notices import links
from warifu.notices import queries as letters
from warifu.organisations import actions as organisation_actions
from warifu.organisations import queries as organisations
from warifu.organisations.rules import LevelTooLow

pytestmark = pytest.mark.django_db

NEW = "kaoru@example.com"


def begin(cast: Cast, mail: str = NEW, by: Actor | None = None) -> UUID:
    return mail_changes.start(organisation_id=cast.aoba, mail=mail, by=by or cast.inoue, at=MORNING)


def begin_often(cast: Cast) -> None:
    for number in range(8):
        begin(cast, f"n{number}@example.com")


def code_for(change_id: UUID) -> str:
    return links.resolve(links.LateLink(kind="mail_change", reference=str(change_id)))


def finish(cast: Cast, change_id: UUID, code: str, minutes: int = 1, by: Actor | None = None) -> None:
    mail_changes.confirm(
        organisation_id=cast.aoba,
        change_id=change_id,
        code=code,
        by=by or cast.inoue,
        at=MORNING + timedelta(minutes=minutes),
    )


def mail_of(cast: Cast) -> str:
    assert cast.inoue.id is not None
    return organisations.member(organisation_id=cast.aoba, member_id=cast.inoue.id).mail


def letters_of(cast: Cast) -> list[tuple[str, str]]:
    assert cast.inoue.id is not None
    found = letters.letters_of(organisation_id=cast.aoba, member_id=cast.inoue.id)
    return sorted((line.kind, line.to_mail) for line in found)


@pytest.mark.shows("L-25")
def test_nothing_changes_before_the_new_mailbox_is_proven(cast: Cast) -> None:
    begin(cast)
    assert mail_of(cast) == "i002@example.jp"
    assert letters_of(cast) == [("new_mail_code", NEW)]


@pytest.mark.shows("L-12")
def test_the_right_code_changes_it_and_tells_both_addresses(cast: Cast) -> None:
    change_id = begin(cast)
    finish(cast, change_id, code_for(change_id))
    assert mail_of(cast) == NEW
    assert letters_of(cast) == [
        ("new_mail_code", NEW),
        ("own_mail_changed", "i002@example.jp"),
        ("own_mail_changed", NEW),
    ]
    assert "organisations.member.changed" in {
        line.event for line in audit.timeline(organisation_id=cast.aoba, subject_id=cast.inoue.id)
    }


def test_a_link_on_its_way_to_the_old_address_is_dead(cast: Cast) -> None:
    assert cast.inoue.id is not None
    link = activation.issue(organisation_id=cast.aoba, member_id=cast.inoue.id, purpose="first", by=SYSTEM, at=MORNING)
    token = links.resolve(link).rstrip("/").rpartition("/")[2]
    change_id = begin(cast)
    finish(cast, change_id, code_for(change_id))
    assert activation.look(token=token, at=MORNING).state is LinkState.REPLACED


@pytest.mark.shows("L-15")
def test_five_wrong_codes_end_it(cast: Cast) -> None:
    change_id = begin(cast)
    right = code_for(change_id)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for _time in range(mail_changes.TRIES):
        with pytest.raises(mail_changes.MailNotProven):
            finish(cast, change_id, wrong)
    with pytest.raises(mail_changes.MailChangeOver):
        finish(cast, change_id, right)
    assert mail_of(cast) == "i002@example.jp"


def test_it_lives_ten_minutes(cast: Cast) -> None:
    change_id = begin(cast)
    with pytest.raises(mail_changes.MailChangeOver):
        finish(cast, change_id, code_for(change_id), minutes=10)
    assert mail_of(cast) == "i002@example.jp"


def test_a_newer_wish_ends_the_older(cast: Cast) -> None:
    first = begin(cast)
    code = code_for(first)
    begin(cast, "another@example.com")
    with pytest.raises(mail_changes.MailChangeOver):
        finish(cast, first, code)
    with pytest.raises(links.LinkDead):
        code_for(first)


def test_it_works_once(cast: Cast) -> None:
    change_id = begin(cast)
    code = code_for(change_id)
    finish(cast, change_id, code)
    with pytest.raises(mail_changes.MailChangeOver):
        finish(cast, change_id, code)


def test_it_is_nobody_elses(cast: Cast) -> None:
    change_id = begin(cast)
    with pytest.raises(NotFound):
        finish(cast, change_id, code_for(change_id), by=replace(cast.inoue, id=cast.eto.id))
    assert mail_of(cast) == "i002@example.jp"


def test_office_people_ask_an_administrator(cast: Cast) -> None:
    with pytest.raises(organisation_actions.OfficeMail):
        begin(cast, by=cast.eto)
    with pytest.raises(organisation_actions.OfficeMail):
        organisation_actions.change_own_mail(organisation_id=cast.aoba, mail=NEW, by=cast.eto, at=MORNING)
    assert not MailChange.objects.exists()


@pytest.mark.shows("L-10")
def test_that_somebody_else_has_the_address_is_told_only_to_who_reads_its_mail(cast: Cast) -> None:
    change_id = begin(cast, "e003@example.jp")
    with pytest.raises(organisation_actions.MailTaken):
        finish(cast, change_id, code_for(change_id))
    assert mail_of(cast) == "i002@example.jp"


def test_the_same_address_is_no_change(cast: Cast) -> None:
    with pytest.raises(mail_changes.SameMail):
        begin(cast, "I002@example.jp")
    assert letters_of(cast) == []


@pytest.mark.shows("L-09", "L-25")
def test_who_has_a_second_factor_shows_it(cast: Cast) -> None:
    enrol(cast.inoue)
    with pytest.raises(LevelTooLow):
        begin(cast, by=replace(cast.inoue, level=1))
    assert not MailChange.objects.exists()


@pytest.mark.shows("L-11")
def test_codes_are_not_sent_without_end(cast: Cast) -> None:
    with pytest.raises(attempts.TooManyAttempts):
        begin_often(cast)
    assert len(letters_of(cast)) < 8


def test_what_was_never_confirmed_is_forgotten(cast: Cast) -> None:
    begin(cast)
    assert mail_changes.tidy(at=MORNING + timedelta(hours=1)) == 0
    assert mail_changes.tidy(at=MORNING + timedelta(days=2)) == 1
