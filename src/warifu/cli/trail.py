"""`warifu audit verify`: walk the trail and name every fault."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click

from warifu.audit import actions as trail
from warifu.audit import queries
from warifu.organisations import queries as organisations

KINDS = {
    "changed": "書き換えられています",
    "removed": "消されています",
    "added": "あとから差し込まれています",
    "reordered": "順番が入れ替えられています",
    "broken": "つながりが切れています",
    "cut_off": "末尾が切り取られています",
}


@click.group()
def audit() -> None:
    """監査証跡を扱います。 / The audit trail."""


@audit.command()
@click.option("--organisation", "code", default="", help="この組織だけを調べる(組織コード) / one organisation only")
@click.option("--json", "as_json", is_flag=True, help="結果をJSONで出す / print JSON")
def verify(code: str, as_json: bool) -> None:
    """証跡のすべての記録を調べ、書換え・削除・入替え・切取りを見つけて名指しします。

    Walk all entries, check each one's authenticity and each link of the chains, and compare the newest links with
    those noted outside the database. Exit code 0: whole; 1: faults found. Memory does not grow with the trail.
    """
    organisation_id = None
    if code:
        found = organisations.organisation_by_code(code=code)
        if found is None:
            raise click.BadParameter(f"組織コード {code!r} はありません。 / unknown", param_hint="--organisation")
        organisation_id = found.id
    faults: list[trail.Fault] = []
    walked = 0
    length = queries.length(organisation_id=organisation_id)
    with click.progressbar(length=length, label="証跡を調べています", file=sys.stderr) as bar:
        for found_or_count in trail.verify(organisation_id=organisation_id):
            if isinstance(found_or_count, trail.Fault):
                faults.append(found_or_count)
            else:
                bar.update(found_or_count - walked)
                walked = found_or_count
    if as_json:
        click.echo(json.dumps({"entries": walked, "faults": [asdict(fault) for fault in faults]}, ensure_ascii=False))
    else:
        _tell(walked, faults)
    if faults:
        raise SystemExit(1)


def _tell(walked: int, faults: list[trail.Fault]) -> None:
    for fault in faults:
        place = f"{fault.position}番目" if fault.position else "未封印の記録"
        click.echo(f"✗ {KINDS[fault.kind]}: 組織 {fault.organisation_id} の{place} ({fault.detail})")
    if faults:
        click.echo(f"{walked}件を調べ、{len(faults)}か所の異常が見つかりました。責任者に報告してください。")
    else:
        click.echo(f"{walked}件を調べました。異常はありません。 / no fault")
