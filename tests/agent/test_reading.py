"""The story with the card: both orders, what is shown before a PIN, every fault, and a card lifted at every command."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from tests.agent.practice import AUTH, NOW, PROFILE, Desk, Person, card
from warifu_agent.faults import Fault, FromCard, LiftedTooEarly, PurposeUnknown, Stopped
from warifu_agent.reading import carried_out
from warifu_agent.settings import ORDERS, Order
from warifu_agent.signing import KINDS, Answer, Asked, agreed, work
from warifu_card import faults as card_faults
from warifu_card.evidence import Evidence
from warifu_card.layout import Kind
from warifu_card.token import Token, purpose_text, signed_bytes

ORIGIN, NONCE = "https://warifu.example", "B" * 43 + "="
PINS = {"login": [AUTH], "enrol": [AUTH], "mykey": [AUTH], "verify": [AUTH, PROFILE], "hand-in": [PROFILE]}


def asked(what: str = "login") -> Asked:
    about = {"a": what} if what == "login" else {"a": what, "n": "青木 葵", "o": "pin-first", "u": "0" * 32}
    return Asked(origin=ORIGIN, nonce=NONCE, purpose=purpose_text(about), organisation="株式会社青葉商会")


def read(person: Person, desk: Desk, *, what: str = "login", order: Order = "card-first") -> Answer:
    reported: list[str] = []
    done = carried_out(
        work(asked(what), now=lambda: NOW), dialogue=person, cards=desk, order=order, report=reported.append
    )
    assert reported[-1] == "done"
    assert set(reported) == {"insert", "pin", "hold", "done"}
    return done


def fault_of(desk: Desk, *typed: str | Callable[[], str], what: str = "login", order: Order = "card-first") -> Fault:
    with pytest.raises(Fault) as caught:
        read(Person(list(typed)), desk, what=what, order=order)
    return caught.value


@pytest.fixture(params=ORDERS)
def order(request: pytest.FixtureRequest) -> Order:
    chosen: Order = request.param
    return chosen


@pytest.mark.parametrize("what", list(KINDS))
def test_what_was_asked_for_is_read_and_nothing_else(order: Order, what: str) -> None:
    answer = read(Person([*PINS[what]]), Desk(card()), what=what, order=order)
    assert (("token" in answer), ("profile" in answer)) == (KINDS[what].has_token, KINDS[what].has_profile)
    if "profile" in answer:
        assert (Evidence.parse(answer["profile"]).number is not None) == (what == "hand-in")
    if "token" in answer:
        assert json.loads(answer["token"]).keys() == {"format", "algorithm", "unverifiedCertificate", "signature"}


def test_the_card_signs_origin_nonce_and_purpose(order: Order) -> None:
    given = Token.parse(read(Person([AUTH]), Desk(card()), order=order)["token"])
    key = x509.load_der_x509_certificate(given.certificate).public_key()
    assert isinstance(key, RSAPublicKey)
    message = signed_bytes(origin=ORIGIN, nonce=NONCE, purpose='{"a":"login"}')
    key.verify(given.signature, message, padding.PKCS1v15(), hashes.SHA256())


@pytest.mark.shows("004-5", "004-8")
def test_with_the_pin_first_the_card_comes_after_it_and_once() -> None:
    desk, person = Desk(card(), late=3), Person([AUTH])
    read(person, desk, order="pin-first")
    places = [person.seen.index(line) for line in person.seen if "/4 " in line]
    assert [person.seen[place] for place in places] == ["2/4 暗証番号", "3/4 カードを置く", "4/4 読み取り"]
    assert "カードはまだ置かないでください" in person.seen[1]
    assert "金属" in person.seen[places[1] + 1]
    assert desk.connected == 1


@pytest.mark.shows("004-10", "004-11")
def test_with_the_card_first_it_stays_while_the_pin_is_typed() -> None:
    own = card()
    person = Person([lambda: AUTH if own.is_there and own.heard else "gone"])
    read(person, Desk(own), order="card-first")
    assert [line for line in person.seen if "/4 " in line] == ["2/4 カードを置く", "3/4 暗証番号", "4/4 読み取り"]
    assert "カードを動かさないでください" in person.seen[1]
    assert "残り回数: 3回" in person.seen


def test_the_bar_says_not_to_lift_and_is_full_only_at_the_end(order: Order) -> None:
    person = Person([AUTH])
    read(person, Desk(card()), order=order)
    assert "まだカードを離さないでください" in " ".join(person.seen)
    assert "離してかまいません" in person.seen[-1]
    done = [done for done, _of in person.bars]
    assert done == sorted(done)
    assert [done == of for done, of in person.bars].index(True) == len(person.bars) - 1


@pytest.mark.shows("004-7")
def test_a_wrong_pin_shows_at_the_reading_and_may_be_typed_again(order: Order) -> None:
    own, person = card(), Person(["9999", "", AUTH])
    read(person, Desk(own), order=order)
    assert person.faults == ["WF-K401"]
    assert own.counters()["auth"] == 3


def test_nothing_is_tried_again_without_the_person(order: Order) -> None:
    own = card()
    assert isinstance(fault_of(Desk(own), "9999", "no", order=order), Stopped)
    assert own.counters()["auth"] == 2


def test_what_is_no_pin_never_reaches_the_card(order: Order) -> None:
    own, person = card(), Person(["12", "abcd", "", "12345", "１２３４"])
    read(person, Desk(own), order=order)
    assert (person.faults, own.counters()["auth"]) == (["WF-K404"] * 4, 3)


def test_the_last_try_is_used_only_by_somebody_who_says_so(order: Order) -> None:
    own = card(tries={"auth": 1})
    assert isinstance(fault_of(Desk(own), AUTH, "no", order=order), Stopped)
    assert own.counters()["auth"] == 1
    person = Person([AUTH, "yes"])
    read(person, Desk(own), order=order)
    assert (person.faults, own.counters()["auth"]) == (["WF-K403"], 3)


def test_a_locked_pin_is_told_and_with_the_card_first_before_it_is_typed() -> None:
    own = card(tries={"auth": 0})
    assert fault_of(Desk(own), order="card-first").name == "WF-K402"
    assert fault_of(Desk(own), AUTH, order="pin-first").name == "WF-K402"


@pytest.mark.shows("004-15")
def test_an_expired_certificate_is_told_before_the_pin_is_sent() -> None:
    own = card(state="expired")
    fault = fault_of(Desk(own), order="card-first")
    assert (fault.name, fault.known) == ("WF-K405", ("MKCZ403E",))
    assert "市区町村" in fault.words[1].ja
    assert fault_of(Desk(own), AUTH, order="pin-first").name == "WF-K405"
    assert own.counters()["auth"] == 3


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"kind": Kind.UNKNOWN}, "WF-K201"),
        ({"certificates": ("sign",)}, "WF-K202"),
        ({"state": "not-yet-valid"}, "WF-K406"),
    ],
)
def test_another_card_is_told_by_its_own_words(order: Order, changed: dict[str, object], code: str) -> None:
    typed = [AUTH] if order == "pin-first" else []
    assert fault_of(Desk(card(**changed)), *typed, order=order).name == code


@pytest.mark.parametrize(
    "fault",
    [card_faults.NoReader, card_faults.ServiceNotRunning, card_faults.ReaderBusy, card_faults.ReaderSupportMissing],
)
def test_a_reader_that_is_not_ready_is_told(order: Order, fault: type[card_faults.CardFault]) -> None:
    typed = [AUTH] if order == "pin-first" else []
    assert fault_of(Desk(fault=fault()), *typed, order=order).name == fault.code


@pytest.mark.shows("004-11")
def test_lifting_while_the_pin_is_typed_is_told_as_just_that() -> None:
    own = card()

    def lifting() -> str:
        own.lift()
        return AUTH

    fault = fault_of(Desk(own), lifting, order="card-first")
    assert isinstance(fault, LiftedTooEarly)
    assert fault.known == ("MKCZ405E",)
    assert own.counters()["auth"] == 3


def commands_of(what: str, order: Order) -> int:
    own = card()
    read(Person([*PINS[what]]), Desk(own), what=what, order=order)
    return own.heard


@pytest.mark.shows("004-14")
@pytest.mark.parametrize("what", ["login", "verify", "hand-in"])
@pytest.mark.parametrize("does_it", [False, True])
def test_a_card_lifted_at_any_command_is_told_with_its_known_code(order: Order, what: str, does_it: bool) -> None:
    total = commands_of(what, order)
    assert total > 18
    own = card()
    lifted_too_late = 1 if what == "login" else 0  # the last command locks the card again, after it has answered
    for command in range(total - lifted_too_late):
        own.put_back()
        own.remove_after(command, does_it=does_it)
        fault = fault_of(Desk(own), *PINS[what], what=what, order=order)
        assert fault.name in ("WF-K104", "WF-K612", "WF-K111"), command
        assert not fault.known or fault.known[0] == "MKCZ405E"
    own.put_back()
    read(Person([*PINS[what]]), Desk(own), what=what, order=order)
    assert all(own.counters()[name] == 3 for name in ("auth", "profile"))


class TestAgreeing:
    """What is shown before anything of the card is touched."""

    def test_site_purpose_and_what_will_be_read_are_shown(self) -> None:
        person = Person(["pin-first"])
        assert agreed(asked(), dialogue=person, order=None) == "pin-first"
        assert person.seen[0] == "1/4 だれが何のために"
        assert "サイト　: https://warifu.example\n目的　　: サインイン" in person.seen[1]
        assert "電話やメールで頼まれたときは、やめてください" in person.seen[3]

    @pytest.mark.parametrize("what", ["enrol", "verify", "hand-in", "mykey"])
    def test_who_and_where_are_shown_for_a_code(self, what: str) -> None:
        person = Person([""])
        assert agreed(asked(what), dialogue=person, order="card-first") == "card-first"
        for words in (ORIGIN, "株式会社青葉商会", "青木 葵", KINDS[what].words.ja):
            assert words in person.seen[1]
        assert f"送り先: {ORIGIN} だけ" in person.seen[2]

    def test_a_no_stops_before_the_card(self) -> None:
        with pytest.raises(Stopped):
            agreed(asked(), dialogue=Person(["no"]), order="card-first")
        with pytest.raises(Stopped):
            agreed(asked(), dialogue=Person(["stop"]), order=None)

    @pytest.mark.parametrize(
        "purpose",
        [
            '{"a":"pay"}', '{"a":"login","o":"pin-first"}', '{"a":"enrol","n":"x","o":"pin-first"}',
            '{"a":"login","n":"x"}', '{"a":"enrol","n":"x"}', '{"n":"x"}', "", "[]", '{"a":["login"]}',
            '{"a":"enrol","n":"x\\ny","u":"1"}',
        ],
    )  # fmt: skip
    def test_a_purpose_that_cannot_be_explained_is_not_signed(self, purpose: str) -> None:
        one = Asked(origin=ORIGIN, nonce=NONCE, purpose=purpose)
        with pytest.raises(PurposeUnknown):
            agreed(one, dialogue=Person([""]), order="card-first")
        with pytest.raises(PurposeUnknown):
            work(one)

    @pytest.mark.parametrize("nonce", ["", "short", "A" * 44, "B" * 43 + "=\n"])
    def test_a_nonce_of_another_form_is_not_signed(self, nonce: str) -> None:
        with pytest.raises(PurposeUnknown):
            work(Asked(origin=ORIGIN, nonce=nonce, purpose='{"a":"login"}'))


def test_the_fault_of_a_card_keeps_its_words() -> None:
    fault = FromCard(card_faults.PinIncorrect(2, pin="PIN"))
    assert fault.name == "WF-K401"
    assert "2" in fault.words[0].ja
