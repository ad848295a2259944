"""The command `warifu-agent`: enrol, renew, show; and those for the card (`card_program`)."""

from __future__ import annotations

import sys
from contextlib import closing
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

_WHAT = Words("何をしますか", "What to do")
_CARD = Words("カードを読む(画面のコードで)", "Read a card for a code of the page")
_CERTIFICATE = Words("電子証明書を取得・更新する", "Obtain or renew a certificate")


@click.group(invoke_without_command=True)
@click.option("--language", type=click.Choice(["ja", "en"]), help="日本語 / English")
@click.version_option(__version__)
@click.pass_context
def main(context: click.Context, language: Language | None) -> None:
    """電子証明書の取得・更新・表示、カードの読み取り / Electronic certificates, and reading a My Number Card."""
    context.obj = language or language_here()
    if context.invoked_subcommand is None:
        if card_program.has_window() and not sys.stdin.isatty():
            sys.exit(_begin(context.obj))
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
    dialogue = card_program.talk(language, is_window=is_window)
    sys.exit(_obtain("", dialogue, server=server, ca=ca, organisation=organisation))


@main.command()
@click.option("--server", help="電子証明書を取得するアドレス / address of the installation")
@click.option("--ca", type=click.Path(path_type=Path), help="試験用のルート証明書 / root certificate of a trial server")
@click.option("--organisation", default="", help="組織コード / organisation code")
@click.option("--window", "is_window", is_flag=True, help="窓を開く / use a window")
@click.pass_obj
def renew(language: Language, server: str | None, ca: Path | None, organisation: str, is_window: bool) -> None:
    """電子証明書を更新する / Renew a certificate, with a new key."""
    dialogue = card_program.talk(language, is_window=is_window)
    sys.exit(_obtain("renew", dialogue, server=server, ca=ca, organisation=organisation))


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


def window() -> None:
    """The program as it is opened by a click: a window asks what to do."""
    sys.exit(_begin(language_here()))


def _begin(language: Language) -> int:
    dialogue = card_program.talk(language, is_window=True)
    try:
        wished = dialogue.choose(_WHAT, [("card", _CARD), ("certificate", _CERTIFICATE)], default="card")
    except Stopped:
        return 130
    return card_program.carry_out(dialogue) if wished == "card" else _obtain("", dialogue)


def _obtain(
    mode: Mode, dialogue: Dialogue, *, server: str | None = None, ca: Path | None = None, organisation: str = ""
) -> int:
    known = records.load()
    last = known[-1] if known else None
    try:
        address = server or dialogue.ask(_ADDRESS, default=last.server if last else "https://")
        with closing(Server(address, language=dialogue.language, ca=ca)) as connection:
            wish = Wish(mode=mode, organisation=organisation or (last.organisation if last else ""))
            flow.enrol(server=connection, dialogue=dialogue, stores=stores.available(), wish=wish)
    except Fault as fault:
        dialogue.tell_fault(fault)
        if isinstance(fault, Stopped):
            return 130
        dialogue.finish()
        return 1
    dialogue.finish()
    return 0


for command in (card_program.card, card_program.serve, card_program.install, card_program.uninstall):
    main.add_command(command)
