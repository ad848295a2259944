"""One card, read in memory and through the real PC/SC daemon by the same tests (cards.md 1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from tests.card.checking import verify, verify_with
from tests.card.conftest import CardOf, Put
from warifu_card import jpki, layout, profile, resident, surface
from warifu_card.card import Card
from warifu_card.evidence import Evidence
from warifu_card.faults import (
    AnswerLost,
    CardRefused,
    CardRemoved,
    CertificateExpired,
    CertificateNotYetValid,
    LastTry,
    MalformedData,
    NoCard,
    NoSuchCertificate,
    NotAuthentic,
    PinIncorrect,
    PinLocked,
    PinMalformed,
    PinRequired,
    ReadFailed,
    WrongCard,
)
from warifu_card.layout import AUTH_PIN, FOUR_SECRETS, PROFILE_PIN, SIGN_PASSWORD, Kind
from warifu_card.simulator import authority
from warifu_card.simulator.box import Box
from warifu_card.simulator.card import SimulatedCard
from warifu_card.survey import survey
from warifu_card.transport.simulator import SimulatorTransport


class TestCertificates:
    def test_the_authentication_certificate_is_read_without_a_pin(self, put: Put, card_of: CardOf, box: Box) -> None:
        found = jpki.certificate(put(card_of("aoki")), jpki.AUTH)
        assert found.der == box.authority.certify(box.personas["aoki"], "auth")
        assert found.key_usage == ("digitalSignature",)
        assert found.policies == ("1.2.392.200149.8.5.1.3.30",)
        assert found.particulars == {}
        assert (found.not_after.hour, found.not_after.minute) == (14, 59)

    def test_the_signing_certificate_wants_its_password(self, put: Put, card_of: CardOf, box: Box) -> None:
        simulated = card_of("aoki")
        card = put(simulated)
        with pytest.raises(PinRequired):
            jpki.certificate(card, jpki.SIGN)
        found = jpki.certificate(card, jpki.SIGN, "aoki1234")
        assert found.der == box.authority.certify(box.personas["aoki"], "sign")
        assert found.particulars["name"] == "青木　葵"
        assert found.particulars["birth_date"] == "419900412"
        assert [value for name, value in found.subject if name == "L"] == ["Tokyo-to", "Chiyoda-ku"]
        assert found.key_usage == ("digitalSignature", "nonRepudiation")

    @pytest.mark.parametrize("which", jpki.BOTH)
    def test_both_keys_sign_after_their_pin_and_forget_it(
        self, put: Put, card_of: CardOf, box: Box, which: jpki.Which
    ) -> None:
        card = put(card_of("inoue"))
        secret = box.personas["inoue"].pins[which.name]
        signature = jpki.sign(card, which, secret, b"message")
        with pytest.raises(PinRequired):
            card.sign(which.key, jpki.digest_info(b"message"))
        certificate = jpki.certificate(card, which, secret).der
        assert verify_with(certificate, signature, b"message")
        assert not verify_with(certificate, signature, b"another")

    def test_leaving_the_card_resets_it(self, put: Put, card_of: CardOf) -> None:
        simulated = card_of("aoki")
        card = put(simulated)
        card.verify(AUTH_PIN, "1234")
        card = put(simulated)
        card.open(layout.JPKI_AP)
        with pytest.raises(PinRequired):
            card.sign(jpki.AUTH.key, jpki.digest_info(b"message"))

    def test_the_authoritys_certificates_are_there_for_show(self, in_memory: Put, card_of: CardOf) -> None:
        card = in_memory(card_of("aoki"))
        for which in jpki.BOTH:
            assert jpki.authority(card, which).issuer == jpki.authority(card, which).subject

    @pytest.mark.shows("004-15")
    def test_an_expired_certificate_leads_to_the_municipality(self, in_memory: Put, card_of: CardOf) -> None:
        found = jpki.certificate(in_memory(card_of("expired")), jpki.AUTH)
        with pytest.raises(CertificateExpired) as caught:
            found.check_dates(datetime.now(UTC))
        assert "MKCZ403E" in caught.value.known
        assert "市区町村の窓口" in caught.value.words[1].ja
        with pytest.raises(CertificateNotYetValid):
            jpki.certificate(in_memory(card_of("not-yet")), jpki.AUTH).check_dates(datetime.now(UTC))
        jpki.certificate(in_memory(card_of("expiring")), jpki.AUTH).check_dates(datetime.now(UTC))

    def test_a_certificate_takes_at_most_fifteen_commands(self, in_memory: Put, card_of: CardOf) -> None:
        simulated = card_of("aoki")
        jpki.certificate(in_memory(simulated), jpki.AUTH)
        assert simulated.heard <= 15


class TestPins:
    def test_asking_for_the_tries_costs_none(self, put: Put, card_of: CardOf) -> None:
        card = put(card_of("aoki"))
        for _ in range(3):
            seen = survey(card)
            assert seen.tries == {"auth": 3, "sign": 5, "profile": 3}
        assert [one.is_present for one in seen.certificates] == [True, True]

    def test_a_wrong_pin_costs_one_and_a_right_one_restores(self, put: Put, card_of: CardOf) -> None:
        card = put(card_of("aoki"))
        with pytest.raises(PinIncorrect) as caught:
            jpki.sign(card, jpki.AUTH, "9999", b"message")
        assert caught.value.tries_left == 2
        assert card.tries(AUTH_PIN) == 2
        assert jpki.sign(card, jpki.AUTH, "1234", b"message")
        assert card.tries(AUTH_PIN) == 3

    def test_the_last_try_is_refused_unless_told_twice(self, put: Put, card_of: CardOf) -> None:
        simulated = card_of("last-try")
        card = put(simulated)
        with pytest.raises(LastTry):
            card.verify(AUTH_PIN, "0000")
        assert simulated.counters()["auth"] == 1
        with pytest.raises(PinLocked):
            card.verify(AUTH_PIN, "0000", use_last_try=True)
        with pytest.raises(PinLocked):
            card.verify(AUTH_PIN, "7707", use_last_try=True)
        assert card.tries(AUTH_PIN) == 0
        simulated.unlock(AUTH_PIN, "4321")
        card.verify(AUTH_PIN, "4321")
        assert card.tries(AUTH_PIN) == 3

    def test_a_locked_one_stays_locked_with_the_right_pin(self, put: Put, card_of: CardOf) -> None:
        card = put(card_of("locked"))
        with pytest.raises(PinLocked) as caught:
            profile.read_attributes(card, "6607")
        assert "市区町村の窓口" in caught.value.words[1].ja

    @pytest.mark.shows("004-6")
    def test_the_four_secrets_are_told_apart(self, put: Put, card_of: CardOf, box: Box) -> None:
        """Each has a name, a form and a counter of its own; one being wrong touches no other."""
        assert len({secret.words.ja for secret in FOUR_SECRETS}) == 4
        simulated = card_of("inoue")
        card = put(simulated)
        for secret in FOUR_SECRETS:
            before = simulated.counters()
            with pytest.raises(PinIncorrect):
                card.verify(secret, "ZZZZZZ" if secret is SIGN_PASSWORD else "9999")
            after = simulated.counters()
            assert {name for name in before if before[name] != after[name]} == {secret.name}
            card.verify(secret, box.personas["inoue"].pins[secret.name])

    @pytest.mark.parametrize(
        ("secret", "typed"),
        [(AUTH_PIN, "123"), (AUTH_PIN, "12345"), (AUTH_PIN, "12a4"), (AUTH_PIN, ""), (AUTH_PIN, "一二三四"),
         (SIGN_PASSWORD, "ABC12"), (SIGN_PASSWORD, "A" * 17), (SIGN_PASSWORD, "ABC-123"), (PROFILE_PIN, "٠١٢٣")],
    )  # fmt: skip
    def test_what_has_not_the_form_never_reaches_the_card(
        self, in_memory: Put, card_of: CardOf, secret: layout.Secret, typed: str
    ) -> None:
        simulated = card_of("aoki")
        with pytest.raises(PinMalformed):
            in_memory(simulated).verify(secret, typed)
        assert simulated.heard == 0

    def test_full_width_digits_and_small_letters_are_put_right(self, in_memory: Put, card_of: CardOf) -> None:
        card = in_memory(card_of("aoki"))
        card.verify(AUTH_PIN, "１２３４")
        card.verify(SIGN_PASSWORD, "ａｏｋｉ１２３４")

    def test_a_pin_is_changed_after_the_old_one(self, put: Put, card_of: CardOf) -> None:
        card = put(card_of("aoki"))
        for secret, old, new in ((AUTH_PIN, "1234", "4321"), (SIGN_PASSWORD, "AOKI1234", "NEWWORD1")):
            with pytest.raises(PinMalformed):
                card.change(secret, old, "1")
            card.change(secret, old, new)
            card.reopen()
            with pytest.raises(PinIncorrect):
                card.verify(secret, old)
            card.verify(secret, new)
        card.change(layout.RESIDENT_PIN, "2468", "8642")
        card.verify(layout.RESIDENT_PIN, "8642")


class TestSilence:
    """No status word came back: the counter is asked, nothing is sent again, nothing is assumed (cards.md 1.9)."""

    def pins_heard(self, card: Card, simulated: SimulatedCard) -> list[str]:
        heard: list[str] = []
        card._trace = heard.append
        return heard

    def test_a_wrong_pin_without_an_answer_is_known_by_the_counter(self, in_memory: Put, card_of: CardOf) -> None:
        simulated = card_of("aoki")
        card = in_memory(simulated)
        heard = self.pins_heard(card, simulated)
        simulated.fail_after(3, does_it=True)
        with pytest.raises(PinIncorrect) as caught:
            card.verify(AUTH_PIN, "9999")
        assert caught.value.tries_left == 2
        assert sum("secret" in line for line in heard) == 0, "the lost command has no answer to be told with"
        assert simulated.counters()["auth"] == 2

    @pytest.mark.parametrize("does_it", [True, False])
    def test_a_right_pin_without_an_answer_is_not_taken_for_shown(
        self, in_memory: Put, card_of: CardOf, does_it: bool
    ) -> None:
        simulated = card_of("aoki")
        card = in_memory(simulated)
        simulated.fail_after(3, does_it=does_it)
        with pytest.raises(AnswerLost):
            card.verify(AUTH_PIN, "1234")
        assert not card.has_verified(AUTH_PIN)
        assert simulated.heard == 5, "select, select, ask, the lost one, ask again"

    def test_the_card_gone_while_the_pin_was_on_its_way(self, put: Put, card_of: CardOf) -> None:
        simulated = card_of("aoki")
        card = put(simulated)
        simulated.remove_after(3, does_it=True)
        with pytest.raises(CardRemoved):
            card.verify(AUTH_PIN, "9999")
        assert simulated.counters()["auth"] == 2

    def test_no_answer_to_a_read_is_a_failed_read(self, in_memory: Put, card_of: CardOf) -> None:
        simulated = card_of("aoki")
        card = in_memory(simulated)
        simulated.fail_after(3)
        with pytest.raises(ReadFailed):
            jpki.certificate(card, jpki.AUTH)
        assert jpki.certificate(card, jpki.AUTH)

    def test_a_slow_card_is_waited_for(self, in_memory: Put, card_of: CardOf) -> None:
        waited: list[float] = []
        simulated = card_of("aoki")
        simulated.be_slow(0.4, sleep=waited.append)
        assert jpki.certificate(in_memory(simulated), jpki.AUTH)
        assert waited == [0.4] * simulated.heard


class TestLifted:
    @pytest.mark.shows("004-14")
    @pytest.mark.parametrize("does_it", [False, True])
    def test_at_every_command_of_every_reading(self, card_of: CardOf, does_it: bool) -> None:
        """Whatever was being read, lifting is lifting: its own fault, the known code beside it, and the remedy."""
        readings: list[Callable[[Card], object]] = [
            lambda card: jpki.certificate(card, jpki.AUTH),
            lambda card: jpki.certificate(card, jpki.SIGN, "AOKI1234"),
            lambda card: profile.read_evidence(card, "5678", challenge=b"x"),
            survey,
        ]
        for reading in readings:
            whole = card_of("aoki")
            reading(Card(SimulatorTransport(whole)))
            commands, simulated = whole.heard, card_of("aoki")
            for at in range(commands):
                before = simulated.heard
                simulated.put_back()
                simulated.remove_after(at, does_it=does_it)
                with pytest.raises(CardRemoved) as caught:
                    reading(Card(SimulatorTransport(simulated)))
                assert simulated.heard == before + at + 1
                assert simulated.counters()["auth"] == 3
        assert "MKCZ405E" in caught.value.known
        assert "動かさないで" in caught.value.words[1].ja

    @pytest.mark.parametrize("at", [0, 7])
    def test_through_the_daemon(self, put: Put, card_of: CardOf, at: int) -> None:
        simulated = card_of("aoki")
        card = put(simulated)
        simulated.remove_after(at)
        with pytest.raises(CardRemoved):
            jpki.certificate(card, jpki.AUTH)

    def test_none_there_at_all(self, card_of: CardOf) -> None:
        simulated = card_of("aoki")
        simulated.lift()
        with pytest.raises(NoCard):
            SimulatorTransport(simulated)
        simulated.put_back()
        assert survey(Card(SimulatorTransport(simulated))).kind is Kind.MY_NUMBER_CARD


class TestKinds:
    @pytest.mark.parametrize(
        ("name", "kind"),
        [("aoki", Kind.MY_NUMBER_CARD), ("android", Kind.ANDROID), ("iphone", Kind.IPHONE),
         ("old-resident-card", Kind.OLD_RESIDENT_CARD)],
    )  # fmt: skip
    def test_are_known_by_the_tokens_label(self, put: Put, card_of: CardOf, name: str, kind: Kind) -> None:
        assert survey(put(card_of(name))).kind is kind

    def test_another_card_is_a_wrong_card(self, put: Put, card_of: CardOf) -> None:
        with pytest.raises(WrongCard):
            survey(put(card_of("other-card")))

    def test_a_child_has_no_signing_certificate_and_no_password_is_sent(self, in_memory: Put, card_of: CardOf) -> None:
        simulated = card_of("child")
        card = in_memory(simulated)
        with pytest.raises(NoSuchCertificate):
            jpki.certificate(card, jpki.SIGN, "CHILD0820")
        assert jpki.certificate(card, jpki.AUTH)

    def test_a_phone_wants_the_pin_before_its_certificate(self, in_memory: Put, card_of: CardOf) -> None:
        card = in_memory(card_of("android"))
        with pytest.raises(PinRequired):
            jpki.certificate(card, jpki.AUTH)
        assert jpki.certificate(card, jpki.AUTH, "1010")
        with pytest.raises(WrongCard):
            profile.read_number(card, "1011")


class TestProfile:
    def test_number_and_attributes(self, put: Put, card_of: CardOf, box: Box) -> None:
        card = put(card_of("ueno"))
        assert profile.read_number(card, "2002") == box.personas["ueno"].number
        found = profile.read_attributes(card, "2002")
        assert (found.name, found.birth_date, found.sex.value) == ("上野　海", date(2001, 2, 28), "9")
        assert found.address == box.personas["ueno"].address
        assert len(found.address.encode()) > 127, "a length of more than one byte"

    @pytest.mark.shows("N-06")
    def test_no_text_of_what_was_read_shows_it(self, in_memory: Put, card_of: CardOf, box: Box) -> None:
        simulated = card_of("aoki")
        lines: list[str] = []
        card = Card(SimulatorTransport(simulated), trace=lines.append)
        evidence = profile.read_evidence(card, "5678", challenge=b"challenge")
        proven = evidence.check(challenge=b"challenge", issuers=box.authority.card_issuers(), verify=verify)
        jpki.certificate(card, jpki.SIGN, "AOKI1234")
        jpki.sign(card, jpki.AUTH, "1234", b"message")
        shown = "\n".join([*lines, repr(evidence), repr(proven), repr(proven.attributes), repr(box.personas["aoki"])])
        for secret in ("5678", "AOKI1234", "1234", box.personas["aoki"].number, "青木"):
            assert secret not in shown
            assert secret.encode().hex().upper() not in shown
        assert sum("[secret]" in line for line in lines) == 3

    def test_evidence_convinces_who_knows_the_issuers_and_nobody_else(
        self, put: Put, card_of: CardOf, box: Box
    ) -> None:
        evidence = profile.read_evidence(put(card_of("aoki")), "5678", challenge=b"nonce")
        issuers = box.authority.card_issuers()
        again = Evidence.parse(evidence.to_json())
        assert again == evidence
        proven = again.check(challenge=b"nonce", issuers=issuers, verify=verify)
        assert proven.number == box.personas["aoki"].number
        assert proven.attributes.name == "青木　葵"
        for wrong in ({}, {b"WFTEST01": next(iter(issuers.values())).__class__(1 << 2047 | 1, 65537)}):
            with pytest.raises(NotAuthentic):
                again.check(challenge=b"nonce", issuers=wrong, verify=verify)
        with pytest.raises(NotAuthentic):
            again.check(challenge=b"another nonce", issuers=issuers, verify=verify)

    def test_evidence_put_together_from_two_cards_convinces_nobody(
        self, in_memory: Put, card_of: CardOf, box: Box
    ) -> None:
        one = profile.read_evidence(in_memory(card_of("aoki")), "5678", challenge=b"nonce")
        other = profile.read_evidence(in_memory(card_of("inoue")), "1111", challenge=b"nonce")
        assert one.issuer == other.issuer
        for part in ("number", "attributes", "signature", "card_key", "answer"):
            mixed = Evidence(**(one.__dict__ | {part: getattr(other, part)}))
            with pytest.raises(NotAuthentic):
                mixed.check(challenge=b"nonce", issuers=box.authority.card_issuers(), verify=verify)

    def test_a_key_that_no_issuer_signed_answers_for_no_card(self, in_memory: Put, card_of: CardOf, box: Box) -> None:
        """EF 0007 with a key of one's own under the signature of a true one, and an answer that fits the key."""
        evidence = profile.read_evidence(in_memory(card_of("aoki")), "5678", challenge=b"nonce")
        own = box.authority.keys.rsa("aoki-auth").public_key().public_numbers()
        modulus = box.authority.keys.rsa("aoki-card").public_key().public_numbers().n.to_bytes(256, "big")
        forged = evidence.card_key.replace(modulus, own.n.to_bytes(256, "big"))
        answer = authority.sign(box.authority.keys.rsa("aoki-auth"), b"nonce")
        mixed = Evidence(**(evidence.__dict__ | {"card_key": forged, "answer": answer}))
        with pytest.raises(NotAuthentic):
            mixed.check(challenge=b"nonce", issuers=box.authority.card_issuers(), verify=verify)

    def test_without_the_number_it_is_not_even_read(self, card_of: CardOf, box: Box) -> None:
        lines: list[str] = []
        card = Card(SimulatorTransport(card_of("aoki")), trace=lines.append)
        evidence = profile.read_evidence(card, "5678", challenge=b"nonce", with_number=False)
        assert "00A4020C 0001 → 9000" not in lines
        proven = evidence.check(challenge=b"nonce", issuers=box.authority.card_issuers(), verify=verify)
        assert proven.number is None
        assert Evidence.parse(evidence.to_json()) == evidence

    def test_files_have_the_sizes_that_were_seen(self, in_memory: Put, card_of: CardOf) -> None:
        card = in_memory(card_of("aoki"))
        card.verify(PROFILE_PIN, "5678")
        assert len(card.read_bytes(layout.PROFILE_AP, 0x0001, 17)) == 17
        assert len(card.read(layout.PROFILE_AP, 0x0003)) == 336
        assert len(card.read(layout.PROFILE_AP, 0x0004)) == 568
        assert len(card.read_bytes(layout.PROFILE_AP, 0x0005, 256)) == 256

    def test_surface_and_register_as_far_as_documented(self, put: Put, card_of: CardOf, box: Box) -> None:
        persona = box.personas["aoki"]
        card = put(card_of("aoki"))
        assert persona.face_key == "02041220341001", "Heisei 2, and the western year of expiry"
        assert surface.read_face(card, persona.face_key).expiry == b"20340412"
        assert surface.read_number_image(card, persona.number).startswith(b"\x89PNG")
        assert len(resident.read_record(card, "2468")) == 16
        assert len(resident.read_card_number(card)) == 13


class TestOddCards:
    def test_answers_in_pieces(self, in_memory: Put, card_of: CardOf) -> None:
        simulated = card_of("aoki")
        simulated.answer_in_pieces(100)
        card = in_memory(simulated)
        assert jpki.certificate(card, jpki.AUTH)
        assert jpki.sign(card, jpki.AUTH, "1234", b"message")

    @pytest.mark.parametrize(
        "content",
        [b"", b"\x30", b"\x30\x80\x00\x00", b"\x30\x84\xff\xff\xff\xff\x00", b"\x30\x82\x00\x05hello",
         b"\x30\x82\x7f\xff" + b"x" * 64, b"\xff" * 64, b"\x30\x05hello" + b"\xff" * 20],
    )  # fmt: skip
    def test_a_broken_certificate_is_malformed_or_a_refusal(
        self, in_memory: Put, card_of: CardOf, content: bytes
    ) -> None:
        simulated = card_of("aoki")
        simulated.flaw(layout.JPKI_AP, 0x000A, content)
        with pytest.raises((MalformedData, CardRefused)):
            jpki.certificate(in_memory(simulated), jpki.AUTH)

    def test_a_tiny_object_is_cut_from_its_filler(self, in_memory: Put, card_of: CardOf) -> None:
        simulated = card_of("aoki")
        simulated.flaw(layout.PROFILE_AP, 0x0005, b"\x30\x01a" + b"\xff" * 20)
        assert in_memory(simulated).read(layout.PROFILE_AP, 0x0005) == b"\x30\x01a"

    def test_a_status_word_that_should_not_come_is_told(self, in_memory: Put, card_of: CardOf) -> None:
        simulated = card_of("aoki")
        card = in_memory(simulated)
        simulated.fail_after(2, b"\x6f\x00")
        with pytest.raises(CardRefused) as caught:
            jpki.certificate(card, jpki.AUTH)
        assert caught.value.status == 0x6F00

    @pytest.mark.parametrize(
        ("status", "left"), [(b"\x69\x84", 0), (b"\x69\x83", 0), (b"\x63\x00", None), (b"\x90\x00", 3)]
    )
    def test_other_answers_to_the_question_for_tries(
        self, in_memory: Put, card_of: CardOf, status: bytes, left: int | None
    ) -> None:
        simulated = card_of("aoki")
        card = in_memory(simulated)
        simulated.fail_after(2, status)
        assert card.tries(AUTH_PIN) == left

    def test_a_reader_that_wants_a_length_is_asked_with_one(self, in_memory: Put, card_of: CardOf) -> None:
        simulated = card_of("aoki")
        card = in_memory(simulated)
        simulated.fail_after(2, b"\x67\x00")
        assert card.tries(AUTH_PIN) == 3
