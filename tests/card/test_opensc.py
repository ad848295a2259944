"""OpenSC as the judge of the software card, over the real PC/SC daemon (cards.md 3.3); and what a fault would do."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate, load_pem_x509_certificate

from tests.card import daemon as daemons
from tests.card.checking import verify_with
from tests.card.conftest import PERSONAS, CardOf, VirtualReader
from tests.card.daemon import Daemon
from warifu_card import jpki, layout
from warifu_card.apdu import SIGN, Command, Response
from warifu_card.card import Card
from warifu_card.digests import digest_info
from warifu_card.faults import ReaderBusy, ReaderNotFound, SeveralCards
from warifu_card.simulator import card as cards
from warifu_card.simulator.box import Box
from warifu_card.simulator.card import SimulatedCard
from warifu_card.transport import pcsc


@pytest.fixture
def lay(virtual_reader: VirtualReader) -> object:
    def put(card: SimulatedCard) -> SimulatedCard:
        virtual_reader.slot.card = card
        return card

    yield put
    virtual_reader.take()


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, timeout=20, check=False)


def module() -> str:
    return str(next(Path("/usr/lib").rglob("opensc-pkcs11.so")))


def pkcs11(*words: str) -> subprocess.CompletedProcess[str]:
    return run("pkcs11-tool", "--module", module(), *words)


def read_certificate(number: str, *words: str) -> bytes:
    shown = run("pkcs15-tool", "--read-certificate", number, *words).stdout
    return load_pem_x509_certificate(shown.encode()).public_bytes(Encoding.DER)


class TestPkcs15:
    def test_four_certificates_two_pins_and_the_very_bytes(
        self, lay: Callable[..., SimulatedCard], card_of: CardOf, box: Box
    ) -> None:
        lay(card_of("aoki"))
        assert "jpki" in run("opensc-tool", "-n").stdout
        assert run("pkcs15-tool", "--list-certificates").stdout.count("X.509 Certificate") == 4
        pins = run("pkcs15-tool", "--list-pins").stdout
        assert [line.split()[-1] for line in pins.splitlines() if "Tries left" in line] == ["3", "5"]
        persona = box.personas["aoki"]
        assert read_certificate("01") == box.authority.certify(persona, "auth")
        refused = run("pkcs15-tool", "--read-certificate", "02")
        assert "BEGIN CERTIFICATE" not in refused.stdout
        unlocked = ("--auth-id", "02", "--verify-pin", "--pin", persona.pins["sign"])
        assert read_certificate("02", *unlocked) == box.authority.certify(persona, "sign")


class TestPkcs11:
    @pytest.mark.parametrize("use", ["auth", "sign"])
    def test_it_signs_with_both_keys(
        self, lay: Callable[..., SimulatedCard], card_of: CardOf, box: Box, tmp_path: Path, use: str
    ) -> None:
        lay(card_of("aoki"))
        persona = box.personas["aoki"]
        message, signature = tmp_path / "message", tmp_path / "signature"
        message.write_bytes(b"message")
        label = {"auth": "User Authentication PIN", "sign": "Digital Signature PIN"}[use]
        made = pkcs11(
            "--token-label", f"JPKI ({label})", "--login", "--pin", persona.pins[use],
            "--sign", "-m", "SHA256-RSA-PKCS", "-i", str(message), "-o", str(signature),
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
        certificate = box.authority.certify(persona, "auth" if use == "auth" else "sign")
        assert verify_with(certificate, signature.read_bytes(), b"message")
        public, pem = tmp_path / "key.pem", tmp_path / "certificate.pem"
        pem.write_bytes(load_der_x509_certificate(certificate).public_bytes(Encoding.PEM))
        public.write_text(run("openssl", "x509", "-in", str(pem), "-pubkey", "-noout").stdout)
        checked = run("openssl", "dgst", "-sha256", "-verify", str(public), "-signature", str(signature), str(message))
        assert "Verified OK" in checked.stdout

    def test_a_wrong_pin_costs_one_a_right_one_restores_three_lock(
        self, lay: Callable[..., SimulatedCard], card_of: CardOf
    ) -> None:
        simulated = lay(card_of("aoki"))

        def login(pin: str) -> int:
            label = "JPKI (User Authentication PIN)"
            return pkcs11("--token-label", label, "--login", "--pin", pin, "-O").returncode

        assert login("9999") != 0
        assert simulated.counters()["auth"] == 2
        assert login("1234") == 0
        assert simulated.counters()["auth"] == 3
        for _ in range(3):
            login("9999")
        assert simulated.counters()["auth"] == 0
        assert login("1234") != 0


def wants_the_password() -> None:
    assert "BEGIN CERTIFICATE" not in run("pkcs15-tool", "--read-certificate", "02").stdout


def costs_one() -> None:
    pkcs11("--token-label", "JPKI (User Authentication PIN)", "--login", "--pin", "9999", "-O")
    assert "Tries left     : 2" in run("pkcs15-tool", "--list-pins").stdout


def signs() -> None:
    with pcsc.connect() as transport:
        card = Card(transport)
        signature = jpki.sign(card, jpki.AUTH, "1234", b"message")
        assert verify_with(jpki.certificate(card, jpki.AUTH).der, signature, b"message")


class TestDeliberateFaults:
    """The checks check: each is green on the card as it is, and red on a card with one fault."""

    def test_a_card_that_gives_the_signing_certificate_to_everybody(
        self, lay: Callable[..., SimulatedCard], card_of: CardOf
    ) -> None:
        simulated = lay(card_of("aoki"))
        wants_the_password()
        simulated._applications[layout.JPKI_AP].wants.clear()
        with pytest.raises(AssertionError):
            wants_the_password()

    def test_a_counter_that_does_not_fall(
        self, lay: Callable[..., SimulatedCard], card_of: CardOf, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lay(card_of("aoki"))
        costs_one()
        simulated = lay(card_of("aoki"))
        monkeypatch.setattr(simulated._applications[layout.JPKI_AP].secrets[0x0018], "__class__", Unfalling)
        with pytest.raises(AssertionError):
            costs_one()

    def test_wrong_padding(
        self, lay: Callable[..., SimulatedCard], card_of: CardOf, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lay(card_of("aoki"))
        signs()
        monkeypatch.setattr(cards, "_signature", lambda key, given: cards._raw_signature(key, given[1:]))
        with pytest.raises(AssertionError):
            signs()


class Unfalling(cards.Counter):
    def __setattr__(self, name: str, value: object) -> None:
        if name != "left":
            super().__setattr__(name, value)


class TestSharing:
    def test_nobody_else_gets_the_card_meanwhile(self, lay: Callable[..., SimulatedCard], card_of: CardOf) -> None:
        lay(card_of("aoki"))
        with pcsc.connect():
            with pytest.raises(ReaderBusy):
                pcsc.connect("Virtual PCD 00 00")
            assert "jpki" not in run("opensc-tool", "-n").stdout
        assert "jpki" in run("opensc-tool", "-n").stdout

    def test_nobody_signs_after_us(self, lay: Callable[..., SimulatedCard], card_of: CardOf) -> None:
        """Another program that selects no application finds none selected, and no PIN shown (cards.md 1.9)."""
        lay(card_of("aoki"))
        with pcsc.connect() as transport:
            card = Card(transport)
            card.verify(layout.AUTH_PIN, "1234")
            card.sign(jpki.AUTH.key, digest_info(b"message"))
        with pcsc.connect(daemons.READER) as transport:
            sign = Command(0x80, SIGN, 0, 0x80, digest_info(b"message"), 256)
            assert Response.decode(transport.transmit(sign.encode())).status == 0x6985

    def test_the_command_puts_a_second_card_into_the_other_slot(
        self, lay: Callable[..., SimulatedCard], card_of: CardOf, daemon: Daemon, tmp_path: Path
    ) -> None:
        """`warifu-card simulate --vpcd`, by a process in the daemon's network, as a person would run it."""
        lay(card_of("aoki"))
        words = [
            sys.executable, "-c", "from warifu_card.program import main; main()", "simulate",
            "--simulated", str(PERSONAS),
            "--persona", "inoue", "--vpcd", "127.0.0.1:35964", "--folder", str(tmp_path),
        ]  # fmt: skip
        with subprocess.Popen(daemon.inside(words), stderr=subprocess.PIPE, env=os.environ) as process:
            try:
                end = time.monotonic() + 15
                while True:
                    try:
                        pcsc.connect("00 01").close()
                        break
                    except Exception:  # noqa: BLE001 - it is on its way; the daemon has noticed when this succeeds
                        assert time.monotonic() < end
                        time.sleep(0.05)
                with pytest.raises(SeveralCards):
                    pcsc.connect()
                with pytest.raises(ReaderNotFound):
                    pcsc.connect("Virtual PCD")
                with pcsc.connect("00 01") as transport:
                    assert jpki.sign(Card(transport), jpki.AUTH, "1111", b"message")
            finally:
                process.terminate()
