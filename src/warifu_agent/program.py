"""The command `warifu-agent`: enrol, renew, show; and those for the card (`card_program`)."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from warifu_agent import __version__, card_program, flow, records, stores
from warifu_agent.dialogue import Dialogue
from warifu_agent.faults import Fault, Stopped
from warifu_agent.flow import Mode, Wish
from warifu_agent.server import Server
from warifu_agent.terminal import Terminal
from warifu_agent.words import Language, Words, language_here

_ADDRESS = Words(
    "電子証明書を取得するアドレス(メールに書いてあります)", "Address for certificates (it stands in the mail)"
)


@click.group(invoke_without_command=True)
@click.option("--language", type=click.Choice(["ja", "en"]), help="日本語 / English")
@click.version_option(__version__)
@click.pass_context
def main(context: click.Context, language: Language | None) -> None:
    """電子証明書の取得・更新・表示、カードの読み取り / Electronic certificates, and reading a My Number Card."""
    context.obj = language or language_here()
    if context.invoked_subcommand is None:
        if card_program.has_window() and not sys.stdin.isatty():
            _obtain("", context.obj, server=None, ca=None, organisation="", is_window=True)
        else:
            click.echo(context.get_help())


@main.command()
@click.option("--server", help="電子証明書を取得するアドレス / address of the installation")
@click.option("--ca", type=click.Path(path_type=Path), help="試験用のルート証明書 / root certificate of a trial server")
@click.option("--organisation", default="", help="組織コード / organisation code")
@click.option("--window", "is_window", is_flag=True, help="窓を開く / use a window")
@click.pass_obj
def enrol(language: Language, server: str | None, ca: Path | None, organisation: str, is_window: bool) -> None:
    """電子証明書を取得する / Obtain a certificate."""
    _obtain("", language, server=server, ca=ca, organisation=organisation, is_window=is_window)


@main.command()
@click.option("--server", help="電子証明書を取得するアドレス / address of the installation")
@click.option("--ca", type=click.Path(path_type=Path), help="試験用のルート証明書 / root certificate of a trial server")
@click.option("--organisation", default="", help="組織コード / organisation code")
@click.option("--window", "is_window", is_flag=True, help="窓を開く / use a window")
@click.pass_obj
def renew(language: Language, server: str | None, ca: Path | None, organisation: str, is_window: bool) -> None:
    """電子証明書を更新する / Renew a certificate, with a new key."""
    _obtain("renew", language, server=server, ca=ca, organisation=organisation, is_window=is_window)


@main.command()
@click.pass_obj
def show(language: Language) -> None:
    """証明書表示 / Show the certificates that were obtained on this computer."""
    dialogue = Terminal(language)
    found = records.load()
    if not found:
        dialogue.tell(flow.nothing_here())
    for number, record in enumerate(found):
        if number:
            click.echo()
        flow.show(dialogue=dialogue, record=record)


def _obtain(
    mode: Mode, language: Language, *, server: str | None, ca: Path | None, organisation: str, is_window: bool
) -> None:
    dialogue: Dialogue = _window(language) if is_window else Terminal(language)
    known = records.load()
    last = known[-1] if known else None
    status = 0
    try:
        address = server or dialogue.ask(_ADDRESS, default=last.server if last else "https://")
        connection = Server(address, language=language, ca=ca)
        try:
            wish = Wish(mode=mode, organisation=organisation or (last.organisation if last else ""))
            flow.enrol(server=connection, dialogue=dialogue, stores=stores.available(), wish=wish)
        finally:
            connection.close()
    except Fault as fault:
        dialogue.tell_fault(fault)
        status = 130 if isinstance(fault, Stopped) else 1
    if is_window and status != 130:
        dialogue.finish()  # type: ignore[attr-defined]
    sys.exit(status)


def _window(language: Language) -> Dialogue:
    from warifu_agent.window import Window  # noqa: PLC0415 - many computers have no tkinter, and need none

    return Window(language)


for command in (card_program.card, card_program.serve, card_program.install, card_program.uninstall):
    main.add_command(command)
