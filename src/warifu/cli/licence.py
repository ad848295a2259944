"""`warifu licence`: who bought what until when, at a terminal (A1)."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import click

from warifu.cli.tables import as_json, safe
from warifu.foundation.actor import OPERATOR
from warifu.foundation.refusals import NotFound
from warifu.licences.queries import cards as queries

STATES = ("active", "started", "revoked")
COLUMNS = ("number", "company", "product", "support_id", "state", "from_day", "until_day", "reason")


@click.group()
def licence() -> None:
    """ライセンスを見ます。 / Licences."""


@licence.command(name="list")
@click.option("--state", type=click.Choice(STATES), default=None, help="この状態だけ / one state only")
@click.option("--search", "text", default="", help="製品登録番号、サポートID、会社の名前 / number, support ID, company")
@click.option("--json", "wants_json", is_flag=True, help="JSONで出す / print JSON")
def show_list(state: str | None, text: str, wants_json: bool) -> None:
    """ライセンスを、新しい順に50件まで出します。キーは出しません。 / The newest fifty licences, without their keys."""
    lines, older = queries.licences_page(by=OPERATOR, state=state or "", text=text)
    if wants_json:
        click.echo(as_json([_described(line) for line in lines]))
        return
    for line in lines:
        click.echo(f"{line.number}  {line.state_label}  {line.until_day} まで  {line.company}  {line.product}")
    if older:
        click.echo(
            "ほかにもあります。--state か --search でしぼるか、export を使ってください。 / there are more", err=True
        )


@licence.command()
@click.argument("number")
def show(number: str) -> None:
    """製品登録番号またはサポートIDのライセンスを、JSONで出します。 / One licence by its number or support ID."""
    lines, _older = queries.licences_page(by=OPERATOR, text=number)
    if not lines:
        raise NotFound
    click.echo(as_json([_described(line) for line in lines]))


@licence.command()
@click.option("--state", type=click.Choice(STATES), default=None, help="この状態だけ / one state only")
def export(state: str | None) -> None:
    """ライセンスのすべてを、CSVで標準出力に出します。 / Every licence, as CSV on standard output, without keys."""
    writer = csv.writer(sys.stdout, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for line in _all(state or ""):
        writer.writerow([safe(value) for value in _described(line).values()])


def _all(state: str) -> Iterator[queries.LicenceLine]:
    before: UUID | None = None
    while True:
        lines, before = queries.licences_page(by=OPERATOR, state=state, before=before)
        yield from lines
        if before is None:
            return


def _described(line: queries.LicenceLine) -> dict[str, Any]:
    return {name: getattr(line, name) for name in COLUMNS}
