"""Questions put to a card and its answers: what is believed, and everything that is not (cards.md 4.3; I-12)."""

from __future__ import annotations

import base64
import json
import threading
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from django.conf import settings
from django.db import connection, connections

from tests.cast import MORNING
from tests.rooms.cards import wallet as cards
from tests.rooms.cards.wallet import INOUE, wallet
from warifu.cards.actions import challenges
from warifu.cards.models import CardChallenge
from warifu.cards.revocation import Status
from warifu.cards.rules.refusals import (
    AnswerUnreadable,
    CardsNotSetUp,
    CertificateOutOfDate,
    ChallengeOver,
    IssuerUnknown,
    SignatureWrong,
    WrongCertificate,
)
from warifu_card.token import Token

__all__ = ["wallet"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("wallet")]
BROWSER = "a-browser"


def answer(question: challenges.Question, token: str, browser: str = BROWSER) -> str:
    return challenges.composed(challenge=str(question.id), token=token, browser=browser)


def ask() -> challenges.Question:
    return challenges.ask(browser=BROWSER, at=MORNING)


class TestAnswer:
    @pytest.mark.shows("I-12", "004-5")
    def test_a_card_that_answers_is_known_and_its_validity_stays_unconfirmed(self) -> None:
        question = ask()
        found = challenges.answered(answer=answer(question, cards.token(question)), at=MORNING)
        assert found.finding.status is Status.UNCONFIRMED
        assert found.valid_until > MORNING
        again = ask()
        same = challenges.answered(answer=answer(again, cards.token(again)), at=MORNING)
        assert same.hash == found.hash

    def test_both_generations_of_one_name_are_believed(self) -> None:
        question = ask()
        old = replace(INOUE, generation=1)
        assert challenges.answered(answer=answer(question, cards.token(question, old)), at=MORNING)

    def test_nothing_of_the_certificate_is_kept(self) -> None:
        question = ask()
        challenges.answered(answer=answer(question, cards.token(question)), at=MORNING)
        row = CardChallenge.objects.get()
        assert row.used_at == MORNING
        assert INOUE.name not in str(row.__dict__)

    def test_without_anchors_there_are_no_cards(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(settings, "WARIFU", settings.WARIFU.model_copy(update={"card_anchors": None}))
        with pytest.raises(CardsNotSetUp):
            ask()

    def test_a_fourth_question_ends_the_oldest(self) -> None:
        first, *_others = [ask() for _each in range(4)]
        with pytest.raises(ChallengeOver):
            challenges.answered(answer=answer(first, cards.token(first)), at=MORNING)
        assert CardChallenge.objects.filter(used_at=None).count() == 3


class TestAttack:
    def test_an_answer_counts_once(self) -> None:
        question = ask()
        given = answer(question, cards.token(question))
        challenges.answered(answer=given, at=MORNING)
        with pytest.raises(ChallengeOver):
            challenges.answered(answer=given, at=MORNING)

    def test_a_wrong_answer_burns_the_question(self) -> None:
        question = ask()
        with pytest.raises(AnswerUnreadable):
            challenges.answered(answer=answer(question, "{}"), at=MORNING)
        with pytest.raises(ChallengeOver):
            challenges.answered(answer=answer(question, cards.token(question)), at=MORNING)

    def test_another_browser_cannot_answer_and_burns_nothing(self) -> None:
        question = ask()
        given = cards.token(question)
        for browser in ("another", ""):
            with pytest.raises(ChallengeOver):
                challenges.answered(answer=answer(question, given, browser), at=MORNING)
        assert challenges.answered(answer=answer(question, given), at=MORNING)

    def test_after_two_minutes_it_is_over(self) -> None:
        question = ask()
        with pytest.raises(ChallengeOver):
            challenges.answered(
                answer=answer(question, cards.token(question)), at=MORNING + timedelta(minutes=2, seconds=1)
            )

    @pytest.mark.parametrize(
        "other",
        [
            {"origin": "https://phishing.example.jp"},
            {"nonce": base64.b64encode(bytes(32)).decode()},
            {"purpose": '{"a":"enrol"}'},
        ],
    )
    def test_a_signature_for_something_else_does_not_fit(self, other: dict[str, str]) -> None:
        question = ask()
        with pytest.raises(SignatureWrong):
            challenges.answered(answer=answer(question, cards.token(question, **other)), at=MORNING)

    def test_the_key_of_somebody_else_does_not_fit(self) -> None:
        question = ask()
        mine, theirs = Token.parse(cards.token(question)), Token.parse(cards.token(question, cards.AOKI))
        forged = Token("RS256", mine.certificate, theirs.signature).to_json()
        with pytest.raises(SignatureWrong):
            challenges.answered(answer=answer(question, forged), at=MORNING)

    @pytest.mark.parametrize(
        ("flaw", "refusal"),
        [
            ("other-root", IssuerUnknown),
            ("forged-root", IssuerUnknown),
            ("is-authority", WrongCertificate),
            ("wrong-policy", WrongCertificate),
            ("unknown-critical", WrongCertificate),
            ("small-key", WrongCertificate),
            ("small-exponent", WrongCertificate),
            ("no-usage", WrongCertificate),
            ("bytes-behind", AnswerUnreadable),
        ],
    )
    def test_a_certificate_with_a_flaw_is_not_taken(self, flaw: str, refusal: type[Exception]) -> None:
        question = ask()
        with pytest.raises(refusal):
            challenges.answered(answer=answer(question, cards.token(question, flaw=flaw)), at=MORNING)

    @pytest.mark.shows("I-13", "004-6")
    def test_a_signing_certificate_is_not_taken_even_when_its_root_is_trusted(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: object
    ) -> None:
        root = cards.authority().root("sign").public_bytes(serialization.Encoding.PEM)
        place = cards.anchors() / "auth" / "sign.pem"
        place.write_bytes(root)
        try:
            question = ask()
            with pytest.raises(WrongCertificate):
                challenges.answered(answer=answer(question, cards.token(question, use="sign")), at=MORNING)
        finally:
            place.unlink()

    @pytest.mark.parametrize("state", ["expired", "not-yet-valid"])
    @pytest.mark.shows("004-15")
    def test_out_of_its_time_it_is_not_taken(self, state: str) -> None:
        question = ask()
        with pytest.raises(CertificateOutOfDate) as refused:
            challenges.answered(answer=answer(question, cards.token(question, replace(INOUE, state=state))), at=MORNING)
        assert refused.value.known == ("MKCZ403E",)

    def test_a_leaf_or_an_authority_that_is_not_its_own_is_no_anchor(self, tmp_path: object) -> None:
        place = cards.anchors() / "auth" / "leaf.pem"
        leaf = x509.load_der_x509_certificate(cards.authority().certify(cards.AOKI, "auth"))
        place.write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
        broken = cards.anchors() / "auth" / "broken.pem"
        broken.write_text("nothing")
        try:
            question = ask()
            assert challenges.answered(answer=answer(question, cards.token(question)), at=MORNING)
        finally:
            place.unlink()
            broken.unlink()

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda given: given | {"more": "x"},
            lambda given: {key: value for key, value in given.items() if key != "signature"},
            lambda given: given | {"algorithm": "none"},
            lambda given: given | {"algorithm": "ES384"},
            lambda given: given | {"format": "web-eid:1.0"},
            lambda given: given | {"signature": ""},
            lambda given: given | {"signature": given["signature"] + "\n"},
            lambda given: given | {"unverifiedCertificate": "AAAA"},
            lambda given: given | {"unverifiedCertificate": "A" * 20_000},
            lambda given: given | {"unverifiedCertificate": None},
        ],
    )
    def test_a_token_of_another_form_is_not_read(self, spoil: object) -> None:
        question = ask()
        given = spoil(json.loads(cards.token(question)))  # type: ignore[operator]
        with pytest.raises(AnswerUnreadable):
            challenges.answered(answer=answer(question, json.dumps(given)), at=MORNING)

    def test_a_key_that_stands_twice_is_seen(self) -> None:
        question = ask()
        text = cards.token(question)
        with pytest.raises(AnswerUnreadable):
            challenges.answered(answer=answer(question, text[:-1] + ',"format":"warifu-card:1"}'), at=MORNING)

    @pytest.mark.parametrize("given", ["", "{", "[]", "7", '{"challenge":7}', '{"challenge":"' + "x" * 40_000])
    def test_an_answer_of_another_form_is_not_read(self, given: str) -> None:
        with pytest.raises(AnswerUnreadable):
            challenges.answered(answer=given, at=MORNING)

    def test_a_question_that_was_never_put_is_over(self) -> None:
        question = ask()
        given = challenges.composed(challenge=str(uuid4()), token=cards.token(question), browser=BROWSER)
        with pytest.raises(ChallengeOver):
            challenges.answered(answer=given, at=MORNING)


@pytest.mark.django_db(transaction=True)
def test_of_two_answers_at_once_one_counts() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one writer in at a time")
    question = ask()
    given = answer(question, cards.token(question))
    together, ends = threading.Barrier(8), []

    def go() -> None:
        together.wait()
        try:
            challenges.answered(answer=given, at=MORNING)
            ends.append("taken")
        except ChallengeOver:
            ends.append("over")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go) for _each in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["over"] * 7 + ["taken"]
