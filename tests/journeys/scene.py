"""What the killing journey prepares and asks beside the server, each in a process of its own.

`python -m tests.journeys.scene office 12` prints JSON; the environment names the installation.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import django

ROWS_HEAD = "社員番号,姓,名,セイ,メイ,生年月日,入社日,所属,メールアドレス\n"
MARK = b"PLAIN BYTES OF A PAPER"
"""Stands in each picture that the journey sends, so that plain bytes are found wherever they lie."""


def roster(count: int) -> bytes:
    """A roster of so many people, `k00001` and on."""
    lines = (
        f"k{n:05d},検証,太郎{n},ケンショウ,タロウ,1990-04-0{n % 9 + 1},2020-04-01,"
        f"東日本営業本部第{n % 30}営業部 法人営業課,k{n:05d}@aoba.example\n"
        for n in range(1, count + 1)
    )
    return (ROWS_HEAD + "".join(lines)).encode()


def office(count: int) -> dict[str, Any]:
    """An organisation that may collect, with so many people listed; prints its id and a session of each person."""
    from django.core.management import call_command
    from django.utils import timezone

    from warifu.credentials.actions import sessions
    from warifu.foundation.actor import OPERATOR, SYSTEM, Role
    from warifu.foundation.purposes import Purpose
    from warifu.organisations import actions, queries

    call_command("migrate", verbosity=0)
    at = timezone.now()
    organisation_id = actions.create(code="aoba", name="株式会社青葉商会", by=OPERATOR, at=at)
    ids = {}
    for name, roles in (("aoki", Role.ADMINISTRATOR), ("eto", Role.HANDLER), ("okada", Role.RESPONSIBLE)):
        ids[name] = actions.add_member(
            organisation_id=organisation_id,
            roles=roles,
            family_name=name,
            mail=f"{name}@aoba.example",
            employee_code=name,
            by=SYSTEM,
            at=at,
        )
    aoki = _actor("aoki")
    purposes = [Purpose.WITHHOLDING_SLIP, Purpose.DEPENDENTS_DECLARATION]
    actions.write_plan(
        organisation_id=organisation_id,
        purposes=purposes,
        files="従業員等の特定個人情報ファイル",
        area="人事課の執務室",
        report_route="責任者へ",
        responsible_id=ids["okada"],
        by=aoki,
        at=at,
    )
    for name in ("eto", "okada"):
        actions.appoint(
            organisation_id=organisation_id,
            member_id=ids[name],
            purposes=purposes,
            range_text="全従業員",
            by=aoki,
            at=at,
        )
    actions.complete_plan(organisation_id=organisation_id, by=aoki, at=at)
    if count:
        _list(organisation_id, count)
    members = [
        queries.member_by_employee_code(organisation_id=organisation_id, employee_code=code) for code in _codes(count)
    ]
    signed_in = {
        member.employee_code: sessions.start(member_id=member.id, level=2, browser="", address="", at=at)
        for member in members
        if member is not None
    }
    return {"sessions": signed_in}


def receive(count: int) -> dict[str, Any]:
    """Hand a roster in; the worker is to check it."""
    from django.utils import timezone

    from warifu.collection.actions import rosters

    by = _actor("aoki")
    assert by.organisation_id is not None
    rosters.receive(
        organisation_id=by.organisation_id, file_name="名簿.csv", content=roster(count), by=by, at=timezone.now()
    )
    return {}


def load(_count: int) -> dict[str, Any]:
    """Ask for the only roster to be loaded."""
    from django.utils import timezone

    from warifu.collection.actions import rosters
    from warifu.collection.models import Roster

    by = _actor("aoki")
    assert by.organisation_id is not None
    rosters.load(organisation_id=by.organisation_id, roster_id=Roster.objects.get().id, by=by, at=timezone.now())
    return {}


def handed_in(_count: int) -> dict[str, Any]:
    """What each person handed in, opened by the handler; what else lies in the store, and whether it opens."""
    from django.conf import settings
    from django.utils import timezone

    from warifu.collection.models import Document, Submission
    from warifu.vault.actions import files
    from warifu.vault.models import SealedFile, SealedNumber

    rows = list(Submission.objects.select_related("entry__member").order_by("id"))
    papers = Document.objects.exclude(state="deleted")
    store = {path for path in (settings.WARIFU.data_dir / "sealed").rglob("*") if path.is_file()}
    named = {f"{row.ref}.{row.generation}" for row in SealedFile.objects.filter(destroyed_at=None)}
    unnamed = [path for path in store if path.name not in named]
    found = {
        "submissions": [_submission(row) for row in rows],
        "numbers_lost": len(
            _refs(Submission, "number_ref") ^ _refs(SealedNumber.objects.filter(destroyed_at=None), "ref")
        ),
        "pictures_lost": len(
            _refs(papers, "image_ref")
            ^ _refs(SealedFile.objects.filter(destroyed_at=None, media_type__startswith="image/"), "ref")
        ),
        "cipher_text_lost": len(named - {path.name for path in store}),
        "unnamed": len(unnamed),
        "unnamed_that_open": sum(_opens(UUID(path.name[:36])) for path in unnamed if not _row_of(path)),
    }
    files.sweep(at=timezone.now() + timedelta(days=2))
    found["swept_clean"] = {path.name for path in store if path.exists()} == named
    return found


def mykey(count: int) -> dict[str, Any]:
    """Reservations of MyKey IDs are taken, with so many reading their cards at the same time; applications are not."""
    from django.utils import timezone

    from warifu.cards.models import MyKeyStage

    at = timezone.now()
    values = {"reserve_from": at, "apply_from": at + timedelta(days=30), "slots": count}
    MyKeyStage.objects.update_or_create(id=1, defaults=values)
    return {}


def _submission(row: Any) -> dict[str, Any]:
    from warifu.collection.models import Document
    from warifu.notices.models import Letter

    return {
        "code": row.entry.member.employee_code,
        "state": row.state,
        "entry": row.entry.state,
        "has_receipt": bool(row.receipt),
        "letters": Letter.objects.filter(key=f"receipt:{row.id}").count(),
        "number": _digits(row.number_ref),
        "pictures": sorted(
            (document.slot, document.state, _opens(document.image_ref))
            for document in Document.objects.filter(submission=row).exclude(state="deleted")
        ),
    }


def _digits(ref: UUID | None) -> str:
    from django.utils import timezone

    from warifu.foundation.purposes import Purpose
    from warifu.vault.actions import numbers

    if ref is None:
        return ""
    by = _actor("eto")
    assert by.organisation_id is not None
    return numbers.reveal(
        ref=ref,
        organisation_id=by.organisation_id,
        purpose=Purpose.WITHHOLDING_SLIP,
        document="源泉徴収票",
        by=by,
        at=timezone.now(),
    ).digits_for_sealing()


def _opens(ref: UUID) -> bool:
    from django.utils import timezone
    from PIL import Image

    from warifu.foundation.refusals import Refused
    from warifu.vault.actions import files

    by = _actor("eto")
    assert by.organisation_id is not None
    try:
        opened = files.open_picture(
            ref=ref, organisation_id=by.organisation_id, document="書類", by=by, at=timezone.now()
        )
    except Refused:
        return False
    with Image.open(io.BytesIO(opened.content)) as picture:
        picture.load()
    return True


def _row_of(path: Path) -> bool:
    from warifu.vault.models import SealedFile

    return SealedFile.objects.filter(ref=UUID(path.name[:36]), destroyed_at=None).exists()


def _refs(rows: Any, name: str) -> set[UUID]:
    rows = rows.objects if isinstance(rows, type) else rows
    return {ref for ref in rows.values_list(name, flat=True) if ref is not None}


def _list(organisation_id: UUID, count: int) -> None:
    from django.utils import timezone

    from warifu.collection.actions import rosters

    by, at = _actor("aoki"), timezone.now()
    roster_id = rosters.receive(
        organisation_id=organisation_id, file_name="名簿.csv", content=roster(count), by=by, at=at
    )
    rosters.work_due(at=at)
    rosters.load(organisation_id=organisation_id, roster_id=roster_id, by=by, at=at)
    rosters.work_due(at=at)


def _codes(count: int) -> list[str]:
    return ["aoki", *(f"k{n:05d}" for n in range(1, min(count, 40) + 1))]


def _actor(code: str) -> Any:
    from django.utils import timezone

    from warifu.organisations import queries

    organisation = queries.organisation_by_code(code="aoba")
    assert organisation is not None
    member = queries.member_by_employee_code(organisation_id=organisation.id, employee_code=code)
    assert member is not None
    return queries.actor_of(member=member, level=2, authenticated_at=timezone.now())


SCENES: dict[str, Callable[[int], dict[str, Any]]] = {
    "office": office,
    "receive": receive,
    "load": load,
    "handed_in": handed_in,
    "mykey": mykey,
}

if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps(SCENES[sys.argv[1]](int(sys.argv[2]))) + "\n")
