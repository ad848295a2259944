"""Nothing of a number is readable outside a seal: every table and every sealed file is searched (P-06, N-06)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection

from tests.cast import MORNING, Cast, test_number
from warifu.foundation.actor import OPERATOR
from warifu.foundation.purposes import Purpose
from warifu.organisations.rules import NotPermitted
from warifu.vault.actions import files, keys, numbers
from warifu.vault.rules import MyNumber

pytestmark = pytest.mark.django_db

DIGITS = test_number("12345678901")
DERIVED = (
    DIGITS.encode(),
    DIGITS.encode("utf-16-le"),
    int(DIGITS).to_bytes(5, "big"),
    int(DIGITS).to_bytes(5, "little"),
    bytes.fromhex(DIGITS),
    *(hashlib.new(kind, DIGITS.encode()).digest() for kind in ("md5", "sha1", "sha256", "sha512")),
    *(hashlib.new(kind, DIGITS.encode()).hexdigest().encode() for kind in ("md5", "sha1", "sha256", "sha512")),
)


@pytest.mark.shows("P-06", "N-06")
def test_no_table_and_no_file_shows_a_number_or_what_derives_from_it(cast: Cast) -> None:
    assert cast.inoue.id is not None
    ref, withdrawn = (
        numbers.seal(
            number=MyNumber.parse(DIGITS, accepts_test=True),
            organisation_id=cast.aoba,
            subject_id=cast.inoue.id,
            purposes=[Purpose.WITHHOLDING_SLIP],
            by=cast.inoue,
            at=MORNING,
        )
        for _ in range(2)
    )
    roster = f"姓,個人番号\n井上,{DIGITS}\n".encode()
    files.seal(
        content=roster,
        media_type="text/csv",
        organisation_id=cast.aoba,
        subject_id=cast.inoue.id,
        by=cast.aoki,
        at=MORNING,
    )
    for by in (cast.eto, cast.aoki):
        try:
            numbers.reveal(
                ref=ref,
                organisation_id=cast.aoba,
                purpose=Purpose.WITHHOLDING_SLIP,
                document=f"源泉徴収票 {DIGITS}",
                by=by,
                at=MORNING,
            )
        except NotPermitted:
            assert by is cast.aoki
    keys.rotate_organisation(organisation_id=cast.aoba, by=OPERATOR, at=MORNING)
    numbers.destroy(ref=withdrawn, organisation_id=cast.aoba, reason=f"番号 {DIGITS}", by=cast.inoue, at=MORNING)
    pieces = list(_everything())
    assert len(pieces) > 100
    for where, piece in pieces:
        for derived in DERIVED:
            assert derived not in piece, where


def _everything() -> Iterator[tuple[str, bytes]]:
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            for row in cursor.fetchall():
                for value in row:
                    yield table, bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
    for path in (settings.WARIFU.data_dir / "sealed").rglob("*"):
        yield str(path), path.read_bytes() if path.is_file() else path.name.encode()
