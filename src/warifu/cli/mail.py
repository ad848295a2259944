"""`warifu mail bounce`: note letters that came back by mail after they had been accepted."""

from __future__ import annotations

import json
from typing import BinaryIO

import click
from django.utils import timezone

from warifu.notices import actions, returned


@click.group()
def mail() -> None:
    """メールの後始末をします。 / Look after mail."""


@mail.command()
@click.argument("files", type=click.File("rb"), nargs=-1, required=True, metavar="FILE...")
@click.option("--json", "as_json", is_flag=True, help="結果をJSONで出す / print JSON")
def bounce(files: tuple[BinaryIO, ...], as_json: bool) -> None:
    """戻ってきたメール(不達通知、.eml)を読み、どの送信が届かなかったかを記録します。「-」は標準入力です。

    Read delivery status notifications (RFC 3464) and mark the letters they name as bounced, so that the lists show
    it. Let the mail server pipe returned mail into `warifu mail bounce -`. Reading one twice does no harm.
    Exit code 1 when a file is no such notification or names no letter of ours.
    """
    at = timezone.now()
    results = []
    for file in files:
        found = returned.read(file.read())
        noted = found is not None and actions.record_bounce(message_id=found.message_id, reason=found.reason, at=at)
        results.append({"file": getattr(file, "name", "-"), "noted": noted, "reason": found.reason if found else None})
    if as_json:
        click.echo(json.dumps(results, ensure_ascii=False))
    else:
        for result in results:
            click.echo(f"{result['file']}: {_said(result)}")
    if not all(result["reason"] for result in results):
        raise SystemExit(1)


def _said(result: dict[str, object]) -> str:
    if result["noted"]:
        return f"記録しました。{result['reason']}"
    if result["reason"]:
        return "この送信はすでに記録してあるか、割符から送ったものではありません。"
    return "不達通知として読めませんでした。"
