"""Registers the tool with browsers: where each of them looks for native hosts, and the extension for it.

A browser starts the host only for the extension whose id stands in the host's manifest. The extension is a folder of
its own for each family, with the configured origins in its manifest; nobody but the person or the administrator can
load it into the browser (docs/card/agent.md).
"""

from __future__ import annotations

import json
import os
import shlex
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from warifu_agent import records
from warifu_agent.faults import FileNotWritten, NoBrowser

HOST = "io.warifu.agent"
CHROMIUM_ID = "bphbbpdfgcdmddbdgaiaamaapbmpohff"
"""Follows from the `key` in the manifest; nobody holds the other half of that key."""
FIREFOX_ID = "card@warifu-agent"
SOURCE = Path(__file__).parent / "extension"
_SCRIPTS = ("background.js", "content.js")


@dataclass(frozen=True, kw_only=True)
class Browser:
    """One browser. `profile`: the folder that shows that it is here, below the home of the person; `hosts`: where it
    looks for native hosts (a key of the registry on Windows)."""

    name: str
    family: Literal["chromium", "firefox"]
    profile: str
    hosts: str


_LINUX = (
    Browser(name="chromium", family="chromium", profile="{config}/chromium", hosts="{profile}/NativeMessagingHosts"),
    Browser(name="chrome", family="chromium", profile="{config}/google-chrome", hosts="{profile}/NativeMessagingHosts"),
    Browser(name="edge", family="chromium", profile="{config}/microsoft-edge", hosts="{profile}/NativeMessagingHosts"),
    Browser(name="firefox", family="firefox", profile="{home}/.mozilla", hosts="{profile}/native-messaging-hosts"),
)
_MACOS = (
    Browser(name="chromium", family="chromium", profile="{support}/Chromium", hosts="{profile}/NativeMessagingHosts"),
    Browser(
        name="chrome", family="chromium", profile="{support}/Google/Chrome", hosts="{profile}/NativeMessagingHosts"
    ),
    Browser(name="edge", family="chromium", profile="{support}/Microsoft Edge", hosts="{profile}/NativeMessagingHosts"),
    Browser(name="firefox", family="firefox", profile="{support}/Mozilla", hosts="{profile}/NativeMessagingHosts"),
)
_WINDOWS = (
    Browser(
        name="chromium", family="chromium", profile="{local}/Chromium", hosts=r"Software\Chromium\NativeMessagingHosts"
    ),
    Browser(
        name="chrome",
        family="chromium",
        profile="{local}/Google/Chrome",
        hosts=r"Software\Google\Chrome\NativeMessagingHosts",
    ),
    Browser(
        name="edge",
        family="chromium",
        profile="{local}/Microsoft/Edge",
        hosts=r"Software\Microsoft\Edge\NativeMessagingHosts",
    ),
    Browser(
        name="firefox", family="firefox", profile="{roaming}/Mozilla", hosts=r"Software\Mozilla\NativeMessagingHosts"
    ),
)
NAMES = ("chromium", "chrome", "edge", "firefox")


def known(platform: str = sys.platform) -> tuple[Browser, ...]:
    """The browsers of a system."""
    return {"win32": _WINDOWS, "darwin": _MACOS}.get(platform, _LINUX)


def here(names: Sequence[str] = (), *, platform: str = sys.platform) -> tuple[Browser, ...]:
    """The browsers that were named, or else those which this person has used. Raises `NoBrowser` when there is none."""
    found = tuple(
        one for one in known(platform) if (one.name in names if names else Path(_filled(one.profile, one)).is_dir())
    )
    if not found:
        raise NoBrowser
    return found


def install(
    browser: Browser, *, origins: Sequence[str], words: Sequence[str], more_ids: Sequence[str] = ()
) -> list[str]:
    """Write the host's manifest, the program that it starts and the extension; the same again changes nothing.

    `words`: the command of the host; `more_ids`: extensions beside ours, such as one that an organisation packed
    itself. Returns what was written. Raises `FileNotWritten`.
    """
    try:
        launcher = _launcher(words)
        return [str(launcher), *_registered(browser, launcher, more_ids), *_extension(browser, origins)]
    except OSError as fault:
        raise FileNotWritten(path=fault.filename or _folder()) from None


def uninstall(browser: Browser) -> list[str]:
    """Take back what `install` wrote for a browser; returns what was there. Raises `FileNotWritten`."""
    gone = []
    try:
        paths = [_manifest_path(browser), *sorted(extension_folder(browser).glob("*"), reverse=True)]
        if browser.family == "firefox":
            paths.append(_package_path())
        for path in paths:
            if path.exists():
                path.unlink()
                gone.append(str(path))
        if extension_folder(browser).is_dir():
            extension_folder(browser).rmdir()
    except OSError as fault:
        raise FileNotWritten(path=fault.filename) from None
    return gone + _forget_in_registry(browser)


def forget_launcher() -> list[str]:
    """Take back the program that browsers start; returns what was there."""
    path = _launcher_path()
    if not path.exists():
        return []
    path.unlink()
    return [str(path)]


def extension_folder(browser: Browser) -> Path:
    """Where the extension for a browser is put together."""
    return _folder() / f"extension-{browser.name}"


def extension_manifest(family: str, origins: Sequence[str]) -> dict[str, Any]:
    """The extension's manifest, with its pages. Firefox knows no ports there; background script and host do."""
    name = "manifest.firefox.json" if family == "firefox" else "manifest.json"
    manifest: dict[str, Any] = json.loads((SOURCE / name).read_text(encoding="utf-8"))
    shown = [urlsplit(one) for one in origins]
    places = [f"{one.scheme}://{one.hostname if family == 'firefox' else one.netloc}/*" for one in shown]
    manifest["content_scripts"][0]["matches"] = sorted(set(places))
    return manifest


def host_manifest(browser: Browser, launcher: Path, more_ids: Sequence[str] = ()) -> dict[str, Any]:
    """What a browser reads before it starts the host: where it lies, and for which extension alone."""
    about: dict[str, Any] = {
        "name": HOST,
        "description": "Warifu: asks for a card on behalf of configured sites",
        "path": str(launcher),
        "type": "stdio",
    }
    if browser.family == "firefox":
        return about | {"allowed_extensions": [FIREFOX_ID, *more_ids]}
    return about | {"allowed_origins": [f"chrome-extension://{one}/" for one in (CHROMIUM_ID, *more_ids)]}


def _folder() -> Path:
    return records.folder()


def _filled(text: str, browser: Browser) -> str:
    home = Path.home()
    values = {
        "home": home,
        "config": os.environ.get("XDG_CONFIG_HOME") or home / ".config",
        "support": home / "Library" / "Application Support",
        "local": os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local",
        "roaming": os.environ.get("APPDATA") or home / "AppData" / "Roaming",
    }
    return text.format(**values, profile=browser.profile.format(**values))


def _manifest_path(browser: Browser) -> Path:
    if sys.platform == "win32":
        return _folder() / f"{HOST}.{browser.name}.json"
    return Path(_filled(browser.hosts, browser)) / f"{HOST}.json"


def _package_path() -> Path:
    return _folder() / "warifu-card.xpi"


def _registered(browser: Browser, launcher: Path, more_ids: Sequence[str]) -> list[str]:
    path = _manifest_path(browser)
    _write(path, json.dumps(host_manifest(browser, launcher, more_ids), indent=1))
    return [str(path), *_note_in_registry(browser, path)]


def _extension(browser: Browser, origins: Sequence[str]) -> list[str]:
    folder = extension_folder(browser)
    manifest = json.dumps(extension_manifest(browser.family, origins), ensure_ascii=False, indent=1)
    files = {"manifest.json": manifest} | {name: (SOURCE / name).read_text(encoding="utf-8") for name in _SCRIPTS}
    for name, text in files.items():
        _write(folder / name, text)
    if browser.family != "firefox":
        return [str(folder)]
    with zipfile.ZipFile(_package_path(), "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in files.items():
            package.writestr(zipfile.ZipInfo(name), text)
    return [str(folder), str(_package_path())]


def _launcher(words: Sequence[str]) -> Path:
    """A program without arguments of its own: browsers start a path, and add who calls."""
    path = _launcher_path()
    if sys.platform == "win32":
        line = " ".join(f'"{word}"' for word in words)
        text = f"@echo off\r\n{line} %*\r\n"
    else:
        text = f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n'
    _write(path, text)
    path.chmod(0o700)
    return path


def _launcher_path() -> Path:
    return _folder() / ("warifu-agent-host.bat" if sys.platform == "win32" else "warifu-agent-host")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="")


def _note_in_registry(browser: Browser, path: Path) -> list[str]:
    if sys.platform != "win32":
        return []
    import winreg  # noqa: PLC0415 - exists on Windows alone

    key = rf"{browser.hosts}\{HOST}"
    with winreg.CreateKey(winreg.HKEY_CURRENT_USER, key) as entry:
        winreg.SetValueEx(entry, "", 0, winreg.REG_SZ, str(path))
    return [rf"HKEY_CURRENT_USER\{key}"]


def _forget_in_registry(browser: Browser) -> list[str]:
    if sys.platform != "win32":
        return []
    import winreg  # noqa: PLC0415 - exists on Windows alone

    key = rf"{browser.hosts}\{HOST}"
    try:
        winreg.DeleteKey(winreg.HKEY_CURRENT_USER, key)  # type: ignore[attr-defined,unused-ignore]
    except FileNotFoundError:
        return []
    return [rf"HKEY_CURRENT_USER\{key}"]
