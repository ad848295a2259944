"""What fresh installations begin with, made once: tables, static files and the index of help.

The migrations take ten seconds of work, and every server and every worker process of the suite needs their tables. So
they are run once for all processes, and kept in `.cache/tests` until what they are made from changes. What a first
start does by itself is shown by tests/doors/cli/test_processes.py, which takes nothing from here.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "tests"
PRODUCT = ROOT / "src" / "warifu"
DATABASE = "warifu.sqlite3"
TEMPLATE = "prepared"
"""The name of the PostgreSQL database that others are copied from."""


def database() -> Path:
    """A file of SQLite with all tables and nothing in them."""
    return _made("tables", sources=_migrations(), make=_make_tables) / DATABASE


def installation() -> Path:
    """A data folder without keys: tables, gathered static files, the index of help.

    An index made from other words than the product's now is harmless: a server sees it and makes its own.
    """
    return _made("installation", sources=[*_migrations(), *_static()], make=_make_installation)


def template(address: str) -> str:
    """The name of a database with all tables on the PostgreSQL at that address, to copy others from."""
    import psycopg
    from psycopg import sql

    with _alone("template"), psycopg.connect(address, autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone() is None:
            beside = f"{TEMPLATE}_{secrets.token_hex(4)}"
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(beside)))
            with tempfile.TemporaryDirectory() as folder:
                _run("tables", Path(folder), f"{address.rpartition('/')[0]}/{beside}")
            names = sql.Identifier(beside), sql.Identifier(TEMPLATE)
            connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*names))
    return TEMPLATE


def _migrations() -> list[Path]:
    return [*PRODUCT.glob("*/migrations/*.py"), ROOT / "requirements" / "runtime.txt"]


def _static() -> list[Path]:
    return [file for file in (PRODUCT / "web" / "static").rglob("*") if file.is_file()]


def _made(kind: str, *, sources: list[Path], make: Callable[[Path], None]) -> Path:
    """The folder of a kind that is made from these sources; its elders are thrown away."""
    found = hashlib.sha256()
    for file in sorted(sources):
        found.update(f"{file}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    folder = CACHE / f"{kind}-{found.hexdigest()[:16]}"
    with _alone(kind):
        if not folder.is_dir():
            elders = sorted(CACHE.glob(f"{kind}-*"), key=lambda elder: elder.stat().st_mtime)
            for elder in elders[:-2]:
                shutil.rmtree(elder, ignore_errors=True)
            beside = Path(tempfile.mkdtemp(prefix="new-", dir=CACHE))
            make(beside)
            beside.rename(folder)
    return folder


@contextmanager
def _alone(kind: str) -> Iterator[None]:
    """One process at a time; the others wait and find what it has made."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{kind}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make_tables(folder: Path) -> None:
    _run("tables", folder)


def _make_installation(folder: Path) -> None:
    shutil.copy2(database(), folder)
    _run("installation", folder)


def _run(what: str, folder: Path, address: str = "") -> None:
    """Make it in a process of its own, which has the settings that it needs."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("WARIFU_")}
    settings = {
        "DJANGO_SETTINGS_MODULE": "warifu.config.settings",
        "WARIFU_MODE": "test",
        "WARIFU_DATA_DIR": str(folder),
        "WARIFU_SITE_URL": "http://localhost:8000",
        "WARIFU_SECRET_KEY": secrets.token_hex(32),
        "WARIFU_DATABASE_URL": address,
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.prepared", what],
        cwd=ROOT,
        env=plain | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{what} could not be prepared:\n{done.stderr[-4000:]}")


def _make(what: str) -> None:
    import django

    django.setup()
    from warifu.cli import serve

    serve.apply(serve.pending())
    if what == "installation":
        from django.urls import get_resolver
        from django.utils import timezone

        from warifu.cli import static_files
        from warifu.help.actions import index

        static_files.gather()
        list(get_resolver().url_patterns)
        index.refresh_due(at=timezone.now())


if __name__ == "__main__":
    _make(sys.argv[1])
