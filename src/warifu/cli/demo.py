"""`warifu demo`: the whole product on practice data, with nothing to set up."""

from __future__ import annotations

import importlib
import os
import secrets
import shutil
from pathlib import Path

import click
import django

FOLDER = Path("var") / "demo"
SEEDED = "seeded"
"""Marks a folder whose data is complete; without it the data is made anew."""


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="ポート / port")
@click.option("--reset", is_flag=True, help="練習用データを捨てて終わる / throw the practice data away and end")
def demo(port: int, reset: bool) -> None:
    """練習用データで、収集のひととおりを試します。 / Try everything with practice data.

    データは var/demo に置かれ、次に動かすときも残っています。番号はテスト用のものだけが使え、
    メールは外へ出ず、画面の中の練習用メール箱に届きます。Ctrl-C ですべて止まります。

    Keeps its data in var/demo between runs; takes test numbers only; mails stay in a mailbox page. Ctrl-C stops all.
    """
    if reset:
        _throw_away()
        return
    _set_up(port)
    practice = importlib.import_module("warifu.cli.practice")
    practice.run_demo(port=port, marker=FOLDER / SEEDED)


def _throw_away() -> None:
    if not FOLDER.exists():
        click.echo(f"練習用データはありません({FOLDER})。 / nothing to throw away")
        return
    click.echo(f"練習用データを捨てます: {FOLDER} / throwing the practice data away")
    shutil.rmtree(FOLDER)


def _set_up(port: int) -> None:
    """A surrounding of its own: settings of a real installation on this machine do not reach the demo."""
    if FOLDER.exists() and not (FOLDER / SEEDED).exists():
        shutil.rmtree(FOLDER)
    keys = FOLDER / "keys"
    keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    secret = keys / "secret.key"
    for path in (secret, keys / "trail.key"):
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(32) + "\n", encoding="ascii")
    for name in [name for name in os.environ if name.startswith("WARIFU_")]:
        del os.environ[name]
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "warifu.config.settings",
        "WARIFU_MODE": "demo",
        "WARIFU_DATA_DIR": str(FOLDER.resolve()),
        "WARIFU_SITE_URL": f"http://localhost:{port}",
        "WARIFU_SECRET_KEY": secret.read_text(encoding="ascii").strip(),
        "WARIFU_PLAIN_LOGS": "1",
        "WARIFU_LOG_LEVEL": "WARNING",
    }
    django.setup()
