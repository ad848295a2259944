"""The native host: frames as hostile as a page could wish, who may ask, and that nothing but frames comes back."""

from __future__ import annotations

import io
import json
import os
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from warifu_agent import host, settings
from warifu_agent.browsers import CHROMIUM_ID, FIREFOX_ID
from warifu_agent.faults import SettingsUnreadable
from warifu_agent.host import Question, Report
from warifu_agent.settings import Settings

ORIGIN = "https://warifu.example"
CALLER = (f"chrome-extension://{CHROMIUM_ID}/",)
ASKED = {
    "command": "authenticate",
    "nonce": "A" * 43 + "=",
    "purpose": '{"a":"login"}',
    "origin": ORIGIN,
    "language": "en",
}
SET = Settings(origins=(ORIGIN,))


def frame(body: bytes) -> bytes:
    return struct.pack("=I", len(body)) + body


def frames(content: bytes) -> list[dict[str, Any]]:
    found = []
    while content:
        (length,) = struct.unpack("=I", content[:4])
        found.append(json.loads(content[4 : 4 + length]))
        content = content[4 + length :]
    return found


def good(question: Question, *, settings: Settings, report: Report) -> str:
    report("insert")
    return json.dumps({"signed for": question.origin, "purpose": question.purpose})


def never(question: Question, *, settings: Settings, report: Report) -> str:
    raise AssertionError("the card was asked")


def said(
    content: bytes,
    *,
    callers: tuple[str, ...] = CALLER,
    own: Settings = SET,
    answering: Any = never,
    load: Callable[[], Settings] | None = None,
) -> list[dict[str, Any]]:
    sink = io.BytesIO()
    host.serve(source=io.BytesIO(content), sink=sink, callers=callers, load=load or (lambda: own), answering=answering)
    return frames(sink.getvalue())


def code_of(content: bytes, **more: Any) -> str:
    [answer] = said(content, **more)
    assert answer.keys() == {"fault"}
    assert answer["fault"]["sentence"]
    assert answer["fault"]["remedy"]
    return str(answer["fault"]["code"])


def asking(**changed: Any) -> bytes:
    return frame(json.dumps(ASKED | changed).encode())


def test_a_question_gets_its_token_after_word_of_how_far_it_is() -> None:
    progress, answer = said(asking(), answering=good)
    assert progress == {"progress": "insert"}
    assert json.loads(answer["token"]) == {"signed for": ORIGIN, "purpose": '{"a":"login"}'}


def test_only_one_question_is_answered() -> None:
    assert len(said(asking() + asking(), answering=good)) == 2


def test_nobody_asking_gets_no_answer() -> None:
    assert said(b"") == []


@pytest.mark.parametrize(
    "content",
    [
        b"\x05",
        b"\x05\x00\x00",
        struct.pack("=I", 0),
        struct.pack("=I", 10),
        struct.pack("=I", 10) + b'{"a":',
        struct.pack("=I", 0xFFFFFFFF),
        struct.pack("=I", host.LONGEST + 1) + b" " * (host.LONGEST + 1),
        frame(b"\xff\xfe\x00"),
        frame(b"no json"),
        frame(b"[]"),
        frame(b'"authenticate"'),
        frame(b"null"),
        frame(b"[" * 8000),
        frame(b'{"command":"authenticate","command":"authenticate"}'),
        frame(b'{"command":1}'),
        frame(json.dumps(ASKED | {"more": "x"}).encode()),
        frame(json.dumps({key: value for key, value in ASKED.items() if key != "nonce"}).encode()),
        frame(json.dumps(ASKED | {"nonce": None}).encode()),
        frame(json.dumps(ASKED | {"language": "de"}).encode()),
    ],
)
def test_what_is_no_question_is_refused(content: bytes) -> None:
    assert code_of(content) == "WF-K603"


def test_the_longest_question_is_read_and_no_longer_one() -> None:
    fits = json.dumps(ASKED).encode()
    assert len(said(frame(fits + b" " * (host.LONGEST - len(fits))), answering=good)) == 2


@pytest.mark.parametrize("command", ["sign", "", "AUTHENTICATE", "get-signing-certificate"])
def test_there_is_one_command_and_no_raw_signing(command: str) -> None:
    assert code_of(asking(command=command)) == "WF-K604"


@pytest.mark.parametrize(
    "origin",
    [
        "http://warifu.example", "http://localhost:8000", "https://warifu.example/", "https://WARIFU.example",
        "https://warifu.example:443", "https://warifu.example:0", "https://warifu.example:99999", "null", "",
        "https://割符.example", "https://warifu.example@evil.example", "file://", "https://warifu.example\n",
    ],
)  # fmt: skip
def test_only_an_origin_as_browsers_write_it_is_heard(origin: str) -> None:
    assert code_of(asking(origin=origin)) == "WF-K602"


@pytest.mark.parametrize(
    "origin", ["https://warifu.example.evil.example", "https://evil.example", "https://warifu.example:8443"]
)
def test_a_site_that_is_not_set_up_is_refused_before_anybody_is_asked(origin: str) -> None:
    assert code_of(asking(origin=origin)) == "WF-K601"


def test_http_is_heard_on_this_computer_alone_and_only_in_a_trial() -> None:
    local = "http://localhost:8000"
    trial = Settings(origins=(local, "http://warifu.example"), is_trial=True)
    assert said(asking(origin=local), own=trial, answering=good)[1].keys() == {"token"}
    assert code_of(asking(origin="http://warifu.example"), own=trial) == "WF-K602"
    assert code_of(asking(origin=local), own=Settings(origins=(local,))) == "WF-K602"


@pytest.mark.parametrize(
    "callers", [(), ("chrome-extension://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/",), (f"https://{CHROMIUM_ID}/",)]
)
def test_whoever_is_not_the_extension_is_refused(callers: tuple[str, ...]) -> None:
    assert code_of(asking(), callers=callers) == "WF-K611"


def test_firefox_names_the_manifest_and_the_extension() -> None:
    assert len(said(asking(), callers=("/home/a/io.warifu.agent.json", FIREFOX_ID), answering=good)) == 2


def test_an_extension_that_the_organisation_packed_itself_may_be_allowed() -> None:
    own = Settings(origins=(ORIGIN,), extensions=("b" * 32,))
    assert len(said(asking(), callers=(f"chrome-extension://{'b' * 32}/",), own=own, answering=good)) == 2


def test_settings_that_cannot_be_read_are_an_answer_too() -> None:
    def unreadable() -> Settings:
        raise SettingsUnreadable(path="agent.json")

    assert code_of(asking(), load=unreadable) == "WF-K607"


def test_words_are_in_the_language_of_the_page() -> None:
    [answer] = said(asking(origin="https://evil.example"))
    assert answer["fault"]["sentence"].startswith("このサイト")

    def refused(question: Question, *, settings: Settings, report: Report) -> str:
        raise SettingsUnreadable(path="x")

    [answer] = said(asking(), answering=refused)
    assert answer["fault"]["sentence"].startswith("The settings")


class TestProcess:
    """The program as a browser starts it."""

    @pytest.fixture
    def environment(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.delenv("XDG_DATA_HOME", raising=False)
        settings.save(SET)
        return {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "ja_JP.UTF-8"}

    def run(self, environment: dict[str, str], content: bytes, *callers: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "warifu_agent", "host", *callers],
            input=content,
            env=environment,
            capture_output=True,
            timeout=60,
            check=False,
            start_new_session=True,
        )

    def test_standard_output_carries_frames_alone(self, environment: dict[str, str]) -> None:
        done = self.run(environment, asking(origin="https://evil.example"), *CALLER, "--parent-window=0")
        [answer] = frames(done.stdout)
        assert (done.returncode, answer["fault"]["code"], done.stderr) == (1, "WF-K601", b"")

    def test_without_window_and_terminal_no_pin_is_asked_for(self, environment: dict[str, str]) -> None:
        done = self.run(environment, asking(), *CALLER)
        assert [answer["fault"]["code"] for answer in frames(done.stdout)] == ["WF-K606"]

    def test_a_purpose_that_cannot_be_explained_is_refused(self, environment: dict[str, str]) -> None:
        for purpose in ('{"a":"transfer"}', '{"a":"login","b":"x"}', '{"a": "login"}', "login", '{"a":"enrol"}'):
            done = self.run(environment, asking(purpose=purpose), *CALLER)
            assert [answer["fault"]["code"] for answer in frames(done.stdout)] == ["WF-K605"], purpose


class TestSettings:
    """The file of origins: nobody else's pen."""

    @pytest.fixture(autouse=True)
    def _home(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.delenv("XDG_DATA_HOME", raising=False)
        monkeypatch.setattr(settings, "administrators_file", lambda: tmp_path / "etc" / "agent.json")

    def test_nothing_is_served_before_it_is_set_up(self) -> None:
        assert settings.load() == Settings(origins=())

    def test_what_is_saved_is_loaded_and_only_the_person_can_read_it(self) -> None:
        wished = Settings(origins=(ORIGIN,), order="pin-first", extensions=("x" * 32,))
        path = settings.save(wished)
        assert (settings.load(), path.stat().st_mode & 0o777) == (wished, 0o600)

    def test_the_administrators_file_comes_first(self, tmp_path: Path) -> None:
        path = settings.save(Settings(origins=("https://other.example",)))
        (tmp_path / "etc").mkdir(mode=0o755)
        path.rename(tmp_path / "etc" / "agent.json")
        settings.save(SET)
        assert settings.load().origins == ("https://other.example",)

    @pytest.mark.parametrize("mode", [0o666, 0o620, 0o602])
    def test_a_file_that_others_can_write_is_not_used(self, mode: int) -> None:
        settings.save(SET).chmod(mode)
        with pytest.raises(settings.SettingsUnsafe):
            settings.load()

    @pytest.mark.parametrize(
        "content",
        [
            "", "[]", "{}", '{"origins":["http://warifu.example"]}', '{"origins":["https://warifu.example/"]}',
            '{"origins":[1]}', '{"origins":[],"more":1}', '{"origins":[],"order":"both"}', '{"origins":[],"ca":1}',
            '{"origins":["http://localhost"],"is_trial":"yes"}', '{"origins":[],"personas":"/a.json"}',
        ],
    )  # fmt: skip
    def test_what_is_not_as_it_has_to_be_is_refused(self, content: str) -> None:
        settings.save(SET).write_text(content, encoding="utf-8")
        with pytest.raises(SettingsUnreadable):
            settings.load()
