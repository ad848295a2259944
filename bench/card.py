"""カード: a certificate read and a signature made over the real PC/SC daemon, beside OpenSC on the same virtual card.

Both talk to one software card in a virtual reader, so that chip and radio cost nothing and only software is measured.
`ours` is what a program that has imported the library waits for, from connecting to the reset; a command of OpenSC is a
process each, so the same is measured with `warifu-card` as a process too. The limit of a round trip is a card asked in
the same process, without PC/SC.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from tests.card import daemon

from warifu_card import jpki, layout
from warifu_card.apdu import SELECT, Command
from warifu_card.card import Card
from warifu_card.simulator.box import Box
from warifu_card.simulator.card import SimulatedCard
from warifu_card.transport import pcsc
from warifu_card.transport.simulator import SimulatorTransport

PERSONAS = Path(__file__).resolve().parents[1] / "docs" / "card" / "personas.json"
ROUND_TRIPS, TIMES = 2000, 30
_SELECT = Command(0, SELECT, 4, 0x0C, layout.JPKI_AP)


def workloads() -> Iterator[dict[str, Any]]:
    """Round trips, a read, a signature; a peer that is not installed fails the module loudly."""
    simulated = Box.open(PERSONAS).card("aoki")
    module = str(next(Path("/usr/lib").rglob("opensc-pkcs11.so")))
    with daemon.running() as running, running.card(simulated), tempfile.TemporaryDirectory() as name:
        message, out = Path(name) / "message", Path(name) / "signature"
        message.write_bytes(b"message")
        yield _round_trips(simulated)
        tool = ["pkcs15-tool", "--read-certificate", "01"]
        yield _line("certificate read", _read, tool, ["cert", "auth"], simulated)
        tool = [
            "pkcs11-tool", "--module", module, "--token-label", "JPKI (User Authentication PIN)", "--login",
            "--pin", "1234", "--sign", "-m", "SHA256-RSA-PKCS", "-i", str(message), "-o", str(out),
        ]  # fmt: skip
        yield _line("PIN and signature", _sign, tool, ["sign", "--with", "auth", str(message)], simulated)


def _round_trips(simulated: SimulatedCard) -> dict[str, Any]:
    with pcsc.connect() as transport:
        ours = _rate(Card(transport))
    limit = _rate(Card(SimulatorTransport(simulated)))
    return {
        "name": "command and answer", "n": ROUND_TRIPS, "ours": round(ours), "peer": None, "limit": round(limit),
        "ratio": round(ours / limit, 3), "unit": "commands/s",
    }  # fmt: skip


def _rate(card: Card) -> float:
    begin = time.perf_counter()
    for _ in range(ROUND_TRIPS):
        card.send(_SELECT)
    return ROUND_TRIPS / (time.perf_counter() - begin)


def _line(
    name: str, ours: Callable[[], object], peer: list[str], words: list[str], simulated: SimulatedCard
) -> dict[str, Any]:
    program = [sys.executable, "-c", "from warifu_card.program import main; main()", *words]
    took, heard = _timed(ours, simulated)
    peer_took, peer_heard = _timed(lambda: _run(peer), simulated)
    program_took, _heard = _timed(lambda: _run(program, typed="1234\n"), simulated)
    return {
        "name": name, "n": TIMES, "ours": round(took * 1000, 2), "peer": round(peer_took * 1000, 2),
        "peer_name": f"OpenSC {peer[0]}", "ratio": round(took / peer_took, 3), "unit": "ms",
        "commands": heard, "peer_commands": peer_heard, "as_a_process": round(program_took * 1000, 2),
        "ratio_as_a_process": round(program_took / peer_took, 3),
    }  # fmt: skip


def _timed(work: Callable[[], object], simulated: SimulatedCard) -> tuple[float, int]:
    """Median seconds, and how many commands the card hears in one run."""
    took = []
    for _ in range(TIMES):
        before, begin = simulated.heard, time.perf_counter()
        work()
        took.append(time.perf_counter() - begin)
        heard = simulated.heard - before
    return median(took), heard


def _read() -> object:
    with pcsc.connect(daemon.READER) as transport:
        return jpki.certificate(Card(transport), jpki.AUTH)


def _sign() -> object:
    with pcsc.connect(daemon.READER) as transport:
        return jpki.sign(Card(transport), jpki.AUTH, "1234", b"message")


def _run(words: list[str], *, typed: str = "") -> None:
    subprocess.run(words, input=typed, capture_output=True, text=True, check=True)
