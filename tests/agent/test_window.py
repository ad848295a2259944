"""The window, on a screen that nobody sees (Xvfb), by Debian's own interpreter, which has tkinter."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12

from tests.agent.practice import AUTH, write_people
from tests.agent.test_host import CALLER, ORIGIN, asking, frames
from tests.agent.test_pull import Line, line
from tests.server import ROOT
from warifu_agent import settings
from warifu_agent.settings import Order, Settings
from warifu_card.token import Token

PYTHON = "/usr/bin/python3"
__all__ = ["line"]


def _can_show() -> bool:
    """Whether there is a screen server, and an interpreter of the same version that has tkinter."""
    if not Path(PYTHON).exists() or not shutil.which("xvfb-run"):
        return False
    words = (
        "import sys, tkinter; sys.exit(sys.version_info[:2] != "
        + str(tuple(map(int, sysconfig.get_python_version().split("."))))
        + ")"
    )
    return subprocess.run([PYTHON, "-c", words], capture_output=True, check=False).returncode == 0


pytestmark = pytest.mark.skipif(not _can_show(), reason="needs xvfb and python3-tk: make system")


def surroundings(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}:{sysconfig.get_path('purelib')}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
    }


def walk(folder: Path, *words: str) -> dict[str, Any]:
    done = subprocess.run(
        ["xvfb-run", "-a", PYTHON, "-m", "tests.agent.window_scene", str(folder), *words],
        env=surroundings(folder),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_window_tells_the_same_story(tmp_path: Path) -> None:
    found = walk(tmp_path)
    assert found["outcome"] == "done"
    pages = found["pages"]
    assert pages[2] == {"told": [], "asked": ["パスワード", "次へ"], "hidden": ["•"]}
    assert "サインインできませんでした。" in pages[3]["told"][0]
    assert "WF-S203" in pages[3]["told"][0]
    assert "発行先　: Aoba Trading" in pages[9]["told"][0]
    password = next(line for page in pages for line in page["told"] if line.count("-") == 5 and len(line) == 29)
    file = pkcs12.load_pkcs12((tmp_path / "window.p12").read_bytes(), password.encode())
    assert file.key is not None
    assert any("ブラウザーは、必ずすべて閉じてください" in line for line in pages[-1]["told"])


def test_closing_the_window_stops_the_story(tmp_path: Path) -> None:
    assert walk(tmp_path, "closes")["outcome"] == "stopped"
    assert not (tmp_path / "window.p12").exists()


@pytest.mark.shows("004-5", "004-11")
@pytest.mark.parametrize("order", ["card-first", "pin-first"])
def test_a_browsers_question_opens_the_window_and_only_frames_go_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: Order
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    people = write_people(tmp_path / "people.json")
    settings.save(Settings(origins=(ORIGIN,), is_trial=True, personas=str(people)))
    (tmp_path / "answers.json").write_text(json.dumps([order, AUTH]), encoding="utf-8")
    done = subprocess.run(
        ["xvfb-run", "-a", PYTHON, "-m", "tests.agent.host_scene", str(tmp_path), *CALLER],
        input=asking(language="ja"),
        env=surroundings(tmp_path),
        cwd=ROOT,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *steps, answer = frames(done.stdout)
    expected = ["insert", "pin", "hold", "done"] if order == "card-first" else ["pin", "insert", "hold", "done"]
    assert [step["progress"] for step in steps] == expected
    assert Token.parse(answer["token"]).algorithm == "RS256"
    first, second = json.loads((tmp_path / "pages.json").read_text(encoding="utf-8"))
    assert ORIGIN in first["told"][0]
    assert "サインイン" in first["told"][0]
    assert second["hidden"] == ["•"]
    assert AUTH not in done.stdout.decode(errors="replace")


def test_opened_by_a_click_it_asks_for_a_code_and_keeps_the_answer_in_sight(tmp_path: Path, line: str) -> None:
    people = write_people(tmp_path / "people.json")
    settings.save(Settings(origins=(line,), is_trial=True, personas=str(people)))
    answers = ["card", "abcd efgh", "card-first", AUTH, ""]
    (tmp_path / "answers.json").write_text(json.dumps(answers), encoding="utf-8")
    done = subprocess.run(
        ["xvfb-run", "-a", PYTHON, "-m", "tests.agent.host_scene", str(tmp_path), "window"],
        env=surroundings(tmp_path),
        cwd=ROOT,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    pages = json.loads((tmp_path / "pages.json").read_text(encoding="utf-8"))
    assert "青木 葵" in pages[2]["told"][0]
    assert "登録しました。" in pages[-1]["told"]
    assert pages[-1]["asked"] == ["閉じる"]
    assert [path.rpartition("/")[2] for path, _body in Line.heard] == ["pull", "answer"]
