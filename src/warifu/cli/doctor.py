"""`warifu doctor`: look at an installation as it is, and say what to mend."""

from __future__ import annotations

import json
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
from django.conf import settings
from django.core.checks import run_checks
from django.db import DatabaseError, connection
from django.utils import timezone

from warifu.cli.serve import pending
from warifu.notices import carriers, papers
from warifu.notices import queries as notices

SPACE = 1024**3
BEAT = timedelta(minutes=2)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing looked at: how it is (`ok`, `warning`, `fault`), and what to do about it."""

    part: str
    state: str
    sentence: str
    remedy: str = ""


def ok(part: str, sentence: str) -> Finding:
    """A part that is as it should be."""
    return Finding(part=part, state="ok", sentence=sentence)


def fault(part: str, sentence: str, remedy: str) -> Finding:
    """A part that must be mended."""
    return Finding(part=part, state="fault", sentence=sentence, remedy=remedy)


def warning(part: str, sentence: str, remedy: str) -> Finding:
    """A part that works and could be better."""
    return Finding(part=part, state="warning", sentence=sentence, remedy=remedy)


def look_at_papers() -> Iterator[Finding]:
    """Whether PDFs can be made."""
    try:
        papers.insist_ready()
    except papers.PapersNotReady as refusal:
        yield warning("papers", refusal.sentence, refusal.remedy)
    else:
        yield ok("papers", "PDFを作れます。")


def look_at_settings() -> Iterator[Finding]:
    """The settings, with every system check of the rooms."""
    messages = [message for message in run_checks() if not message.is_silenced()]
    for message in messages:
        make = fault if message.is_serious() else warning
        yield make("settings", f"{message.id}: {message.msg}", message.hint or "")
    if not messages:
        yield ok("settings", f"設定に誤りはありません(モード {settings.WARIFU.mode}、{settings.WARIFU.site_url})。")


def look_at_database() -> Iterator[Finding]:
    """The database answers and fits this version."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        behind = pending()
    except DatabaseError as error:
        yield fault(
            "database",
            f"データベースにつながりません({type(error).__name__})。",
            "WARIFU_DATABASE_URL と、データベースが動いているかを確かめてください。",
        )
        return
    if behind:
        yield fault(
            "database", f"データベースが古いままです(未適用 {behind}件)。", "`warifu migrate` を実行してください。"
        )
    else:
        yield ok("database", f"{connection.vendor} につながり、この版に合っています。")


def look_at_storage() -> Iterator[Finding]:
    """The data folder can be written, holds secrets apart from others, and has room."""
    folder = settings.WARIFU.data_dir
    if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
        yield fault(
            "storage",
            f"データのフォルダ {folder} に書き込めません。",
            "フォルダを作り、サーバーを動かす利用者のものにしてください(WARIFU_DATA_DIR)。",
        )
        return
    if folder.stat().st_mode & stat.S_IWOTH:
        yield fault("storage", f"{folder} にだれでも書き込めます。", f"`chmod o-rwx {folder}` を実行してください。")
    free = shutil.disk_usage(folder).free
    if free < SPACE:
        yield warning("storage", f"空きが {free // 1024**2} MB しかありません。", "ディスクを空けてください。")
    else:
        yield ok("storage", f"{folder} に書き込めます(空き {free // SPACE} GB)。")


def look_at_keys() -> Iterator[Finding]:
    """Both key files are there and readable by their owner alone."""
    for name in ("master", "trail", "credentials"):
        path = settings.WARIFU.key_file(name)
        if not path.is_file() or not os.access(path, os.R_OK):
            yield fault("keys", f"鍵のファイル {path} を読めません。", "`warifu keys create` で作ってください。")
        elif path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            yield fault("keys", f"{path} をほかの利用者が読めます。", f"`chmod 600 {path}` を実行してください。")
        else:
            yield ok("keys", f"{path} は持ち主だけが読めます。")


def look_at_mail() -> Iterator[Finding]:
    """The mail server answers and lets us in; nothing is sent."""
    carrier = carriers.choose()
    if not isinstance(carrier, carriers.SmtpCarrier):
        yield ok("mail", "練習のため、メールは練習用メール箱に届きます。")
        return
    try:
        with carrier:
            carrier.check()
    except carriers.Unreachable as unreachable:
        yield fault(
            "mail",
            unreachable.reason,
            "WARIFU_MAIL_HOST、WARIFU_MAIL_PORT、WARIFU_MAIL_SECURITY、WARIFU_MAIL_USER を確かめてください。",
        )
        return
    yield ok("mail", f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT} につながり、受け入れられました。")


def look_at_clock() -> Iterator[Finding]:
    """The clock knows Japan's time and has not gone back."""
    try:
        ZoneInfo("Asia/Tokyo")
    except ZoneInfoNotFoundError:
        yield fault("clock", "日本時間の情報がありません。", "OSの tzdata パッケージを入れてください。")
        return
    now = timezone.now()
    beat = notices.last_heartbeat()
    if beat is not None and beat > now + BEAT:
        yield fault("clock", "時計が、記録より前の時刻を指しています。", "NTP などで時計を合わせてください。")
    else:
        yield ok("clock", f"いま {timezone.localtime(now):%Y-%m-%d %H:%M}(日本時間)です。")


def look_at_worker() -> Iterator[Finding]:
    """A worker went round lately."""
    beat = notices.last_heartbeat()
    if beat is None:
        yield warning(
            "worker", "裏方の仕事がまだ一度も動いていません。", "`warifu serve` か `warifu worker` を動かしてください。"
        )
    elif timezone.now() - beat > BEAT:
        yield fault(
            "worker",
            f"裏方の仕事が {timezone.localtime(beat):%m/%d %H:%M} から止まっています。",
            "`warifu serve` か `warifu worker` を動かしてください。メールと画像の処理が待っています。",
        )
    else:
        yield ok("worker", "裏方の仕事が動いています。")


PARTS: tuple[Callable[[], Iterator[Finding]], ...] = (
    look_at_settings,
    look_at_database,
    look_at_storage,
    look_at_keys,
    look_at_mail,
    look_at_clock,
    look_at_worker,
    look_at_papers,
)
SIGNS = {"ok": "✓", "warning": "!", "fault": "✗"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="結果をJSONで出す / print JSON")
def doctor(as_json: bool) -> None:
    """設定・データベース・保管場所・鍵・メール・時計・裏方の仕事を調べ、直し方を示します。

    Examine settings, database, storage, keys, mail, clock and worker, and say what to mend. Changes and sends
    nothing. Exit code 1 when something must be mended.
    """
    findings = list(examine())
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False))
    else:
        for finding in findings:
            click.echo(f"{SIGNS[finding.state]} {finding.part:9} {finding.sentence}")
            if finding.remedy:
                click.echo(f"            → {finding.remedy}")
    if any(finding.state == "fault" for finding in findings):
        raise SystemExit(1)


def examine() -> Iterator[Finding]:
    """Look at every part; where the database is missing, what needs it is left out."""
    for part in PARTS:
        try:
            yield from part()
        except DatabaseError:
            yield warning(part.__name__.removeprefix("look_at_"), "データベースがないため調べられません。", "")
