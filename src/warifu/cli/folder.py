"""`warifu folder …`: mail that comes in, and checks of stored originals."""

from __future__ import annotations

import sys
from uuid import UUID

import click
from django.utils import timezone

from warifu.folders.actions import checks, intake
from warifu.foundation.refusals import Refused


@click.group()
def folder() -> None:
    """電子帳簿保存フォルダ: メールの受け取り、点検。 / Folders of electronic transactions."""


@folder.command("mail-in")
@click.option("--code", required=True, help="フォルダの設定の画面にある符号 / the code of the folder")
def mail_in(code: str) -> None:
    """標準入力のメールを、丸ごとフォルダに入れます。 / Keep a mail from standard input as it came.

    メールサーバーの受け口から呼びます。例(Postfixのmaster.cf):
    argv=/opt/warifu/bin/warifu folder mail-in --code ${extension}

    Exit codes: 0 kept, or kept before; 2 refused; 75 the store is full or down, try again later.
    """
    content = sys.stdin.buffer.read(intake.LARGEST_MAIL + 1)
    try:
        number = intake.receive_mail(mail_code=code, content=content, at=timezone.now())
    except intake.AlreadyThere as there:
        click.echo(f"同じメールが番号 {there.values['number']} にあります。 / kept before")
        return
    except Refused as refusal:
        if refusal.status in (503, 507):
            click.echo(f"{refusal.code} {refusal.sentence}", err=True)
            sys.exit(75)
        raise
    click.echo(f"番号 {number} で受け取りました。 / kept")


@folder.command()
@click.argument("folder_id", type=click.UUID)
def check(folder_id: UUID) -> None:
    """フォルダの元のファイルをすべて読み直し、SHA-256と比べます。 / Compare every original with its hash now."""
    count, bad = checks.check_folder(folder_id=folder_id, at=timezone.now())
    click.echo(f"{count}件を点検しました。 / checked")
    for number in bad:
        click.echo(f"番号 {number}: 壊れているか、見つかりません / broken or missing", err=True)
    if bad:
        sys.exit(1)
