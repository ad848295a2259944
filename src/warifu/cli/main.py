"""The `warifu` command: what operators do at a terminal. A refusal is one sentence and exit code 2."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import click
import django

from warifu.foundation.refusals import Refused

COMMANDS: dict[str, tuple[str, str]] = {
    "serve": ("warifu.cli.serve:serve", "サーバーを動かす / run the web server"),
    "worker": ("warifu.cli.worker:worker", "裏方の仕事を別プロセスで動かす / run background work apart"),
    "daily": ("warifu.cli.worker:daily", "一日一回の見回りをいま行う / do the daily round now"),
    "demo": ("warifu.cli.demo:demo", "練習用データで試す / try everything with practice data"),
    "doctor": ("warifu.cli.doctor:doctor", "設定と状態を調べ、直し方を示す / examine the installation"),
    "migrate": ("warifu.cli.serve:migrate", "データベースを新しい版に合わせる / bring the database up to date"),
    "keys": ("warifu.cli.keys:keys", "鍵を作る・取り替える / create and rotate keys"),
    "disposals": (
        "warifu.cli.disposals:disposals",
        "控えから戻したあと、廃棄をやり直す / replay disposals after restoring a backup",
    ),
    "ca": ("warifu.cli.authority:ca", "電子証明書の認証局を作る・確かめる / make and show certificate authorities"),
    "organisation": ("warifu.cli.organisation:organisation", "組織を作る / manage organisations"),
    "roster": ("warifu.cli.roster:roster", "従業員名簿のファイルを調べる / check roster files"),
    "folder": ("warifu.cli.folder:folder", "電子帳簿保存フォルダのメール受け取りと点検 / mail and checks of folders"),
    "application": ("warifu.cli.application:application", "利用者コードの申込みを見る / list and export applications"),
    "licence": ("warifu.cli.licence:licence", "ライセンスを見る / list and export licences"),
    "plan": ("warifu.cli.plan:plan", "申込みの日付を前もって調べる / plan the days of an application"),
    "audit": ("warifu.cli.trail:audit", "証跡を検証する / verify the audit trail"),
    "support-code": ("warifu.cli.support_code:support_code", "お問合せ番号の事情を調べる / look up a support code"),
    "mail": ("warifu.cli.mail:mail", "戻ってきたメールを記録する / record returned mail"),
}
"""Each command, where it lives, and its line in the list; a module is loaded only when its command is called."""

BEFORE_SETTINGS = frozenset({"demo", "roster", "plan"})
"""Commands that make their settings themselves, or need none."""


class House(click.Group):
    """Loads a command when it is called, after the settings are read."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, in the order of an operator's day."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, or None."""
        if cmd_name not in COMMANDS:
            return None
        if cmd_name not in BEFORE_SETTINGS:
            _set_up()
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without loading any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=House, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="warifu", message="warifu %(version)s")
def cli() -> None:
    """割符(わりふ): マイナンバーを集め、確かめ、守るサーバーの運用コマンド。

    Commands for operators of Warifu. Settings come from the environment (WARIFU_…) or from files in
    WARIFU_SECRETS_DIR; `warifu doctor` says which are missing and how to mend them.

    \b
    はじめて / first steps:
      warifu demo                    試してみる(データは var/demo)
      warifu keys create             本番の鍵を作る
      warifu doctor                  設定を確かめる
      warifu organisation create     組織と最初の管理者を作る
      warifu serve                   動かす

    \b
    Exit codes: 0 done, 1 faults found, 2 refused or wrong usage, 78 wrong settings.
    """


def main() -> None:
    """Entry point of the command."""
    try:
        cli.main(standalone_mode=False)
    except Refused as refusal:
        sys.exit(_say(refusal))
    except click.exceptions.Abort:
        click.echo("中断しました。 / interrupted", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)


def _say(refusal: Refused) -> int:
    sentence, remedy = refusal.sentence.format(**refusal.values), refusal.remedy.format(**refusal.values)
    click.echo(f"{refusal.code} {sentence} {remedy}".strip(), err=True)
    return 2


def _set_up() -> None:
    """Read the settings and wake the rooms; help is shown even where the settings are still wrong."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "warifu.config.settings")
    if _asks_for_help(sys.argv[1:]):
        os.environ["WARIFU_MODE"] = "test"
    django.setup()


def _asks_for_help(arguments: list[Any]) -> bool:
    return any(argument in ("-h", "--help") for argument in arguments)
