"""TLV, commands, certificates, tokens, evidence: what is right comes back, everything else is a fault."""

from __future__ import annotations

import base64
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warifu_card import apdu, certificate, evidence, particulars, tlv, token
from warifu_card.apdu import Command, Response
from warifu_card.evidence import Evidence
from warifu_card.faults import CardFault, MalformedData, ReadFailed, TokenMalformed
from warifu_card.token import Token, purpose_text, signed_bytes

TAGS = st.sampled_from([0x30, 0x02, 0x90, 0xDF21, 0xFF20, 0x7F21, 0x5F37])
COMMANDS = st.builds(
    Command,
    *[st.integers(0, 255)] * 4,
    data=st.binary(max_size=600),
    le=st.one_of(st.just(0), st.integers(1, 256), st.integers(257, 0x10000)),
)
NONCE = base64.b64encode(bytes(32)).decode()
PURPOSE = purpose_text({"a": "login"})
TOKEN = Token("RS256", b"certificate", b"signature")


class TestTlv:
    @given(st.lists(st.tuples(TAGS, st.binary(max_size=300)), max_size=6), st.binary(max_size=20))
    def test_what_is_written_is_read(self, parts: list[tuple[int, bytes]], filler: bytes) -> None:
        inside = b"".join(tlv.encode(tag, value) for tag, value in parts)
        whole = tlv.encode(0xFF20, inside)
        read = tlv.first(whole + filler)
        assert read.raw == whole
        assert [(one.tag, one.value) for one in read.children()] == parts

    @given(st.binary(max_size=200))
    def test_anything_else_is_malformed(self, data: bytes) -> None:
        for read in (tlv.header, tlv.first, lambda raw: list(tlv.objects(raw))):
            with suppress(MalformedData):
                read(data)

    @pytest.mark.parametrize(
        "data",
        [
            "3080",
            "308100",
            "30817f",
            "30820001",
            "3083000100",
            "308400000001",
            "3083ffffff",
            "ffffffff01",
        ],
    )
    def test_lengths_have_one_form(self, data: str) -> None:
        with pytest.raises(MalformedData):
            tlv.first(bytes.fromhex(data) + bytes(300))

    @pytest.mark.parametrize("data", ["", "30", "1f", "1fff", "3001", "308180", "ff20"])
    def test_what_is_cut_off_is_no_object(self, data: str) -> None:
        with pytest.raises(MalformedData):
            tlv.first(bytes.fromhex(data))

    def test_one_and_only_one(self) -> None:
        twice = tlv.first(tlv.encode(0x30, tlv.encode(0x02, b"a") * 2))
        for tag in (0x02, 0x04):
            with pytest.raises(MalformedData):
                twice.child(tag)


class TestCommands:
    @given(COMMANDS)
    def test_what_is_encoded_is_decoded(self, command: Command) -> None:
        decoded = Command.decode(command.encode())
        assert decoded.data == command.data
        assert (decoded.cla, decoded.ins, decoded.p1, decoded.p2) == (command.cla, command.ins, command.p1, command.p2)
        assert decoded.le == command.le

    @given(st.binary(max_size=400))
    def test_any_bytes_are_a_command_or_malformed(self, raw: bytes) -> None:
        try:
            command = Command.decode(raw)
        except MalformedData:
            return
        assert Command.decode(command.encode()) == command

    @given(COMMANDS.filter(lambda command: command.data != b"" and command.ins != apdu.SELECT))
    def test_no_text_of_a_command_shows_its_data(self, command: Command) -> None:
        assert str(command) == str(
            Command(command.cla, command.ins, command.p1, command.p2, bytes(len(command.data)), command.le)
        )
        assert repr(command) == repr(Command(command.cla, command.ins, command.p1, command.p2, b"", command.le))

    def test_a_long_one_is_chained_where_the_reader_knows_nothing_longer(self) -> None:
        sent: list[bytes] = []

        def transmit(raw: bytes) -> bytes:
            sent.append(raw)
            return b"\x90\x00"

        long = Command(0x80, 0x2A, 0, 0x80, bytes(600), 256)
        assert apdu.exchange(transmit, long, knows_extended=False).is_good
        assert [raw[0] for raw in sent] == [0x90, 0x90, 0x80]
        assert b"".join(Command.decode(raw).data for raw in sent) == bytes(600)
        sent.clear()
        apdu.exchange(transmit, long)
        assert len(sent) == 1
        assert apdu.exchange(lambda _raw: b"\x6a\x80", long, knows_extended=False).status == 0x6A80

    def test_the_right_length_is_asked_for_again_but_no_pin_is(self) -> None:
        answers = [b"\x6c\x03", b"abc\x90\x00"]
        assert apdu.exchange(lambda _raw: answers.pop(0), Command(0, 0xB0, 0, 0, le=256)).data == b"abc"
        answers = [b"\x6c\x03", b"\x90\x00"]
        assert apdu.exchange(lambda _raw: answers.pop(0), Command(0, 0x20, 0, 0x80, b"1234")).status == 0x6C03

    @given(st.lists(st.binary(max_size=64), max_size=40))
    def test_a_card_that_answers_anything_ends_in_an_answer_or_a_fault(self, answers: list[bytes]) -> None:
        left = iter([*answers, b""])
        with suppress(ReadFailed):
            apdu.exchange(lambda _raw: next(left), Command(0, 0xB0, 0, 0, le=256))

    def test_more_and_more_data_ends(self) -> None:
        with pytest.raises(ReadFailed):
            apdu.exchange(lambda _raw: bytes(200) + b"\x61\xff", Command(0, 0xB0, 0, 0, le=256))
        with pytest.raises(ReadFailed):
            apdu.exchange(lambda _raw: b"\x61\xff", Command(0, 0xB0, 0, 0, le=256))

    @given(st.binary(max_size=300))
    def test_an_answer_has_a_status_word(self, raw: bytes) -> None:
        if len(raw) < 2:
            with pytest.raises(ReadFailed):
                Response.decode(raw)
        else:
            assert Response.decode(raw).encode() == raw


class TestHostile:
    """Nothing but typed faults comes out, whatever the card says."""

    @given(st.binary(max_size=300))
    def test_certificates_and_files(self, data: bytes) -> None:
        readers = (
            certificate.read, particulars.number_in, particulars.attributes_in, evidence.read_signature,
            evidence.read_issuer, evidence.read_card_key, evidence.after_offsets,
        )  # fmt: skip
        for read in readers:
            with suppress(CardFault):
                read(data)

    @given(st.data())
    def test_one_byte_of_a_certificate(self, box, data: st.DataObject) -> None:  # type: ignore[no-untyped-def]
        der = bytearray(box.authority.certify(box.personas["inoue"], "sign"))
        at = data.draw(st.integers(0, len(der) - 1))
        der[at] = data.draw(st.integers(0, 255))
        with suppress(CardFault):
            certificate.read(bytes(der))


class TestToken:
    def test_signed_are_prefix_origin_nonce_and_purpose(self) -> None:
        signed = signed_bytes(origin="https://warifu.example", nonce=NONCE, purpose=PURPOSE)
        assert signed.startswith(b"warifu-card:1\0")
        assert len(signed) == 14 + 96
        others = [
            signed_bytes(origin="https://warifu.example:8443", nonce=NONCE, purpose=PURPOSE),
            signed_bytes(origin="https://warifu.example", nonce=base64.b64encode(b"x" * 32).decode(), purpose=PURPOSE),
            signed_bytes(origin="https://warifu.example", nonce=NONCE, purpose=purpose_text({"a": "enrol", "u": "1"})),
        ]
        assert len({signed, *others}) == 4

    @pytest.mark.parametrize(
        "origin",
        [
            "http://warifu.example",
            "https://warifu.example/",
            "https://WARIFU.example",
            "https://a@b",
            "null",
            "",
            "https://",
        ],
    )
    def test_an_origin_is_scheme_host_and_port(self, origin: str) -> None:
        with pytest.raises(TokenMalformed):
            signed_bytes(origin=origin, nonce=NONCE, purpose=PURPOSE)

    @pytest.mark.parametrize(
        "purpose", ["", "{}", "[]", '{"a": "login"}', '{"u":"1"}', '{"a":1}', '{"b":"1","a":"x"}', '{"a":"1","a":"2"}']
    )
    def test_a_purpose_has_one_text(self, purpose: str) -> None:
        with pytest.raises(TokenMalformed):
            signed_bytes(origin="https://warifu.example", nonce=NONCE, purpose=purpose)

    def test_there_and_back(self) -> None:
        assert Token.parse(TOKEN.to_json()) == TOKEN

    @pytest.mark.parametrize(
        "change",
        [{"format": "warifu-card:2"}, {"algorithm": "none"}, {"algorithm": ["RS256"]}, {"extra": 1}, {"signature": ""},
         {"signature": "YQ"}, {"signature": "YR=="}, {"signature": "Y Q=="}, {"unverifiedCertificate": 1}],
    )  # fmt: skip
    def test_strictly(self, change: dict[str, object]) -> None:
        with pytest.raises(TokenMalformed):
            Token.parse(json.dumps(json.loads(TOKEN.to_json()) | change))

    def test_repeated_keys_and_long_texts_are_refused(self) -> None:
        text = TOKEN.to_json()
        for wrong in (text[:-1] + ',"algorithm":"RS256"}', text + " " * 20_000, "[" * 5000, text[:-1]):
            with pytest.raises(TokenMalformed):
                Token.parse(wrong)

    @given(st.text(max_size=200))
    def test_any_text_is_a_token_or_malformed(self, text: str) -> None:
        for parse in (Token.parse, Evidence.parse, token.read_purpose):
            with pytest.raises(TokenMalformed):
                parse(text)
