"""Headers of pictures are read without decoding; the figures agree with an independent reader."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from warifu.collection.rules import pictures


def encoded(kind: str, size: tuple[int, int], **options: object) -> bytes:
    with io.BytesIO() as out:
        Image.new("RGB", size, "white").save(out, kind, **options)
        return out.getvalue()


@pytest.mark.shows("V-05")
@pytest.mark.parametrize("size", [(1, 1), (640, 480), (33, 3000)])
@pytest.mark.parametrize(
    ("kind", "media_type", "options"),
    [
        ("JPEG", "image/jpeg", {}),
        ("JPEG", "image/jpeg", {"progressive": True}),
        ("JPEG", "image/jpeg", {"exif": b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0", "comment": b"\xff\xc0\xff"}),
        ("PNG", "image/png", {}),
    ],
)
def test_it_reads_kind_and_size(kind: str, media_type: str, options: dict[str, object], size: tuple[int, int]) -> None:
    header = pictures.read_header(encoded(kind, size, **options))
    assert header is not None
    assert (header.media_type, header.width, header.height) == (media_type, *size)


def test_it_reads_nothing_from_other_files() -> None:
    for kind in ("GIF", "BMP", "TIFF", "WEBP"):
        assert pictures.read_header(encoded(kind, (10, 10))) is None
    assert pictures.is_heif(b"\0\0\0\x18ftypheic\0\0\0\0")
    assert pictures.is_heif(b"\0\0\0\x18ftypmif1\0\0\0\0")
    assert pictures.is_pdf(b"\n%PDF-1.7")
    assert not pictures.is_heif(encoded("PNG", (1, 1)))


@given(st.binary(max_size=400), st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b""]))
def test_it_never_fails_on_anything(content: bytes, start: bytes) -> None:
    header = pictures.read_header(start + content)
    assert header is None or (header.width > 0 and header.height > 0)


@given(st.integers(min_value=0, max_value=400))
def test_a_picture_cut_off_anywhere_in_its_header_is_none_or_right(length: int) -> None:
    header = pictures.read_header(encoded("JPEG", (20, 30))[:length])
    assert header is None or (header.width, header.height) == (20, 30)
