"""What the tool is set to: the installations it serves. A file of the administrator, else one of the person.

Pages, the extension and the server cannot change it; `warifu-agent install` writes it.
"""

from __future__ import annotations

import json
import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from warifu_agent import records
from warifu_agent.faults import SettingsUnreadable, SettingsUnsafe
from warifu_agent.origins import is_origin

Order = Literal["pin-first", "card-first"]
ORDERS: tuple[Order, ...] = ("pin-first", "card-first")
NAME = "agent.json"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """`origins`: who may ask for the card. `is_trial`: http on this computer and cards of practice are allowed.
    `ca`: a root certificate of a trial server. `order`: PIN or card first; empty when the person is asked.
    `extensions`: ids of extensions beside ours, such as one that an organisation packed itself.
    `personas`: a file with cards of practice, and `persona` which of them lies on the reader."""

    origins: tuple[str, ...]
    is_trial: bool = False
    ca: str = ""
    order: Order | Literal[""] = ""
    extensions: tuple[str, ...] = ()
    personas: str = ""
    persona: str = ""


def administrators_file() -> Path:
    """Where the administrator of the computer keeps the settings; what stands there comes first."""
    if sys.platform == "win32":
        return Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData")) / "warifu-agent" / NAME
    if sys.platform == "darwin":
        return Path("/Library/Application Support/warifu-agent") / NAME
    return Path("/etc/warifu-agent") / NAME


def own_file() -> Path:
    """Where `warifu-agent install` keeps the settings of the person."""
    return records.folder() / NAME


def load() -> Settings:
    """The settings; none of any origin where nothing was installed.

    Raises `SettingsUnreadable`, and `SettingsUnsafe` when others than the person and the administrator can change
    the file.
    """
    for path in (administrators_file(), own_file()):
        if path.exists():
            _insist_is_safe(path)
            return _read(path)
    return Settings(origins=())


def save(settings: Settings) -> Path:
    """Write the person's settings; returns where."""
    path = own_file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    rows: dict[str, Any] = {
        "origins": list(settings.origins),
        "is_trial": settings.is_trial,
        "ca": settings.ca,
        "order": settings.order,
        "extensions": list(settings.extensions),
        "personas": settings.personas,
        "persona": settings.persona,
    }
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(rows, file, ensure_ascii=False, indent=1)
    fresh.replace(path)
    return path


def forget() -> list[str]:
    """Take the person's settings away; returns what was there."""
    path = own_file()
    if not path.exists():
        return []
    path.unlink()
    return [str(path)]


def _read(path: Path) -> Settings:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        lists = {"origins": tuple(found["origins"]), "extensions": tuple(found.get("extensions", ()))}
        settings = Settings(**{**found, **lists})
    except (OSError, ValueError, TypeError, KeyError):
        raise SettingsUnreadable(path=path) from None
    texts = (settings.ca, settings.order, settings.personas, settings.persona)
    fits = (
        isinstance(settings.is_trial, bool)
        and all(isinstance(one, str) for one in (*texts, *settings.extensions))
        and settings.order in ("", *ORDERS)
        and all(isinstance(one, str) and is_origin(one, is_trial=settings.is_trial) for one in settings.origins)
    )
    if not fits or (settings.personas and not settings.is_trial):
        raise SettingsUnreadable(path=path)
    return settings


def _insist_is_safe(path: Path) -> None:
    if sys.platform == "win32":
        return
    for one in (path, path.parent):
        about = one.stat()
        if about.st_uid not in (0, os.getuid()) or about.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise SettingsUnsafe(path=one)
