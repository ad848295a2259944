"""Gather the static files before a server starts, once for each state of them."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from warifu import __version__

MANIFEST = "staticfiles.json"
"""The file that says under which name each file lies."""


def gather() -> bool:
    """Gather the files under their hashed names, each compressed beside itself; returns whether that was needed.

    Good compression takes seconds: what was gathered from the same files by the same programs is left as it is.
    """
    root = Path(settings.STATIC_ROOT)
    note, sources = root.with_name(f"{root.name}.sources"), _sources()
    if note.is_file() and note.read_text(encoding="ascii") == sources and (root / MANIFEST).is_file():
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
