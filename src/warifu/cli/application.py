"""`warifu application`: the operator's queue at a terminal (C1)."""

from __future__ import annotations

import csv
import sys
from typing import Any

import click

from warifu.applications.queries import applications as queries
from warifu.cli.tables import as_json, safe
from warifu.foundation.actor import OPERATOR
from warifu.foundation.japanese import to_half_width

STATES = ("submitted", "in_review", "sent_back", "on_hold", "approved", "rejected", "withdrawn", "void")
COLUMNS = ("receipt", "organisation_name", "procedure", "operation", "state", "desired_start", "confirmed_start",
           "submitted_at", "reviewer")  # fmt: skip


@click.group()
def application() -> None:
    """利用者コードの申込みを見ます。 / Applications for user codes."""


@application.command(name="list")
@click.option("--state", type=click.Choice(STATES), default=None, help="この状態だけ / one state only")
@click.option("--search", "text", default="", help="受付番号か組織の名前 / receipt number or organisation")
@click.option("--json", "wants_json", is_flag=True, help="JSONで出す / print JSON")
def show_list(state: str | None, text: str, wants_json: bool) -> None:
    """審査するもの(または一つの状態)を、新しい順に50件まで出します。 / The newest fifty of the queue, or of a state."""
    lines, older = queries.queue_page(by=OPERATOR, state=state or "", text=text)
    if wants_json:
        click.echo(as_json([_described(line) for line in lines]))
        return
    for line in lines:
        click.echo(f"{line.receipt}  {line.state_label}  {line.organisation_name}  希望 {line.desired_start or '—'}")
    if older:
        click.echo(
            "ほかにもあります。--state か --search でしぼるか、export を使ってください。 / there are more", err=True
        )


@application.command()
@click.argument("receipt")
@click.option("--json", "wants_json", is_flag=True, help="JSONで出す / print JSON")
def show(receipt: str, wants_json: bool) -> None:
    """受付番号の申込みを、内容と決まったことまで出します。 / One application by its receipt number; no passwords."""
    view = queries.by_receipt(by=OPERATOR, receipt=to_half_width(receipt).upper())
    told: dict[str, Any] = {
        **_described(view.line),
        "form": view.form,
        "reason": view.reason,
        "decided_on": view.decided_on,
        "settings_deadline": view.settings_deadline,
        "user_ids": list(view.user_ids),
        "comments": [
            {"field": one.field, "words": one.words, "by": one.by_name, "at": one.at} for one in view.comments
        ],
    }
    if wants_json:
        click.echo(as_json(told))
        return
    for name, value in told.items():
        if value not in ("", None, [], ()):
            click.echo(f"{name}: {value if isinstance(value, str) else as_json(value)}")


@application.command()
@click.option("--state", type=click.Choice(STATES), default=None, help="この状態だけ / one state only")
def export(state: str | None) -> None:
    """送られた申込みのすべてを、CSVで標準出力に出します。 / Every application that was sent, as CSV."""
    writer = csv.writer(sys.stdout, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for line in queries.all_sent(by=OPERATOR, state=state or ""):
        writer.writerow([safe(value) for value in _described(line).values()])


def _described(line: queries.ApplicationLine) -> dict[str, Any]:
    return {name: getattr(line, name) for name in COLUMNS}
