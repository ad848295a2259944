"""How the suite is set up: a data folder of its own, SQLite or a throw-away PostgreSQL, and the cast."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import django
import pytest
from django.conf import settings

from tests import prepared

DATA = Path(tempfile.mkdtemp(prefix="warifu-tests-"))
(DATA / "keys").mkdir(mode=0o700)
(DATA / "static").mkdir()
(DATA / "keys" / "trail.key").write_text(secrets.token_hex(32) + "\n", encoding="ascii")
(DATA / "keys" / "master.key").write_text(f"1 {secrets.token_hex(32)}\n", encoding="ascii")
(DATA / "keys" / "credentials.key").write_text(f"1 {secrets.token_hex(32)}\n", encoding="ascii")
for file in (DATA / "keys").iterdir():
    file.chmod(0o600)

os.environ |= {
    "DJANGO_SETTINGS_MODULE": "warifu.config.settings",
    "WARIFU_MODE": "test",
    "WARIFU_DATA_DIR": str(DATA),
    "WARIFU_SITE_URL": "http://localhost:8000",
    "WARIFU_SECRET_KEY": "tests-only-" + "x" * 50,
    "WARIFU_PLAIN_LOGS": "1",
}


def _run_as_postgres() -> list[str]:
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]


def _start_postgresql() -> None:
    """Start a PostgreSQL of our own on a socket in the data folder and point the settings to it."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
    folder = Path(tempfile.mkdtemp(prefix="warifu-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    as_postgres = _run_as_postgres()
    initdb = [
        str(binaries / "initdb"),
        "-D",
        str(folder / "data"),
        "-U",
        "warifu",
        "-A",
        "trust",
        "-E",
        "UTF8",
    ]
    subprocess.run([*as_postgres, *initdb, "--locale=C.UTF-8"], check=True, capture_output=True, cwd=folder)
    careless = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} {careless}"
    start = [
        str(binaries / "pg_ctl"),
        "-D",
        str(folder / "data"),
        "-o",
        options,
        "-l",
        str(folder / "log"),
        "-w",
        "start",
    ]
    subprocess.run([*as_postgres, *start], check=True, capture_output=True, cwd=folder)
    os.environ["WARIFU_DATABASE_URL"] = f"postgresql://warifu@{str(folder).replace('/', '%2F')}/postgres"
    os.environ["WARIFU_TEST_POSTGRESQL_FOLDER"] = str(folder)


def _stop_postgresql() -> None:
    folder = Path(os.environ["WARIFU_TEST_POSTGRESQL_FOLDER"])
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
    stop = [str(binaries / "pg_ctl"), "-D", str(folder / "data"), "-m", "immediate", "stop"]
    subprocess.run([*_run_as_postgres(), *stop], check=False, capture_output=True, cwd="/")
    shutil.rmtree(folder, ignore_errors=True)


ON_POSTGRESQL = os.environ.get("WARIFU_TEST_DATABASE") == "postgresql"
if ON_POSTGRESQL and "WARIFU_TEST_POSTGRESQL_FOLDER" not in os.environ:
    _start_postgresql()
    OWNS_POSTGRESQL = True
else:
    OWNS_POSTGRESQL = False

if not ON_POSTGRESQL:
    # In memory; the suffix that each worker process adds to the name ends up in a parameter that SQLite ignores.
    settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = "file:tests?mode=memory&cache=shared&of="

django.setup()
# Worker processes inherit the environment: with this name in it they would load the settings before this file runs,
# and share this process's data folder.
del os.environ["DJANGO_SETTINGS_MODULE"]

pytest_plugins = ["tests.cast"]


def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    if OWNS_POSTGRESQL:
        _stop_postgresql()
    shutil.rmtree(DATA, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:
    """Begin the database of the tests with the tables that were made once, so that no migration is left to apply."""
    from django.db import connection

    if ON_POSTGRESQL:
        connection.settings_dict["TEST"]["TEMPLATE"] = prepared.template(os.environ["WARIFU_DATABASE_URL"])
        yield
        return
    name = connection.settings_dict["TEST"]["NAME"]
    held = sqlite3.connect(name, uri=True)  # what is in memory stays there while somebody holds it
    with sqlite3.connect(prepared.database()) as tables:
        tables.backup(held)
    tables.close()
    yield
    held.close()


@pytest.fixture(autouse=True)
def _only_transactions_of_the_house_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """The transaction that pytest-django lays around a test hides an entry that is written without one of its own."""
    from django.db import connection

    def in_transaction() -> bool:
        return any(not block._from_testcase for block in connection.atomic_blocks)

    monkeypatch.setattr("warifu.audit.actions._in_transaction", in_transaction)


@pytest.fixture
def at() -> datetime:
    """The moment of every test that is given one: Tuesday 24 November 2026, ten in the morning in Japan."""
    from tests.cast import MORNING

    return MORNING


@pytest.fixture(autouse=True)
def _clean_folders() -> Iterator[None]:
    yield
    for name in ("trail", "sealed", "folders"):
        shutil.rmtree(DATA / name, ignore_errors=True)
