"""The one story of terminal and window (000-33 … 000-36)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12

from tests.agent.house import OLD, Script, SmallHouse
from warifu_agent import flow, records
from warifu_agent.credential import Credential
from warifu_agent.dialogue import Dialogue
from warifu_agent.faults import KeyDiffers, NothingToRenew, Refused, Stopped, StoreRefused
from warifu_agent.flow import Mode, Wish
from warifu_agent.records import Record
from warifu_agent.stores.file import FileStore
from warifu_agent.words import Words

SIGN_IN = ["aoba", "aoki@aoba.example", "good", "123456"]
CONTENT = ["Aoba Trading", "PC-2", ""]
"""発行先、端末、取得しますか。"""


@dataclass
class Drawer:
    """A place that takes everything, or nothing."""

    kind: str = "drawer"
    words: Words = field(default_factory=lambda: Words("引出し", "drawer"))
    is_stuck: bool = False
    held: Credential | None = None

    def is_here(self) -> bool:
        return True

    def install(self, credential: Credential, dialogue: Dialogue) -> str:
        if self.is_stuck:
            raise StoreRefused(place="drawer")
        self.held = credential
        return "drawer"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    return tmp_path


def enrol(house: SmallHouse, answers: list[str], *stores: Any, mode: Mode = "") -> tuple[Record, Script]:
    script = Script(answers)
    record = flow.enrol(server=house, dialogue=script, stores=stores or (Drawer(),), wish=Wish(mode=mode))  # type: ignore[arg-type]
    assert script.answers == []
    return record, script


@pytest.mark.shows("000-34", "000-35", "000-36")
def test_a_new_one_from_sign_in_to_the_closing_words() -> None:
    house, drawer = SmallHouse(), Drawer()
    record, script = enrol(house, [*SIGN_IN, *CONTENT, "", "show"], drawer)
    assert ("certify", "Aoba Trading", "PC-2", "") in house.asked
    assert drawer.held is not None
    assert drawer.held.key.public_key() == drawer.held.certificate.public_key()
    assert [line for line in script.said if "/5 " in line] == [
        "1/5 サインイン", "2/5 処理の選択", "3/5 電子証明書の内容", "4/5 登録先", "5/5 完了",
    ]  # fmt: skip
    assert any("ブラウザーは、必ずすべて閉じてください" in line for line in script.said)
    assert "発行先　　　　: Aoba Trading" in script.said[-1]
    assert "フィンガープリント(SHA-256)" in script.said[-1]
    assert records.load() == [record]


@pytest.mark.shows("000-34")
def test_renewal_is_offered_when_there_is_something_to_renew_and_names_what_it_replaces() -> None:
    house = SmallHouse(renewable=(OLD,))
    enrol(house, [*SIGN_IN, "renew", "", "", "", "", "", "end"])
    assert ("certify", "Aoba Trading", "PC-1", "7") in house.asked
    house = SmallHouse(renewable=(OLD,))
    enrol(house, [*SIGN_IN, "new", *CONTENT, "", "end"])
    assert ("certify", "Aoba Trading", "PC-2", "") in house.asked


def test_renewal_without_anything_to_renew_says_so_before_a_key_is_made() -> None:
    house = SmallHouse()
    with pytest.raises(NothingToRenew):
        enrol(house, [*SIGN_IN], mode="renew")
    assert not [one for one in house.asked if one[0] == "certify"]


def test_a_wrong_password_may_be_typed_again_but_not_for_ever() -> None:
    house = SmallHouse()
    _record, script = enrol(house, ["aoba", "aoki", "bad", "", "", "good", "123456", *CONTENT, "", "end"])
    assert script.faults == ["WF-S203"]
    with pytest.raises(Refused):
        enrol(SmallHouse(), ["aoba", "aoki", "bad", "", "", "bad", "", "", "bad"])


def test_enter_alone_has_another_code_mailed_and_a_wrong_one_is_told() -> None:
    house = SmallHouse()
    _record, script = enrol(house, ["aoba", "aoki", "good", "", "999999", "123456", *CONTENT, "", "end"])
    assert ("resend",) in house.asked
    assert script.faults == ["WF-S231"]


def test_whoever_has_passkeys_alone_is_told_what_else_works() -> None:
    house = SmallHouse(stages=("second",), second=("passkey",))
    _record, script = enrol(house, [*SIGN_IN, *CONTENT, "", "end"])
    assert any("パスキーを使えません" in line for line in script.said)


def test_a_place_that_refuses_does_not_lose_the_key(home: Path) -> None:
    stuck = Drawer(kind="stuck", is_stuck=True)
    file = home / "a.p12"
    answers = [*SIGN_IN, *CONTENT, "stuck", "file", str(file), "own", "long enough!", "long enough!", "end"]
    record, script = enrol(SmallHouse(), answers, stuck, FileStore())
    assert script.faults == ["WF-S695"]
    assert any("別の登録先" in line for line in script.said)
    found = pkcs12.load_pkcs12(file.read_bytes(), b"long enough!")
    assert found.cert is not None
    assert found.cert.certificate == record.parsed


def test_a_certificate_for_another_key_is_refused() -> None:
    with pytest.raises(KeyDiffers):
        enrol(SmallHouse(signs_own_key=True), [*SIGN_IN, *CONTENT, ""])
    assert records.load() == []


def test_nothing_is_asked_of_the_server_after_a_no() -> None:
    house = SmallHouse()
    with pytest.raises(Stopped):
        enrol(house, [*SIGN_IN, "Aoba", "PC", "no"])
    assert not [one for one in house.asked if one[0] == "certify"]
