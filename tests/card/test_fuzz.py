"""A short run of the coverage-guided fuzzer, from real files of the software card; `make fuzz` runs it long."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.card.conftest import CardOf
from warifu_card import layout
from warifu_card.simulator.box import Box
from warifu_card.token import Token, purpose_text

FUZZER = Path(__file__).with_name("fuzz_parsers.py")


def test_no_input_makes_the_library_fall_over(card_of: CardOf, box: Box, tmp_path: Path) -> None:
    simulated = card_of("aoki")
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    for application in (layout.JPKI_AP, layout.PROFILE_AP):
        for file, content in simulated._applications[application].files.items():
            (inputs / f"{application.hex()}-{file:04x}").write_bytes(content.rstrip(b"\xff"))
    (inputs / "token").write_text(Token("RS256", b"a", b"b").to_json())
    (inputs / "purpose").write_text(purpose_text({"a": "login"}))
    words = [
        sys.executable,
        str(FUZZER),
        "-runs=3000",
        "-max_len=2048",
        "-verbosity=0",
        f"-artifact_prefix={tmp_path}/",
        str(inputs),
    ]
    ran = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
    assert ran.returncode == 0, (ran.stdout + ran.stderr)[-3000:]
    assert "No interesting inputs" not in ran.stderr
