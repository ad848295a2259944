"""`warifu roster check`: the same check at a terminal, without database, keys or settings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cast import test_number
from tests.rules.collection.roster_files import GOOD, HEAD, workbook

KEYS = ["row", "column", "code", "severity", "value", "reason", "suggestion"]


def run(tmp_path: Path, content: bytes | None, *more: str, name: str = "名簿.csv") -> subprocess.CompletedProcess[str]:
    """Run the command on a file, in an empty folder and with an empty environment."""
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    script = "from warifu.cli.main import main; main()"
    return subprocess.run(
        [sys.executable, "-c", script, "roster", "check", str(path), *more],
        capture_output=True,
        encoding="utf-8",
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", "")},
        check=False,
    )


@pytest.mark.shows("001-8", "J-13")
def test_prints_json_and_nothing_else(tmp_path: Path) -> None:
    done = run(tmp_path, "a@b.jp,髙橋,,ﾊﾅｺ\nc@b,jp,鈴木,愛\n".encode("cp932"), "--json")
    answer = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(answer) == ["rows", "accepted", "problems"]
    assert (answer["rows"], answer["accepted"]) == (2, 1)
    assert all(list(problem) == KEYS for problem in answer["problems"])
    assert {problem["row"] for problem in answer["problems"] if problem["severity"] == "error"} == {2}
    assert ("名", "ハナコ") in {(problem["column"], problem["suggestion"]) for problem in answer["problems"]}


def test_reads_workbooks(tmp_path: Path) -> None:
    done = run(tmp_path, workbook([HEAD.split(","), list(GOOD.values())]), "--json", name="名簿.xlsx")
    assert json.loads(done.stdout) == {"rows": 1, "accepted": 1, "problems": []}


def test_says_it_in_words(tmp_path: Path) -> None:
    done = run(tmp_path, "a@b.jp,佐藤,花\nc@b.jp,鈴木,1\n".encode())
    assert done.returncode == 0
    assert "2行目 名「1」" in done.stdout
    assert "2行のうち2行を取り込めます。" in done.stdout


@pytest.mark.shows("001-12")
@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize(
    "content",
    [b"", b"\x89PNG\r\n\x1a\n" + bytes(300), bytes(2000), b"a@b.jp,\x81", "見出しのない文章です。".encode(), None],
)
def test_what_is_no_roster_gets_one_sentence(tmp_path: Path, content: bytes | None, as_json: bool) -> None:
    done = run(tmp_path, content, *(["--json"] if as_json else []))
    assert done.returncode != 0
    assert done.stdout == ""
    assert done.stderr.count("。") >= 1
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_two_gigabytes_are_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "名簿.csv").open("wb") as file:
        file.truncate(2 * 1024**3)
    done = run(tmp_path, None)
    assert done.returncode != 0
    assert "大きすぎます" in done.stderr


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "名簿.csv").mkdir()
    done = run(tmp_path, None, "--json")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)


@pytest.mark.shows("P-11", "N-06")
def test_a_number_is_not_printed(tmp_path: Path) -> None:
    digits = test_number("12345678901")
    done = run(tmp_path, f"a@b.jp,佐藤,{digits}\n".encode(), "--json")
    assert digits not in done.stdout
    assert json.loads(done.stdout)["accepted"] == 0
