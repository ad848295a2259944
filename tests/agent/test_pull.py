"""Pull mode: a code, one card, one answer; and a server that answers over a real line."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from click.testing import CliRunner, Result

from tests.agent.practice import AUTH, PROFILE, Desk, Person, card, persona, write_people
from tests.server import free_port
from warifu_agent import pull, settings
from warifu_agent.faults import CodeMalformed, Fault, OtherServer, PurposeUnknown, Stopped
from warifu_agent.program import main
from warifu_agent.server import Outcome, Pulled
from warifu_agent.settings import Order, Settings
from warifu_card.evidence import Evidence
from warifu_card.token import Token, purpose_text

ADDRESS = "https://warifu.example"


@dataclass
class House:
    """The server's side, which remembers what it was told."""

    what: str = "enrol"
    order: str = ""
    origin: str = ADDRESS
    purpose: str = ""
    refusal: Fault | None = None
    outcome: Outcome = field(
        default_factory=lambda: Outcome(state="done", sentence="登録しました。", remedy="", known_code="")
    )
    address: str = ADDRESS
    codes: list[str] = field(default_factory=list)
    answers: list[dict[str, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def pull(self, code: str) -> Pulled:
        self.codes.append(code)
        about = {"a": self.what, "n": "青木 葵", "u": "0" * 32}
        if self.what == "mykey" and self.order:
            about["o"] = self.order
        return Pulled(
            process="process",
            organisation="株式会社青葉商会",
            order=self.order,
            nonce="C" * 43 + "=",
            purpose=self.purpose or purpose_text(about),
            origin=self.origin,
        )

    def answer_card(self, *, process: str, answer: dict[str, str]) -> Outcome:
        self.answers.append(answer)
        if self.refusal is not None:
            raise self.refusal
        return self.outcome

    def tell_fault(self, *, process: str, code: str) -> None:
        self.faults.append(code)


def carry_out(house: House, person: Person, desk: Desk, *, code: str = "ABCD-EFGH", order: Order | None = None) -> None:
    pull.carry_out(server=house, dialogue=person, cards=desk, code=code, order=order)  # type: ignore[arg-type]


@pytest.mark.parametrize("typed", ["ABCD-EFGH", "abcdefgh", " abcd efgh ", "ＡＢＣＤ－ＥＦＧＨ", "ABCDーEFGH"])
def test_a_code_is_read_however_it_is_typed(typed: str) -> None:
    house = House()
    carry_out(house, Person(["", AUTH]), Desk(card()), code=typed, order="card-first")
    assert house.codes == ["ABCD-EFGH"]


@pytest.mark.parametrize("typed", ["", "ABCD", "ABCD-EFGHI", "ABCD-EFG!", "あいうえおかきく"])
def test_what_is_no_code_is_not_sent(typed: str) -> None:
    house = House()
    with pytest.raises(CodeMalformed):
        carry_out(house, Person([]), Desk(card()), code=typed)
    assert house.codes == []


@pytest.mark.parametrize(
    ("what", "pins", "parts"),
    [
        ("enrol", [AUTH], {"token"}),
        ("mykey", [AUTH], {"token"}),
        ("verify", [AUTH, PROFILE], {"token", "profile"}),
        ("hand-in", [PROFILE], {"profile"}),
    ],
)
def test_the_server_gets_what_its_page_asked_for(what: str, pins: list[str], parts: set[str]) -> None:
    house, person = House(what=what), Person(["card-first", *pins])
    carry_out(house, person, Desk(card()))
    [answer] = house.answers
    assert answer.keys() == parts
    assert (house.faults, person.answers) == ([], [])
    assert person.seen[-2:] == ["登録しました。", "サーバーが受け取りました。ブラウザーの画面に戻ってください。"]


@pytest.mark.shows("I-13")
def test_a_number_is_read_for_handing_in_alone_and_is_shown_nowhere() -> None:
    house, person = House(what="hand-in"), Person(["", PROFILE])
    carry_out(house, person, Desk(card()), order="pin-first")
    number = persona().number
    evidence = Evidence.parse(house.answers[0]["profile"])
    assert evidence.number is not None
    assert number.encode() in evidence.number
    assert not any(number in line for line in person.seen)
    house = House(what="verify")
    carry_out(house, Person(["", AUTH, PROFILE]), Desk(card()), order="pin-first")
    assert Evidence.parse(house.answers[0]["profile"]).number is None


@pytest.mark.parametrize("order", ["pin-first", "card-first"])
def test_the_pages_order_comes_before_that_of_the_command(order: str) -> None:
    person = Person(["", AUTH])
    other: Order = "card-first" if order == "pin-first" else "pin-first"
    carry_out(House(what="mykey", order=order), person, Desk(card()), order=other)
    assert ("2/4 暗証番号" in person.seen) == (order == "pin-first")


def test_a_server_that_calls_itself_otherwise_gets_nothing() -> None:
    house = House(origin="https://other.example")
    with pytest.raises(OtherServer):
        carry_out(house, Person([]), Desk(card()))
    assert (house.answers, house.faults) == ([], ["WF-K613"])


def test_a_purpose_that_cannot_be_explained_gets_nothing() -> None:
    house = House(purpose='{"a":"pay","n":"x","u":"1"}')
    with pytest.raises(PurposeUnknown):
        carry_out(house, Person([]), Desk(card()))
    assert (house.answers, house.faults) == ([], ["WF-K605"])


@pytest.mark.shows("004-14")
def test_the_page_is_told_what_became_of_the_card() -> None:
    house, own = House(), card()
    own.remove_after(14)
    with pytest.raises(Fault):
        carry_out(house, Person(["", AUTH]), Desk(own), order="card-first")
    assert (house.answers, house.faults) == ([], ["WF-K104"])
    house = House()
    with pytest.raises(Stopped):
        carry_out(house, Person(["no"]), Desk(card()), order="card-first")
    assert house.faults == ["WF-S698"]


@pytest.mark.shows("004-13")
def test_waiting_for_ones_turn_is_told_and_is_no_failure() -> None:
    house = House(what="mykey", outcome=Outcome(state="waiting", sentence="3番目です。", remedy="", known_code=""))
    person = Person(["", AUTH])
    carry_out(house, person, Desk(card()), order="card-first")
    assert any("順番を待っています" in line for line in person.seen)
    assert person.seen[-1] == "3番目です。"


class Line(BaseHTTPRequestHandler):
    """A server on a real line, which answers by path."""

    answers: ClassVar[dict[str, tuple[int, Any]]] = {}
    heard: ClassVar[list[tuple[str, Any]]] = []

    def do_POST(self) -> None:
        """The answer of this path."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.heard.append((self.path, body))
        status, words = self.answers[self.path.removeprefix("/api/v1/agent/card/")]
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(words).encode())

    def log_message(self, *_words: object) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Line)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://localhost:{server.server_port}"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    settings.save(Settings(origins=(address,), is_trial=True))
    monkeypatch.setattr(Line, "heard", [])
    pulled = {
        "process": "p",
        "what": "enrol",
        "who": "青木 葵",
        "organisation": "株式会社青葉商会",
        "order": "",
        "nonce": "C" * 43 + "=",
        "purpose": purpose_text({"a": "enrol", "n": "青木 葵", "u": "0" * 32}),
        "origin": address,
        "expires_at": "2026-11-24T01:02:00Z",
    }
    done = {"state": "done", "sentence": "登録しました。", "remedy": "", "known_code": ""}
    monkeypatch.setattr(
        Line, "answers", {"pull": (200, pulled), "answer": (200, done), "fault": (200, {"state": "failed"})}
    )
    yield address
    server.shutdown()
    server.server_close()
    thread.join()


def run(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, ["--language", "ja", "card", *words], input=typed)


class TestCommand:
    """`warifu-agent card` as people call it."""

    @pytest.fixture
    def people(self, tmp_path: Path) -> Callable[..., Path]:
        return lambda **changed: write_people(tmp_path / "people.json", persona(**changed))

    def test_with_a_card_of_practice(self, line: str, people: Callable[..., Path]) -> None:
        done = run("--code", "abcdefgh", "--order", "pin-first", "--simulated", str(people()), typed=f"y\n{AUTH}\n")
        assert done.exit_code == 0, done.output
        for words in (
            line,
            "青木 葵",
            "このカードをサインインに使えるようにする",
            "まだカードを離さないでください",
            "登録しました。",
        ):
            assert words in done.output
        (_pull, asked), (path, answer) = Line.heard
        assert (asked, path) == ({"code": "ABCD-EFGH"}, "/api/v1/agent/card/answer")
        assert answer.keys() == {"process", "token"}
        assert Token.parse(answer["token"])

    @pytest.mark.parametrize(
        ("changed", "typed", "status", "code"),
        [
            ({"kind": "unknown"}, "y\n", 20, "WF-K201"),
            ({"state": "expired"}, "y\n", 40, "WF-K405 (MKCZ403E)"),
            ({"tries": {"auth": 0}}, "y\n", 40, "WF-K402"),
            ({}, "n\n", 130, "WF-S698"),
            ({}, "y\n9999\nn\n", 130, "WF-K401"),
        ],
    )
    def test_it_ends_with_a_status_that_scripts_can_tell_apart(
        self, line: str, people: Callable[..., Path], changed: dict[str, Any], typed: str, status: int, code: str
    ) -> None:
        words = ("--code", "ABCD-EFGH", "--order", "card-first", "--simulated", str(people(**changed)))
        done = run(*words, typed=typed)
        assert (done.exit_code, code in done.output) == (status, True), done.output
        assert [path.rpartition("/")[2] for path, _body in Line.heard] == ["pull", "fault"]

    def test_no_reader_part_is_needed_until_a_real_card_is_asked_for(
        self, line: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(__import__("sys").modules, "smartcard", None)
        done = run("--code", "ABCD-EFGH", "--order", "card-first", typed="y\n")
        assert (done.exit_code, "WF-K109" in done.output) == (10, True), done.output

    @pytest.mark.shows("004-15", "004-16", "004-17")
    @pytest.mark.parametrize(
        ("code", "known", "status"),
        [("WF-K301", "MKCZ302E", 30), ("WF-K302", "MKCZ372E", 30), ("WF-K902", "MKCZ403E", 90)],
    )
    def test_a_refusal_is_shown_with_the_code_that_people_know(
        self, line: str, people: Callable[..., Path], code: str, known: str, status: int
    ) -> None:
        Line.answers["answer"] = (
            409,
            {"code": code, "sentence": "もう予約されています。", "remedy": "…", "known_code": known},
        )
        words = ("--code", "ABCD-EFGH", "--order", "card-first", "--simulated", str(people()))
        done = run(*words, typed=f"y\n{AUTH}\n")
        assert done.exit_code == status
        assert "もう予約されています。" in done.output
        assert f"{code} ({known})" in done.output

    @pytest.mark.shows("004-13")
    def test_a_broken_line_is_told_with_its_known_code(self, line: str, people: Callable[..., Path]) -> None:
        settings.save(Settings(origins=(f"http://localhost:{free_port()}",), is_trial=True))
        done = run("--code", "ABCD-EFGH", "--simulated", str(people()))
        assert (done.exit_code, "WF-S690 (MKCZ802E)" in done.output) == (80, True)

    def test_only_a_server_that_was_set_up_is_asked(self, line: str, people: Callable[..., Path]) -> None:
        done = run("--code", "ABCD-EFGH", "--server", "https://evil.example", "--simulated", str(people()))
        assert (done.exit_code, "WF-K601" in done.output) == (60, True)
        settings.forget()
        assert "WF-K610" in run("--code", "ABCD-EFGH", "--server", line).output
        assert Line.heard == []
