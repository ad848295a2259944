"""The examples of the pages for other people's programs run, with the software card in the reader."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.card.conftest import CardOf
from tests.server import ROOT
from warifu_card.faults import CardFault
from warifu_card.transport import pcsc
from warifu_card.transport.simulator import SimulatorTransport

PAGES = ROOT / "docs" / "card"


def examples(page: Path) -> str:
    return "\n".join(re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.S))


def test_the_library_page(card_of: CardOf, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    simulated = card_of("aoki")
    monkeypatch.setattr(pcsc, "connect", lambda reader=None: SimulatorTransport(simulated))
    exec(compile(examples(PAGES / "library.md"), "library.md", "exec"), {})  # noqa: S102 - our own page
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == "マイナンバーカード {'auth': 3, 'sign': 5, 'profile': 3}"
    assert f"{datetime.now(UTC).year + 3}" in shown[1]
    assert shown[1].endswith("256 青木　葵")
    assert shown[2] == "青木　葵 1990-04-12 女性"
    assert shown[3] == "2"


def test_the_simulators_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    exec(compile(examples(PAGES / "simulator.md"), "simulator.md", "exec"), names)  # noqa: S102 - our own page
    assert names["simulated"].is_there  # type: ignore[attr-defined]


def test_the_table_of_faults_knows_those_of_card_and_reader() -> None:
    page = (PAGES / "library.md").read_text(encoding="utf-8")
    unlisted = {"ReaderSupportMissing", "SimulatorMissing", "PersonasUnreadable"}
    assert {fault.__name__ for fault in CardFault.catalogue()} - unlisted == {
        name for line in page.splitlines() if line.startswith("| WF-K") for name in re.findall(r"`(\w+)`", line)
    }
