"""The head's way back in: what is sent to whom, what proves what, who hears of it (003-4, 003-5, L-08 … L-12)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import MORNING, Cast
from tests.rooms.credentials.heads import (
    HERE,
    MAIL,
    NEXT,
    head,
    hire,
    newest_code,
    recovery_code,
    register_phone,
)
from warifu.audit.models import Entry
from warifu.credentials import passwords
from warifu.credentials.actions import (
    activation,
    attempts,
    self_resets,
    sessions,
    support_codes,
)
from warifu.credentials.models import Activation, Passkey, Password, SelfReset, Session
from warifu.foundation.actor import OPERATOR, SYSTEM, Actor, Role
from warifu.foundation.refusals import NotFound, Refused
from warifu.notices import links
from warifu.notices.actions import text_messages
from warifu.notices.models import Letter, PhoneMessage, TextMessage
from warifu.organisations import actions as organisations
from warifu.organisations.rules import LevelTooLow, NotPermitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def kaneko(cast: Cast) -> Actor:
    """The head, with phone, an hour before the story begins."""
    found = head(cast)
    register_phone(found, at=MORNING - timedelta(hours=8))
    for model in (Letter, PhoneMessage, TextMessage, Entry):
        model.objects.all().delete()
    return found


def ask(identifier: str = MAIL, organisation: str = "aoba", at: datetime = MORNING, **values: str) -> self_resets.Asked:
    asked = self_resets.ask(
        organisation_code=organisation, identifier=identifier, visitor=replace(HERE, **values), at=at
    )
    self_resets.send_due(at=at)
    text_messages.deliver_due(at=at)
    return asked


def link() -> str:
    """The token of the mailed link."""
    row = SelfReset.objects.exclude(member=None).filter(cause="").latest("id")
    address = links.resolve(links.LateLink(kind="self_reset", reference=str(row.id)))
    return address.rstrip("/").rsplit("/", 1)[-1]


def prove_two(asked: self_resets.Asked, at: datetime = MORNING) -> None:
    self_resets.prove_phone(token=asked.token, typed=newest_code(), at=at)
    self_resets.prove_mail(token=link(), at=at)


def choose(asked: self_resets.Asked, password: str = NEXT, at: datetime = MORNING) -> None:
    self_resets.choose(token=asked.token, password=password, address="192.0.2.1", at=at)


def read(cast: Cast, asked: self_resets.Asked, by: Actor | None = None) -> support_codes.SupportView:
    return support_codes.read(organisation_id=cast.aoba, typed=asked.support_code, by=by or cast.aoki, at=MORNING)


def is_password(actor: Actor, text: str) -> bool:
    return passwords.fits(text, Password.objects.get(member_id=actor.id).hash)


class TestTheWay:
    @pytest.mark.shows("003-5", "L-09", "L-08")
    def test_phone_mail_and_a_recovery_code_lead_to_a_new_password(self, cast: Cast, kaneko: Actor) -> None:
        code = recovery_code(kaneko)
        asked = ask()
        prove_two(asked)
        self_resets.prove_third(token=asked.token, typed=code.lower(), at=MORNING)
        choose(asked)
        assert is_password(kaneko, NEXT)
        assert SelfReset.objects.get().used_at == MORNING

    @pytest.mark.shows("L-09", "L-08")
    def test_a_second_administrator_may_vouch_instead(self, cast: Cast, kaneko: Actor) -> None:
        asked = ask()
        prove_two(asked)
        found = read(cast, asked)
        assert found.may_approve
        self_resets.approve(organisation_id=cast.aoba, reset_id=found.reset_id, by=cast.aoki, at=MORNING)
        choose(asked)
        assert is_password(kaneko, NEXT)
        assert SelfReset.objects.get().third_by == cast.aoki.id
        assert Entry.objects.filter(event="credentials.self_reset.approved").count() == 1

    @pytest.mark.shows("003-5")
    def test_both_go_out_together_and_neither_holds_the_other(self, cast: Cast, kaneko: Actor) -> None:
        asked = ask()
        (letter,) = Letter.objects.all()
        (message,) = PhoneMessage.objects.all()
        assert (letter.kind, letter.to_mail) == ("self_reset_link", MAIL)
        assert message.to_phone == "+819012345678"
        assert newest_code() not in str(letter.values)
        assert letter.values["support_code"] == asked.support_code

    @pytest.mark.parametrize("missing", ["phone", "mail", "third"])
    @pytest.mark.shows("L-09")
    def test_nothing_is_chosen_while_one_proof_is_missing(self, cast: Cast, kaneko: Actor, missing: str) -> None:
        code = recovery_code(kaneko)
        asked = ask()
        if missing != "phone":
            self_resets.prove_phone(token=asked.token, typed=newest_code(), at=MORNING)
        if missing != "mail":
            self_resets.prove_mail(token=link(), at=MORNING)
        if missing != "third":
            with pytest.raises(self_resets.ProofsMissing):
                self_resets.prove_third(token=asked.token, typed=code, at=MORNING)
        before = Password.objects.get(member_id=kaneko.id)
        with pytest.raises(self_resets.ProofsMissing):
            choose(asked)
        assert Password.objects.get(member_id=kaneko.id).hash == before.hash

    @pytest.mark.shows("L-09", "L-24", "L-12")
    def test_sessions_end_factors_stay_and_everybody_concerned_hears_of_it(self, cast: Cast, kaneko: Actor) -> None:
        assert kaneko.id
        Passkey.objects.create(member_id=kaneko.id, name="p", credential_id=b"1", public_key=b"2", created_at=MORNING)
        sessions.start(member_id=kaneko.id, level=2, browser="b", address="a", at=MORNING)
        activation.issue(organisation_id=cast.aoba, member_id=kaneko.id, purpose="reset", by=SYSTEM, at=MORNING)
        code = recovery_code(kaneko)
        asked = ask()
        prove_two(asked)
        self_resets.prove_third(token=asked.token, typed=code, at=MORNING)
        choose(asked)
        assert not Session.objects.filter(member_id=kaneko.id, ended_at=None).exists()
        assert not Activation.objects.filter(member_id=kaneko.id, used_at=None, replaced_at=None).exists()
        assert Passkey.objects.get().revoked_at is None
        told = {(letter.kind, letter.to_mail) for letter in Letter.objects.all()}
        assert {("password_changed", MAIL), ("self_reset_done", MAIL), ("self_reset_done", "a001@example.jp")} <= told
        assert not any(mail in {"i002@example.jp", "e003@example.jp", "u005@example.jp"} for _kind, mail in told)

    def test_a_password_that_is_not_good_leaves_the_way_open(self, cast: Cast, kaneko: Actor) -> None:
        code = recovery_code(kaneko)
        asked = ask()
        prove_two(asked)
        self_resets.prove_third(token=asked.token, typed=code, at=MORNING)
        with pytest.raises(Refused, match="WF-"):
            choose(asked, "short")
        choose(asked)
        with pytest.raises(self_resets.ResetOver):
            choose(asked, "another long pass phrase")

    def test_a_recovery_code_is_used_up(self, cast: Cast, kaneko: Actor) -> None:
        code = recovery_code(kaneko)
        for minutes in (0, 1):
            at = MORNING + timedelta(minutes=minutes)
            asked = ask(at=at)
            prove_two(asked, at)
            if minutes:
                with pytest.raises(self_resets.ProofWrong):
                    self_resets.prove_third(token=asked.token, typed=code, at=at)
            else:
                self_resets.prove_third(token=asked.token, typed=code, at=at)

    def test_somebody_elses_recovery_code_is_none(self, cast: Cast, kaneko: Actor) -> None:
        theirs = recovery_code(cast.aoki)
        asked = ask()
        prove_two(asked)
        with pytest.raises(self_resets.ProofWrong):
            self_resets.prove_third(token=asked.token, typed=theirs, at=MORNING)

    def test_a_head_who_has_stepped_down_meanwhile_chooses_nothing(self, cast: Cast, kaneko: Actor) -> None:
        assert kaneko.id
        code = recovery_code(kaneko)
        asked = ask()
        prove_two(asked)
        self_resets.prove_third(token=asked.token, typed=code, at=MORNING)
        organisations.change_roles(
            organisation_id=cast.aoba, member_id=kaneko.id, roles=Role.EMPLOYEE, by=SYSTEM, at=MORNING
        )
        with pytest.raises(self_resets.ResetOver):
            choose(asked)


class TestLimits:
    @pytest.mark.shows("L-15")
    def test_the_code_lives_ten_minutes_and_the_way_thirty(self, cast: Cast, kaneko: Actor) -> None:
        asked = ask()
        code = newest_code()
        with pytest.raises(self_resets.ProofWrong):
            self_resets.prove_phone(token=asked.token, typed=code, at=MORNING + timedelta(minutes=10))
        self_resets.progress(token=asked.token, at=MORNING + timedelta(minutes=29))
        with pytest.raises(self_resets.ResetOver):
            self_resets.progress(token=asked.token, at=MORNING + timedelta(minutes=30))
        with pytest.raises(self_resets.ResetOver):
            self_resets.prove_mail(token=link(), at=MORNING + timedelta(minutes=30))

    @pytest.mark.shows("L-15")
    def test_five_wrong_codes_end_it_for_good(self, cast: Cast, kaneko: Actor) -> None:
        asked = ask()
        right = newest_code()
        wrong = "000000" if right != "000000" else "000001"
        for _ in range(5):
            with pytest.raises(self_resets.ProofWrong):
                self_resets.prove_phone(token=asked.token, typed=wrong, at=MORNING)
        with pytest.raises(self_resets.ResetOver):
            self_resets.prove_phone(token=asked.token, typed=right, at=MORNING)
        with pytest.raises(self_resets.ResetOver):
            self_resets.prove_mail(token=link(), at=MORNING)

    @pytest.mark.shows("L-15")
    def test_another_message_kills_the_code_before(self, cast: Cast, kaneko: Actor) -> None:
        asked = ask()
        first = newest_code()
        at = MORNING + timedelta(minutes=2)
        self_resets.ask_again(token=asked.token, at=at)
        self_resets.send_due(at=at)
        text_messages.deliver_due(at=at)
        assert newest_code() != first
        with pytest.raises(self_resets.ProofWrong):
            self_resets.prove_phone(token=asked.token, typed=first, at=at)
        self_resets.prove_phone(token=asked.token, typed=newest_code(), at=at)
        assert Letter.objects.count() == 1

    def test_asking_again_before_the_worker_came_loses_nothing(self, cast: Cast, kaneko: Actor) -> None:
        asked = self_resets.ask(organisation_code="aoba", identifier=MAIL, visitor=HERE, at=MORNING)
        self_resets.ask_again(token=asked.token, at=MORNING)
        self_resets.send_due(at=MORNING)
        assert Letter.objects.count() == 1

    def test_messages_cannot_be_ordered_without_end(self, cast: Cast, kaneko: Actor) -> None:
        asked = ask()

        def go_on() -> None:
            for _ in range(10):
                self_resets.ask_again(token=asked.token, at=MORNING)
                self_resets.send_due(at=MORNING)

        with pytest.raises(attempts.TooManyAttempts):
            go_on()
        assert TextMessage.objects.count() <= 4

    @pytest.mark.shows("L-11")
    def test_strangers_who_ask_slow_down_but_the_known_device_goes_on(self, cast: Cast, kaneko: Actor) -> None:
        from warifu.credentials.actions import devices

        assert kaneko.id
        for number in range(25):
            ask(address=f"198.51.100.{number}")
        assert SelfReset.objects.filter(cause="too_many").count() >= 15
        assert SelfReset.objects.filter(cause="").count() <= 8
        mine = ask(device=devices.token_of(member_id=kaneko.id), address="192.0.2.7")
        assert read(cast, mine).cause == ""

    @pytest.mark.shows("L-11")
    def test_the_wait_after_strangers_is_short(self, cast: Cast, kaneko: Actor) -> None:
        for number in range(25):
            ask(address=f"198.51.100.{number}")
        later = ask(address="192.0.2.9", at=MORNING + timedelta(minutes=5, seconds=1))
        row = SelfReset.objects.get(support_code=later.support_code.replace("-", ""))
        assert row.cause == ""

    def test_one_address_cannot_fill_the_table(self, cast: Cast) -> None:
        def go_on() -> None:
            for _ in range(100):
                self_resets.ask(organisation_code="x", identifier="y", visitor=HERE, at=MORNING)

        with pytest.raises(attempts.TooManyAttempts):
            go_on()
        assert SelfReset.objects.count() < 40

    def test_a_stranger_cannot_end_the_heads_running_way(self, cast: Cast, kaneko: Actor) -> None:
        asked = ask()
        code = newest_code()
        ask(address="198.51.100.1", at=MORNING + timedelta(minutes=1))
        self_resets.prove_phone(token=asked.token, typed=code, at=MORNING + timedelta(minutes=2))

    def test_it_is_forgotten_after_a_month(self, cast: Cast, kaneko: Actor) -> None:
        ask()
        assert self_resets.tidy(at=MORNING + timedelta(days=29)) == 0
        assert self_resets.tidy(at=MORNING + timedelta(days=31)) == 1


def stepped_down(cast: Cast, kaneko: Actor) -> str:
    return "a001@example.jp"


def without_phone(cast: Cast, kaneko: Actor) -> str:
    from warifu.credentials.models import ResetPhone

    ResetPhone.objects.all().delete()
    return MAIL


def without_mail(cast: Cast, kaneko: Actor) -> str:
    organisations.change_mail(organisation_id=cast.aoba, member_id=kaneko.id, mail="", by=SYSTEM, at=MORNING)  # type: ignore[arg-type]
    return "k006"


def nobody(cast: Cast, kaneko: Actor) -> str:
    return "nobody@example.jp"


def too_often(cast: Cast, kaneko: Actor) -> str:
    for _ in range(4):
        ask()
    return MAIL


CAUSES: dict[str, tuple[Callable[[Cast, Actor], str], str]] = {
    "not_head": (stepped_down, "①所長のIDではありません。"),
    "no_phone": (without_phone, "②再設定用の携帯電話番号が登録されていません。"),
    "unknown": (nobody, "③利用者IDまたはメールアドレスが違っています。"),
    "no_mail": (without_mail, "メールアドレスが登録されていません。"),
    "too_many": (too_often, "短いあいだに何度も求められたため、送りませんでした。"),
}


class TestCauses:
    @pytest.mark.parametrize("cause", CAUSES)
    @pytest.mark.shows("003-4", "L-10")
    def test_nothing_is_sent_and_the_administrator_sees_why(self, cast: Cast, kaneko: Actor, cause: str) -> None:
        identifier = CAUSES[cause][0](cast, kaneko)
        Letter.objects.all().delete()
        TextMessage.objects.all().delete()
        asked = ask(identifier)
        assert not Letter.objects.exists()
        assert not TextMessage.objects.exists()
        found = read(cast, asked)
        assert (found.cause, found.sentence) == (cause, CAUSES[cause][1])
        assert found.remedy.endswith("。")
        assert not found.may_approve

    @pytest.mark.parametrize("cause", [*CAUSES, "strange_organisation", "sent"])
    @pytest.mark.shows("L-10", "003-4")
    def test_the_browser_learns_nothing(self, cast: Cast, kaneko: Actor, cause: str) -> None:
        """Same words, same refusals, and the same statements at the door, whoever was named."""
        organisation = "nowhere" if cause == "strange_organisation" else "aoba"
        identifier = CAUSES[cause][0](cast, kaneko) if cause in CAUSES else MAIL
        with CaptureQueriesContext(connection) as seen:
            asked = self_resets.ask(
                organisation_code=organisation,
                identifier=identifier,
                visitor=replace(HERE, address="203.0.113.5"),
                at=MORNING,
            )
        words = [query["sql"].replace('"', "").split() for query in seen if "SAVEPOINT" not in query["sql"]]
        assert [(word[0], "selfreset" in " ".join(word)) for word in words] == [
            ("SELECT", False),
            ("INSERT", False),
            ("SELECT", False),
            ("UPDATE", False),
            ("INSERT", True),
        ]
        assert not any("organisation" in word or "member" in word for word in words[:-1])
        self_resets.send_due(at=MORNING)
        progress = self_resets.progress(token=asked.token, at=MORNING)
        assert [progress.phone_is_proven, progress.mail_is_proven, progress.third_is_proven] == [False] * 3
        with pytest.raises(self_resets.ProofWrong):
            self_resets.prove_phone(token=asked.token, typed="12345", at=MORNING)
        with pytest.raises(self_resets.ProofsMissing):
            self_resets.prove_third(token=asked.token, typed="AAAA", at=MORNING)
        self_resets.ask_again(token=asked.token, at=MORNING)
        with pytest.raises(self_resets.ProofsMissing):
            choose(asked)

    def test_what_was_typed_is_forgotten_once_it_was_looked_at(self, cast: Cast, kaneko: Actor) -> None:
        ask("a-stranger@example.com")
        assert SelfReset.objects.get().typed == {}

    def test_it_is_sent_once_by_two_workers(self, cast: Cast, kaneko: Actor) -> None:
        self_resets.ask(organisation_code="aoba", identifier=MAIL, visitor=HERE, at=MORNING)
        (row,) = SelfReset.objects.all()
        assert self_resets._send(row, MORNING) == 1
        assert self_resets._send(row, MORNING) == 0
        assert (Letter.objects.count(), TextMessage.objects.count()) == (1, 1)

    @pytest.mark.shows("003-5", "003-11")
    def test_the_employee_code_names_the_head_too(self, cast: Cast, kaneko: Actor) -> None:
        assert read(cast, ask("ｋ００６")).cause == ""


class TestSupportCodes:
    @pytest.mark.shows("003-4", "P-07")
    def test_another_organisation_sees_nothing(self, cast: Cast, kaneko: Actor) -> None:
        asked = ask()
        with pytest.raises(support_codes.SupportCodeUnknown):
            support_codes.read(organisation_id=cast.ueda, typed=asked.support_code, by=cast.ueno, at=MORNING)
        with pytest.raises(NotPermitted):
            support_codes.read(organisation_id=cast.aoba, typed=asked.support_code, by=cast.ueno, at=MORNING)

    def test_an_unknown_organisations_codes_are_the_operators(self, cast: Cast, kaneko: Actor) -> None:
        asked = ask(organisation="nowhere")
        with pytest.raises(support_codes.SupportCodeUnknown):
            read(cast, asked)
        found = support_codes.read_any(typed=asked.support_code, by=OPERATOR, at=MORNING)
        assert found.organisation_id is None
        with pytest.raises(support_codes.SupportCodeUnknown):
            support_codes.read_any(typed=asked.support_code, by=cast.aoki, at=MORNING)

    def test_it_wants_the_right_and_two_factors(self, cast: Cast, kaneko: Actor) -> None:
        asked = ask()
        for actor in (cast.inoue, cast.eto, cast.okada):
            with pytest.raises(NotPermitted):
                read(cast, asked, by=actor)
        with pytest.raises(LevelTooLow):
            read(cast, asked, by=replace(cast.aoki, level=1))

    @pytest.mark.shows("L-11", "003-4")
    def test_codes_cannot_be_guessed(self, cast: Cast, kaneko: Actor) -> None:
        def go_on() -> None:
            for number in range(30):
                with pytest.raises(support_codes.SupportCodeUnknown):
                    support_codes.read(organisation_id=cast.aoba, typed=f"AAAA{number:02}", by=cast.aoki, at=MORNING)

        with pytest.raises(attempts.TooManyAttempts):
            go_on()

    def test_reading_is_recorded(self, cast: Cast, kaneko: Actor) -> None:
        read(cast, ask("nobody"))
        assert Entry.objects.filter(event="credentials.support_code.read").count() == 1


class TestApproval:
    def refuse(self, cast: Cast, by: Actor, reset_id: Any, refusal: type[Refused], at: datetime = MORNING) -> None:
        with pytest.raises(refusal):
            self_resets.approve(organisation_id=by.organisation_id or cast.aoba, reset_id=reset_id, by=by, at=at)
        assert SelfReset.objects.get().third_confirmed_at is None

    @pytest.mark.shows("L-09", "003-7")
    def test_it_is_for_leaders_other_than_the_head(self, cast: Cast, kaneko: Actor) -> None:
        asked = ask()
        prove_two(asked)
        reset_id = SelfReset.objects.get().id
        helper = hire(cast.aoba, Role.IT, "近藤", "k007")
        for actor in (cast.inoue, cast.eto, helper, kaneko):
            self.refuse(cast, actor, reset_id, NotPermitted)
        self.refuse(cast, replace(cast.aoki, level=1), reset_id, LevelTooLow)
        self.refuse(cast, cast.ueno, reset_id, NotFound)
        assert not read(cast, asked, by=helper).may_approve

    @pytest.mark.shows("L-09")
    def test_it_wants_the_first_two_proofs_and_its_time(self, cast: Cast, kaneko: Actor) -> None:
        asked = ask()
        reset_id = SelfReset.objects.get().id
        self.refuse(cast, cast.aoki, reset_id, self_resets.NotToApprove)
        prove_two(asked)
        self.refuse(cast, cast.aoki, reset_id, self_resets.NotToApprove, at=MORNING + timedelta(minutes=31))
        self_resets.approve(organisation_id=cast.aoba, reset_id=reset_id, by=cast.aoki, at=MORNING)
        with pytest.raises(self_resets.NotToApprove):
            self_resets.approve(organisation_id=cast.aoba, reset_id=reset_id, by=cast.aoki, at=MORNING)


class TestLinks:
    @pytest.mark.shows("V-08")
    def test_looking_changes_nothing(self, cast: Cast, kaneko: Actor) -> None:
        asked = ask()
        before = list(SelfReset.objects.values())
        for _ in range(3):
            found = self_resets.look_at_link(token=link(), at=MORNING)
        assert found.support_code == asked.support_code
        assert list(SelfReset.objects.values()) == before

    @pytest.mark.parametrize("token", ["", "x", "AAAA", "A" * 48, "ア"])
    def test_a_made_up_link_is_none(self, cast: Cast, kaneko: Actor, token: str) -> None:
        ask()
        with pytest.raises(self_resets.MailLinkUnknown):
            self_resets.prove_mail(token=token, at=MORNING)

    def test_the_mail_counts_once_and_for_its_own_reset_only(self, cast: Cast, kaneko: Actor) -> None:
        first = ask()
        mine = link()
        second = ask(at=MORNING + timedelta(minutes=1))
        self_resets.prove_mail(token=mine, at=MORNING + timedelta(minutes=2))
        self_resets.prove_mail(token=mine, at=MORNING + timedelta(minutes=3))
        assert self_resets.progress(token=first.token, at=MORNING).mail_is_proven
        assert not self_resets.progress(token=second.token, at=MORNING).mail_is_proven
        assert Entry.objects.filter(event="credentials.self_reset.step_done").count() == 1

    def test_a_code_that_was_used_is_not_sent_any_more(self, cast: Cast, kaneko: Actor) -> None:
        asked = ask()
        self_resets.prove_phone(token=asked.token, typed=newest_code(), at=MORNING)
        with pytest.raises(links.LinkDead):
            self_resets.code_of(reference=str(SelfReset.objects.get().id))


@pytest.mark.shows("L-09")
def test_a_head_gets_no_link_by_mail_alone(cast: Cast, kaneko: Actor) -> None:
    activation.request(organisation_code="aoba", mail=MAIL, address="192.0.2.1", at=MORNING)
    (letter,) = Letter.objects.all()
    assert letter.kind == "self_reset_way"
    assert letter.values["link"] == {"kind": "page", "reference": "/self-reset/?o=aoba"}
    activation.request(organisation_code="aoba", mail="a001@example.jp", address="192.0.2.1", at=MORNING)
    assert {letter.kind for letter in Letter.objects.all()} == {"self_reset_way", "activation"}
