"""A PC/SC daemon of the test's own, in its own network and mount namespace, with software cards in its virtual reader.

vsmartcard's driver listens on all addresses and the daemon on one well-known socket (cards.md 0.9): in namespaces of
their own neither is seen by anybody, and several run at once. The folder with the daemon's socket is shared with the
outside; a little relay inside passes a Unix socket on to the driver's port, so that the card itself stays in the test.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from warifu_card.simulator import vpcd
from warifu_card.transport.simulator import Answering

READER = "Virtual PCD 00 00"
_RELAY = Path(__file__).with_name("relay.py")
_NEEDED = {"pcscd": "pcscd", "unshare": "util-linux", "pkcs15-tool": "opensc", "pkcs11-tool": "opensc"}


def missing() -> list[str]:
    """The Debian packages that are not here; `make test` installs them."""
    found = [
        package
        for tool, package in _NEEDED.items()
        if shutil.which(tool, path=f"{os.environ['PATH']}:/usr/sbin") is None
    ]
    if not Path("/etc/reader.conf.d/vpcd").exists():
        found.append("vsmartcard-vpcd")
    return found


class Daemon:
    """A running pcscd; `environment` lets other programs find it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="warifu-pcsc-"))
        self.environment = {"PCSCLITE_CSOCK_NAME": str(self.folder / "pcscd.comm")}
        script = (
            "mkdir -p /run/pcscd && mount --bind \"$1\" /run/pcscd && "
            "{ pcscd --foreground & } && exec \"$2\" \"$3\" \"$1/card.sock\""
        )  # fmt: skip
        namespaces = ["--mount", "--net", "--pid", "--fork", "--kill-child"]
        if os.geteuid() != 0:
            namespaces += ["--user", "--map-root-user"]
        self._log = (self.folder / "log").open("wb")
        words = ["unshare", *namespaces, "sh", "-c", script, "sh", str(self.folder), sys.executable, str(_RELAY)]
        environment = os.environ | {"PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
        self._process = subprocess.Popen(words, stdout=self._log, stderr=self._log, env=environment)
        self._await(self.folder / "pcscd.comm")
        self._await(self.folder / "card.sock")

    def log(self) -> str:
        """What the daemon said."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    @contextmanager
    def card(self, card: Answering) -> Iterator[None]:
        """The card lies in the reader meanwhile; it may be lifted earlier."""
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(str(self.folder / "card.sock"))

        def answer() -> None:
            with suppress(BrokenPipeError):  # lifted while the driver asked whether it is there
                vpcd.serve(card, connection)
            connection.close()

        answering = threading.Thread(target=answer, daemon=True)
        answering.start()
        try:
            self.until(is_there=True)
            yield
        finally:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            answering.join(5)
            self.until(is_there=False)

    def until(self, *, is_there: bool) -> None:
        """Wait until the daemon has noticed that a card came or went."""
        from smartcard import scard

        result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        assert result == 0, self.log()
        wanted = scard.SCARD_STATE_PRESENT if is_there else scard.SCARD_STATE_EMPTY
        known = scard.SCARD_STATE_UNAWARE
        end = time.monotonic() + 10
        while time.monotonic() < end:
            _result, states = scard.SCardGetStatusChange(context, 500, [(READER, known)])
            known = states[0][1] if states else scard.SCARD_STATE_UNAWARE
            if known & wanted and not known & scard.SCARD_STATE_MUTE:
                break
        scard.SCardReleaseContext(context)
        assert known & wanted, f"the daemon did not notice the card: {self.log()}"

    def inside(self, words: list[str]) -> list[str]:
        """The words of a command that runs in the daemon's network, where vpcd listens."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text(encoding="ascii")
        as_mapped_root = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        return ["nsenter", "--target", children.split()[0], "--net", *as_mapped_root, "--", *words]

    def stop(self) -> None:
        """End it and clean up."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)
        self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _await(self, path: Path) -> None:
        end = time.monotonic() + 10
        while not path.exists():
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"pcscd does not start: {self.log()}")
            time.sleep(0.01)


@contextmanager
def running() -> Iterator[Daemon]:
    """A daemon, found by this process too."""
    daemon = Daemon()
    before = os.environ.get("PCSCLITE_CSOCK_NAME")
    os.environ |= daemon.environment
    try:
        yield daemon
    finally:
        os.environ.pop("PCSCLITE_CSOCK_NAME")
        if before is not None:
            os.environ["PCSCLITE_CSOCK_NAME"] = before
        daemon.stop()
