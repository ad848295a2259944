"""Static files under names that carry their hash, so that browsers may keep them for a year."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage

from warifu import __version__


class HashedNames(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hashed names after `collectstatic`, plain names while there is no manifest (tests, first start)."""

    def stored_name(self, name: str) -> str:
        """The hashed name of a file, or its plain name when `collectstatic` has not seen it."""
        hashed = self.hashed_files.get(self.hash_key(name))
        return str(hashed) if hashed else name


def gather() -> bool:
    """Gather the files under their hashed names, each compressed beside itself; returns whether that was needed.

    Good compression takes seconds: what was gathered from the same files by the same programs is left as it is.
    """
    root = Path(settings.STATIC_ROOT)
    note, sources = root.with_name(f"{root.name}.sources"), _sources()
    if note.is_file() and note.read_text(encoding="ascii") == sources and (root / HashedNames.manifest_name).is_file():
        return False
    note.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    note.write_text(sources, encoding="ascii")
    return True


def _sources() -> str:
    """A fingerprint of the files to gather and of the programs that do it."""
    found = hashlib.sha256(f"{__version__} {django.__version__} {version('whitenoise')}".encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            with storage.open(path) as file:
                found.update(f"\0{path}\0".encode() + hashlib.sha256(file.read()).digest())
    return found.hexdigest()
