"""Pictures of papers: decoded only here, in a child process with little memory and time.

Run as a program it reads one picture from standard input and writes it back as JPEG without EXIF, upright, its longest
side at most `LONGEST`. Bombs, other formats and broken files end it with a status that is not 0; so does whatever a
flaw of the decoder may do. It imports neither Django nor the keys, and its environment is empty.
"""

from __future__ import annotations

import subprocess
import sys

LONGEST = 1600
PIXELS = 40_000_000
MEMORY = 512 * 1024 * 1024
CPU_SECONDS = 20
QUALITY = 85


def tidy(content: bytes) -> bytes | None:
    """The picture upright, small and without hidden data, or None when it cannot be read as JPEG or PNG."""
    try:
        child = subprocess.run(
            [sys.executable, "-I", "-m", "warifu.vault.pictures"],
            input=content,
            capture_output=True,
            timeout=3 * CPU_SECONDS,
            check=False,
            env={},
        )
    except subprocess.TimeoutExpired:
        return None
    is_jpeg = child.stdout.startswith(b"\xff\xd8\xff")
    return child.stdout if child.returncode == 0 and is_jpeg else None


def _limit() -> None:
    import resource  # noqa: PLC0415

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def main() -> None:
    """Read standard input, write standard output; any exception ends the child with status 1."""
    _limit()
    import io  # noqa: PLC0415
    import warnings  # noqa: PLC0415

    from PIL import Image, ImageOps  # noqa: PLC0415

    warnings.simplefilter("error")
    Image.MAX_IMAGE_PIXELS = PIXELS
    with Image.open(io.BytesIO(sys.stdin.buffer.read()), formats=["JPEG", "PNG"]) as picture:
        if picture.format == "JPEG":
            width, height = (max(1, side * LONGEST // max(picture.size)) for side in picture.size)
            picture.draft("RGB", (width, height))
        small = picture if picture.mode in ("RGB", "L") else picture.convert("RGBA")
        small.thumbnail((LONGEST, LONGEST))
        upright = ImageOps.exif_transpose(small)
        if upright.mode == "RGBA":
            ground = Image.new("RGB", upright.size, "white")
            ground.paste(upright, mask=upright.getchannel("A"))
            upright = ground
        clean = Image.new("RGB", upright.size)
        clean.paste(upright.convert("RGB"))
        clean.save(sys.stdout.buffer, "JPEG", quality=QUALITY)


if __name__ == "__main__":
    main()
