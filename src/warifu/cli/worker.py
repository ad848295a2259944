"""`warifu worker` and `warifu daily`: background work in a process of its own."""

from __future__ import annotations

import json
import signal
from typing import Any

import click
from django.utils import timezone

from warifu.cli.duties import DUTIES, Worker, do, do_daily
from warifu.cli.serve import bring_up_to_date


@click.command()
@click.option("--once", is_flag=True, help="一巡だけ行って終わる / go round once and end")
def worker(once: bool) -> None:
    """裏方の仕事を続けます: メール、名簿、画像、証跡。 / Do background work until stopped.

    SIGTERM か Ctrl-C で、手元の一件を終えてから止まります。いくつ動かしても、同じ仕事は一度しか行われません。

    Delivers letters, works on rosters and pictures, seals the trail, and starts the daily round. Any number may run;
    use it with `warifu serve --worker outside` or WARIFU_WORKER=outside.
    """
    bring_up_to_date()
    if once:
        _show(do(DUTIES, at=timezone.now()), as_json=False)
        return
    background = Worker()

    def stop(*_: Any) -> None:
        background.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    click.echo("裏方の仕事を始めました。Ctrl-C で止まります。 / worker started", err=True)
    background.run()


@click.command()
@click.option("--json", "as_json", is_flag=True, help="結果をJSONで出す / print JSON")
def daily(as_json: bool) -> None:
    """一日一回の見回りをいま行います: 期限超過、自動の催促、古い画像の消去。 / Do the daily round now.

    何度実行しても、遅れて実行しても害はありません。ワーカーが動いていれば自動で行われます。
    失敗した仕事があると終了コード1で終わります。
    """
    done = do_daily(at=timezone.now())
    _show(done, as_json=as_json)
    if None in done.values():
        raise SystemExit(1)


def _show(done: dict[str, int | None], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(done, ensure_ascii=False))
        return
    for name, count in done.items():
        click.echo(f"{name:14} {'失敗 / failed' if count is None else count}")
