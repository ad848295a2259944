"""What `warifu demo` does once its settings stand: keys, tables, a played-out story, and the server."""

from __future__ import annotations

import http.client
import threading
import time
from pathlib import Path

import click
from django.conf import settings
from django.utils import timezone

from warifu.cli import rehearsal
from warifu.cli.serve import bring_up_to_date, insist_free, run
from warifu.credentials.actions import keys as credential_keys
from warifu.vault.actions import keys

HOST = "127.0.0.1"
ANSWERS_WITHIN = 60.0


def run_demo(*, port: int, marker: Path) -> None:
    """Make ready what is missing, serve, and say where everything is."""
    insist_free(HOST, port)
    master = settings.WARIFU.key_file("master")
    if not master.exists():
        keys.create_master(path=master)
    credentials = settings.WARIFU.key_file("credentials")
    if not credentials.exists():
        credential_keys.create(path=credentials)
    bring_up_to_date()
    if not marker.exists():
        click.echo("練習用データを作っています。はじめの一回だけ、少しかかります… / preparing practice data", err=True)
        rehearsal.seed(at=timezone.now(), progress=lambda line: click.echo(f"  {line}", err=True))
        marker.touch()
    threading.Thread(target=_announce, args=(port,), name="warifu-announce", daemon=True).start()
    run(host=HOST, port=port, inside=True)
    click.echo("練習用サーバーを止めました。データは残っています。 / stopped", err=True)


def _announce(port: int) -> None:
    """Print the block and, once the server answers, the line that programs wait for."""
    if _answers(port):
        click.echo(block(f"http://localhost:{port}"))
        click.echo(f"READY http://localhost:{port}")


def _answers(port: int) -> bool:
    until = time.monotonic() + ANSWERS_WITHIN
    while time.monotonic() < until:
        connection = http.client.HTTPConnection(HOST, port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return True
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    return False


def block(address: str) -> str:
    """What a newcomer needs: where to look, with which logins, and where the mails are."""
    lines = [
        "",
        "割符の練習用サーバーが動いています。番号はテスト用のものだけが使えます。",
        "",
        f"  はじめの画面     {address}/",
        f"  担当者の画面     {address}/desk/",
        f"  マイページ       {address}/my/",
        f"  練習用メール箱   {address}/demo/mail/",
        f"  練習用の電話     {address}/demo/phone/",
        "",
        "  サインインできる人",
    ]
    for login in rehearsal.LOGINS:
        lines.append(f"    {login.who}")
        lines.append(f"      組織コード {login.organisation_code} / ユーザー {login.user}")
    lines += [
        "    管理者・担当者・責任者は、パスワードのあとに認証アプリの6桁のコードも入れます。",
        "    コードは「練習用の電話」に出ています。従業員と顧客には要りません。",
        f"    パスワードはみな同じです: {rehearsal.PASSWORD}",
        "",
        f"  データは {settings.WARIFU.data_dir} にあります。Ctrl-C で止まり、`make demo-reset` で初めに戻ります。",
        "",
    ]
    return "\n".join(lines)
