"""The software card's people, its authority and its box (cards.md 2, 3)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID

from tests.card.conftest import PERSONAS
from warifu_card import certificate, jpki
from warifu_card.card import Card
from warifu_card.digests import digest_info
from warifu_card.faults import MalformedData, PersonasUnreadable, PinIncorrect
from warifu_card.layout import AUTH_PIN
from warifu_card.simulator import card as cards
from warifu_card.simulator import personas
from warifu_card.simulator.authority import FLAWS
from warifu_card.simulator.box import Box, usual_folder
from warifu_card.transport.simulator import SimulatorTransport


class TestPersonas:
    def written(self, tmp_path: Path, **other: Any) -> Path:
        given = json.loads(PERSONAS.read_text(encoding="utf-8"))["personas"][0] | other
        path = tmp_path / "personas.json"
        path.write_text(json.dumps({"personas": [given]}), encoding="utf-8")
        return path

    def test_there_are_many(self) -> None:
        people = personas.load(PERSONAS)
        assert len(people) >= 12
        assert len({one.number for one in people.values()}) == len(people)

    @pytest.mark.shows("N-05")
    def test_a_number_that_could_be_real_is_refused(self, tmp_path: Path) -> None:
        practice = personas.load(PERSONAS)["aoki"].number
        others = [practice[:11] + str(digit) for digit in range(10) if str(digit) != practice[11]]
        for number in [*others, practice[:11], "", "一" * 12]:
            with pytest.raises(PersonasUnreadable):
                personas.load(self.written(tmp_path, number=number))
        assert personas.load(self.written(tmp_path, number=practice))

    @pytest.mark.parametrize(
        "other",
        [{"sex": "x"}, {"birth_date": "1990-13-01"}, {"pins": {}}, {"kind": "phone"}, {"state": "odd"},
         {"surprise": 1}, {"certificates": ["other"]}, {"tries": {"x": 1}}, {"generation": 3}, {"security_code": "1"},
         {"pins": {"auth": "12", "sign": "AOKI1234", "profile": "5678", "resident": "2468"}}],
    )  # fmt: skip
    def test_a_file_that_is_wrong_is_said_to_be(self, tmp_path: Path, other: dict[str, Any]) -> None:
        with pytest.raises(PersonasUnreadable):
            personas.load(self.written(tmp_path, **other))

    @pytest.mark.parametrize("text", ["", "[]", "{}", '{"personas": []}', '{"personas": [1]}'])
    def test_so_is_one_that_is_none(self, tmp_path: Path, text: str) -> None:
        path = tmp_path / "personas.json"
        path.write_text(text)
        with pytest.raises(PersonasUnreadable):
            personas.load(path)


class TestAuthority:
    def test_generations_have_one_name_and_different_keys(self, box: Box) -> None:
        for use in ("auth", "sign"):
            one, other = box.authority.roots(use)  # type: ignore[arg-type]
            assert one.subject == other.subject == one.issuer
            assert "O=WARIFU-TEST" in one.subject.rfc4514_string()
            leaf = x509.load_der_x509_certificate(box.authority.certify(box.personas["inoue"], use))  # type: ignore[arg-type]
            leaf.verify_directly_issued_by(one)
            with pytest.raises(InvalidSignature):
                leaf.verify_directly_issued_by(other)

    def test_leaves_are_as_jpkis(self, box: Box) -> None:
        auth, sign = (
            x509.load_der_x509_certificate(box.authority.certify(box.personas["aoki"], use)) for use in ("auth", "sign")
        )
        for leaf, policy in ((auth, "1.2.392.200149.8.5.1.3.30"), (sign, "1.2.392.200149.8.5.1.1.20")):
            policies = leaf.extensions.get_extension_for_class(x509.CertificatePolicies)
            assert policies.critical
            assert [one.policy_identifier.dotted_string for one in policies.value] == [policy]
            assert leaf.extensions.get_extension_for_class(x509.KeyUsage).critical
            points = leaf.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
            assert [type(name) for point in points for name in point.full_name or ()] == [x509.DirectoryName]
            assert leaf.serial_number.bit_length() > 24
            assert leaf.not_valid_after_utc.strftime("%H:%M:%S") == "14:59:59"
        with pytest.raises(x509.ExtensionNotFound):
            auth.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME)
        names = sign.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert [one.type_id.dotted_string.rsplit(".", 1)[1] for one in names] == ["1", "4", "3", "5", "2", "6"]  # type: ignore[attr-defined]

    def test_every_flaw_makes_another_certificate(self, box: Box) -> None:
        persona = box.personas["aoki"]
        made = {flaw: box.authority.certify(persona, "sign", flaw=flaw) for flaw in FLAWS}
        assert len({*made.values(), box.authority.certify(persona, "sign")}) == len(FLAWS) + 1
        for flaw in ("twice-born", "bytes-behind"):
            with pytest.raises(MalformedData):
                certificate.read(made[flaw])

    def test_a_revocation_list_names_the_revoked(self, box: Box) -> None:
        persona, at = box.personas["aoki"], datetime.now(UTC)
        listed = x509.load_der_x509_crl(box.authority.revocation_list("auth", revoked=[persona], at=at))
        leaf = x509.load_der_x509_certificate(box.authority.certify(persona, "auth"))
        assert listed.get_revoked_certificate_by_serial_number(leaf.serial_number) is not None
        assert listed.issuer == leaf.issuer


def test_both_ways_of_signing_are_one(box: Box) -> None:
    key = box.authority.keys.rsa("aoki-auth")
    info = digest_info(b"message")
    assert cards._raw_signature(key, info) == cards._signature(key, info)


class TestBox:
    def test_the_same_card_comes_out_tomorrow(self, tmp_path: Path) -> None:
        one = Box.open(PERSONAS, folder=tmp_path)
        first = Card(SimulatorTransport(one.card("aoki")))
        der = jpki.certificate(first, jpki.AUTH).der
        with pytest.raises(PinIncorrect):
            first.verify(AUTH_PIN, "0000")
        one.keep()
        other = Box.open(PERSONAS, folder=tmp_path)
        second = Card(SimulatorTransport(other.card("aoki")))
        assert jpki.certificate(second, jpki.AUTH).der == der
        assert second.tries(AUTH_PIN) == 2
        assert other.authority.root("auth").public_bytes(Encoding.DER) == one.authority.root("auth").public_bytes(
            Encoding.DER
        )
        assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("*.pem")} == {0o600}

    def test_a_folder_that_was_spoilt_is_said_to_be(self, tmp_path: Path) -> None:
        Box.open(PERSONAS, folder=tmp_path).keep()
        for name in ("cards.json", "begun.txt", "root-auth-2.pem"):
            (tmp_path / name).write_text("spoilt")
            with pytest.raises(PersonasUnreadable):
                Box.open(PERSONAS, folder=tmp_path).card("aoki")
            (tmp_path / name).unlink()

    def test_keys_are_kept_outside_the_files_folder(self) -> None:
        assert PERSONAS.parent not in usual_folder(PERSONAS).parents

    def test_nobody_of_that_name(self, box: Box) -> None:
        with pytest.raises(PersonasUnreadable):
            box.card("nobody")
