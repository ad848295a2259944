"""`warifu ca`: make and look after the authorities of this installation."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click
from django.conf import settings
from django.utils import timezone

from warifu.credentials.actions import authorities
from warifu.credentials.queries import authorities as queries
from warifu.credentials.queries import trust
from warifu.foundation.actor import OPERATOR
from warifu.foundation.days import JST

_PLACES = {"sealed": "封緘", "pkcs11": "PKCS#11"}
_KINDS = {"root": "ルート", "issuing": "発行"}


@click.group()
def ca() -> None:
    """電子証明書の認証局を作り、確かめます。 / Make and look after the certificate authorities.

    鍵は、資格の鍵で封緘してデータベースに置くか、PKCS#11 の装置の中に作ります(WARIFU_PKCS11_MODULE)。
    """


@ca.command()
@click.option("--name", default="Warifu Root CA", show_default=True, help="ルート認証局の名前 / name of the root")
def init(name: str) -> None:
    """ルート認証局と、共有の発行認証局を作ります。すでにあれば何も変えません。 / Make the root, once."""
    authorities.init(name=name, by=OPERATOR, at=timezone.now())
    click.echo("認証局を作りました。")
    _tell()
    if not settings.WARIFU.pkcs11_module:
        click.echo("鍵は資格の鍵で封緘されています。資格の鍵のファイルの控えがあることを確かめてください。")


@ca.command()
@click.option("--json", "as_json", is_flag=True, help="結果をJSONで出す / print JSON")
def show(as_json: bool) -> None:
    """いまの認証局と失効リストを示します。 / Show the authorities and their lists."""
    if as_json:
        click.echo(json.dumps([asdict(line) for line in queries.authorities()], ensure_ascii=False, default=str))
        return
    _tell()


@ca.command("export-root")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False), required=False)
def export_root(path: Path | None) -> None:
    """ルート証明書を PEM で書き出します。すでにあるファイルは上書きしません。 / Write the root certificate."""
    pem = queries.root_in_pem()
    if path is None:
        click.echo(pem.decode(), nl=False)
        return
    try:
        with path.open("xb") as file:
            file.write(pem)
    except FileExistsError:
        raise click.BadParameter(f"{path} はすでにあります。 / exists already", param_hint="PATH") from None
    click.echo(f"ルート証明書を書き出しました: {path}")


@ca.command()
def trusted() -> None:
    """いま有効なすべての認証局の証明書を PEM で出します(手前のプロキシーのため)。 / All authorities, for proxies."""
    click.echo(trust.authorities_in_pem(at=timezone.now()), nl=False)


@ca.command()
def crl() -> None:
    """すべての失効リストをいま作り直します。 / Make all revocation lists anew now."""
    count = authorities.publish_all(at=timezone.now())
    click.echo(f"失効リストを {count} 本作り直しました。")


def _tell() -> None:
    lines = queries.authorities()
    if not lines:
        click.echo("認証局はまだありません。 `warifu ca init` で作れます。")
    for line in lines:
        state = "(交代済み)" if line.retired_at else ""
        click.echo(f"{_KINDS[line.kind]}認証局 {line.name}{state}")
        click.echo(f"  期限 {line.valid_until.astimezone(JST):%Y-%m-%d}  鍵 {_PLACES[line.key_place]}")
        click.echo(f"  SHA-256 {line.fingerprint}")
        if line.list_until:
            until = line.list_until.astimezone(JST)
            click.echo(
                f"  失効リスト 第{line.list_number}号 失効 {line.revoked_count}枚 次の発行 {until:%Y-%m-%d %H:%M}"
            )
