"""Sealed files: pictures of papers and rosters."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import transaction
from PIL import Image

from tests.cast import MORNING, Cast
from warifu.audit import queries as trail
from warifu.foundation.actor import OPERATOR, SYSTEM, Actor, ActorKind, Role
from warifu.foundation.refusals import NotFound, Refused
from warifu.organisations.rules import NotPermitted, Permission
from warifu.vault import pictures, rules
from warifu.vault.actions import files
from warifu.vault.models import SealedFile, UseRecord

pytestmark = pytest.mark.django_db


def photo(*, size: tuple[int, int] = (400, 200), orientation: int = 1, gps: bool = True) -> bytes:
    """A JPEG as a telephone makes it: left half red, right half blue, with EXIF."""
    picture = Image.new("RGB", size, "red")
    picture.paste("blue", (size[0] // 2, 0, *size))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SECRETMAKER"
    if gps:
        exif.get_ifd(0x8825).update({1: "N", 2: (35.0, 41.0, 22.0), 3: "E", 4: (139.0, 41.0, 30.0)})
    stored = io.BytesIO()
    picture.save(stored, "JPEG", exif=exif, comment=b"SECRETCOMMENT")
    return stored.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A PNG whose header promises a size; its data are short."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def sealed(cast: Cast, content: bytes, media_type: str = "image/jpeg", by: Actor | None = None) -> UUID:
    assert cast.inoue.id is not None
    return files.seal(
        content=content,
        media_type=media_type,
        organisation_id=cast.aoba,
        subject_id=cast.inoue.id,
        by=by or cast.inoue,
        at=MORNING,
    )


def looked_at(cast: Cast, ref: UUID, by: Actor | None = None) -> files.OpenedFile:
    return files.open_picture(
        ref=ref, organisation_id=cast.aoba, document="マイナンバーカード 表", by=by or cast.eto, at=MORNING
    )


def stored() -> list[Path]:
    folder = settings.WARIFU.data_dir / "sealed"
    return [path for path in folder.rglob("*") if path.is_file()]


def last_event(cast: Cast) -> str:
    return trail.timeline(organisation_id=cast.aoba, limit=1)[0].event


class TestSeal:
    @pytest.mark.shows("S-12")
    def test_stores_cipher_text_that_only_the_owner_may_read(self, cast: Cast) -> None:
        content = photo()
        ref = sealed(cast, content)
        (path,) = stored()
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700
        assert content[:16] not in path.read_bytes()
        assert b"SECRET" not in path.read_bytes()
        assert len(path.read_bytes()) == len(content) + 33
        assert SealedFile.objects.get(ref=ref).size == len(content)
        assert last_event(cast) == "vault.image.sealed"

    def test_is_refused_to_others(self, cast: Cast) -> None:
        token = Actor(kind=ActorKind.TOKEN, organisation_id=cast.aoba, scopes=frozenset({"own:record"}))
        for by in (cast.ueno, OPERATOR, token):
            with pytest.raises(NotPermitted):
                sealed(cast, b"x", by=by)
        assert stored() == []

    def test_a_rolled_back_transaction_leaves_nothing_that_opens(self, cast: Cast) -> None:
        with transaction.atomic():
            ref = sealed(cast, photo())
            transaction.set_rollback(True)
        with pytest.raises(NotFound):
            looked_at(cast, ref)


class TestRosters:
    def test_open_to_who_may_load_them_and_to_the_worker(self, cast: Cast) -> None:
        ref = sealed(cast, "姓,名\n".encode(), "text/csv", by=cast.aoki)
        for by in (cast.aoki, cast.eto, SYSTEM):
            assert files.open(ref=ref, organisation_id=cast.aoba, by=by, at=MORNING) == "姓,名\n".encode()
        with pytest.raises(NotPermitted):
            files.open(ref=ref, organisation_id=cast.aoba, by=cast.inoue, at=MORNING)
        with pytest.raises(NotFound):
            files.open(ref=ref, organisation_id=cast.ueda, by=cast.ueno, at=MORNING)
        assert not UseRecord.objects.exists()
        assert last_event(cast) == "vault.file.sealed"

    def test_are_the_only_files_that_open_without_a_use_record(self, cast: Cast) -> None:
        ref = sealed(cast, photo())
        with pytest.raises(NotFound):
            files.open(ref=ref, organisation_id=cast.aoba, by=cast.eto, at=MORNING)


class TestOpenPicture:
    @pytest.mark.shows("S-03")
    def test_shows_it_with_record_and_entry(self, cast: Cast) -> None:
        content = photo()
        ref = sealed(cast, content)
        assert looked_at(cast, ref) == files.OpenedFile(content=content, media_type="image/jpeg")
        use = UseRecord.objects.order_by("-id")[0]
        assert (use.act, use.allowed, use.subject_id, use.document) == (
            "open_image", True, cast.inoue.id, "マイナンバーカード 表",
        )  # fmt: skip
        assert last_event(cast) == "vault.image.opened"

    @pytest.mark.shows("S-09")
    @pytest.mark.parametrize(
        ("who", "refusal"),
        [
            (lambda cast: cast.aoki, NotPermitted),
            (lambda cast: cast.inoue, NotPermitted),
            (lambda cast: replace(cast.aoki, roles=Role(31)), rules.NotAppointed),
            (lambda cast: cast.ueno, NotFound),
            (lambda cast: OPERATOR, NotPermitted),
            (lambda cast: SYSTEM, NotPermitted),
            (
                lambda cast: Actor(
                    kind=ActorKind.TOKEN, organisation_id=cast.aoba, scopes=frozenset(p.value for p in Permission)
                ),
                NotPermitted,
            ),
        ],
        ids=["administrator", "employee", "not appointed", "other organisation", "operator", "house", "token"],
    )
    def test_is_refused_on_record(self, cast: Cast, who: Callable[[Cast], Actor], refusal: type[Refused]) -> None:
        ref = sealed(cast, photo())
        by = who(cast)
        with pytest.raises(refusal):
            looked_at(cast, ref, by)
        use = UseRecord.objects.order_by("-id")[0]
        assert (use.act, use.allowed, use.reason) == ("open_image", False, refusal.code)
        lines = trail.timeline(organisation_id=by.organisation_id or cast.aoba)
        assert lines[0].event == "vault.number.denied"

    def test_does_not_open_another_or_a_touched_file(self, cast: Cast) -> None:
        ref, other = sealed(cast, photo()), sealed(cast, photo(size=(30, 30)))
        one, two = (next(path for path in stored() if str(each) in path.name) for each in (ref, other))
        one.write_bytes(two.read_bytes())
        with pytest.raises(rules.SealBroken):
            looked_at(cast, ref)
        touched = bytearray(two.read_bytes())
        touched[100] ^= 1
        two.write_bytes(touched)
        with pytest.raises(rules.SealBroken):
            looked_at(cast, other)
        two.unlink()
        with pytest.raises(rules.SealBroken):
            looked_at(cast, other)

    def test_does_not_open_a_roster(self, cast: Cast) -> None:
        with pytest.raises(NotFound):
            looked_at(cast, sealed(cast, b"x", "text/csv", by=cast.aoki))


class TestTidy:
    def test_takes_hidden_data_away_and_keeps_the_picture_upright(
        self, cast: Cast, django_capture_on_commit_callbacks: Callable[..., object]
    ) -> None:
        ref = sealed(cast, photo(orientation=6))
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
            assert files.tidy_picture(ref=ref, organisation_id=cast.aoba, at=MORNING)
        content = looked_at(cast, ref).content
        picture = Image.open(io.BytesIO(content))
        assert picture.format == "JPEG"
        assert picture.size == (200, 400)
        assert not picture.getexif()
        assert b"SECRET" not in content
        assert b"Exif" not in content
        top, bottom = (picture.getpixel((100, y)) for y in (50, 350))
        assert isinstance(top, tuple)
        assert isinstance(bottom, tuple)
        assert (top[0] > 200, top[2] < 50) == (True, True)
        assert (bottom[2] > 200, bottom[0] < 50) == (True, True)
        row = SealedFile.objects.get(ref=ref)
        assert (row.generation, row.size) == (2, len(content))
        assert [path.suffix for path in stored()] == [".2"]

    def test_makes_large_pictures_smaller_and_leaves_small_ones(self, cast: Cast) -> None:
        for size, expected in (((4000, 3000), (1600, 1200)), ((300, 100), (300, 100))):
            ref = sealed(cast, photo(size=size))
            assert files.tidy_picture(ref=ref, organisation_id=cast.aoba, at=MORNING)
            assert Image.open(io.BytesIO(looked_at(cast, ref).content)).size == expected

    def test_turns_a_png_with_transparency_into_a_jpeg_on_white(self, cast: Cast) -> None:
        stored_png = io.BytesIO()
        Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(stored_png, "PNG")
        ref = sealed(cast, stored_png.getvalue(), "image/png")
        assert files.tidy_picture(ref=ref, organisation_id=cast.aoba, at=MORNING)
        opened = looked_at(cast, ref)
        assert opened.media_type == "image/jpeg"
        assert Image.open(io.BytesIO(opened.content)).getpixel((5, 5)) == (255, 255, 255)

    def test_twice_changes_nothing(self, cast: Cast) -> None:
        ref = sealed(cast, photo())
        assert files.tidy_picture(ref=ref, organisation_id=cast.aoba, at=MORNING)
        first = looked_at(cast, ref)
        assert files.tidy_picture(ref=ref, organisation_id=cast.aoba, at=MORNING)
        assert looked_at(cast, ref) == first

    @pytest.mark.parametrize(
        "content",
        [b"", b"GIF89a" + b"\0" * 100, b"%PDF-1.7", photo()[:300], png_of(20_000, 20_000), png_of(7000, 7000)],
        ids=["empty", "gif", "pdf", "cut off", "bomb", "too many pixels"],
    )
    def test_of_what_is_no_picture_changes_nothing(self, cast: Cast, content: bytes) -> None:
        ref = sealed(cast, content)
        assert files.tidy_picture(ref=ref, organisation_id=cast.aoba, at=MORNING) is False
        assert SealedFile.objects.get(ref=ref).generation == 1
        assert looked_at(cast, ref).content == content

    def test_finds_its_own_organisations_files_only(self, cast: Cast) -> None:
        with pytest.raises(NotFound):
            files.tidy_picture(ref=sealed(cast, photo()), organisation_id=cast.ueda, at=MORNING)

    def test_the_child_has_little_memory_and_no_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        started: list[dict[str, object]] = []
        run = subprocess.run

        def watched(command: list[str], **options: Any) -> object:
            started.append(options)
            return run([*command[:2], "-c", GREEDY], **options)

        monkeypatch.setattr("warifu.vault.pictures.subprocess.run", watched)
        assert pictures.tidy(b"x") is None
        assert started[0]["env"] == {}


GREEDY = """
import sys
from warifu.vault import pictures
pictures._limit()
try:
    bytearray(pictures.MEMORY)
except MemoryError:
    sys.exit(3)
sys.stdout.buffer.write(b"\\xff\\xd8\\xff")
"""


class TestDestroy:
    def test_takes_key_and_cipher_text_away(
        self, cast: Cast, django_capture_on_commit_callbacks: Callable[..., object]
    ) -> None:
        ref = sealed(cast, photo())
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
            files.destroy(ref=ref, organisation_id=cast.aoba, by=SYSTEM, at=MORNING)
        row = SealedFile.objects.get(ref=ref)
        assert (row.key_id, row.wrapped_key, row.destroyed_at) == (None, None, MORNING)
        assert stored() == []
        assert last_event(cast) == "vault.image.destroyed"
        with pytest.raises(files.FileDestroyed):
            looked_at(cast, ref)
        with pytest.raises(files.FileDestroyed):
            files.destroy(ref=ref, organisation_id=cast.aoba, by=SYSTEM, at=MORNING)
        with pytest.raises(files.FileDestroyed):
            files.tidy_picture(ref=ref, organisation_id=cast.aoba, at=MORNING)

    def test_is_refused_to_others(self, cast: Cast) -> None:
        ref = sealed(cast, photo())
        with pytest.raises(NotPermitted):
            files.destroy(ref=ref, organisation_id=cast.aoba, by=OPERATOR, at=MORNING)
        with pytest.raises(NotFound):
            files.destroy(ref=ref, organisation_id=cast.ueda, by=cast.ueno, at=MORNING)
        assert SealedFile.objects.get(ref=ref).destroyed_at is None
        assert len(stored()) == 1


def aged(path: Path) -> Path:
    """The file as if it had been written more than a day before `MORNING`."""
    long_ago = (MORNING - timedelta(days=1, seconds=1)).timestamp()
    os.utime(path, (long_ago, long_ago))
    return path


class TestSweep:
    def orphan(self, cast: Cast) -> Path:
        before = set(stored())
        with transaction.atomic():
            sealed(cast, photo())
            transaction.set_rollback(True)
        (path,) = set(stored()) - before
        return path

    def test_removes_what_no_row_names_and_keeps_what_opens(self, cast: Cast) -> None:
        kept = sealed(cast, photo())
        leftover = aged(self.orphan(cast))
        (path,) = (path for path in stored() if path.name == f"{kept}.1")
        for name in (f"{kept}.2", f"{kept}.1.new"):
            aged_copy(path, path.with_name(name))
        aged(path)
        assert files.sweep(at=MORNING) == 3
        assert [path.name for path in stored()] == [f"{kept}.1"]
        assert not leftover.exists()
        assert looked_at(cast, kept).content == photo()
        assert files.sweep(at=MORNING) == 0

    def test_removes_what_a_crash_left_of_a_destroyed_file(self, cast: Cast) -> None:
        ref = sealed(cast, photo())
        (path,) = stored()
        SealedFile.objects.filter(ref=ref).update(key_id=None, wrapped_key=None, destroyed_at=MORNING)
        aged(path)
        assert files.sweep(at=MORNING) == 1
        assert stored() == []

    def test_leaves_young_files_foreign_names_and_unknown_organisations_alone(self, cast: Cast) -> None:
        young = self.orphan(cast)
        foreign = aged_copy(young, young.with_name("lost+found"))
        elsewhere = aged_copy(young, young.parents[2] / str(UUID(int=7)) / young.parent.name / young.name)
        os.utime(young, (MORNING.timestamp(), MORNING.timestamp()))
        assert files.sweep(at=MORNING) == 0
        assert {young, foreign, elsewhere} == set(stored())


def aged_copy(source: Path, target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(source.read_bytes())
    return aged(target)
