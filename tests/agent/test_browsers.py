"""`warifu-agent install` and `uninstall`: what is written where, for which browser, and taken back."""

from __future__ import annotations

import base64
import hashlib
import json
import stat
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from warifu_agent import browsers, settings
from warifu_agent.program import main

SERVER = "https://warifu.example"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["--language", "ja", *words])


def everything(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file()}


def test_the_extensions_id_follows_from_its_key() -> None:
    manifest = json.loads((browsers.SOURCE / "manifest.json").read_text(encoding="utf-8"))
    digest = hashlib.sha256(base64.b64decode(manifest["key"])).hexdigest()[:32]
    assert "".join(chr(ord("a") + int(digit, 16)) for digit in digest) == browsers.CHROMIUM_ID


def test_a_browser_finds_the_host_and_starts_it_for_our_extension_alone(home: Path) -> None:
    done = run("install", "--server", "https://Warifu.Example:443/signin/", "--browser", "chromium")
    assert done.exit_code == 0, done.output
    path = home / ".config/chromium/NativeMessagingHosts/io.warifu.agent.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    assert manifest["allowed_origins"] == [f"chrome-extension://{browsers.CHROMIUM_ID}/"]
    launcher = Path(manifest["path"])
    assert launcher.is_absolute()
    assert stat.S_IMODE(launcher.stat().st_mode) == 0o700
    assert f'exec {sys.executable} -P -m warifu_agent host "$@"' in launcher.read_text(encoding="utf-8")
    assert settings.load().origins == (SERVER,)
    for word in (str(path), str(launcher), str(home / ".local/share/warifu-agent/extension-chromium")):
        assert word in done.output


def test_the_extension_reaches_the_configured_pages_and_no_other(home: Path) -> None:
    run("install", "--server", SERVER, "--server", "https://two.example:8443", "--browser", "chromium")
    folder = home / ".local/share/warifu-agent/extension-chromium"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    [script] = manifest["content_scripts"]
    assert script["matches"] == ["https://two.example:8443/*", "https://warifu.example/*"]
    assert script["all_frames"] is False
    assert manifest["permissions"] == ["nativeMessaging"]
    assert "host_permissions" not in manifest
    assert sorted(one.name for one in folder.iterdir()) == ["background.js", "content.js", "manifest.json"]


def test_firefox_gets_its_own_manifest_and_a_package(home: Path) -> None:
    assert run("install", "--server", "https://two.example:8443", "--browser", "firefox").exit_code == 0
    about = json.loads((home / ".mozilla/native-messaging-hosts/io.warifu.agent.json").read_text(encoding="utf-8"))
    assert about["allowed_extensions"] == [browsers.FIREFOX_ID]
    assert "allowed_origins" not in about
    with zipfile.ZipFile(home / ".local/share/warifu-agent/warifu-card.xpi") as package:
        manifest = json.loads(package.read("manifest.json"))
    assert manifest["browser_specific_settings"]["gecko"]["id"] == browsers.FIREFOX_ID
    assert manifest["content_scripts"][0]["matches"] == ["https://two.example/*"]
    assert "key" not in manifest


def test_the_browsers_that_are_here_are_found(home: Path) -> None:
    assert "WF-K609" in run("install", "--server", SERVER).output
    for folder in (".config/google-chrome", ".config/microsoft-edge", ".mozilla"):
        (home / folder).mkdir(parents=True)
    assert [one.name for one in browsers.here()] == ["chrome", "edge", "firefox"]
    assert run("install", "--server", SERVER).exit_code == 0
    assert (home / ".config/microsoft-edge/NativeMessagingHosts/io.warifu.agent.json").exists()


def test_the_same_again_changes_nothing(home: Path) -> None:
    words = ("install", "--server", SERVER, "--browser", "chromium", "--browser", "firefox", "--order", "pin-first")
    run(*words)
    before = everything(home)
    assert run(*words).exit_code == 0
    assert everything(home) == before


def test_uninstall_takes_everything_back_and_leaves_the_rest(home: Path) -> None:
    (home / ".config/chromium").mkdir(parents=True)
    (home / ".config/chromium/Preferences").write_text("{}", encoding="utf-8")
    run("install", "--server", SERVER, "--browser", "chromium", "--browser", "firefox")
    done = run("uninstall", "--browser", "firefox")
    assert done.exit_code == 0
    assert settings.load().origins == (SERVER,)
    assert (home / ".config/chromium/NativeMessagingHosts/io.warifu.agent.json").exists()
    assert run("uninstall").exit_code == 0
    assert list(everything(home)) == [".config/chromium/Preferences"]
    assert "消すものはありませんでした" in run("uninstall").output


@pytest.mark.parametrize(
    "server", ["http://warifu.example", "http://localhost:8000", "warifu.example", "https://a:b@warifu.example", ""]
)
def test_an_address_that_is_not_protected_is_not_set_up(home: Path, server: str) -> None:
    done = run("install", "--server", server, "--browser", "chromium")
    assert (done.exit_code, "WF-S693" in done.output) == (1, True)
    assert everything(home) == {}


def test_a_trial_on_this_computer_may_do_without_protection() -> None:
    assert run("install", "--server", "http://localhost:8000/", "--browser", "chromium", "--trial").exit_code == 0
    assert settings.load().origins == ("http://localhost:8000",)


def test_a_folder_that_cannot_be_written_is_told(home: Path) -> None:
    (home / ".config").write_text("a file in the way", encoding="utf-8")
    assert "WF-S696" in run("install", "--server", SERVER, "--browser", "chromium").output


@pytest.mark.parametrize("platform", ["win32", "darwin", "linux"])
def test_every_system_has_the_four_browsers(platform: str) -> None:
    assert tuple(one.name for one in browsers.known(platform)) == browsers.NAMES
