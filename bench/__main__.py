"""Run the workloads: `python -m bench [NAME …]`; each in a process of its own with an empty data folder."""

from __future__ import annotations

import importlib
import json
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

MODULES = (
    "vault",
    "rosters",
    "people",
    "daily",
    "reminders",
    "trail",
    "signin",
    "certificates",
    "card",
    "cards",
    "applications",
    "folders",
    "help",
)
HERE = Path(__file__).resolve().parent
PEERS = HERE.parent / ".cache" / "peers"


def prepare_peers() -> Path:
    """Make the peers' environment once; returns its interpreter."""
    python = PEERS / "bin" / "python"
    wanted = (HERE / "requirements.txt").read_text(encoding="utf-8")
    mark = PEERS / "requirements.txt"
    if not mark.exists() or mark.read_text(encoding="utf-8") != wanted:
        subprocess.run([sys.executable, "-m", "venv", str(PEERS)], check=True)
        requirements = ["--require-hashes", "-r", str(HERE / "requirements.txt")]
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *requirements], check=True)
        mark.write_text(wanted, encoding="utf-8")
    return python


def run_one(name: str) -> None:
    """Run one module's workloads on a database of their own."""
    with tempfile.TemporaryDirectory(prefix="warifu-bench-") as folder:
        data = Path(folder)
        keys = data / "keys"
        keys.mkdir(mode=0o700)
        lines = {key: f"1 {secrets.token_hex(32)}" for key in ("master", "credentials")}
        for key, text in {**lines, "trail": secrets.token_hex(32)}.items():
            (keys / f"{key}.key").write_text(text + "\n", encoding="ascii")
            (keys / f"{key}.key").chmod(0o600)
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "warifu.config.settings",
            "WARIFU_MODE": "test",
            "WARIFU_DATA_DIR": folder,
            "WARIFU_LOG_LEVEL": "ERROR",
            "WARIFU_SECRET_KEY": secrets.token_hex(32),
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        for line in importlib.import_module(f"bench.{name}").workloads():
            print(json.dumps({"workload": name, **line}, ensure_ascii=False), flush=True)


def main(names: list[str]) -> int:
    """Run the named modules, or all; the exit code is the number of modules that failed."""
    if len(names) == 2 and names[0] == "--inside":
        run_one(names[1])
        return 0
    os.environ["WARIFU_BENCH_PEER_PYTHON"] = str(prepare_peers())
    failed = 0
    for name in names or MODULES:
        failed += subprocess.run([sys.executable, "-m", "bench", "--inside", name], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
