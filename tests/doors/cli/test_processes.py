"""`warifu serve`, `worker` and `demo` as real processes: they answer, they stop, they leave nobody behind."""

from __future__ import annotations

import http.client
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import prepared

PATIENCE = 120.0
WARIFU = str(Path(sys.executable).parent / "warifu")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def get(port: int, path: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def wait_for(port: int, process: subprocess.Popen[Any]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert process.poll() is None, "the process ended before it answered"
        try:
            if get(port, "/healthz")[0] == 200:
                return
        except OSError:
            select.select([], [], [], 0.1)
    raise AssertionError("no answer")


def family(process: subprocess.Popen[Any]) -> list[int]:
    """Living processes of the process's own session."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(fields[3]) == process.pid and fields[0] != "Z":
                found.append(int(entry.name))
    return found


@pytest.fixture
def surroundings(tmp_path: Path) -> dict[str, str]:
    """An installation of its own, with keys."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("WARIFU_")}
    own = plain | {
        "WARIFU_MODE": "test",
        "WARIFU_DATA_DIR": str(tmp_path / "var"),
        "WARIFU_SECRET_KEY": "x" * 60,
        "WARIFU_PLAIN_LOGS": "1",
    }
    subprocess.run([WARIFU, "keys", "create"], env=own, check=True, capture_output=True)
    return own


@pytest.fixture
def settled(surroundings: dict[str, str]) -> dict[str, str]:
    """An installation that has been served before."""
    shutil.copytree(prepared.installation(), surroundings["WARIFU_DATA_DIR"], dirs_exist_ok=True)
    return surroundings


class TestServe:
    @pytest.fixture
    def running(
        self, surroundings: dict[str, str], request: pytest.FixtureRequest
    ) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
        if request.param == "served before":
            request.getfixturevalue("settled")
        port = free_port()
        command = [WARIFU, "serve", "--port", str(port), "--worker", "inside"]
        with subprocess.Popen(
            command, env=surroundings | {"WARIFU_SITE_URL": f"http://localhost:{port}"}, start_new_session=True
        ) as process:
            try:
                wait_for(port, process)
                yield port, process
            finally:
                if process.poll() is None:
                    process.kill()

    @pytest.mark.parametrize(
        ("running", "ending"), [("fresh", signal.SIGINT), ("served before", signal.SIGTERM)], indirect=["running"]
    )
    def test_answers_and_stops_cleanly(
        self, running: tuple[int, subprocess.Popen[bytes]], ending: signal.Signals
    ) -> None:
        port, process = running
        until = time.monotonic() + PATIENCE
        while get(port, "/readyz")[0] != 200 and time.monotonic() < until:
            select.select([], [], [], 0.2)
        status, parts = get(port, "/readyz")
        assert (status, json.loads(parts)) == (200, {"database": True, "storage": True, "worker": True})
        process.send_signal(ending)
        assert process.wait(PATIENCE) == 0
        assert family(process) == []

    def test_refuses_a_port_that_is_taken(self, settled: dict[str, str]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            command = [WARIFU, "serve", "--port", str(other.getsockname()[1])]
            told = subprocess.run(command, env=settled, capture_output=True, text=True, check=False)
        assert told.returncode == 2
        assert told.stderr.startswith("WF-X102")


class TestWorker:
    def test_goes_round_and_stops_cleanly(self, settled: dict[str, str]) -> None:
        with subprocess.Popen(
            [WARIFU, "worker"], env=settled, stderr=subprocess.PIPE, text=True, start_new_session=True
        ) as process:
            assert process.stderr is not None
            for line in process.stderr:
                if "worker_started" in line:
                    break
            process.send_signal(signal.SIGTERM)
            process.stderr.read()
            assert process.wait(PATIENCE) == 0
        assert family(process) == []


def test_wrong_settings_stop_the_start_with_a_sentence(surroundings: dict[str, str]) -> None:
    wrong = surroundings | {"WARIFU_MODE": "production"}
    told = subprocess.run([WARIFU, "serve"], env=wrong, capture_output=True, text=True, check=False)
    assert told.returncode == 78
    assert "WARIFU_MAIL_HOST is empty" in told.stderr
    assert "Traceback" not in told.stderr


class TestDemo:
    def start(self, folder: Path, port: int) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [WARIFU, "demo", "--port", str(port)],
            cwd=folder,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={name: value for name, value in os.environ.items() if not name.startswith("WARIFU_")},
        )

    def until_ready(self, process: subprocess.Popen[str]) -> str:
        said = ""
        assert process.stdout is not None
        for line in process.stdout:
            said += line
            if line.startswith("READY "):
                return said
        raise AssertionError(said)

    def stop(self, process: subprocess.Popen[str]) -> None:
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
        assert process.stdout is not None
        process.stdout.close()
        assert family(process) == []

    def test_says_where_everything_is_keeps_its_data_and_starts_anew(self, tmp_path: Path) -> None:
        port = free_port()
        first = self.start(tmp_path, port)
        said = self.until_ready(first)
        assert said.endswith(f"READY http://localhost:{port}\n")
        for words in ("組織コード aoba", "パスワード", f"http://localhost:{port}/demo/mail/"):
            assert words in said
        assert get(port, "/demo/mail/", {"Host": f"localhost:{port}"})[0] == 200
        self.stop(first)
        database = tmp_path / "var" / "demo" / "warifu.sqlite3"
        size = database.stat().st_size
        second = self.start(tmp_path, port)
        self.until_ready(second)
        self.stop(second)
        assert database.stat().st_size >= size
        told = subprocess.run([WARIFU, "demo", "--reset"], cwd=tmp_path, capture_output=True, text=True, check=True)
        assert "練習用データを捨てます" in told.stdout
        assert not (tmp_path / "var" / "demo").exists()
