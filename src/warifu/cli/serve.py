"""`warifu serve` and `warifu migrate`: the web server, and the database's version."""

from __future__ import annotations

import signal
import socket
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click
import uvicorn
from django.conf import settings
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

from warifu.cli import static_files, tls
from warifu.cli.duties import Worker
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _


class DatabaseBehind(Refused):
    """The database is older than the program, and it is not ours alone."""

    code = "WF-X101"
    sentence = _("データベースがこの版に合っていません(未適用の変更が{count}件)。")
    remedy = _("控え(バックアップ)を取ってから、`warifu migrate` を一度だけ実行してください。")


class PortTaken(Refused):
    """Another program listens there."""

    code = "WF-X102"
    sentence = _("{host}:{port} はほかのプログラムが使っています。")
    remedy = _("そのプログラムを止めるか、`--port` で別の番号を選んでください。")


class Stopped(BaseException):
    """The operator asked the server to stop."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="待ち受けるアドレス / address to listen on")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="ポート / port")
@click.option("--tls", "own_tls", is_flag=True, help="割符の認証局の証明書で TLS を話す(試用) / TLS for trials")
@click.option("--tls-certificate", type=click.Path(path_type=Path), help="TLS の証明書(PEM) / certificate for TLS")
@click.option("--tls-key", type=click.Path(path_type=Path), help="その鍵(PEM) / its key")
@click.option(
    "--worker",
    type=click.Choice(["inside", "outside"]),
    help="裏方の仕事をこのプロセスで行うか(既定は WARIFU_WORKER) / do background work in this process",
)
def serve(
    host: str, port: int, own_tls: bool, tls_certificate: Path | None, tls_key: Path | None, worker: str | None
) -> None:
    """ウェブサーバーを動かします。 / Run the web server.

    Ctrl-C または SIGTERM で、受けている要求を終えてから止まります。
    内蔵データベース(SQLite)は、必要なら新しい版に合わせ、そのことを表示します。PostgreSQL は勝手に変えません。

    Stops cleanly on Ctrl-C or SIGTERM. The embedded database is brought up to date and says so; PostgreSQL is not
    touched: call `warifu migrate`. With `--worker outside`, run `warifu worker` beside it. TLS: with `--tls`, or with a
    certificate and its key, the server speaks it itself and takes electronic certificates; otherwise it belongs to the
    proxy in front, which WARIFU_TRUSTED_PROXIES names.
    """
    bring_up_to_date()
    files = tls.chosen(own=own_tls, certificate=tls_certificate, key=tls_key, host=host, port=port)
    if files and files.root:
        click.echo(tls.how_to_trust(files.root), err=True)
    run(host=host, port=port, inside=(worker or settings.WARIFU.worker) == "inside", files=files)


@click.command()
@click.option("--check", is_flag=True, help="変更せず、未適用の数だけを調べる / only tell; exit 1 when behind")
def migrate(check: bool) -> None:
    """データベースをこの版に合わせます。 / Bring the database up to date.

    先に控え(バックアップ)を取ってください。二度実行しても害はありません。
    """
    count = pending()
    if check:
        click.echo(f"未適用の変更: {count}件 / pending: {count}")
        raise SystemExit(1 if count else 0)
    apply(count)


def pending() -> int:
    """How many migrations the database lacks."""
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def apply(count: int) -> None:
    """Apply what is missing, and say so."""
    if count:
        click.echo(f"データベースを新しい版に合わせています({count}件)… / migrating", err=True)
        call_command("migrate", interactive=False, verbosity=0)
    click.echo("データベースはこの版に合っています。 / up to date", err=True)


def bring_up_to_date() -> None:
    """Migrate the embedded database; refuse to start on another that is behind. Raises `DatabaseBehind`."""
    settings.WARIFU.data_dir.mkdir(parents=True, exist_ok=True)
    count = pending()
    if count and settings.WARIFU.database_url:
        raise DatabaseBehind(count=count)
    if count:
        apply(count)


def run(*, host: str, port: int, inside: bool, files: tls.Files | None = None) -> None:
    """Serve until SIGINT or SIGTERM, with the worker's round in a thread when `inside`, by TLS with `files`.

    Raises `PortTaken`, `TlsFilesUnusable`.

    Static files are gathered first, under names that carry their hash, so that browsers may keep them for a year.
    """
    insist_free(host, port)
    secured = tls.Tls(files) if files else None
    static_files.gather()
    config = uvicorn.Config(
        "warifu.config.asgi:application",
        host=host,
        port=port,
        http="warifu.config.protocol:Protocol",
        ws="none",
        ssl_context_factory=(lambda *_: secured.outer) if secured else None,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=10,
    )
    worker = Worker()
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    try:
        if secured:
            signal.signal(signal.SIGHUP, lambda *_: secured.look())
            secured.start()
        if inside:
            worker.start()
        uvicorn.Server(config).run()
    except Stopped:
        pass
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        worker.stop()
        if secured:
            secured.stop()


def insist_free(host: str, port: int) -> None:
    """Refuse a port that somebody else listens on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise PortTaken(host=host, port=port) from None


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    """uvicorn repeats the signal after its own clean end; this ends the program with exit code 0."""
    raise Stopped
