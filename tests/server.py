"""The real server as a process of its own, on a free port, with a data folder of its own."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 60.0


@dataclass(frozen=True, kw_only=True)
class RunningServer:
    """Where a server answers, where its data lies, and the environment that `warifu …` needs to join it."""

    address: str
    data: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes]

    def warifu(self, *words: str) -> str:
        """Run the operator's command beside the server; its printed lines. Raises when it fails."""
        done = subprocess.run(
            [str(Path(sys.executable).with_name("warifu")), *words],
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running_server(*, mode: str = "test", **settings: str) -> Iterator[RunningServer]:
    """Start `warifu serve` with fresh data; `settings` are further WARIFU_ variables (`mail_port="1025"`).

    The server is stopped and its data thrown away at the end.
    """
    data = Path(tempfile.mkdtemp(prefix="warifu-server-"))
    port = free_port()
    address = f"http://localhost:{port}"
    _write_keys(data)
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "warifu.config.settings",
        "PYTHONWARNINGS": "default",
        "WARIFU_MODE": mode,
        "WARIFU_SITE_URL": address,
        "WARIFU_DATA_DIR": str(data),
        "WARIFU_SECRET_KEY": secrets.token_hex(32),
        **{f"WARIFU_{name.upper()}": value for name, value in settings.items()},
    }
    log = (data / "server.log").open("wb")
    process = subprocess.Popen(_command(port), env=environment, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait_for(address, process, data / "server.log")
        yield RunningServer(address=address, data=data, environment=environment, process=process)
    finally:
        process.terminate()
        process.wait(timeout=20)
        log.close()
        shutil.rmtree(data, ignore_errors=True)


def _command(port: int) -> list[str]:
    return [str(Path(sys.executable).with_name("warifu")), "serve", "--host", "127.0.0.1", "--port", str(port)]


def _write_keys(data: Path) -> None:
    keys = data / "keys"
    keys.mkdir(mode=0o700)
    (keys / "trail.key").write_text(secrets.token_hex(32) + "\n", encoding="ascii")
    (keys / "master.key").write_text(f"1 {secrets.token_hex(32)}\n", encoding="ascii")
    for file in keys.iterdir():
        file.chmod(0o600)


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2):  # noqa: S310
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the server does not answer:\n{log.read_text(encoding='utf-8')[-4000:]}")
