"""`warifu keys`: make the keys of an installation, and rotate them while it runs."""

from __future__ import annotations

import secrets
from pathlib import Path

import click
from django.conf import settings
from django.utils import timezone

from warifu.credentials.actions import keys as credential_keys
from warifu.credentials.actions import signing_keys
from warifu.foundation.actor import OPERATOR
from warifu.organisations import queries as organisations
from warifu.vault.actions import keys as vault_keys


@click.group()
def keys() -> None:
    """Make and rotate the keys of the vault and of the trail.

    Keep copies of the key files in two places, apart from the copies of the database: whoever has both can read every
    number, and without the keys nobody can.
    """


@keys.command()
def create() -> None:
    """Make the keys of the vault, of the trail and of 資格, readable by this user alone. Never overwrites a key."""
    master, trail, credentials = (settings.WARIFU.key_file(name) for name in ("master", "trail", "credentials"))
    for path in (master, trail, credentials):
        if path.exists():
            raise vault_keys.KeyFileExists(path=str(path))
    vault_keys.create_master(path=master)
    _create_trail(trail)
    credential_keys.create(path=credentials)
    click.echo(f"金庫の鍵を作りました: {master}")
    click.echo(f"証跡の鍵を作りました: {trail}")
    click.echo(f"資格の鍵を作りました: {credentials}")
    click.echo(
        "三つのファイルを、データベースの控えとは別の二か所に写しておいてください。なくすと番号を二度と開けません。"
    )


@keys.command()
@click.option("--master", is_flag=True, help="Make a new master key and re-wrap every organisation's key with it.")
@click.option("--organisation", metavar="CODE", help="Make a new key for one organisation and re-wrap its data keys.")
@click.option("--signing", is_flag=True, help="Make a new key for what sister services are told.")
def rotate(*, master: bool, organisation: str | None, signing: bool) -> None:
    """Replace a key while the server runs; contents are not sealed anew, their keys are re-wrapped.

    Can be stopped at any time; called again, it goes on where it stopped. Copy the master key file again afterwards.
    """
    if [master, bool(organisation), signing].count(True) != 1:
        raise click.UsageError("Say one of --master, --organisation CODE or --signing.")
    if signing:
        click.echo(f"署名の鍵を取り替えました: {signing_keys.rotate(by=OPERATOR, at=timezone.now())}")
        return
    if master:
        count = vault_keys.rotate_master(at=timezone.now())
        click.echo(
            f"マスター鍵を取り替え、組織の鍵 {count} 本を包み直しました。鍵のファイルの控えも新しくしてください。"
        )
        return
    found = organisations.organisation_by_code(code=organisation or "")
    if found is None:
        raise click.BadParameter(f"There is no organisation {organisation!r}.", param_hint="--organisation")
    with click.progressbar(length=vault_keys.to_rewrap(organisation_id=found.id), label=found.name) as bar:
        count = vault_keys.rotate_organisation(
            organisation_id=found.id, by=OPERATOR, at=timezone.now(), progress=lambda done: bar.update(done - bar.pos)
        )
    click.echo(f"{found.name}の鍵を取り替え、データ鍵 {count} 本を包み直しました。")


def _create_trail(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(secrets.token_hex(32) + "\n", encoding="ascii")
