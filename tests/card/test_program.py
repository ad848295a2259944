"""The command `warifu-card`: what a person and a script get from it."""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.card.checking import verify_with
from tests.card.conftest import PERSONAS, REAL_READER, CardOf, VirtualReader
from warifu_card import program
from warifu_card.faults import CardFault
from warifu_card.layout import FOUR_SECRETS
from warifu_card.simulator.box import Box
from warifu_card.transport import pcsc

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys are made once; counters are put back by each test."""
    return tmp_path_factory.mktemp("cards")


@pytest.fixture(autouse=True)
def _as_issued(folder: Path) -> None:
    (folder / "cards.json").unlink(missing_ok=True)


@pytest.fixture
def run(folder: Path) -> Run:
    def call(*words: str, typed: str = "", simulated: bool = True) -> Result:
        own = ["--simulated", str(PERSONAS), "--folder", str(folder)] if simulated else []
        return CliRunner().invoke(
            program.main, [*words, *own, *([] if "--lang" in words else ["--lang", "ja"])], input=typed
        )

    return call


def said(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout)
    return found


class TestInfo:
    def test_as_json(self, run: Run) -> None:
        found = said(run("info", "--json"))
        assert found["reader"] == "Simulated Reader 00"
        assert found["kind"] == "my-number-card"
        assert found["tries"] == {"auth": 3, "sign": 5, "profile": 3}
        uses = [(one["use"], one["present"]) for one in found["certificates"]]
        assert uses == [("auth", True), ("sign", True)]

    @pytest.mark.shows("004-6")
    def test_in_words_each_secret_by_its_name(self, run: Run) -> None:
        shown = run("info", "--persona", "last-try").stdout
        assert "マイナンバーカード" in shown
        assert "利用者証明用電子証明書の暗証番号(数字4桁): あと1回" in shown
        assert "署名用電子証明書の暗証番号(英数字6〜16桁): あと1回" in shown
        assert "券面事項入力補助用の暗証番号(数字4桁): あと1回" in shown

    def test_in_english(self, run: Run) -> None:
        shown = run("tries", "--persona", "locked", "--lang", "en").stdout
        assert "PIN of the authentication certificate (4 digits): locked" in shown

    def test_of_a_child_and_of_another_card(self, run: Run) -> None:
        assert "署名用電子証明書: 入っていません" in run("info", "--persona", "child").stdout
        result = run("info", "--persona", "other-card", "--json")
        assert result.exit_code == 1
        assert said(result)["error"]["code"] == "WF-K201"

    def test_through_pcsc(self, run: Run, virtual_reader: VirtualReader, card_of: CardOf) -> None:
        virtual_reader.slot.card = card_of("aoki")
        found = said(run("info", "--json", "--reader", "00 00", simulated=False))
        virtual_reader.take()
        assert (found["reader"], found["kind"]) == ("Virtual PCD 00 00", "my-number-card")
        assert "Virtual PCD 00 01" in run("readers", simulated=False).stdout


class TestPins:
    def test_a_wrong_one_costs_one_and_is_told_with_its_code(self, run: Run) -> None:
        result = run("profile", typed="0000\n")
        assert result.exit_code == 1
        assert "あと2回です" in result.stderr
        assert "WF-K401" in result.stderr
        assert said(run("tries", "--json"))["tries"] == {"auth": 3, "sign": 5, "profile": 2}
        assert said(run("profile", "--json", typed="5678\n"))["name"] == "青木　葵"
        assert said(run("tries", "--json"))["tries"] == {"auth": 3, "sign": 5, "profile": 3}

    def test_the_last_try_must_be_wished_for(self, run: Run) -> None:
        words = ("profile", "--persona", "last-try", "--json")
        assert said(run(*words, typed="0000\n"))["error"]["code"] == "WF-K403"
        assert said(run("tries", "--persona", "last-try", "--json"))["tries"]["profile"] == 1
        error = said(run(*words, "--use-last-try", typed="0000\n"))["error"]
        assert error["code"] == "WF-K402"
        assert "市区町村の窓口" in error["remedy"]
        run("simulate", "--persona", "last-try", "--unlock")
        assert said(run(*words, typed="7708\n"))["birth_date"] == "1977-07-07"

    def test_a_new_one_is_kept_in_the_box(self, run: Run) -> None:
        assert "変更しました" in run("change-pin", "auth", typed="1234\n4321\n").stdout
        signed = ("sign", "--with", "auth", "--json", str(PERSONAS))
        assert said(run(*signed, typed="1234\n"))["error"]["code"] == "WF-K401"
        assert said(run(*signed, typed="4321\n"))["algorithm"] == "RS256"

    def test_no_pin_is_an_option_of_any_command(self) -> None:
        """What stands in a command line, everybody on the computer can read."""
        for command in program.main.commands.values():
            assert not [one for one in command.params if "pin" in (one.name or "") or "password" in (one.name or "")]


class TestTerminal:
    """Somebody sits there: the card is looked at first, then the PIN is asked for with the card in its place."""

    @pytest.fixture(autouse=True)
    def _a_person(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(program, "_is_a_person", lambda: True)

    @pytest.mark.shows("004-11")
    def test_the_card_stays_while_the_pin_is_typed(self, run: Run) -> None:
        result = run("profile", typed="5678\n")
        assert result.stderr.index("カードを置いたままにしてください") < result.stderr.index(
            "券面事項入力補助用の暗証番号"
        )
        assert "5678" not in result.output
        assert result.stdout.startswith("青木　葵")

    def test_the_last_try_is_asked_about(self, run: Run) -> None:
        result = run("profile", "--persona", "last-try", typed="n\n")
        assert "あと1回" in result.stderr
        assert "WF-K403" in result.stderr
        assert run("profile", "--persona", "last-try", typed="y\n7708\n").exit_code == 0

    def test_a_locked_one_is_not_asked_for(self, run: Run) -> None:
        result = run("profile", "--persona", "locked")
        assert "WF-K402" in result.stderr
        assert "置いたまま" not in result.stderr

    def test_a_new_pin_is_typed_twice(self, run: Run) -> None:
        assert "2回の入力が違います" in run("change-pin", "auth", typed="1234\n4321\n4322\n").stderr
        assert "変更しました" in run("change-pin", "auth", typed="1234\n4321\n4321\n").stdout


class TestReading:
    def test_certificate_and_signature_fit(self, run: Run, tmp_path: Path) -> None:
        message = tmp_path / "message"
        message.write_bytes(b"message")
        for use, typed in (("auth", "1234\n"), ("sign", "AOKI1234\n")):
            pem = said(run("cert", use, "--json", typed=typed))["pem"]
            signed = said(run("sign", str(message), "--with", use, "--json", typed=typed))
            der = base64.b64decode("".join(str(pem).splitlines()[1:-1]))
            assert verify_with(der, base64.b64decode(str(signed["signature"])), b"message")

    def test_files_are_written(self, run: Run, tmp_path: Path) -> None:
        out = tmp_path / "certificate.pem"
        assert "まで有効" in run("cert", "--out", str(out)).stdout
        assert out.read_text().startswith("-----BEGIN CERTIFICATE-----")
        run("sign", str(out), "--with", "auth", "--out", str(tmp_path / "signature"), typed="1234\n")
        assert len((tmp_path / "signature").read_bytes()) == 256
        assert "有効期限が切れました" in run("cert", "--persona", "expired").stdout
        assert "OU=JPKI for digital signature" in run("cert", "sign", "--authority").stdout

    @pytest.mark.shows("N-06")
    def test_the_number_only_when_it_was_asked_for(self, run: Run, box: Box) -> None:
        number = box.personas["aoki"].number
        assert number not in run("profile", typed="5678\n").output
        assert number not in run("profile", "--json", typed="5678\n").output
        assert number in run("profile", "--number", typed="5678\n").stdout


class TestSimulate:
    def test_it_speaks_vpcds_language(self, run: Run) -> None:
        """A driver of the test's own: power on, ask for the ATR, select, pull."""
        heard: list[bytes] = []

        def drive(listening: socket.socket) -> None:
            card, _address = listening.accept()
            with card:
                for body in (b"\1", b"\4", bytes.fromhex("00A4040C0AD392F000260100000001"), b"\2", b"\0"):
                    card.sendall(len(body).to_bytes(2, "big") + body)
                    if body not in (b"\1", b"\2", b"\0"):
                        size = int.from_bytes(card.recv(2, socket.MSG_WAITALL), "big")
                        heard.append(card.recv(size, socket.MSG_WAITALL))

        with socket.create_server(("127.0.0.1", 0)) as listening:
            driver = threading.Thread(target=drive, args=(listening,))
            driver.start()
            port = listening.getsockname()[1]
            result = run("simulate", "--vpcd", f"127.0.0.1:{port}")
            driver.join(10)
        assert result.exit_code == 0
        assert heard == [bytes.fromhex("3B888001000005E0B381A1007F"), b"\x90\x00"]

    def test_no_driver_there_is_said(self, run: Run) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        result = run("simulate", "--vpcd", f"127.0.0.1:{port}")
        assert result.exit_code == 1
        assert "pcscd" in result.stderr


class TestFaults:
    def test_every_one_has_its_own_code_sentence_and_remedy_in_both_languages(self) -> None:
        faults = CardFault.catalogue()
        codes = [fault.code for fault in faults]
        assert len(codes) == len(set(codes)) > 25
        for fault in faults:
            assert fault.code.startswith("WF-K")
            for words in (fault.sentence, fault.remedy):
                assert words.ja.rstrip("}").endswith(("。", "{reason", "{readers")), fault.code
                assert words.en.rstrip("}").endswith((".", "{reason", "{readers")), fault.code

    def test_without_pyscard_the_way_to_it_is_named(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "smartcard", None)
        result = run("info", "--json", simulated=False)
        assert said(result)["error"]["code"] == "WF-K109"

    def test_without_pcscd_it_is_said(self, tmp_path: Path) -> None:
        """In a process of its own: the library looks once where the daemon is."""
        words = [sys.executable, "-c", "from warifu_card.program import main; main()", "readers", "--json"]
        environment = os.environ | {"PCSCLITE_CSOCK_NAME": str(tmp_path / "nothing")}
        shown = subprocess.run(words, capture_output=True, text=True, check=False, env=environment)
        assert shown.returncode == 1
        assert json.loads(shown.stdout)["error"]["code"] == "WF-K101"

    def test_each_secret_says_what_it_looks_like(self) -> None:
        assert [secret.form.ja for secret in FOUR_SECRETS].count("数字4桁") == 3
        assert "英大文字と数字の6〜16桁" in [secret.form.ja for secret in FOUR_SECRETS]


@pytest.mark.hardware
def test_a_real_card_is_looked_at_without_costing_a_try(run: Run) -> None:
    """WARIFU_CARD_READER='name of the reader' pytest tests/card -m hardware; it shows no PIN to the card."""
    first = said(run("info", "--json", "--reader", REAL_READER, simulated=False))
    assert first == said(run("info", "--json", "--reader", REAL_READER, simulated=False))
    assert said(run("cert", "auth", "--json", "--reader", REAL_READER, simulated=False))["use"] == "auth"
    assert REAL_READER in " ".join(pcsc.readers())
