"""`warifu plan`: the days of an application, before it is sent (002-30 … 002-36)."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date

import click

from warifu.applications.rules import planner
from warifu.foundation.days import NotADay, parse_day

LINES = {
    "earliest_start": "いちばん早い利用開始日 / earliest start",
    "settings_deadline": "システム設定の申込みの期限 / settings deadline",
    "secret_visible_from": "パスワードを見られる最初の日 / secrets open",
    "secret_visible_until": "パスワードを見られる最後の日 / secrets close",
    "approval_pdf_from": "承認通知を出せる日 / approval notice from",
}


class Day(click.ParamType[date]):
    """A day as people write it: 2024-12-02, 2024/12/2, 令和6年12月2日."""

    name = "day"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day, or a usage error that says how to write one."""
        try:
            return parse_day(value)
        except NotADay:
            self.fail(f"「{value}」という日はありません。2024-12-02 のように書いてください。 / no such day", param, ctx)


@click.command()
@click.option("--decided", required=True, type=Day(), help="審査が終わる日 / the day on which the review ends")
@click.option("--start", required=True, type=Day(), help="利用開始日 / the day on which use starts")
@click.option("--json", "as_json", is_flag=True, help="JSON で出す / print JSON")
def plan(decided: date, start: date, as_json: bool) -> None:
    """申込みの日付を、前もって調べます。 / Tell the days of an application beforehand.

    土日、祝日、12月29日から1月3日は数えません。設定もデータベースも要りません。

    Counts business days of Japan; needs neither settings nor a database. Exit code 2 when the start is too early.
    """
    days = {name: day.isoformat() for name, day in asdict(planner.plan(decided_on=decided, starts_on=start)).items()}
    if as_json:
        click.echo(json.dumps(days))
        return
    for name, day in days.items():
        click.echo(f"{day}  {LINES[name]}")
