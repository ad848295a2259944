"""Where keys are kept: what other programs read, and that no secret stands where others could look."""

from __future__ import annotations

import re
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.agent.house import Script, SmallHouse
from tests.server import ROOT
from warifu.credentials.rules import secrets as house_secrets
from warifu_agent import credential, passwords
from warifu_agent.credential import Credential
from warifu_agent.faults import FileNotWritten, StoreRefused, ToolMissing
from warifu_agent.stores import tool
from warifu_agent.stores.file import FileStore
from warifu_agent.stores.keychain import Keychain
from warifu_agent.stores.nss import NssStore
from warifu_agent.stores.windows import WindowsStore


@pytest.fixture
def own() -> Credential:
    key = credential.new_key()
    request = credential.request(key=key, issued_to="青葉商会 青木")
    issued = SmallHouse().certify(token="", request=request, issued_to="青葉商会", device_name="", replaces=None)
    return credential.assembled(key=key, certificate=issued.certificate, chain=issued.chain, name="青葉商会")


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Every tool that is run: its words, what was said to it, its environment."""
    kept: list[dict[str, Any]] = []
    real = subprocess.run

    def run(words: list[str], **how: Any) -> Any:
        kept.append({"words": words, "said": how.get("input", ""), "env": how.get("env")})
        return real(words, **how)

    monkeypatch.setattr(subprocess, "run", run)
    return kept


class TestNss:
    def test_it_makes_the_database_and_puts_key_and_certificate_into_it(
        self, own: Credential, tmp_path: Path, ran: list[dict[str, Any]]
    ) -> None:
        folder = tmp_path / ".pki" / "nssdb"
        assert NssStore(folder).install(own, Script([])) == str(folder)
        listed = tool.run("certutil", "-L", "-d", f"sql:{folder}").stdout
        assert re.search(r"青葉商会 +u,u,u", listed)
        keys = tool.run("certutil", "-K", "-d", f"sql:{folder}").stdout
        assert "青葉商会" in keys
        said = [one["said"] for one in ran if one["said"]]
        assert len(said) == 1
        for one in ran:
            assert said[0] not in " ".join(one["words"])
            assert one["env"] is None
        assert list(tmp_path.glob("**/*.p12")) == []

    def test_it_asks_for_the_password_of_a_database_that_has_one(self, own: Credential, tmp_path: Path) -> None:
        word = tmp_path / "word.txt"
        word.write_text("database word")
        folder = tmp_path / "nssdb"
        folder.mkdir()
        tool.run("certutil", "-N", "-d", f"sql:{folder}", "-f", str(word))
        NssStore(folder).install(own, Script(["database word"]))
        assert "青葉商会" in tool.run("certutil", "-K", "-d", f"sql:{folder}", "-f", str(word)).stdout

    def test_a_wrong_database_password_is_a_refusal(self, own: Credential, tmp_path: Path) -> None:
        word = tmp_path / "word.txt"
        word.write_text("database word")
        folder = tmp_path / "nssdb"
        folder.mkdir()
        tool.run("certutil", "-N", "-d", f"sql:{folder}", "-f", str(word))
        with pytest.raises(StoreRefused):
            NssStore(folder).install(own, Script(["another word"]))

    def test_a_missing_tool_is_named(self, own: Credential, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(ToolMissing) as caught:
            NssStore(tmp_path / "db").install(own, Script([]))
        assert caught.value.values == {"tool": "certutil"}


@pytest.mark.parametrize("store", [WindowsStore(), Keychain()])
def test_other_systems_get_their_secret_on_standard_input_only(
    own: Credential, store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot run here is at least called as it shall be."""
    kept: list[tuple[tuple[str, ...], str]] = []

    def run(*words: str, said: str = "") -> subprocess.CompletedProcess[str]:
        kept.append((words, said))
        return subprocess.CompletedProcess(words, 0, "", "")

    monkeypatch.setattr(tool, "run", run)
    store.install(own, Script([]))
    ((words, said),) = kept
    secret = re.search(r"([A-Y3-9]{4}-){5}[A-Y3-9]{4}", said)
    assert secret
    assert secret[0] not in " ".join(words)


class TestFile:
    def test_a_made_password_is_told_once_and_the_file_is_its_owners(self, own: Credential, tmp_path: Path) -> None:
        path = tmp_path / "a.p12"
        script = Script([str(path), "made", "no", ""])
        assert FileStore().install(own, script) == str(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        password = script.said[1]
        assert script.said[2] == passwords.read_aloud(password)
        shown = tool.run("openssl", "pkcs12", "-in", str(path), "-passin", f"pass:{password}", "-noenc", "-info")
        assert "PBES2, PBKDF2, AES-256-CBC" in shown.stderr
        assert shown.stdout.count("BEGIN CERTIFICATE") == 2

    def test_a_chosen_password_is_typed_twice_and_long_enough(self, own: Credential, tmp_path: Path) -> None:
        path = tmp_path / "a.p12"
        answers = [
            "short",
            "ながいけれど かなの ことば",
            "long enough!",
            "different it is",
            "long enough!",
            "long enough!",
        ]
        FileStore().install(own, Script([str(path), "own", *answers]))
        assert tool.run("openssl", "pkcs12", "-in", str(path), "-passin", "pass:long enough!", "-noenc").returncode == 0

    def test_a_file_that_is_there_is_left_alone(self, own: Credential, tmp_path: Path) -> None:
        path = tmp_path / "a.p12"
        path.write_text("mine")
        with pytest.raises(FileNotWritten):
            FileStore().install(own, Script([str(path), "made"]))
        assert path.read_text() == "mine"

    def test_the_old_style_is_read_by_old_importers(self, own: Credential, tmp_path: Path) -> None:
        path = tmp_path / "old.p12"
        path.write_bytes(own.as_file(password="long enough!", is_old_style=True))
        shown = tool.run(
            "openssl", "pkcs12", "-legacy", "-in", str(path), "-passin", "pass:long enough!", "-noenc", "-info"
        )
        assert "pbeWithSHA1And3-KeyTripleDES-CBC" in shown.stderr
        assert shown.returncode == 0


def test_server_program_and_page_make_passwords_of_the_same_signs() -> None:
    script = (ROOT / "src/warifu/web/static/js/enrol.js").read_text(encoding="utf-8")
    assert passwords.ALPHABET == house_secrets.ALPHABET
    assert f'"{passwords.ALPHABET}"' in script
    made = passwords.generated()
    assert re.fullmatch(r"([A-Y3-9]{4}-){5}[A-Y3-9]{4}", made)
    assert passwords.read_aloud(made) == house_secrets.read_aloud(made)
    spoken = [house_secrets.read_aloud(sign) for sign in house_secrets.ALPHABET]
    assert re.findall(r"[ァ-ヶーぁ-ん]+", "".join(re.findall(r"SPOKEN = \((.*?)\)\.split", script, re.S))) == spoken
