"""`warifu roster`: look at a roster file without a database, settings or keys."""

from __future__ import annotations

import json
import stat
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, NoReturn

import click

from warifu.collection.rules.roster import CheckedRow, Roster, open_roster
from warifu.collection.rules.roster_file import ENCODINGS, MAX_BYTES, FileTooLarge
from warifu.collection.rules.roster_problems import Problem
from warifu.foundation.days import JST, jst_day
from warifu.foundation.refusals import Refused

NO_ROSTER = 2


@click.group("roster")
def roster() -> None:
    """名簿のファイルを扱います。"""


@roster.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="結果をJSONで書き出します。")
@click.option(
    "--preset", type=click.Choice(["auto", "bare", "full"]), default="auto", help="列の並び。ふつうは自動で見分けます。"
)
@click.option(
    "--encoding", type=click.Choice(list(ENCODINGS)), default=None, help="文字コード。ふつうは自動で見分けます。"
)
def check_roster(file: Path, *, as_json: bool, preset: str, encoding: str | None) -> None:
    """名簿のファイルを、取り込まずに点検します。

    \b
    読めるファイル: CSV・TSV（UTF-8、BOM付きUTF-8、CP932）、Excel(.xlsx)。32MB、20万行まで。
    \b
    bare: メールアドレス, 姓, 名 の3列か、メールアドレス, 姓, ミドルネーム, 名 の4列。見出しはなくても構いません。
    full: 見出しのある名簿（社員番号, 姓, 名, ミドルネーム, セイ, メイ, 生年月日, 入社日, 所属,
          メールアドレス, 電話番号, 在籍状態）。列の順は問いません。
    \b
    JSONは {"rows", "accepted", "problems": [{"row", "column", "code", "severity", "value", "reason", "suggestion"}]}。
    rows は見出しを除いた行の数、row は1から数えます。severity は error（その行は取り込めない）か
    warning（直したか、目で確かめてほしい）です。
    \b
    終了コード: 0 名簿として読めた（問題のある行があっても0）、2 名簿ではないか、ファイルを開けない。
    """
    try:
        with _opened(file) as stream:
            found = open_roster(stream, preset="" if preset == "auto" else preset, encoding=encoding or "")
            survey = found.survey()
            accepted, problems = 0, []
            checked = found.check(survey=survey, on=jst_day(datetime.now(JST)))
            for row in _with_progress(checked, survey.rows):
                accepted += row.is_accepted
                problems += row.problems
    except Refused as refused:
        _fail(refused.sentence.format(**refused.values), NO_ROSTER)
    except OSError:
        _fail(f"ファイル「{file}」を開けません。", NO_ROSTER)
    if as_json:
        _write_json(survey.rows, accepted, problems)
    else:
        _write_words(found, survey.rows, accepted, problems)


def _opened(file: Path) -> BinaryIO:
    """The file, if it is a file and small enough to be a roster: nothing of a larger one is read."""
    about = file.stat()
    if not stat.S_ISREG(about.st_mode):
        raise OSError
    if about.st_size > MAX_BYTES:
        raise FileTooLarge(limit=MAX_BYTES // 1024 // 1024)
    return file.open("rb")


def _with_progress(rows: Iterator[CheckedRow], total: int) -> Iterator[CheckedRow]:
    if not sys.stderr.isatty():
        yield from rows
        return
    with click.progressbar(length=total, label="点検しています", file=sys.stderr, update_min_steps=500) as bar:
        for row in rows:
            yield row
            bar.update(1)


def _write_json(rows: int, accepted: int, problems: list[Problem]) -> None:
    answer = {"rows": rows, "accepted": accepted, "problems": [asdict(each) for each in problems]}
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")


def _write_words(found: Roster, rows: int, accepted: int, problems: list[Problem]) -> None:
    for each in problems:
        where = f"{each.row}行目" + (f" {each.column}" if each.column else "")
        value = f"「{each.value}」" if each.value else ""
        suggestion = f" → {each.suggestion}" if each.suggestion else ""
        mark = "誤り" if each.severity == "error" else "注意"
        click.echo(f"{mark} {each.code} {where}{value}: {each.reason}{suggestion}")
    file = found.file
    how = "Excel" if file.kind == "xlsx" else f"{ENCODINGS[file.encoding]}、{file.NAMES[file.delimiter]}"
    click.echo(f"{how}、見出し{'あり' if found.layout.header else 'なし'}。{rows}行のうち{accepted}行を取り込めます。")


def _fail(sentence: str, code: int) -> NoReturn:
    click.echo(sentence, err=True)
    sys.exit(code)
