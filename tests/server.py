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

import psycopg
from psycopg import sql

from tests import prepared
from tests.clock import Clock

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 120.0
WARIFU = str(Path(sys.executable).with_name("warifu"))


@dataclass(frozen=True, kw_only=True)
class Installation:
    """Where a server is to answer, where its data lie, and the environment that `warifu …` needs to join it."""

    address: str
    data: Path
    environment: dict[str, str]

    def warifu(self, *words: str) -> str:
        """Run the operator's command beside the server; its printed lines. Raises when it fails."""
        done = subprocess.run(
            [WARIFU, *words],
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    def begin(self, *words: str) -> subprocess.Popen[bytes]:
        """Start the operator's command as a process of its own, which writes to the log in the data folder."""
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [WARIFU, *words], env=self.environment, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT
            )

    def serve(self) -> subprocess.Popen[bytes]:
        """Start `warifu serve` and wait until it answers."""
        process = self.begin("serve", "--host", "127.0.0.1", "--port", self.address.rpartition(":")[2])
        try:
            _wait_for(self.address, process, self.log)
        except BaseException:
            process.kill()
            process.wait()
            raise
        return process

    @property
    def log(self) -> Path:
        """What its processes have said."""
        return self.data / "server.log"


@dataclass(frozen=True, kw_only=True)
class RunningServer(Installation):
    """An installation with its server's process."""

    process: subprocess.Popen[bytes]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def installation(
    *, mode: str = "test", host: str = "localhost", clock: Clock | None = None, **settings: str
) -> Iterator[Installation]:
    """A fresh data folder with keys and tables; `host` is the name that browsers use; all processes go by `clock`.

    `settings` are further WARIFU_ variables (`mail_port="1025"`).

    Its data are thrown away at the end; whoever starts a process stops it before.
    """
    data = Path(tempfile.mkdtemp(prefix="warifu-server-"))
    shutil.copytree(prepared.installation(), data, dirs_exist_ok=True)
    _write_keys(data)
    address = f"http://{host}:{free_port()}"
    database = _create_database()
    environment = {
        **os.environ,
        **database,
        **(clock.environment if clock else {}),
        "DJANGO_SETTINGS_MODULE": "warifu.config.settings",
        "PYTHONWARNINGS": "default",
        "WARIFU_MODE": mode,
        "WARIFU_SITE_URL": address,
        "WARIFU_DATA_DIR": str(data),
        "WARIFU_SECRET_KEY": secrets.token_hex(32),
        **{f"WARIFU_{name.upper()}": value for name, value in settings.items()},
    }
    try:
        yield Installation(address=address, data=data, environment=environment)
    finally:
        shutil.rmtree(data, ignore_errors=True)
        if database:
            _drop_database(database)


def _create_database() -> dict[str, str]:
    """Where the tests run on PostgreSQL, a database of the installation's own; else nothing, its folder holds one."""
    address = os.environ.get("WARIFU_DATABASE_URL", "")
    if not address:
        return {}
    name = f"installation_{secrets.token_hex(6)}"
    with psycopg.connect(address, autocommit=True) as connection:
        names = sql.Identifier(name), sql.Identifier(prepared.template(address))
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
    return {"WARIFU_DATABASE_URL": f"{address.rpartition('/')[0]}/{name}"}


def _drop_database(database: dict[str, str]) -> None:
    name = database["WARIFU_DATABASE_URL"].rpartition("/")[2]
    with psycopg.connect(os.environ["WARIFU_DATABASE_URL"], autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def running_server(*, mode: str = "test", clock: Clock | None = None, **settings: str) -> Iterator[RunningServer]:
    """Start `warifu serve` on a fresh installation (`clock` and `settings` as there); stopped at the end."""
    with installation(mode=mode, clock=clock, **settings) as own:
        process = own.serve()
        try:
            yield RunningServer(address=own.address, data=own.data, environment=own.environment, process=process)
        finally:
            process.terminate()
            process.wait(timeout=20)


def _write_keys(data: Path) -> None:
    keys = data / "keys"
    keys.mkdir(mode=0o700)
    (keys / "trail.key").write_text(secrets.token_hex(32) + "\n", encoding="ascii")
    (keys / "master.key").write_text(f"1 {secrets.token_hex(32)}\n", encoding="ascii")
    (keys / "credentials.key").write_text(f"1 {secrets.token_hex(32)}\n", encoding="ascii")
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
