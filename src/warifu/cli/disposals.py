"""`warifu disposals`: what was destroyed stays destroyed, also after an older backup was restored (R-07)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO
from uuid import UUID

import click
from django.utils import timezone

from warifu.vault.actions import disposing
from warifu.vault.queries import keepings as queries


@click.group()
def disposals() -> None:
    """Write down which numbers were destroyed, and destroy them again in a database that a backup brought back."""


@disposals.command()
@click.argument("file", type=click.File("w", encoding="ascii"))
def tombstones(file: TextIO) -> None:
    """Write the references of all destroyed numbers to FILE (- for standard output), one a line.

    They are random and say nothing of a number. Keep the file beside the newest backup of the database.
    """
    count = 0
    for ref in queries.destroyed_refs():
        file.write(f"{ref}\n")
        count += 1
    click.echo(f"廃棄した番号の参照を{count}件書き出しました。", err=True)


@disposals.command()
@click.argument("file", type=click.File("r", encoding="ascii"))
def replay(file: TextIO) -> None:
    """Destroy again every number that FILE names and that a restored backup has brought back to life."""
    count = disposing.replay(refs=_refs(file), at=timezone.now())
    click.echo(f"戻っていた番号を{count}件、もう一度廃棄しました。")


def _refs(file: TextIO) -> Iterator[UUID]:
    for place, line in enumerate(file, start=1):
        if text := line.strip():
            try:
                yield UUID(text)
            except ValueError:
                hint = "`warifu disposals tombstones` で書き出したファイルを渡してください。"
                raise click.ClickException(f"{place}行目は参照ではありません。{hint}") from None
