"""お知らせ: letters are written with what they tell, once, and only to addresses that can be written to."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.cast import MORNING, Cast, test_number
from tests.rooms.notices.conftest import addressed, invitation
from warifu.audit.models import Entry
from warifu.foundation.refusals import NotFound
from warifu.notices import actions, kinds, queries
from warifu.notices.actions.letters import AddressUnusable, NothingToResend, TestLetterAbroad
from warifu.notices.models import Letter
from warifu.organisations.rules import NotPermitted

pytestmark = pytest.mark.django_db


def post(cast: Cast, key: str = "invitation:1", to_mail: str = "i002@example.jp", to_name: str = "井上 郁") -> None:
    with transaction.atomic():
        actions.post(
            letter=invitation(),
            organisation_id=cast.aoba,
            member_id=cast.inoue.id,
            to_mail=to_mail,
            to_name=to_name,
            key=key,
            by=cast.aoki,
            at=MORNING,
        )


class TestPost:
    def test_writes_a_letter_that_waits(self, cast: Cast) -> None:
        post(cast)
        letter = Letter.objects.get()
        assert (letter.state, letter.kind, letter.next_at) == ("waiting", "invitation", MORNING)
        assert kinds.from_values(letter.kind, letter.values) == invitation()

    def test_the_same_key_is_one_letter(self, cast: Cast) -> None:
        post(cast)
        post(cast)
        assert Letter.objects.count() == 1

    def test_falls_with_its_transaction(self, cast: Cast) -> None:
        with transaction.atomic():
            post(cast)
            transaction.set_rollback(True)
        assert not Letter.objects.exists()

    @pytest.mark.parametrize(
        "to_mail", ["", "井上@example.jp", "a b@example.jp", "a@example.jp\nBcc: b@example.jp", "a@-x"]
    )
    @pytest.mark.shows("V-07")
    def test_refuses_an_address_that_cannot_stand_in_a_mail(self, cast: Cast, to_mail: str) -> None:
        with pytest.raises(AddressUnusable):
            post(cast, to_mail=to_mail)
        assert not Letter.objects.exists()

    @pytest.mark.shows("V-07")
    def test_refuses_a_name_with_a_line_break(self, cast: Cast) -> None:
        with pytest.raises(AddressUnusable):
            post(cast, to_name="井上\r\nBcc: other@example.jp")
        assert not Letter.objects.exists()

    @pytest.mark.shows("N-06")
    def test_a_number_typed_into_a_letter_is_masked(self, cast: Cast) -> None:
        number = test_number("12345678901")
        letter = kinds.SentBack(
            organisation_name="青葉", name="井上", reasons=(f"番号 {number}",), words=number, link=invitation().link
        )
        with transaction.atomic():
            actions.post_many(
                letters=[addressed(cast, letter=letter)], organisation_id=cast.aoba, by=cast.eto, at=MORNING
            )
        assert number not in str(Letter.objects.get().values)


class TestPostMany:
    def test_writes_any_number_in_few_statements(self, cast: Cast) -> None:
        few, many = ([addressed(cast, key=f"{count}:{number}") for number in range(count)] for count in (5, 500))
        with transaction.atomic(), CaptureQueriesContext(connection) as short:
            assert actions.post_many(letters=few, organisation_id=cast.aoba, by=cast.aoki, at=MORNING) == 5
        with transaction.atomic(), CaptureQueriesContext(connection) as long:
            assert actions.post_many(letters=many, organisation_id=cast.aoba, by=cast.aoki, at=MORNING) == 500
        assert len(long) == len(short)

    def test_twice_is_once(self, cast: Cast) -> None:
        letters = [addressed(cast, key=f"x:{number}") for number in range(3)]
        with transaction.atomic():
            actions.post_many(letters=letters, organisation_id=cast.aoba, by=cast.aoki, at=MORNING)
            again = actions.post_many(letters=letters, organisation_id=cast.aoba, by=cast.aoki, at=MORNING)
        assert (again, Letter.objects.count()) == (0, 3)

    def test_one_bad_address_does_not_stop_the_others(self, cast: Cast) -> None:
        letters = [
            addressed(cast),
            addressed(cast, key="bad", to_mail="a@b\nc"),
            addressed(cast, key="none", to_mail=""),
        ]
        with transaction.atomic():
            actions.post_many(letters=letters, organisation_id=cast.aoba, by=cast.aoki, at=MORNING)
        states = dict(Letter.objects.values_list("key", "state"))
        assert states == {"invitation:1": "waiting", "bad": "bounced", "none": "bounced"}
        assert len(queries.bounced_since(organisation_id=cast.aoba, since=MORNING)) == 2
        assert Entry.objects.filter(event="notices.letter.bounced").count() == 2


class TestCancel:
    def test_takes_back_a_waiting_letter_once(self, cast: Cast) -> None:
        post(cast)
        assert actions.cancel(organisation_id=cast.aoba, key="invitation:1", by=cast.aoki, at=MORNING)
        assert not actions.cancel(organisation_id=cast.aoba, key="invitation:1", by=cast.aoki, at=MORNING)
        assert actions.deliver_due(at=MORNING) == 0

    def test_leaves_other_organisations_alone(self, cast: Cast) -> None:
        post(cast)
        assert not actions.cancel(organisation_id=cast.ueda, key="invitation:1", by=cast.ueno, at=MORNING)


class TestResend:
    def given_up(self, cast: Cast) -> Letter:
        post(cast)
        Letter.objects.update(state="given_up", attempts=9, settled_at=MORNING, reason="つながりません")
        return Letter.objects.get()

    def test_waits_again_under_the_same_message_id(self, cast: Cast) -> None:
        before = self.given_up(cast)
        actions.resend(organisation_id=cast.aoba, letter_id=before.id, by=cast.aoki, at=MORNING)
        after = Letter.objects.get()
        assert (after.state, after.attempts, after.message_id) == ("waiting", 0, before.message_id)
        assert Entry.objects.filter(event="notices.letter.resent").count() == 1

    def test_refuses_what_was_accepted(self, cast: Cast) -> None:
        letter = self.given_up(cast)
        Letter.objects.update(state="accepted")
        with pytest.raises(NothingToResend):
            actions.resend(organisation_id=cast.aoba, letter_id=letter.id, by=cast.aoki, at=MORNING)

    def test_refuses_employees_and_strangers(self, cast: Cast) -> None:
        letter = self.given_up(cast)
        with pytest.raises(NotPermitted):
            actions.resend(organisation_id=cast.aoba, letter_id=letter.id, by=cast.inoue, at=MORNING)
        with pytest.raises(NotFound):
            actions.resend(organisation_id=cast.ueda, letter_id=letter.id, by=cast.ueno, at=MORNING)
        assert Letter.objects.get().state == "given_up"


class TestSendTest:
    @pytest.mark.shows("001-11")
    def test_reaches_oneself_and_says_that_it_is_a_test(self, cast: Cast) -> None:
        actions.send_test(
            kind="invitation", organisation_id=cast.aoba, to_mail="a001@example.jp", by=cast.aoki, at=MORNING
        )
        assert actions.deliver_due(at=MORNING) == 1
        message = queries.mailbox()[0]
        assert message.subject.startswith("【テスト】")
        assert message.to_mail == "a001@example.jp"
        assert queries.letters_of(organisation_id=cast.aoba)[0].is_test

    def test_refuses_addresses_outside(self, cast: Cast) -> None:
        with pytest.raises(TestLetterAbroad):
            actions.send_test(
                kind="invitation", organisation_id=cast.aoba, to_mail="u005@example.jp", by=cast.aoki, at=MORNING
            )
        assert not Letter.objects.exists()


class TestLettersOf:
    def test_pages_by_key_in_one_query(self, cast: Cast) -> None:
        letters = [addressed(cast, key=f"x:{number}") for number in range(5)]
        with transaction.atomic():
            actions.post_many(letters=letters, organisation_id=cast.aoba, by=cast.aoki, at=MORNING)
        with CaptureQueriesContext(connection) as spoken:
            first = queries.letters_of(organisation_id=cast.aoba, limit=3)
        assert len(spoken) == 1
        rest = queries.letters_of(organisation_id=cast.aoba, before=first[-1].id, limit=3)
        assert len({line.id for line in [*first, *rest]}) == 5
        assert queries.letters_of(organisation_id=cast.ueda) == []
        assert queries.letters_of(organisation_id=cast.aoba, member_id=uuid4()) == []
        assert queries.counts_by_state(organisation_id=cast.aoba) == {"waiting": 5}
